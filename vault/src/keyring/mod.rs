//! The vault's private keys by kid: made once, kept sealed, used from memory while their time is.
//! It must never give a private key away: it unwraps, signs and publishes.

mod capture;
mod data;
pub mod life;
mod line;
mod purpose;
mod renew;
mod signing;

use std::sync::Arc;

pub use capture::{CaptureKey, RsaBits};
pub use data::{DataKeys, TERMS as DATA_TERMS};
pub use purpose::Purpose;
pub use renew::{Renewal, make_missing, renew, retire, rewrap};
pub use signing::SigningKey;

use cardseal::secret::Secret;
use line::{Held, Line};

use crate::at_rest::{Keys, Place};
use crate::failure::{Doing, Failure};
use crate::store::{SealedKey, Store};

/// Every private key of a vault that is not retired.
pub struct Keyring {
    capture: Line<CaptureKey>,
    context: Line<SigningKey>,
    access: Line<SigningKey>,
    audit: Line<SigningKey>,
}

impl Keyring {
    /// Opens these keys, newest first; those that `before` has opened already are taken from there.
    ///
    /// # Errors
    /// When one does not open under the key-encryption key, or a purpose has none.
    pub fn open(rows: &[SealedKey], kek: &Keys, before: Option<&Self>) -> Result<Self, Failure> {
        let (capture, signing) = (CaptureKey::from_pkcs8, SigningKey::from_pkcs8);
        Ok(Self {
            capture: line(rows, kek, Purpose::Capture, before.map(|ring| &ring.capture), capture)?,
            context: line(rows, kek, Purpose::Context, before.map(|ring| &ring.context), signing)?,
            access: line(rows, kek, Purpose::Access, before.map(|ring| &ring.access), signing)?,
            audit: line(rows, kek, Purpose::Audit, before.map(|ring| &ring.audit), signing)?,
        })
    }

    /// The keys that signed heads of the audit, for whoever only reads the store.
    ///
    /// # Errors
    /// When a stored key does not open under the key-encryption key, or the store fails.
    pub async fn read_audit_keys(store: &Store, kek: &Keys) -> Result<Vec<SigningKey>, Failure> {
        let rows = store.keys().await.doing("reading the keys")?;
        living(&rows, Purpose::Audit)
            .map(|(row, pkcs8)| SigningKey::from_pkcs8(&open(kek, Purpose::Audit, &row.kid, pkcs8)?))
            .collect()
    }

    /// The key that new contexts name.
    pub fn current_capture_key(&self, now: u64) -> &CaptureKey {
        &self.capture.current(now).key
    }

    /// The key that signs new contexts.
    pub fn current_context_key(&self, now: u64) -> &SigningKey {
        &self.context.current(now).key
    }

    /// The key that signs new access tokens.
    pub fn current_access_key(&self, now: u64) -> &SigningKey {
        &self.access.current(now).key
    }

    /// The key that signs new heads of the audit.
    pub fn current_audit_key(&self, now: u64) -> &SigningKey {
        &self.audit.current(now).key
    }

    /// The capture key with this kid, if it is not retired.
    pub fn capture_key(&self, kid: &str, now: u64) -> Option<Arc<CaptureKey>> {
        self.capture.honoured(now).find(|key| key.jwk().kid == kid).cloned()
    }

    /// The capture keys that are not retired, newest first.
    pub fn capture_keys(&self, now: u64) -> impl Iterator<Item = &CaptureKey> {
        self.capture.honoured(now).map(Arc::as_ref)
    }

    /// The keys whose capture contexts count, newest first.
    pub fn context_keys(&self, now: u64) -> impl Iterator<Item = &SigningKey> {
        self.context.honoured(now).map(Arc::as_ref)
    }

    /// The keys whose access tokens count, newest first. They are not published: only this vault reads access tokens.
    pub fn access_keys(&self, now: u64) -> impl Iterator<Item = &SigningKey> {
        self.access.honoured(now).map(Arc::as_ref)
    }

    /// How many seconds ago the newest key was made.
    pub fn newest_age(&self, purpose: Purpose, now: u64) -> u64 {
        let made_at = match purpose {
            Purpose::Capture => self.capture.newest().made_at,
            Purpose::Context => self.context.newest().made_at,
            Purpose::Access => self.access.newest().made_at,
            Purpose::Audit => self.audit.newest().made_at,
        };
        now.saturating_sub(made_at)
    }

    /// How many seconds ago the key in use was made.
    pub fn age(&self, purpose: Purpose, now: u64) -> u64 {
        let made_at = match purpose {
            Purpose::Capture => self.capture.current(now).made_at,
            Purpose::Context => self.context.current(now).made_at,
            Purpose::Access => self.access.current(now).made_at,
            Purpose::Audit => self.audit.current(now).made_at,
        };
        now.saturating_sub(made_at)
    }
}

fn line<K>(
    rows: &[SealedKey],
    kek: &Keys,
    purpose: Purpose,
    before: Option<&Line<K>>,
    read: impl Fn(&Secret<Vec<u8>>) -> Result<K, Failure>,
) -> Result<Line<K>, Failure> {
    let held = living(rows, purpose).map(|(row, pkcs8)| {
        let key = match before.and_then(|line| line.opened(&row.kid)) {
            Some(key) => key,
            None => Arc::new(read(&open(kek, purpose, &row.kid, pkcs8)?)?),
        };
        Ok(Held { kid: row.kid.clone(), made_at: row.created_at, key })
    });
    let keys = held.collect::<Result<Vec<_>, Failure>>()?;
    if keys.is_empty() {
        return Err("the database has no key of a purpose").doing("opening the keys");
    }
    Ok(Line::new(keys, purpose.terms()))
}

/// The keys of a purpose whose private part is there, with it.
fn living(rows: &[SealedKey], purpose: Purpose) -> impl Iterator<Item = (&SealedKey, &[u8])> {
    let own = rows.iter().filter(move |row| row.purpose == purpose.as_str());
    own.filter_map(|row| Some((row, row.pkcs8.as_deref()?)))
}

fn open(kek: &Keys, purpose: Purpose, kid: &str, pkcs8: &[u8]) -> Result<Secret<Vec<u8>>, Failure> {
    kek.open(&place(&row(purpose, kid)), pkcs8)
        .ok_or("the key-encryption key in the key file does not open the keys in the database")
        .doing("opening the keys")
}

/// The purpose is authenticated with the kid: a key that was given another one in the database does not open.
fn row(purpose: Purpose, kid: &str) -> String {
    format!("{}/{kid}", purpose.as_str())
}

fn place(row: &str) -> Place<'_> {
    Place { table: "keys", row, column: "pkcs8", version: 0, beside: &[] }
}
