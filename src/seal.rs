//! Sealing: a card, or a security code alone, becomes a JWE that only the holder of the recipient's private key can open.
//! It is the only function of the project that encrypts either, and it must never be able to open one.

use aes_gcm::{AeadInPlace, Aes256Gcm, Key, KeyInit, Nonce};
use rsa::{rand_core::CryptoRngCore, traits::RandomizedEncryptor};
use zeroize::Zeroizing;

use crate::{
    card::{Card, Cvc},
    envelope::{Envelope, Header, PLAINTEXT_BYTES, compact},
    error::Code,
    recipient::Recipient,
    secret::Secret,
};

/// What can be sealed: made from a card or a security code that exists, and from nothing else.
pub struct Plaintext(Secret<Vec<u8>>);

impl From<&Card> for Plaintext {
    fn from(card: &Card) -> Self {
        Self(card.format())
    }
}

impl From<&Cvc> for Plaintext {
    fn from(cvc: &Cvc) -> Self {
        Self(cvc.format())
    }
}

/// What a sealed card is bound to: authenticated with it, readable by anyone.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// `jti` of the capture context.
    pub ctx: &'a str,
    /// Origin of the page that embeds the fields.
    pub org: &'a str,
    /// Now, in Unix seconds.
    pub iat: u64,
}

/// Seals a plaintext to a recipient (RFC 7516 section 5.1 with RSA-OAEP-256 and A256GCM) as a compact JWE.
///
/// # Errors
/// [`Code::RecipientInvalid`] where the key cannot encrypt.
pub fn seal(
    plaintext: &Plaintext,
    recipient: &Recipient,
    binding: &Binding<'_>,
    rng: &mut impl CryptoRngCore,
) -> Result<String, Code> {
    let mut padded = Zeroizing::new(vec![b' '; PLAINTEXT_BYTES]);
    // EXPOSE: the plaintext is copied into the buffer that is encrypted in place below.
    let json = plaintext.0.expose();
    padded.get_mut(..json.len()).ok_or(Code::CardMalformed)?.copy_from_slice(json);

    let mut content_key = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *content_key);
    let mut iv = [0; 12];
    rng.fill_bytes(&mut iv);

    let header = Header {
        kid: recipient.kid.clone(),
        iat: binding.iat,
        ctx: binding.ctx.to_owned(),
        org: binding.org.to_owned(),
    };
    let protected = compact::encode(header.format().as_bytes());
    let encrypted_key =
        recipient.key.encrypt_with_rng(rng, &*content_key).map_err(|_| Code::RecipientInvalid)?;
    let tag = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&*content_key))
        .encrypt_in_place_detached(Nonce::from_slice(&iv), protected.as_bytes(), &mut padded)
        .map_err(|_| Code::CardMalformed)?;
    let ciphertext = core::mem::take(&mut *padded);
    let envelope = Envelope { header, protected, encrypted_key, iv, ciphertext, tag: tag.into() };
    Ok(envelope.format())
}
