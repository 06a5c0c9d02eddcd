//! Sealing of what is stored: AES-256-GCM under a key and bound to the place where it stands.
//! It must never use a nonce twice with one key, nor open what was moved to another place.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use cardseal::secret::Secret;
use zeroize::Zeroizing;

use crate::random;

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// The length of every key here.
pub const KEY_BYTES: usize = 32;

/// Where a sealed value stands. Moved to any other place it does not open.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's primary key.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
    /// The version of the key that seals.
    pub version: u32,
    /// The row's other columns that must stay as they are, in one fixed order and length-prefixed; of most rows, none.
    pub beside: &'a [u8],
}

impl Place<'_> {
    fn authenticated(&self) -> Vec<u8> {
        length_prefixed(&[
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.column.as_bytes(),
            &self.version.to_be_bytes(),
            self.beside,
        ])
    }
}

/// A 256-bit key.
pub struct Key(Secret<[u8; KEY_BYTES]>);

impl Key {
    /// A fresh random key.
    pub fn make() -> Self {
        Self(random::make_secret())
    }

    /// A key from its bytes; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Secret::new(bytes.try_into().ok()?)))
    }

    /// The bytes, to be sealed under another key or written into an owner-only file.
    pub fn bytes(&self) -> &Secret<[u8; KEY_BYTES]> {
        &self.0
    }

    /// The key of one row, so that no row shares its nonces with another (RFC 5869; NIST SP 800-38D section 8.3).
    pub fn derive_row_key(&self, row: &str, version: u32) -> Self {
        let info = length_prefixed(&[row.as_bytes(), &version.to_be_bytes()]);
        self.derive(b"cardseal row key", &info)
    }

    /// A key for another use than sealing (RFC 5869); `label` names the use.
    pub fn derive_for(&self, label: &[u8]) -> Self {
        self.derive(label, b"")
    }

    fn derive(&self, salt: &[u8], info: &[u8]) -> Self {
        let mut derived = Zeroizing::new([0; KEY_BYTES]);
        // EXPOSE: HKDF reads the key.
        let secret = self.0.expose();
        Salt::new(HKDF_SHA256, salt)
            .extract(secret)
            .expand(&[info], HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.as_mut()))
            // Invariant: 32 bytes are one block of HKDF-SHA256, far below its limit of 255.
            .expect("one block of HKDF output");
        Self(Secret::new(*derived))
    }

    /// Seals `plaintext` for `place` under a random nonce.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random::make_bytes();
        let mut blob = Vec::with_capacity(1 + NONCE_BYTES + plaintext.len() + TAG_BYTES);
        blob.push(FORMAT);
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(plaintext);
        let tag = self
            .cipher()
            .and_then(|cipher| {
                cipher.seal_in_place_separate_tag(
                    Nonce::assume_unique_for_key(nonce),
                    Aad::from(place.authenticated()),
                    &mut blob[1 + NONCE_BYTES..],
                )
            })
            // Invariant: AES-256-GCM fails only above 2^36 bytes or with a key that is not 32 bytes long.
            .expect("AES-256-GCM seals");
        blob.extend_from_slice(tag.as_ref());
        blob
    }

    /// Opens what [`Key::seal`] made for the same place. Anything else, of any length, is `None`.
    pub fn open(&self, place: &Place<'_>, blob: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (&FORMAT, rest) = blob.split_first()? else { return None };
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let (sealed, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
        let mut plaintext = Zeroizing::new(vec![0; sealed.len()]);
        self.cipher()
            .ok()?
            .open_separate_gather(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.authenticated()),
                sealed,
                tag,
                &mut plaintext,
            )
            .ok()?;
        Some(Secret::new(std::mem::take(&mut *plaintext)))
    }

    fn cipher(&self) -> Result<LessSafeKey, Unspecified> {
        // EXPOSE: AES-GCM reads the key.
        let key = self.0.expose();
        Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?))
    }
}

