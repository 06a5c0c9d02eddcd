//! What the vault knows of its database at a time: merchants, and keys, opened. Commands and other vaults change it.
//! It must never be used for longer than one request: the next one looks again.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::Vault;
use crate::admin::{self, Admin};
use crate::at_rest::Keys;
use crate::audit::Actor;
use crate::clock::DAY_SECONDS;
use crate::failure::{Doing, Failure};
use crate::kek;
use crate::keyring::{self, DataKeys, Keyring, Purpose};
use crate::merchant::Merchants;
use crate::store::Store;

/// The merchants and keys of one moment.
pub struct Known {
    /// The merchants and their clients.
    pub merchants: Arc<Merchants>,
    /// The private keys.
    pub keyring: Keyring,
    data_keys: HashMap<String, Arc<DataKeys>>,
    revision: u64,
}

impl Known {
    /// Reads all of it.
    pub(super) async fn read(store: &Store, kek: &Keys, now: u64) -> Result<Self, Failure> {
        // The revision comes with the merchants, before the keys: one that is made meanwhile counts it up.
        let (revision, records) = admin::read(store, kek).await?;
        let rows = store.keys().await.doing("reading the keys")?;
        let keyring = Keyring::open(&rows, kek, None)?;
        let mut data_keys = HashMap::new();
        for record in &records {
            let keys = DataKeys::open(store, kek, &record.id, now).await?;
            data_keys.insert(record.id.clone(), Arc::new(keys));
        }
        Ok(Self { merchants: Arc::new(Merchants::new(&records)), keyring, data_keys, revision })
    }

    /// The data keys of a merchant.
    ///
    /// # Errors
    /// A broken vault when there are none.
    pub fn data_keys(&self, merchant: &str) -> Result<&DataKeys, Failure> {
        let keys = self.data_keys.get(merchant).map(Arc::as_ref);
        keys.ok_or("a merchant has no data key").doing("looking for a data key")
    }
}

impl Vault {
    /// What is known now.
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks whether merchants or keys in the database are others than those known, and takes the new ones up.
    ///
    /// # Errors
    /// When the store fails, or something does not open under the key file; what was known stays known.
    pub async fn refresh(&self) -> Result<(), Failure> {
        let known = self.known();
        if self.store.revision().await.doing("reading the revision")? == known.revision {
            return Ok(());
        }
        // Read when it is needed and not held, and so its new first line counts without a start.
        let kek = kek::read(&self.kek_file).doing("opening the key file")?;
        let (revision, records) = admin::read(&self.store, &kek).await?;
        let rows = self.store.keys().await.doing("reading the keys")?;
        let keyring = Keyring::open(&rows, &kek, Some(&known.keyring))?;
        let mut data_keys = known.data_keys.clone();
        for (merchant, stored) in self.store.data_key_versions().await.doing("reading the data keys")? {
            if known.data_keys.get(&merchant).is_none_or(|keys| !keys.has_just(&stored)) {
                let keys = DataKeys::open(&self.store, &kek, &merchant, self.clock.now()).await?;
                data_keys.insert(merchant, Arc::new(keys));
            }
        }
        let merchants = Arc::new(Merchants::new(&records));
        let known = Known { merchants, keyring, data_keys, revision };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        Ok(())
    }

    /// The merchants of this vault, to be changed. [`Vault::refresh`] takes the changes up.
    pub fn admin(&self) -> Admin {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Admin::new(store, self.kek_file.clone(), clock, self.mode, self.origin.clone())
    }

    /// Retires the keys whose time is over and renews those that are as old as the configuration allows.
    ///
    /// # Errors
    /// When the store or the key file fails.
    pub async fn renew_keys(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        if keyring::retire(&self.store, now).await? > 0 {
            self.log_to_empty.store(true, Ordering::Release);
            self.empty_log().await?;
        }
        self.refresh().await?;
        for purpose in [Purpose::Capture, Purpose::Context, Purpose::Access] {
            if self.known().keyring.newest_age(purpose, now) >= self.key_days.saturating_mul(DAY_SECONDS) {
                let kek = kek::read(&self.kek_file).doing("opening the key file")?;
                keyring::renew(&self.store, &kek, purpose, self.key_bits, Actor::Vault, now).await?;
            }
        }
        self.refresh().await
    }
}
