//! Client credentials in HTTP Basic form (RFC 6749 section 2.3.1).
//! It must never take longer or shorter for a client that does not exist.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64ct::{Base64, Encoding};
use cardseal::error::Code;
use cardseal::secret::Secret;
use zeroize::Zeroizing;

use crate::merchant::{Client, Merchants};

/// What a client claims to be and to know.
pub struct Credentials {
    id: String,
    secret: Secret<String>,
}

impl Credentials {
    /// Parses the value of an `Authorization` header.
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = Zeroizing::new(Base64::decode_vec(encoded.trim_start_matches(' ')).ok()?);
        let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        let id = form_decode(id)?.to_string();
        Some(Self { id, secret: Secret::new(std::mem::take(&mut *form_decode(secret)?)) })
    }

    /// The client that they claim to be of, in a stranger's words.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The client with these credentials.
///
/// # Errors
/// [`Code::ClientInvalid`], the same for an unknown client and for a wrong secret.
pub fn check<'a>(
    credentials: &Credentials,
    merchants: &'a Merchants,
    now: u64,
) -> Result<&'a Arc<Client>, Code> {
    let client = merchants.client(&credentials.id);
    let mut sha256 = [0; 32];
    // EXPOSE: only the hash of the secret is compared.
    sha256.copy_from_slice(digest(&SHA256, credentials.secret.expose().as_bytes()).as_ref());
    let matches = Client::has_secret(client.map(Arc::as_ref), &sha256, now);
    client.filter(|_| matches).ok_or(Code::ClientInvalid)
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded before they go into the header.
///
/// Written here because a secret must not be copied on the way: the room it needs is there from the start.
fn form_decode(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    // Encoded text contains no `=` and `&`: text that does was sent as it is.
    let encoded = !text.contains(['=', '&']);
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let (byte, after) = match first {
            b'+' if encoded => (b' ', after),
            b'%' if encoded => unescape(after).unwrap_or((first, after)),
            _ => (first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    std::str::from_utf8(&bytes).ok()?;
    String::from_utf8(std::mem::take(&mut *bytes)).ok().map(Zeroizing::new)
}

/// The byte of two hexadecimal digits, and what comes after them.
fn unescape(digits: &[u8]) -> Option<(u8, &[u8])> {
    let (pair, after) = digits.split_first_chunk::<2>()?;
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    Some((u8::try_from(high? * 16 + low?).ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(plain: &str) -> Option<(String, String)> {
        let header = format!("Basic {}", Base64::encode_string(plain.as_bytes()));
        // EXPOSE: the test compares the secret.
        Credentials::parse(&header).map(|of| (of.id.clone(), of.secret.expose().clone()))
    }

    #[test]
    fn id_and_secret_are_split_and_form_decoded() {
        assert_eq!(parsed("shop:s3cret"), Some(("shop".to_owned(), "s3cret".to_owned())));
        assert_eq!(parsed("a%3Ab:c%20d+e"), Some(("a:b".to_owned(), "c d e".to_owned())));
        assert_eq!(parsed("shop:a=b&c"), Some(("shop".to_owned(), "a=b&c".to_owned())));
        assert_eq!(parsed("shop:a=%20+"), Some(("shop".to_owned(), "a=%20+".to_owned())));
        assert_eq!(parsed("shop:%C3%A4%c3%A4ä"), Some(("shop".to_owned(), "äää".to_owned())));
        assert_eq!(parsed("shop:100%:%+2%2"), Some(("shop".to_owned(), "100%:% 2%2".to_owned())));
        assert_eq!(parsed("shop:"), Some(("shop".to_owned(), String::new())));
        assert_eq!(parsed("shop:%ff"), None);
    }

    #[test]
    fn refuses_other_schemes_and_shapes() {
        for header in ["", "Basic", "Basic !", "Bearer c2hvcDpz", "Basic c2hvcA==", "c2hvcDpz"] {
            assert!(Credentials::parse(header).is_none(), "{header}");
        }
    }
}
