//! Opaque tokens: `tok_`, 128 random bits and a checksum, all in lower-case base32 (RFC 4648 section 6).
//! It must never take a mistyped one for another token: the checksum tells, without a look into the database.

use aws_lc_rs::digest::{SHA256, digest};

use crate::random;

const PREFIX: &str = "tok_";
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 4;
const LETTERS: usize = (RANDOM_BYTES + CHECKSUM_BYTES) * 8 / 5;

/// A fresh one.
pub(super) fn make() -> String {
    format(random::make_bytes())
}

/// Takes the text apart and puts it together again; whether it is the same.
pub(super) fn is_whole(text: &str) -> bool {
    parse(text).is_some_and(|random| format(random) == text)
}

fn parse(text: &str) -> Option<[u8; RANDOM_BYTES]> {
    let letters = text.strip_prefix(PREFIX)?;
    if letters.len() != LETTERS {
        return None;
    }
    let mut bytes = [0; RANDOM_BYTES];
    let mut bits = 0u32;
    let mut held = 0;
    let mut filled = 0;
    for letter in letters.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5 | u32::try_from(value).ok()?) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            if let Some(byte) = bytes.get_mut(filled) {
                *byte = (bits >> held) as u8;
            }
            filled += 1;
        }
    }
    Some(bytes)
}

fn format(random: [u8; RANDOM_BYTES]) -> String {
    let mut text = String::with_capacity(PREFIX.len() + LETTERS);
    text.push_str(PREFIX);
    let mut bits = 0u32;
    let mut held = 0;
    for byte in random.iter().chain(&checksum(&random)) {
        bits = (bits << 8 | u32::from(*byte)) & 0xfff;
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
    }
    text
}

fn checksum(random: &[u8; RANDOM_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let mut named = b"cardseal token".to_vec();
    named.extend_from_slice(random);
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&digest(&SHA256, &named).as_ref()[..CHECKSUM_BYTES]);
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_one_is_whole() {
        for _ in 0..200 {
            let text = make();
            assert_eq!(text.len(), 36);
            assert!(is_whole(&text), "{text}");
        }
    }

    #[test]
    fn the_letters_are_those_of_rfc_4648() {
        assert!(format([0xff; RANDOM_BYTES]).starts_with("tok_7777777777777777777777777"));
        assert!(format([0; RANDOM_BYTES]).starts_with("tok_aaaaaaaaaaaaaaaaaaaaaaaaa"));
    }

    #[test]
    fn refuses_every_single_wrong_letter() {
        let text = format([7; RANDOM_BYTES]);
        for at in PREFIX.len()..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'a' { b'b' } else { b'a' };
            assert!(!is_whole(std::str::from_utf8(&wrong).unwrap()), "at {at}");
        }
    }

    #[test]
    fn refuses_other_lengths_letters_and_prefixes() {
        let text = make();
        for wrong in ["", "tok_", &text[1..], &text[..35], &format!("{text}a"), &text.to_uppercase(), "tok_é"]
        {
            assert!(!is_whole(wrong), "{wrong}");
        }
    }
}
