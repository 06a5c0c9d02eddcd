//! Tokens that are UUIDs of version 4 (RFC 9562 section 5.4): 122 random bits, for columns of that type.
//! It must never take any other spelling of one: a token has exactly one text.

use std::fmt::Write;

use crate::random;

/// A fresh one.
pub(super) fn make() -> String {
    let mut bytes: [u8; 16] = random::make_bytes();
    // RFC 9562 sections 4.1 and 4.2: variant 10, version 4.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        // Invariant: a String takes all that is written to it.
        write!(text, "{byte:02x}").expect("a String can be written to");
    }
    text
}

/// Whether it is one, in lower case.
pub(super) fn is_whole(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_one_is_whole_and_no_other_is_like_it() {
        let made: std::collections::HashSet<_> = (0..200).map(|_| make()).collect();
        assert_eq!(made.len(), 200);
        assert!(made.iter().all(|text| is_whole(text)), "{made:?}");
    }

    #[test]
    fn refuses_other_versions_variants_and_spellings() {
        let good = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert!(is_whole(good));
        for wrong in [
            "",
            "0F8FAD5B-D9CB-469F-A165-70867728950E",
            "{0f8fad5b-d9cb-469f-a165-70867728950e}",
            "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e",
            "0f8fad5bd9cb469fa16570867728950e",
            "0f8fad5b-d9cb-169f-a165-70867728950e",
            "0f8fad5b-d9cb-769f-a165-70867728950e",
            "0f8fad5b-d9cb-469f-c165-70867728950e",
            "0f8fad5b-d9cb-469f-7165-70867728950e",
            "0f8fad5b-d9cb-469f-a165-70867728950",
            "0f8fad5b-d9cb-469f-a165-70867728950g",
            "0f8fad5b-d9cb-469f-a165-7086772895é",
        ] {
            assert!(!is_whole(wrong), "{wrong}");
        }
    }
}
