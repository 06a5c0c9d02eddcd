//! Compact serialization: parts joined by dots, each in base64url without padding (RFC 7515 section 2).
//! It must never accept a second spelling of the same bytes.

use base64ct::{Base64UrlUnpadded, Encoding};

/// The bytes in base64url.
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The bytes of a canonical base64url text; `None` for padding, other characters or unused bits that are not zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Exactly `N` parts.
pub fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    let mut split = text.split('.');
    let mut parts = [""; N];
    for part in &mut parts {
        *part = split.next()?;
    }
    split.next().is_none().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_only() {
        assert_eq!(decode("AA"), Some(vec![0]));
        for text in ["AB", "AA==", "A", "A+", "A/", "A A", "AA\n"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn counts_parts_exactly() {
        assert_eq!(parts::<3>("a.b.c"), Some(["a", "b", "c"]));
        assert_eq!(parts::<3>("a.b"), None);
        assert_eq!(parts::<3>("a.b.c."), None);
    }
}
