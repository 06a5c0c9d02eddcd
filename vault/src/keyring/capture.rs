//! A capture key: the RSA key pair that cards are sealed to.
//! It must never tell by its answer or its time why a content key did not unwrap.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::KeyPair as _;

use cardseal::envelope::compact;
use cardseal::recipient::{self, Jwk};
use cardseal::secret::Secret;
use zeroize::Zeroizing;

use crate::at_rest::KEY_BYTES;
use crate::failure::{Doing, Failure};
use crate::random;

/// The RSA sizes a vault makes keys of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaBits {
    /// 112 bits of security; quick to make, for tests and the sandbox.
    Two048,
    /// 128 bits of security; the default.
    Three072,
    /// More than 128 bits of security, at less than half the speed.
    Four096,
}

impl RsaBits {
    /// From the number of bits.
    pub fn from_number(bits: u32) -> Option<Self> {
        match bits {
            2048 => Some(Self::Two048),
            3072 => Some(Self::Three072),
            4096 => Some(Self::Four096),
            _ => None,
        }
    }
}

/// One RSA key pair.
pub struct CaptureKey {
    jwk: Jwk,
    private: OaepPrivateDecryptingKey,
}

impl CaptureKey {
    /// Makes a key pair and gives its PKCS#8 document. Takes tenths of a second: not for an async task.
    ///
    /// # Errors
    /// When AWS-LC made none.
    pub fn make(bits: RsaBits) -> Result<Secret<Vec<u8>>, Failure> {
        let size = match bits {
            RsaBits::Two048 => KeySize::Rsa2048,
            RsaBits::Three072 => KeySize::Rsa3072,
            RsaBits::Four096 => KeySize::Rsa4096,
        };
        let key = PrivateDecryptingKey::generate(size).doing("making a capture key")?;
        let der: Pkcs8V1Der<'_> = key.as_der().doing("encoding a capture key")?;
        Ok(Secret::new(der.as_ref().to_vec()))
    }

    /// Reads a key pair from its PKCS#8 document.
    ///
    /// # Errors
    /// When it is not an RSA key that AWS-LC takes.
    pub fn from_pkcs8(pkcs8: &Secret<Vec<u8>>) -> Result<Self, Failure> {
        // EXPOSE: AWS-LC reads the private key.
        let document = pkcs8.expose();
        let pair = KeyPair::from_pkcs8(document).doing("reading a capture key")?;
        let n = compact::encode(pair.public_key().modulus().big_endian_without_leading_zero());
        let e = compact::encode(pair.public_key().exponent().big_endian_without_leading_zero());
        let private = PrivateDecryptingKey::from_pkcs8(document).doing("reading a capture key")?;
        let private = OaepPrivateDecryptingKey::new(private).doing("reading a capture key")?;
        Ok(Self { jwk: Jwk { kid: recipient::thumbprint(&n, &e), n, e }, private })
    }

    /// The public half.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// Unwraps a content key. Where that fails the answer is a random key, so that the failure shows only where the
    /// content does not authenticate (RFC 7516 section 11.5).
    pub fn unwrap_content_key(&self, encrypted_key: &[u8]) -> Secret<[u8; KEY_BYTES]> {
        let mut content_key = Zeroizing::new(random::make_bytes::<KEY_BYTES>());
        let mut output = Zeroizing::new(vec![0; self.private.min_output_size()]);
        // A key of a wrong length is answered after the same work: zeros take its place and fail.
        let fits = encrypted_key.len() == self.private.key_size_bytes();
        let zeros = vec![0; self.private.key_size_bytes()];
        let input = if fits { encrypted_key } else { &zeros };
        if let Ok(opened) = self.private.decrypt(&OAEP_SHA256_MGF1SHA256, input, &mut output, None)
            && opened.len() == KEY_BYTES
        {
            content_key.copy_from_slice(opened);
        }
        Secret::new(*content_key)
    }
}
