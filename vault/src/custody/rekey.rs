//! Everything sealed comes under the newest key that seals, while the vault serves or not, as often as it is asked.
//! It must never replace what somebody else changed or deleted meanwhile, nor drop a key that something is sealed under.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Custody;
use crate::admin;
use crate::audit::Actor;
use crate::failure::{Doing, Failure};
use crate::keyring::life::State;
use crate::keyring::{self, DataKeys};
use crate::row;
use crate::store::{Resealed, StoredToken};

/// Small, so that the vault that serves never waits long for its turn to write.
const AT_ONCE: u32 = 200;
/// How long whoever reads the database may hold up that the log is emptied.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts at it, in which the vault that serves can write.
const PAUSE: Duration = Duration::from_millis(400);

/// What was done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rekeyed {
    /// Keys that the newest key-encryption key seals now and did not before.
    pub keys: u64,
    /// Merchants' records that it seals now and did not before.
    pub merchants: u64,
    /// Stored cards that were looked at.
    pub seen: u64,
    /// Those that the newest data key seals now and did not before.
    pub resealed: u64,
    /// Those that do not open where they stand; they were left alone.
    pub broken: Vec<String>,
    /// Whether the write-ahead log, which had what was replaced, was emptied at the end.
    pub log_emptied: bool,
}

impl Custody {
    /// When every new data key seals, if one does not yet: before that its rows would be left as they are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn data_keys_seal_at(&self) -> Result<Option<u64>, Failure> {
        let next = self.list().await?.into_iter().filter(|key| key.purpose == "data");
        Ok(next.filter(|key| key.state == State::Next).map(|key| key.used_from).max())
    }

    /// Seals every key under the newest key-encryption key and every stored card under its merchant's newest data key.
    /// `progress` is told after each batch. Stopped at any moment it loses nothing; the next run does the rest.
    ///
    /// # Errors
    /// When a key does not open under any line of the key file, or the store fails.
    pub async fn rekey(&self, mut progress: impl FnMut(&Rekeyed)) -> Result<Rekeyed, Failure> {
        let now = self.clock.now();
        let mut done = Rekeyed {
            keys: keyring::rewrap(&self.store, &self.kek, Actor::operator(), now).await?,
            ..Rekeyed::default()
        };
        done.merchants = admin::rewrap(&self.store, &self.kek, now).await?;
        let mut data_keys = HashMap::new();
        for merchant in self.store.data_key_versions().await.doing("reading the data keys")?.into_keys() {
            done.keys += DataKeys::rewrap(&self.store, &self.kek, &merchant, &Actor::operator(), now).await?;
            let keys = DataKeys::open(&self.store, &self.kek, &merchant, now).await?;
            data_keys.insert(merchant, keys);
        }
        let mut last = String::new();
        loop {
            let rows = self.store.tokens_after(&last, AT_ONCE).await.doing("reading stored cards")?;
            let Some(row) = rows.last() else { break };
            last.clone_from(&row.id);
            let mut resealed = Vec::new();
            for row in &rows {
                // A merchant whose first token came after the look at the keys has new rows only.
                let Some(keys) = data_keys.get(&row.merchant) else { continue };
                if row.key_version == keys.sealing_version(now) {
                    continue;
                }
                match reseal(row, keys, now) {
                    Some(row) => resealed.push(row),
                    None => done.broken.push(row.id.clone()),
                }
            }
            done.seen += rows.len() as u64;
            if !resealed.is_empty() {
                done.resealed += self.store.reseal_tokens(&resealed).await.doing("keeping resealed cards")?;
            }
            progress(&done);
        }
        done.log_emptied = self.empty_log().await?;
        Ok(done)
    }

    /// Empties the log, as soon as nobody reads what it has; whether it could.
    async fn empty_log(&self) -> Result<bool, Failure> {
        let until = Instant::now() + PATIENCE;
        loop {
            let emptied = self.store.empty_log().await.doing("emptying the write-ahead log")?;
            if emptied || Instant::now() >= until {
                return Ok(emptied);
            }
            sleep(PAUSE).await;
        }
    }
}

/// The row under the newest data key; nothing if it does not open where it stands.
fn reseal(row: &StoredToken, keys: &DataKeys, now: u64) -> Option<Resealed> {
    let card = row::open(row, keys).ok()?;
    let mut new = row.clone();
    row::seal(&mut new, keys, &card, now);
    let (key_version, fingerprint) = (new.key_version, new.fingerprint);
    Some(Resealed { id: new.id, old: row.card.clone(), key_version, card: new.card, fingerprint })
}
