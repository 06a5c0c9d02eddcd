//! The vault's private keys by kid: made once, kept sealed, used from memory.
//! It must never give a private key away: it unwraps, signs and publishes.

mod capture;
mod data;
mod signing;

use std::sync::Arc;

pub use capture::{CaptureKey, RsaBits};
pub use data::DataKeys;
pub use signing::SigningKey;

use cardseal::secret::Secret;

use crate::at_rest::{Keys, Place};
use crate::audit::{Action, Audited};
use crate::failure::{Doing, Failure};
use crate::store::{SealedKey, Store};

/// Every private key of a vault. In each list the newest comes first: it is used, all are honoured.
pub struct Keyring {
    capture: Vec<Arc<CaptureKey>>,
    context: Vec<SigningKey>,
    access: Vec<SigningKey>,
    audit: Vec<SigningKey>,
}

impl Keyring {
    /// Opens the stored keys and makes those that are missing.
    ///
    /// # Errors
    /// When a stored key does not open under the key-encryption key, or the store fails.
    pub async fn open(store: &Store, kek: &Keys, bits: RsaBits, now: u64) -> Result<Self, Failure> {
        let mut ring =
            Self { capture: Vec::new(), context: Vec::new(), access: Vec::new(), audit: Vec::new() };
        for sealed in store.keys().await.doing("reading the keys")? {
            let (purpose, pkcs8) = open(kek, &sealed)?;
            match purpose {
                Purpose::Capture => ring.capture.push(Arc::new(CaptureKey::from_pkcs8(&pkcs8)?)),
                Purpose::Context => ring.context.push(SigningKey::from_pkcs8(&pkcs8)?),
                Purpose::Access => ring.access.push(SigningKey::from_pkcs8(&pkcs8)?),
                Purpose::Audit => ring.audit.push(SigningKey::from_pkcs8(&pkcs8)?),
            }
        }
        if ring.capture.is_empty() {
            let made = tokio::task::spawn_blocking(move || CaptureKey::make(bits)).await;
            let pkcs8 = made.map_err(|error| Failure::of_task("making a capture key", &error))??;
            let key = CaptureKey::from_pkcs8(&pkcs8)?;
            keep(store, kek, Purpose::Capture, &key.jwk().kid, &pkcs8, now).await?;
            ring.capture.push(Arc::new(key));
        }
        for (purpose, keys) in [
            (Purpose::Context, &mut ring.context),
            (Purpose::Access, &mut ring.access),
            (Purpose::Audit, &mut ring.audit),
        ] {
            if keys.is_empty() {
                let pkcs8 = SigningKey::make()?;
                let key = SigningKey::from_pkcs8(&pkcs8)?;
                keep(store, kek, purpose, key.kid(), &pkcs8, now).await?;
                keys.push(key);
            }
        }
        Ok(ring)
    }

    /// The keys that signed heads of the audit, for whoever only reads the store.
    ///
    /// # Errors
    /// When a stored key does not open under the key-encryption key, or the store fails.
    pub async fn read_audit_keys(store: &Store, kek: &Keys) -> Result<Vec<SigningKey>, Failure> {
        let mut keys = Vec::new();
        for sealed in store.keys().await.doing("reading the keys")? {
            if sealed.purpose == Purpose::Audit.as_str() {
                keys.push(SigningKey::from_pkcs8(&open(kek, &sealed)?.1)?);
            }
        }
        Ok(keys)
    }

    /// The key that new contexts name.
    pub fn newest_capture_key(&self) -> &CaptureKey {
        &self.capture[0]
    }

    /// The capture key with this kid.
    pub fn capture_key(&self, kid: &str) -> Option<Arc<CaptureKey>> {
        self.capture.iter().find(|key| key.jwk().kid == kid).cloned()
    }

    /// The capture keys, newest first.
    pub fn capture_keys(&self) -> impl Iterator<Item = &CaptureKey> {
        self.capture.iter().map(Arc::as_ref)
    }

    /// The keys that sign capture contexts, newest first.
    pub fn context_keys(&self) -> &[SigningKey] {
        &self.context
    }

    /// The keys that sign access tokens, newest first. They are not published: only this vault reads access tokens.
    pub fn access_keys(&self) -> &[SigningKey] {
        &self.access
    }

    /// The keys that sign heads of the audit, newest first.
    pub fn audit_keys(&self) -> &[SigningKey] {
        &self.audit
    }
}

#[derive(Clone, Copy)]
enum Purpose {
    Capture,
    Context,
    Access,
    Audit,
}

impl Purpose {
    fn named(name: &str) -> Option<Self> {
        [Self::Capture, Self::Context, Self::Access, Self::Audit].into_iter().find(|of| of.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Context => "context",
            Self::Access => "access",
            Self::Audit => "audit",
        }
    }
}

async fn keep(
    store: &Store,
    kek: &Keys,
    purpose: Purpose,
    kid: &str,
    pkcs8: &Secret<Vec<u8>>,
    now: u64,
) -> Result<(), Failure> {
    // EXPOSE: the private key is sealed under the key-encryption key before it is stored.
    let sealed = kek.seal(&place(&row(purpose, kid)), pkcs8.expose());
    let key = SealedKey {
        kid: kid.to_owned(),
        purpose: purpose.as_str().to_owned(),
        pkcs8: sealed,
        created_at: now,
    };
    let made = Audited::of_vault(now, Action::KeyMake, row(purpose, kid));
    store.insert_key(&key, &made).await.doing("keeping a key")
}

fn open(kek: &Keys, sealed: &SealedKey) -> Result<(Purpose, Secret<Vec<u8>>), Failure> {
    let purpose = Purpose::named(&sealed.purpose)
        .ok_or("a key in the database has an unknown purpose")
        .doing("opening the keys")?;
    let pkcs8 = kek
        .open(&place(&row(purpose, &sealed.kid)), &sealed.pkcs8)
        .ok_or("the key-encryption key in the key file does not open the keys in the database")
        .doing("opening the keys")?;
    Ok((purpose, pkcs8))
}

/// The purpose is authenticated with the kid: a key that was given another one in the database does not open.
fn row(purpose: Purpose, kid: &str) -> String {
    format!("{}/{kid}", purpose.as_str())
}

fn place(row: &str) -> Place<'_> {
    Place { table: "keys", row, column: "pkcs8", version: 0 }
}
