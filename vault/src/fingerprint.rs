//! Fingerprints: equal for two tokens of a merchant that are the same card, and telling nothing to anybody else.
//! It must never be shown to a browser: whoever may compare many can find the number behind one.

use std::fmt;

use cardseal::envelope::compact;

/// The length of the hash: HMAC-SHA-256.
pub const HASH_BYTES: usize = 32;

/// A fingerprint as a client sees it: the version of its key, a point, the hash in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The version of the merchant's data key that its key is derived from. Those of two versions are never equal.
    pub version: u32,
    /// HMAC-SHA-256 of the card's number.
    pub hash: Vec<u8>,
}

impl Fingerprint {
    /// Reads it in exactly the spelling that it is written in.
    pub fn parse(text: &str) -> Option<Self> {
        let (version, hash) = text.split_once('.')?;
        let fingerprint = Self { version: version.parse().ok()?, hash: compact::decode(hash)? };
        (fingerprint.hash.len() == HASH_BYTES && fingerprint.to_string() == text).then_some(fingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.version, compact::encode(&self.hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_in_one_spelling_only() {
        let fingerprint = Fingerprint { version: 12, hash: vec![7; HASH_BYTES] };
        let text = fingerprint.to_string();
        assert!(text.starts_with("12."));
        assert_eq!(Fingerprint::parse(&text), Some(fingerprint));
        for wrong in [
            "",
            ".",
            "12.",
            &text[2..],
            &text[3..],
            &text[..text.len() - 1],
            &format!("{text}A"),
            &format!("{text}="),
            &format!("0{text}"),
            &format!("+{text}"),
            &format!("-{text}"),
            &format!(" {text}"),
            &text.replacen("12", "4294967296", 1),
            "4242424242424242",
        ] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
