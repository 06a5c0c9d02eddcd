//! The chain: every record carries a keyed hash over its content and over the hash of the record before it.
//! Its key must never be in the database: who holds the database alone could then write a chain of their own.

use aws_lc_rs::hmac;

use super::Audited;
use crate::at_rest::{Keys, length_prefixed};

/// The length of a record's hash.
pub const HASH_BYTES: usize = 32;

const KEY_LABEL: &[u8] = b"cardseal audit chain";

/// The keys of the chain, each derived from one key-encryption key: the newest writes, all verify.
#[derive(Clone)]
pub struct ChainKeys(Vec<hmac::Key>);

impl ChainKeys {
    /// Derives them (RFC 5869).
    pub fn derive(kek: &Keys) -> Self {
        let keys = kek.derive(KEY_LABEL);
        // EXPOSE: HMAC reads the key.
        Self(keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.bytes().expose())).collect())
    }
}

/// The chain of one node.
#[derive(Clone)]
pub struct Chain {
    /// The node's name.
    pub node: String,
    /// Its keys.
    pub keys: ChainKeys,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose chain it is in.
    pub node: String,
    /// Its number in the chain, from 1.
    pub seq: u64,
    /// When.
    pub at: u64,
    /// Who.
    pub actor: String,
    /// The merchant whose business it is, or empty.
    pub merchant: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// From where.
    pub origin: String,
    /// How it ended.
    pub result: String,
    /// Why, as the client said.
    pub reason: String,
    /// The request that asked for it.
    pub request_id: String,
    /// The hash of the record before it; of the first, zeros.
    pub previous: Vec<u8>,
    /// Its own hash.
    pub hash: Vec<u8>,
}

impl Chain {
    /// The record that follows `last`, which is the number and the hash of the newest one.
    pub fn follow(&self, last: Option<(u64, Vec<u8>)>, audited: &Audited) -> Record {
        let (seq, previous) = last.map_or((1, vec![0; HASH_BYTES]), |(seq, hash)| (seq + 1, hash));
        let mut record = Record {
            node: self.node.clone(),
            seq,
            at: audited.at,
            actor: audited.actor.format(),
            merchant: audited.merchant.clone(),
            action: audited.action.as_str().to_owned(),
            subject: audited.subject.clone(),
            origin: audited.origin.clone(),
            result: audited.result.to_owned(),
            reason: audited.reason.clone(),
            request_id: audited.request_id.clone(),
            previous,
            hash: Vec::new(),
        };
        record.hash = hmac::sign(&self.keys.0[0], &record.authenticated(seq)).as_ref().to_vec();
        record
    }
}

impl Record {
    /// Whether its hash is right for its content as record `seq`.
    pub fn is_genuine_as(&self, seq: u64, keys: &ChainKeys) -> bool {
        let content = self.authenticated(seq);
        keys.0.iter().any(|key| hmac::verify(key, &content, &self.hash).is_ok())
    }

    /// Everything but the hash itself, so that no two different records give the same bytes.
    fn authenticated(&self, seq: u64) -> Vec<u8> {
        length_prefixed(&[
            b"cardseal audit record 2",
            self.node.as_bytes(),
            &seq.to_be_bytes(),
            &self.at.to_be_bytes(),
            self.actor.as_bytes(),
            self.merchant.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.origin.as_bytes(),
            self.result.as_bytes(),
            self.reason.as_bytes(),
            self.request_id.as_bytes(),
            &self.previous,
        ])
    }
}
