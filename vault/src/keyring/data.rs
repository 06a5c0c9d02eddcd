//! A merchant's data keys: they seal the rows, the key-encryption key seals them.
//! They must never be stored unwrapped, nor seal a row directly: each row has a key derived from one of them.

use aws_lc_rs::hmac;
use cardseal::card::CardNumber;
use cardseal::secret::Secret;

use crate::at_rest::{Key, Keys, Place};
use crate::audit::{Action, Actor, Audited};
use crate::failure::{Doing, Failure};
use crate::keyring::life::Terms;
use crate::store::{Store, WrappedKey};

/// A new data key only opens until every vault on the database can open what it seals; each opens for ever.
pub const TERMS: Terms = Terms { known_seconds: 60, honoured_seconds: u64::MAX };
const FINGERPRINT_LABEL: &[u8] = b"cardseal fingerprint";

/// The data keys of one merchant, newest first.
pub struct DataKeys {
    versions: Vec<Version>,
    made_at: Vec<u64>,
}

struct Version {
    number: u32,
    key: Key,
}

impl DataKeys {
    /// Opens the merchant's data keys, making the first one when there is none.
    ///
    /// # Errors
    /// When a stored key does not open under the key-encryption key, or the store fails.
    pub async fn open(store: &Store, kek: &Keys, merchant: &str, now: u64) -> Result<Self, Failure> {
        let mut stored = read(store, merchant).await?;
        if stored.is_empty() {
            make(store, kek, merchant, 1, now, Actor::Vault).await?;
            stored = read(store, merchant).await?;
        }
        Self::unwrap(kek, merchant, &stored)
    }

    /// Opens the merchant's data keys, as many as there are, for whoever only reads the store.
    ///
    /// # Errors
    /// As for [`DataKeys::open`].
    pub async fn read(store: &Store, kek: &Keys, merchant: &str) -> Result<Self, Failure> {
        Self::unwrap(kek, merchant, &read(store, merchant).await?)
    }

    fn unwrap(kek: &Keys, merchant: &str, stored: &[WrappedKey]) -> Result<Self, Failure> {
        let open = |stored: &WrappedKey| {
            let bytes = unwrap(kek, merchant, stored)?;
            // EXPOSE: the bytes become a key.
            let key = Key::from_bytes(bytes.expose())
                .ok_or("a data key has a wrong length")
                .doing("opening the data keys")?;
            Ok(Version { number: stored.version, key })
        };
        let versions = stored.iter().map(open).collect::<Result<_, Failure>>()?;
        Ok(Self { versions, made_at: stored.iter().map(|key| key.created_at).collect() })
    }

    /// Makes the merchant's next data key; its version and when it begins to seal, in seconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// When the merchant has none yet, those it has do not open, or the store fails.
    pub async fn renew(
        store: &Store,
        kek: &Keys,
        merchant: &str,
        actor: Actor,
        now: u64,
    ) -> Result<(u32, u64), Failure> {
        if read(store, merchant).await?.is_empty() {
            return Err(
                "no merchant of this id has a data key; the vault makes the first one when it starts",
            )
            .doing("making a data key");
        }
        let version = Self::open(store, kek, merchant, now).await?.versions[0].number + 1;
        make(store, kek, merchant, version, now, actor).await?;
        Ok((version, TERMS.takes_over_at(now)))
    }

