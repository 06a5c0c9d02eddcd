//! The public key a card is sealed to, from its JWK.
//! It must never hold a private key, nor trust a `kid` that is not the key's own thumbprint.

use rsa::{BigUint, RsaPublicKey, oaep::EncryptingKey, traits::PublicKeyParts};
use sha2::{Digest, Sha256};

use crate::{envelope::compact, error::Code, json};

/// A public RSA key as JSON Web Key members (RFC 7518 section 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// RFC 7638 thumbprint (SHA-256, base64url).
    pub kid: String,
    /// Modulus, base64url of the big-endian bytes.
    pub n: String,
    /// Public exponent, base64url of the big-endian bytes.
    pub e: String,
}

/// A key to seal to.
#[derive(Debug)]
pub struct Recipient {
    pub(crate) kid: String,
    pub(crate) key: EncryptingKey<Sha256>,
}

impl Recipient {
    /// Takes an RSA key of 2048 to 4096 bits with exponent 65537 whose `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`Code::RecipientInvalid`].
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, Code> {
        if jwk.kid != thumbprint(&jwk.n, &jwk.e) {
            return Err(Code::RecipientInvalid);
        }
        let part = |text| compact::decode(text).map(|bytes| BigUint::from_bytes_be(&bytes));
        let (n, e) = part(&jwk.n).zip(part(&jwk.e)).ok_or(Code::RecipientInvalid)?;
        let key = RsaPublicKey::new(n, e).map_err(|_| Code::RecipientInvalid)?;
        let accepted = (2048..=4096).contains(&key.n().bits()) && *key.e() == BigUint::from(65_537_u32);
        accepted
            .then(|| Self { kid: jwk.kid.clone(), key: EncryptingKey::new(key) })
            .ok_or(Code::RecipientInvalid)
    }
}

/// The thumbprint of an RSA key: SHA-256 of its required members in lexicographic order (RFC 7638 section 3).
pub fn thumbprint(n: &str, e: &str) -> String {
    let mut canonical = String::new();
    for (prefix, text) in &[(r#"{"e":"#, e), (r#","kty":"RSA","n":"#, n)] {
        canonical.push_str(prefix);
        json::quote(&mut canonical, text);
    }
    canonical.push('}');
    compact::encode(&Sha256::digest(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprint_of_rfc_7638_section_3_1() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        assert_eq!(thumbprint(n, "AQAB"), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let jwk = Jwk { kid: thumbprint(n, "AQAB"), n: n.to_owned(), e: "AQAB".to_owned() };
        assert!(Recipient::from_jwk(&jwk).is_ok());
        let other = Jwk { kid: "another".to_owned(), ..jwk };
        assert_eq!(Recipient::from_jwk(&other).unwrap_err(), Code::RecipientInvalid);
    }

    #[test]
    fn takes_keys_of_2048_to_4096_bits() {
        for (first_byte, bytes, taken) in
            [(0xff, 128, false), (0x7f, 256, false), (0x80, 256, true), (0xff, 512, true), (0x01, 513, false)]
        {
            let mut modulus = vec![0xff; bytes];
            modulus[0] = first_byte;
            let n = compact::encode(&modulus);
            let jwk = Jwk { kid: thumbprint(&n, "AQAB"), n, e: "AQAB".to_owned() };
            assert_eq!(Recipient::from_jwk(&jwk).is_ok(), taken, "{first_byte:x} {bytes}");
        }
    }
}
