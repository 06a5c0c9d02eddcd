//! Card numbers told apart without being kept: a hash under a key that nothing but this process ever has.
//! It must never be compared with a tag of another process, nor written anywhere.

use aws_lc_rs::hmac;
use cardseal::card::CardNumber;

use crate::random;

/// Makes tags of card numbers.
pub(crate) struct Blind(hmac::Key);

impl Blind {
    /// Under a fresh key.
    pub(crate) fn make() -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::make_bytes::<32>()))
    }

    /// The same for the same number.
    pub(crate) fn tag(&self, number: &CardNumber) -> u64 {
        // EXPOSE: the number is hashed under a key that nothing but this process ever has.
        let tag = hmac::sign(&self.0, number.digits().expose().as_bytes());
        let mut short = [0; 8];
        short.copy_from_slice(&tag.as_ref()[..8]);
        u64::from_be_bytes(short)
    }
}
