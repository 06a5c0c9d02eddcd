//! What the operator does with merchants, clients and origins, while the vault serves or not; each change is on record.
//! It must never show a secret but once, to whoever asked for it, nor leave two records that contradict each other.

mod clients;
mod origins;

use std::path::PathBuf;
use std::sync::Arc;

use cardseal::context::Mode;
use cardseal::secret::Secret;

pub use clients::NewProof;

use crate::at_rest::{Keys, Place};
use crate::audit::{Action, Actor, Audited};
use crate::clock::Clock;
use crate::config::Config;
use crate::failure::{Doing, Failure};
use crate::files::{self, Files};
use crate::kek;
use crate::keyring::DataKeys;
use crate::merchant::{MerchantRecord, Settings, check_all};
use crate::store::{SealedMerchant, Store};

/// The merchants of a vault, to be changed.
pub struct Admin {
    store: Arc<Store>,
    kek_file: PathBuf,
    clock: Arc<dyn Clock>,
    mode: Mode,
    origin: String,
}

/// What was changed, for the record.
struct Change {
    action: Action,
    subject: String,
    what: String,
}

impl Admin {
    /// Opens the merchants of a vault, which may be serving or never have served.
    ///
    /// # Errors
    /// A sentence that says what could not be opened.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let Files { store, .. } = files::open(config).await.map_err(|failure| failure.to_string())?;
        let (kek_file, origin) = (config.kek_file.clone(), config.origin.clone());
        Ok(Self::new(Arc::new(store), kek_file, clock, config.mode, origin))
    }

    /// The merchants of a vault whose store is open.
    pub(crate) fn new(
        store: Arc<Store>,
        kek_file: PathBuf,
        clock: Arc<dyn Clock>,
        mode: Mode,
        origin: String,
    ) -> Self {
        Self { store, kek_file, clock, mode, origin }
    }

    /// Every merchant by id.
    ///
    /// # Errors
    /// A sentence when the store fails or a record does not open.
    pub async fn merchants(&self) -> Result<Vec<MerchantRecord>, String> {
        let kek = kek::read(&self.kek_file)?;
        read(&self.store, &kek).await.map(|(_, records)| records).map_err(|failure| failure.to_string())
    }

    /// The merchant of this id.
    ///
    /// # Errors
    /// A sentence when there is none, or the store fails.
    pub async fn merchant(&self, id: &str) -> Result<MerchantRecord, String> {
        self.merchants().await?.into_iter().find(|of| of.id == id).ok_or_else(|| no_merchant(id))
    }

    /// Adds a merchant and makes its data key.
    ///
    /// # Errors
    /// A sentence that says what contradicts the vault or another merchant.
    pub async fn add_merchant(&self, record: &MerchantRecord) -> Result<(), String> {
        record.check()?;
        // Before the merchant: one without a data key could not be captured for.
        let kek = kek::read(&self.kek_file)?;
        let opened = DataKeys::open(&self.store, &kek, &record.id, self.clock.now()).await;
        opened.map_err(|failure| failure.to_string())?;
        self.change(change(Action::MerchantAdd, &record.id, ""), |records| {
            if records.iter().any(|of| of.id == record.id) {
                return Err(format!("there is a merchant {} already", record.id));
            }
            records.push(record.clone());
            Ok(record.id.clone())
        })
        .await
    }

    /// Makes a merchant what the record says, whether there was one of this id or not.
    ///
    /// # Errors
    /// As [`Admin::add_merchant`].
    pub async fn put_merchant(&self, record: &MerchantRecord) -> Result<(), String> {
        let known = self.merchants().await?.into_iter().find(|of| of.id == record.id);
        match known {
            None => self.add_merchant(record).await,
            Some(known) if known == *record => Ok(()),
            Some(_) => {
                let change = change(Action::MerchantChange, &record.id, "everything");
                self.change_merchant(&record.id, change, |of| {
                    *of = record.clone();
                    Ok(())
                })
                .await
            }
        }
    }

    /// Changes the settings of a merchant; `what` names the settings for the record.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them.
    pub async fn set(&self, id: &str, what: &str, change_to: impl Fn(&mut Settings)) -> Result<(), String> {
        self.change_merchant(id, change(Action::MerchantChange, id, what), |of| {
            change_to(&mut of.settings);
            Ok(())
        })
        .await
    }

    /// Disables a merchant, so that nothing is captured for it and nobody acts for it, or enables it again.
    ///
    /// # Errors
    /// A sentence when there is none, or the store fails.
    pub async fn disable(&self, id: &str, disabled: bool) -> Result<(), String> {
        let what = if disabled { "disabled" } else { "enabled" };
        self.change_merchant(id, change(Action::MerchantChange, id, what), |of| {
            of.disabled = disabled;
            Ok(())
        })
        .await
    }

    /// Closes the store.
    pub async fn close(&self) {
        self.store.close().await;
    }

    async fn change_merchant(
        &self,
        id: &str,
        change: Change,
        apply: impl Fn(&mut MerchantRecord) -> Result<(), String>,
    ) -> Result<(), String> {
        self.change(change, |records| {
            let record = records.iter_mut().find(|of| of.id == id).ok_or_else(|| no_merchant(id))?;
            apply(record).map(|()| id.to_owned())
        })
        .await
    }

    /// Applies a change to the records as they are now and keeps the one that it names, again if somebody else was
    /// faster.
    async fn change(
        &self,
        Change { action, subject, what }: Change,
        apply: impl Fn(&mut Vec<MerchantRecord>) -> Result<String, String>,
    ) -> Result<(), String> {
        let kek = kek::read(&self.kek_file)?;
        loop {
            let (revision, mut records) =
                read(&self.store, &kek).await.map_err(|failure| failure.to_string())?;
            let id = apply(&mut records)?;
            check_all(&records)?;
            let Some(record) = records.iter().find(|of| of.id == id) else { return Err(no_merchant(&id)) };
            if record.mode == Mode::Live && self.mode == Mode::Test {
                return Err(format!("merchant {id}: a vault in mode test takes no live merchant"));
            }
            let text = serde_json::to_string(record).map_err(|error| error.to_string())?;
            let sealed = SealedMerchant { id: id.clone(), record: kek.seal(&place(&id), text.as_bytes()) };
            let audited = Audited {
                actor: Actor::operator(),
                reason: what.clone(),
                ..Audited::of_vault(self.clock.now(), action, subject.clone()).for_merchant(&id)
            };
            let kept = self.store.put_merchant(&sealed, revision, &audited).await;
            if kept.map_err(|error| format!("cannot keep the merchant {id}: {error}"))? {
                return Ok(());
            }
        }
    }
}