    /// Seals anew each of the merchant's data keys that an older key-encryption key seals, on record. How many.
    ///
    /// # Errors
    /// When one does not open under any line of the key file, or the store fails.
    pub async fn rewrap(
        store: &Store,
        kek: &Keys,
        merchant: &str,
        actor: &Actor,
        now: u64,
    ) -> Result<u64, Failure> {
        let mut wrapped = 0;
        for stored in read(store, merchant).await? {
            let place = wrapping_place(merchant, stored.version);
            if kek.is_newest(&place, &stored.wrapped) {
                continue;
            }
            // EXPOSE: the data key is sealed under the newest key-encryption key.
            let anew = kek.seal(&place, unwrap(kek, merchant, &stored)?.expose());
            let subject = format!("data/{merchant}/{}", stored.version);
            let audited =
                Audited { actor: actor.clone(), ..Audited::of_vault(now, Action::KeyWrap, subject) };
            let kept = store.rewrap_data_key(merchant, &stored, &anew, &audited).await;
            wrapped += u64::from(kept.doing("keeping a data key")?);
        }
        Ok(wrapped)
    }

    /// Whether the merchant's stored keys are these.
    pub fn has_just(&self, stored: &[u32]) -> bool {
        self.versions.iter().map(|version| version.number).eq(stored.iter().copied())
    }

    /// The version that seals: the newest whose time has come, else the oldest.
    pub fn sealing_version(&self, now: u64) -> u32 {
        self.sealing(now).number
    }

    /// Seals a value for its place, whatever version that says; gives the key's version and the sealed value.
    pub fn seal(&self, place: Place<'_>, plaintext: &Secret<Vec<u8>>, now: u64) -> (u32, Vec<u8>) {
        let Version { number, key } = self.sealing(now);
        let place = Place { version: *number, ..place };
        // EXPOSE: the value is sealed here.
        (*number, key.derive_row_key(place.row, *number).seal(&place, plaintext.expose()))
    }

    /// HMAC-SHA-256 of a number, under a key derived from the data key that seals.
    pub fn fingerprint(&self, number: &CardNumber, now: u64) -> Vec<u8> {
        let key = self.sealing(now).key.derive_for(FINGERPRINT_LABEL);
        // EXPOSE: HMAC reads the key.
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes().expose());
        // EXPOSE: the number is hashed whole (PCI DSS requirement 3.5.1.1).
        hmac::sign(&key, number.digits().expose().as_bytes()).as_ref().to_vec()
    }

    /// Opens a value that [`DataKeys::seal`] sealed for the same place under the key of this version.
    pub fn open_row(&self, place: &Place<'_>, blob: &[u8]) -> Option<Secret<Vec<u8>>> {
        let Version { number, key } = self.versions.iter().find(|version| version.number == place.version)?;
        key.derive_row_key(place.row, *number).open(place, blob)
    }

    fn sealing(&self, now: u64) -> &Version {
        &self.versions[TERMS.current(&self.made_at, now)]
    }
}

async fn make(
    store: &Store,
    kek: &Keys,
    merchant: &str,
    version: u32,
    now: u64,
    actor: Actor,
) -> Result<(), Failure> {
    // EXPOSE: the data key is sealed under the key-encryption key before it is stored.
    let wrapped = kek.seal(&wrapping_place(merchant, version), Key::make().bytes().expose());
    let subject = format!("data/{merchant}/{version}");
    let audited =
        Audited { actor, ..Audited::of_vault(now, Action::KeyMake, subject).for_merchant(merchant) };
    let key = WrappedKey { version, wrapped, created_at: now };
    // Another vault may have made this version at the same moment; one of the two is enough.
    store.insert_data_key(merchant, &key, &audited).await.doing("keeping a data key").map(drop)
}

async fn read(store: &Store, merchant: &str) -> Result<Vec<WrappedKey>, Failure> {
    store.data_keys(merchant).await.doing("reading the data keys")
}

fn unwrap(kek: &Keys, merchant: &str, stored: &WrappedKey) -> Result<Secret<Vec<u8>>, Failure> {
    kek.open(&wrapping_place(merchant, stored.version), &stored.wrapped)
        .ok_or("the key-encryption key in the key file does not open the data keys in the database")
        .doing("opening the data keys")
}

fn wrapping_place(merchant: &str, version: u32) -> Place<'_> {
    Place { table: "data_keys", row: merchant, column: "wrapped", version, beside: &[] }
}
