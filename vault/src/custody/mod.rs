//! What the operator does with the keys, while the vault serves or not; each change is on record.
//! It must never show a private key, nor make a vault's first keys: the vault does that when it starts.

mod rekey;

use std::sync::Arc;

use crate::at_rest::Keys;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::failure::{Doing, Failure};
use crate::files::{self, DATABASE, Files};
use crate::keyring::life::{State, Terms};
use crate::keyring::{self, DATA_TERMS, DataKeys, Purpose, Renewal, RsaBits};
use crate::store::Store;

pub use rekey::Rekeyed;

/// The keys of a vault, to be looked at and renewed.
pub struct Custody {
    store: Store,
    kek: Keys,
    bits: RsaBits,
    clock: Arc<dyn Clock>,
}

/// A key as an operator sees it. Times are seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is for; `data` for a merchant's data key.
    pub purpose: String,
    /// Its kid; of a data key, the merchant and the version.
    pub kid: String,
    /// What it is now.
    pub state: State,
    /// When it was made.
    pub made_at: u64,
    /// When its use began or begins.
    pub used_from: u64,
    /// When it was retired.
    pub retired_at: Option<u64>,
}

impl Custody {
    /// Opens the keys of a vault that was started before.
    ///
    /// # Errors
    /// What could not be opened, in a sentence for the operator.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        if !config.data.join(DATABASE).exists() {
            let folder = config.data.display();
            return Err(format!(
                "there is no vault in {folder} yet; start it once with `cardseal-vault serve`"
            ))
            .doing("opening the database");
        }
        let Files { store, kek, .. } = files::open(config).await?;
        Ok(Self { store, kek, bits: config.bits().unwrap_or(RsaBits::Three072), clock })
    }

    /// Every key, retired ones as well: by purpose, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self) -> Result<Vec<Listed>, Failure> {
        let now = self.clock.now();
        let rows = self.store.keys().await.doing("reading the keys")?;
        let mut listed = Vec::new();
        for purpose in Purpose::ALL {
            let own = rows.iter().filter(|row| row.purpose == purpose.as_str());
            let keys = own.map(|row| (row.kid.clone(), row.created_at, row.retired_at)).collect();
            listed.extend(list(purpose.as_str(), keys, purpose.terms(), now));
        }
        let merchants = self.store.data_key_versions().await.doing("reading the data keys")?;
        let mut merchants: Vec<_> = merchants.into_keys().collect();
        merchants.sort();
        for merchant in merchants {
            let keys = self.store.data_keys(&merchant).await.doing("reading the data keys")?;
            let keys = keys.iter().map(|key| (format!("{merchant}/{}", key.version), key.created_at, None));
            listed.extend(list("data", keys.collect(), DATA_TERMS, now));
        }
        Ok(listed)
    }

    /// Makes the successor of the newest key of a purpose, unless one waits already.
    ///
    /// # Errors
    /// As [`keyring::renew`].
    pub async fn renew(&self, purpose: Purpose) -> Result<Renewal, Failure> {
        keyring::renew(&self.store, &self.kek, purpose, self.bits, Actor::operator(), self.clock.now()).await
    }

    /// Makes a merchant's next data key; its version and when it begins to seal.
    ///
    /// # Errors
    /// As [`DataKeys::renew`].
    pub async fn renew_data(&self, merchant: &str) -> Result<(u32, u64), Failure> {
        DataKeys::renew(&self.store, &self.kek, merchant, Actor::operator(), self.clock.now()).await
    }

    /// Closes the database in good order.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

fn list(purpose: &str, keys: Vec<(String, u64, Option<u64>)>, terms: Terms, now: u64) -> Vec<Listed> {
    let made_at: Vec<_> = keys.iter().map(|(_, made_at, _)| *made_at).collect();
    let last = keys.len().saturating_sub(1);
    let listed = keys.into_iter().enumerate().map(|(at, (kid, made, retired_at))| Listed {
        purpose: purpose.to_owned(),
        kid,
        state: terms.state(&made_at, at, now),
        made_at: made,
        used_from: if at == last { made } else { terms.takes_over_at(made) },
        retired_at,
    });
    listed.collect()
}
