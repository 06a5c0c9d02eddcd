//! What the vault knows of its database at a time: keys, opened. Commands and other vaults on it change it meanwhile.
//! It must never be used for longer than one request: the next one looks again.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::Vault;
use crate::audit::Actor;
use crate::failure::{Doing, Failure};
use crate::kek;
use crate::keyring::{self, DataKeys, Keyring, Purpose};

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// The keys of one moment.
pub struct Known {
    /// The private keys.
    pub keyring: Keyring,
    pub(super) data_keys: HashMap<String, Arc<DataKeys>>,
}

impl Known {
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

    /// Looks whether the keys in the database are others than those known, and opens the new ones.
    ///
    /// # Errors
    /// When the store fails, or a key does not open under the key file; what was known stays known.
    pub async fn refresh(&self) -> Result<(), Failure> {
        let known = self.known();
        let rows = self.store.keys().await.doing("reading the keys")?;
        let mut changed = Vec::new();
        for (merchant, stored) in self.store.data_key_versions().await.doing("reading the data keys")? {
            if known.data_keys.get(&merchant).is_some_and(|keys| !keys.has_just(&stored)) {
                changed.push(merchant);
            }
        }
        if changed.is_empty() && known.keyring.has_just(&rows) {
            return Ok(());
        }
        // Read when it is needed and not held, and so its new first line counts without a start.
        let kek = kek::read(&self.kek_file).doing("opening the key file")?;
        let keyring = Keyring::open(&rows, &kek, Some(&known.keyring))?;
        let mut data_keys = known.data_keys.clone();
        for merchant in changed {
            let keys = DataKeys::open(&self.store, &kek, &merchant, self.clock.now()).await?;
            data_keys.insert(merchant, Arc::new(keys));
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Known { keyring, data_keys });
        Ok(())
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
