//! What an operator's commands do with the audit of a vault that may be serving: verify it and export it.
//! It must never write to the database.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::Path;

use cardseal::envelope::compact;
use serde_json::json;

use crate::at_rest::Keys;
use crate::audit::{ChainKeys, Fault, Record, Verifier};
use crate::config::Config;
use crate::failure::{Doing, Failure};
use crate::files::DATABASE;
use crate::keyring::{DataKeys, Keyring};
use crate::store::{Store, StoredToken};
use crate::{heads, kek, row};

const VERIFYING: &str = "verifying the audit";
const EXPORTING: &str = "exporting the audit";

/// What verifying an audit found.
pub struct Report {
    /// Each chain by its node, with its number of records.
    pub chains: BTreeMap<String, u64>,
    /// What is wrong, in sentences.
    pub faults: Vec<String>,
    /// How many signed heads were compared.
    pub heads: usize,
}

/// Walks every chain of the database of a configuration, and compares it with the signed heads in the file `head`.
///
/// # Errors
/// When something could not be read at all.
pub async fn verify(config: &Config, head: Option<&Path>) -> Result<Report, Failure> {
    // Before the database: a head that is signed meanwhile names a record that this look at the database lacks.
    let text = head.map(std::fs::read_to_string).transpose().doing("reading the heads of the audit")?;
    let kek = kek::read(&config.kek_file).doing("opening the key file")?;
    let chain_keys = ChainKeys::derive(&kek);
    let store = open(config, &chain_keys).await?;
    let keys = Keyring::read_audit_keys(&store, &kek).await?;
    let (heads, forged) = heads::believe(&text.unwrap_or_default(), &keys);
    let mut faults: Vec<_> =
        forged.iter().map(|line| format!("line {line} of the heads was not signed by this vault")).collect();

    let verifier = |node: &str| Verifier::new(node, chain_keys.clone(), &heads);
    let mut verifiers: BTreeMap<String, Verifier> = BTreeMap::new();
    // Chains that should be there, even if not one record of them is.
    for node in heads.iter().map(|head| head.node.as_str()).chain([store.node()]) {
        verifiers.entry(node.to_owned()).or_insert_with(|| verifier(node));
    }
    let data_keys = data_keys(&store, &kek).await?;
    let (mut stored, mut shut) = (HashSet::new(), Vec::new());
    let take = |record: Record| {
        verifiers.entry(record.node.clone()).or_insert_with_key(|node| verifier(node)).take(record);
        Ok(())
    };
    let take_token = |row: StoredToken| {
        stored.insert(row.id.clone());
        if !opens(&row, &data_keys) {
            shut.push(row);
        }
    };
    store.read_audit(take, take_token).await.doing(VERIFYING)?;
    if !shut.is_empty() {
        // A key may have been made between the first look at them and the rows.
        let data_keys = self::data_keys(&store, &kek).await?;
        shut.retain(|row| !opens(row, &data_keys));
    }
    store.close().await;

    let (mut chains, mut recorded) = (BTreeMap::new(), HashSet::new());
    for (node, verifier) in verifiers {
        let (records, wrong, tokens) = verifier.end();
        faults.extend(wrong.iter().map(sentence));
        recorded.extend(tokens);
        chains.insert(node, records);
    }
    let mut differ: Vec<_> = stored.symmetric_difference(&recorded).collect();
    differ.sort();
    faults.extend(differ.into_iter().map(|token| {
        if stored.contains(token) {
            format!("token {token} is stored, but no record says that it was made")
        } else {
            format!("token {token} is not stored, but no record says that it was deleted")
        }
    }));
    let changed =
        |row: &StoredToken| format!("token {}: its row was edited or moved, and does not open", row.id);
    faults.extend(shut.iter().map(changed));
    Ok(Report { chains, faults, heads: heads.len() })
}

/// Writes every record as one line of JSON.
///
/// # Errors
/// When something could not be read or written.
pub async fn export(config: &Config, mut out: impl Write) -> Result<(), Failure> {
    let kek = kek::read(&config.kek_file).doing("opening the key file")?;
    let store = open(config, &ChainKeys::derive(&kek)).await?;
    let mut write = |record: Record| writeln!(out, "{}", line(&record)).map_err(sqlx::Error::Io);
    store.read_audit(&mut write, drop).await.doing(EXPORTING)?;
    store.close().await;
    out.flush().doing(EXPORTING)
}

async fn open(config: &Config, keys: &ChainKeys) -> Result<Store, Failure> {
    Store::open_to_read(&config.data.join(DATABASE), keys.clone()).await.doing("opening the database")
}

/// The data keys of every merchant that has tokens.
async fn data_keys(store: &Store, kek: &Keys) -> Result<HashMap<String, DataKeys>, Failure> {
    let mut data_keys = HashMap::new();
    for merchant in store.token_merchants().await.doing(VERIFYING)? {
        let keys = DataKeys::read(store, kek, &merchant).await?;
        data_keys.insert(merchant, keys);
    }
    Ok(data_keys)
}

fn opens(row: &StoredToken, data_keys: &HashMap<String, DataKeys>) -> bool {
    data_keys.get(&row.merchant).is_some_and(|keys| row::is_whole(row, keys))
}

fn sentence(fault: &Fault) -> String {
    format!("node {}, record {}: {}", fault.node, fault.seq, fault.wrong)
}

fn line(record: &Record) -> String {
    json!({
        "node": record.node,
        "seq": record.seq,
        "at": record.at,
        "actor": record.actor,
        "merchant": record.merchant,
        "action": record.action,
        "subject": record.subject,
        "origin": record.origin,
        "result": record.result,
        "reason": record.reason,
        "request_id": record.request_id,
        "previous": compact::encode(&record.previous),
        "hash": compact::encode(&record.hash),
    })
    .to_string()
}