/// Every merchant's record, and the revision that they are of.
///
/// # Errors
/// When the store fails, or a record does not open or is not one of this release.
pub(crate) async fn read(store: &Store, kek: &Keys) -> Result<(u64, Vec<MerchantRecord>), Failure> {
    let (revision, sealed) = store.merchants().await.doing("reading the merchants")?;
    let records = sealed.iter().map(|sealed| {
        // EXPOSE: the record is read.
        serde_json::from_slice(open(kek, sealed)?.expose()).doing("reading a merchant")
    });
    Ok((revision, records.collect::<Result<_, Failure>>()?))
}

/// Seals anew each merchant's record that an older key-encryption key seals, on record. How many.
///
/// # Errors
/// When one does not open under any line of the key file, or the store fails.
pub(crate) async fn rewrap(store: &Store, kek: &Keys, now: u64) -> Result<u64, Failure> {
    let mut wrapped = 0;
    loop {
        let (revision, merchants) = store.merchants().await.doing("reading the merchants")?;
        let older = merchants.into_iter().find(|of| !kek.is_newest(&place(&of.id), &of.record));
        let Some(older) = older else { return Ok(wrapped) };
        // EXPOSE: the record is sealed under the newest key-encryption key.
        let record = kek.seal(&place(&older.id), open(kek, &older)?.expose());
        let subject = format!("merchant/{}", older.id);
        let actor = Actor::operator();
        let audited = Audited { actor, ..Audited::of_vault(now, Action::KeyWrap, subject) };
        let anew = SealedMerchant { id: older.id, record };
        // If somebody else was faster, what they kept is looked at again.
        let kept = store.put_merchant(&anew, revision, &audited).await;
        wrapped += u64::from(kept.doing("keeping a merchant")?);
    }
}

fn open(kek: &Keys, sealed: &SealedMerchant) -> Result<Secret<Vec<u8>>, Failure> {
    kek.open(&place(&sealed.id), &sealed.record)
        .ok_or("the key-encryption key does not open a merchant where it stands")
        .doing("opening a merchant")
}

fn place(id: &str) -> Place<'_> {
    Place { table: "merchants", row: id, column: "record", version: 0, beside: &[] }
}

fn change(action: Action, subject: &str, what: &str) -> Change {
    Change { action, subject: subject.to_owned(), what: what.to_owned() }
}

fn no_merchant(id: &str) -> String {
    format!("there is no merchant {id}")
}