/// Keys in order of age, newest first: the first seals, all open.
pub struct Keys {
    first: Key,
    older: Vec<Key>,
}

impl Keys {
    /// Keys of which `first` seals.
    pub fn new(first: Key, older: Vec<Key>) -> Self {
        Self { first, older }
    }

    /// Seals under the newest key.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Vec<u8> {
        self.first.seal(place, plaintext)
    }

    /// Whether the newest key sealed this.
    pub fn is_newest(&self, place: &Place<'_>, blob: &[u8]) -> bool {
        self.first.open(place, blob).is_some()
    }

    /// A key for another use from each of them, in their order (RFC 5869); `label` names the use.
    pub fn derive(&self, label: &[u8]) -> Vec<Key> {
        std::iter::once(&self.first).chain(&self.older).map(|key| key.derive_for(label)).collect()
    }

    /// Opens under whichever key sealed.
    pub fn open(&self, place: &Place<'_>, blob: &[u8]) -> Option<Secret<Vec<u8>>> {
        std::iter::once(&self.first).chain(&self.older).find_map(|key| key.open(place, blob))
    }
}

/// Concatenates so that no two different lists give the same bytes.
pub(crate) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> =
        Place { table: "tokens", row: "tok_a", column: "card", version: 1, beside: b"ab" };

    fn opened(key: &Key, place: &Place<'_>, blob: &[u8]) -> Option<Vec<u8>> {
        // EXPOSE: the test compares the plaintext.
        key.open(place, blob).map(|secret| secret.expose().clone())
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let key = Key::make();
        for plaintext in [&b""[..], b"4", b"a longer plaintext than one block of AES"] {
            assert_eq!(opened(&key, &PLACE, &key.seal(&PLACE, plaintext)).as_deref(), Some(plaintext));
        }
    }

    #[test]
    fn opens_nowhere_else() {
        let key = Key::make();
        let blob = key.seal(&PLACE, b"card");
        for place in [
            Place { table: "token", ..PLACE },
            Place { row: "tok_b", ..PLACE },
            Place { column: "cvc", ..PLACE },
            Place { version: 2, ..PLACE },
            Place { table: "tokenst", row: "ok_a", ..PLACE },
            Place { beside: b"ac", ..PLACE },
            Place { beside: b"", ..PLACE },
        ] {
            assert!(key.open(&place, &blob).is_none());
        }
        assert!(Key::make().open(&PLACE, &blob).is_none());
    }

    #[test]
    fn a_flipped_bit_or_a_lost_byte_anywhere_is_refused() {
        let key = Key::make();
        let blob = key.seal(&PLACE, b"card");
        for at in 0..blob.len() {
            for bit in 0..8 {
                let mut wrong = blob.clone();
                wrong[at] ^= 1 << bit;
                assert!(key.open(&PLACE, &wrong).is_none());
            }
            assert!(key.open(&PLACE, &blob[..at]).is_none());
            assert!(key.open(&PLACE, &blob[at + 1..]).is_none());
        }
    }

    #[test]
    fn the_first_key_seals_and_all_keys_open() {
        let (old, new) = (Key::make(), Key::make());
        let by_old = old.seal(&PLACE, b"card");
        let keys = Keys::new(new, vec![old]);
        assert!(keys.open(&PLACE, &by_old).is_some());
        let by_new = keys.seal(&PLACE, b"card");
        assert!(keys.first.open(&PLACE, &by_new).is_some());
    }

    #[test]
    fn row_keys_differ_by_row_and_version() {
        let key = Key::make();
        let blob = key.derive_row_key("tok_a", 1).seal(&PLACE, b"card");
        assert!(key.derive_row_key("tok_a", 1).open(&PLACE, &blob).is_some());
        assert!(key.derive_row_key("tok_b", 1).open(&PLACE, &blob).is_none());
        assert!(key.derive_row_key("tok_a", 2).open(&PLACE, &blob).is_none());
        assert!(key.open(&PLACE, &blob).is_none());
    }
}
