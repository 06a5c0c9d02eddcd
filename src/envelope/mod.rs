//! The sealed card on the wire: a JWE in compact serialization (RFC 7516 section 7.1), parsed strictly.
//! It must never encrypt or decrypt anything.
//!
//! `header . encrypted key . iv . ciphertext . tag`, each canonical base64url.

pub mod compact;
pub mod header;

pub use header::Header;

use crate::error::Code;

/// Every plaintext is padded with spaces to this many bytes, so that its size says nothing about the card.
pub const PLAINTEXT_BYTES: usize = 512;

/// A sealed card, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The parsed protected header.
    pub header: Header,
    /// The encoded protected header: the additional authenticated data (RFC 7516 section 5.1, step 14).
    pub protected: String,
    /// The content key, encrypted to the recipient: 256 to 512 bytes.
    pub encrypted_key: Vec<u8>,
    /// 96 bits.
    pub iv: [u8; 12],
    /// [`PLAINTEXT_BYTES`] long.
    pub ciphertext: Vec<u8>,
    /// 128 bits.
    pub tag: [u8; 16],
}

impl Envelope {
    /// Parses a compact JWE.
    ///
    /// # Errors
    /// [`Code::SealedCardMalformed`] or [`Code::SealedCardHeaderInvalid`].
    pub fn parse(compact: &str) -> Result<Self, Code> {
        let [protected, encrypted_key, iv, ciphertext, tag] =
            compact::parts(compact).ok_or(Code::SealedCardMalformed)?;
        let bytes = |part| compact::decode(part).ok_or(Code::SealedCardMalformed);
        let encrypted_key = bytes(encrypted_key)?;
        let ciphertext = bytes(ciphertext)?;
        let iv = bytes(iv)?.try_into().map_err(|_| Code::SealedCardMalformed)?;
        let tag = bytes(tag)?.try_into().map_err(|_| Code::SealedCardMalformed)?;
        if !(256..=512).contains(&encrypted_key.len()) || ciphertext.len() != PLAINTEXT_BYTES {
            return Err(Code::SealedCardMalformed);
        }
        let header = Header::parse(&bytes(protected)?)?;
        Ok(Self { header, protected: protected.to_owned(), encrypted_key, iv, ciphertext, tag })
    }

    /// The compact JWE.
    pub fn format(&self) -> String {
        let mut out = self.protected.clone();
        for part in &[&self.encrypted_key[..], &self.iv, &self.ciphertext, &self.tag] {
            out.push('.');
            out.push_str(&compact::encode(part));
        }
        out
    }
}
