//! A merchant's data keys: they seal the rows, the key-encryption key seals them.
//! They must never be stored unwrapped, nor seal a row directly: each row has a key derived from one of them.

use cardseal::secret::Secret;

use crate::at_rest::{Key, Keys, Place};
use crate::audit::{Action, Audited};
use crate::failure::{Doing, Failure};
use crate::store::{Store, WrappedKey};

/// The data keys of one merchant, newest first.
pub struct DataKeys {
    versions: Vec<(u32, Key)>,
}

impl DataKeys {
    /// Opens the merchant's data keys, making the first one when there is none.
    ///
    /// # Errors
    /// When a stored key does not open under the key-encryption key, or the store fails.
    pub async fn open(store: &Store, kek: &Keys, merchant: &str, now: u64) -> Result<Self, Failure> {
        let mut versions = Vec::new();
        for WrappedKey { version, wrapped } in
            store.data_keys(merchant).await.doing("reading the data keys")?
        {
            let bytes = kek
                .open(&wrapping_place(merchant, version), &wrapped)
                .ok_or("the key-encryption key in the key file does not open the data keys in the database")
                .doing("opening the data keys")?;
            // EXPOSE: the bytes become a key.
            let key = Key::from_bytes(bytes.expose())
                .ok_or("a data key has a wrong length")
                .doing("opening the data keys")?;
            versions.push((version, key));
        }
        if versions.is_empty() {
            let (version, key) = (1, Key::make());
            // EXPOSE: the data key is sealed under the key-encryption key before it is stored.
            let wrapped = kek.seal(&wrapping_place(merchant, version), key.bytes().expose());
            let made = Audited::of_vault(now, Action::KeyMake, format!("data/{merchant}/{version}"));
            store
                .insert_data_key(merchant, &WrappedKey { version, wrapped }, &made)
                .await
                .doing("keeping a data key")?;
            versions.push((version, key));
        }
        Ok(Self { versions })
    }

    /// Seals a value of a row under the newest data key; gives the key's version and the sealed value.
    pub fn seal(&self, table: &str, row: &str, column: &str, plaintext: &Secret<Vec<u8>>) -> (u32, Vec<u8>) {
        let (version, key) = &self.versions[0];
        let place = Place { table, row, column, version: *version };
        // EXPOSE: the value is sealed here.
        (*version, key.derive_row_key(row, *version).seal(&place, plaintext.expose()))
    }

    /// Opens a value that [`DataKeys::seal`] sealed for the same place under the key of this version.
    pub fn open_row(&self, place: &Place<'_>, blob: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (version, key) = self.versions.iter().find(|(version, _)| *version == place.version)?;
        key.derive_row_key(place.row, *version).open(place, blob)
    }
}

fn wrapping_place(merchant: &str, version: u32) -> Place<'_> {
    Place { table: "data_keys", row: merchant, column: "wrapped", version }
}
