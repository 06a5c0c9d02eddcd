//! Walks a chain from its first record to its last and names what is wrong with it.
//! It must never stop at the first fault: an operator has to see how far the damage goes.

use std::collections::HashSet;

use cardseal::envelope::compact;

use super::{Action, ChainKeys, HASH_BYTES, Head, OK, Record};

/// How far from its place a moved record is looked for, and for how many faults: each look takes milliseconds.
const MOVED_AT_MOST: u64 = 10_000;
const LOOKED_FOR: usize = 100;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The chain.
    pub node: String,
    /// The record, or the one that is missing.
    pub seq: u64,
    /// What is wrong with it.
    pub wrong: String,
}

/// Verifies the chain of one node, record by record.
pub struct Verifier {
    node: String,
    keys: ChainKeys,
    heads: Vec<Head>,
    last: Option<(u64, Vec<u8>)>,
    tokens: HashSet<String>,
    faults: Vec<Fault>,
}

impl Verifier {
    /// For the chain of `node`, of which these heads were signed.
    pub fn new(node: &str, keys: ChainKeys, heads: &[Head]) -> Self {
        let heads = heads.iter().filter(|head| head.node == node).cloned().collect();
        let (last, tokens, faults) = (None, HashSet::new(), Vec::new());
        Self { node: node.to_owned(), keys, heads, last, tokens, faults }
    }

    /// Takes the next record as it stands in the database, in the order of the numbers.
    pub fn take(&mut self, record: Record) {
        let (expected, previous) =
            self.last.take().map_or_else(|| (1, vec![0; HASH_BYTES]), |(seq, hash)| (seq + 1, hash));
        if record.seq != expected {
            let gap = if record.seq == expected + 1 {
                "it is missing".to_owned()
            } else {
                format!("it and all up to record {} are missing", record.seq.wrapping_sub(1))
            };
            self.fault(expected, gap);
        }
        if !record.is_genuine_as(record.seq, &self.keys) {
            let wrong = match self.other_place(&record) {
                Some(place) => format!("it is record {place}, which was moved here"),
                None => "it was edited, or written without the key".to_owned(),
            };
            self.fault(record.seq, wrong);
        } else if record.seq == expected && record.previous != previous {
            self.fault(record.seq, "it does not follow the record before it".to_owned());
        }
        for head in self.heads.iter().filter(|head| head.seq == record.seq) {
            if head.hash != compact::encode(&record.hash) {
                let wrong = format!("it is not the record whose head was signed at {}", head.at);
                self.faults.push(Fault { node: self.node.clone(), seq: record.seq, wrong });
            }
        }
        if record.result == OK {
            if record.action == Action::TokenCreate.as_str() {
                self.tokens.insert(record.subject);
            } else if [Action::TokenDelete, Action::TokenExpire].iter().any(|of| of.as_str() == record.action)
            {
                self.tokens.remove(&record.subject);
            }
        }
        self.last = Some((record.seq, record.hash));
    }

    /// How many records the chain has, what is wrong with them, and the tokens that should be in the store.
    pub fn end(mut self) -> (u64, Vec<Fault>, HashSet<String>) {
        let last = self.last.as_ref().map_or(0, |(seq, _)| *seq);
        if last == 0 {
            self.fault(1, "it is missing, and every other: a node writes one at each start".to_owned());
        }
        if let Some(newest) = self.heads.iter().max_by_key(|head| head.seq).filter(|head| head.seq > last) {
            let wrong = format!(
                "it and all up to record {} are missing: the end was cut off, the head of record {} was signed at {}",
                newest.seq, newest.seq, newest.at
            );
            self.fault(last + 1, wrong);
        }
        (last, self.faults, self.tokens)
    }

    fn fault(&mut self, seq: u64, wrong: String) {
        self.faults.push(Fault { node: self.node.clone(), seq, wrong });
    }

    /// The number under which a record was written, if it is one nearby.
    fn other_place(&self, record: &Record) -> Option<u64> {
        if self.faults.len() >= LOOKED_FOR {
            return None;
        }
        let around =
            record.seq.saturating_sub(MOVED_AT_MOST).max(1)..=record.seq.saturating_add(MOVED_AT_MOST);
        around.into_iter().find(|&seq| record.is_genuine_as(seq, &self.keys))
    }
}
