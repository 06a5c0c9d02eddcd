//! A signing key: ES256 (ECDSA on P-256 with SHA-256) for contexts, access tokens or heads of the audit.
//! It must never be used for two of these (RFC 8725 section 3.11).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use cardseal::envelope::compact;
use cardseal::secret::Secret;

use crate::failure::{Doing, Failure};

const COORDINATE_BYTES: usize = 32;

/// One ES256 key pair.
pub struct SigningKey {
    kid: String,
    x: String,
    y: String,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    /// Makes a key pair and gives its PKCS#8 document.
    ///
    /// # Errors
    /// When AWS-LC made none.
    pub fn make() -> Result<Secret<Vec<u8>>, Failure> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .doing("making a signing key")?;
        Ok(Secret::new(document.as_ref().to_vec()))
    }

    /// Reads a key pair from its PKCS#8 document.
    ///
    /// # Errors
    /// When it is not a P-256 key.
    pub fn from_pkcs8(pkcs8: &Secret<Vec<u8>>) -> Result<Self, Failure> {
        // EXPOSE: AWS-LC reads the private key.
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose())
            .doing("reading a signing key")?;
        // The uncompressed point of SEC 1 section 2.3.3: a 4, then x, then y.
        let (x, y) = pair.public_key().as_ref()[1..].split_at(COORDINATE_BYTES);
        let (x, y) = (compact::encode(x), compact::encode(y));
        Ok(Self { kid: thumbprint(&x, &y), x, y, pair })
    }

    /// The key's RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public point's x in base64url.
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The public point's y in base64url.
    pub fn y(&self) -> &str {
        &self.y
    }

    /// Signs; the signature is r and s, 32 bytes each (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// When AWS-LC could not sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let signature = self.pair.sign(&SystemRandom::new(), message).doing("signing")?;
        Ok(signature.as_ref().to_vec())
    }

    /// Whether `signature` is this key's for `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref())
            .verify(message, signature)
            .is_ok()
    }
}

/// RFC 7638 section 3: the required members in lexical order, without white space.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    compact::encode(digest(&SHA256, members.as_bytes()).as_ref())
}
