//! What must stand nowhere: numbers in every form they could be written in, parts of them, codes where a value stands.
//! It must never take a form for harmless because the vault has no reason to write it.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;
use aws_lc_rs::digest::{SHA256, digest};
use base64ct::{Base64, Encoding};
use cardseal::envelope::compact;
use serde_json::Value;

/// A card that was sent to the vault.
pub struct Sent {
    pub number: String,
    pub code: String,
}

/// More digits of a number than are ever shown: some of them belong to neither end.
const PART: usize = 9;
/// Members whose digits are no code, whatever they are: times, sizes, counters and the last four.
const NO_CODES: [&str; 13] = [
    "at",
    "micros",
    "seq",
    "status",
    "last4",
    "created_at",
    "expires_at",
    "expires_in",
    "exp_year",
    "count",
    "address",
    "origin",
    "request_id",
];

pub struct Sought {
    names: Vec<String>,
    forms: AhoCorasick,
    parts: HashSet<Vec<u8>>,
    codes: HashSet<String>,
}

impl Sought {
    /// The cards, and words that nobody may see either.
    pub fn of(cards: &[Sent], words: &[&str]) -> Self {
        let mut named: Vec<(String, Vec<u8>)> =
            words.iter().map(|word| ((*word).to_owned(), word.as_bytes().to_vec())).collect();
        for card in cards {
            named.extend(forms(&card.number));
            named.extend(digests("the code", &card.code));
            // As it is sealed. Shorter than this it stands in any large file by chance.
            named
                .push((format!("the code {}", card.code), format!("\"cvc\":\"{}\"", card.code).into_bytes()));
        }
        let (names, forms): (Vec<_>, Vec<_>) = named.into_iter().unzip();
        let parts = cards.iter().flat_map(|card| card.number.as_bytes().windows(PART).map(<[u8]>::to_vec));
        let parts = parts.filter(|part| is_telling(part)).collect();
        let codes = cards.iter().map(|card| card.code.clone()).collect();
        Self { names, forms: AhoCorasick::new(forms).unwrap(), parts, codes }
    }

    /// Whole numbers in any form, codes as they are sealed, and digests of both.
    pub fn in_bytes(&self, bytes: &[u8]) -> HashSet<&str> {
        self.forms.find_overlapping_iter(bytes).map(|found| self.names[found.pattern()].as_str()).collect()
    }

    /// The same, and parts of numbers.
    pub fn in_text(&self, bytes: &[u8]) -> HashSet<String> {
        let mut found: HashSet<_> = self.in_bytes(bytes).into_iter().map(str::to_owned).collect();
        let parts = bytes.windows(PART).filter(|part| self.parts.contains(*part));
        found.extend(parts.map(|part| format!("a part: {}", String::from_utf8_lossy(part))));
        found
    }

    /// Codes among the values of a JSON document, as texts, as words of a text and as numbers.
    pub fn in_values(&self, value: &Value) -> HashSet<String> {
        match value {
            Value::Array(values) => values.iter().flat_map(|value| self.in_values(value)).collect(),
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !NO_CODES.contains(&name.as_str()))
                .flat_map(|(name, value)| {
                    self.in_values(&name.as_str().into()).into_iter().chain(self.in_values(value))
                })
                .collect(),
            Value::String(text) => self.in_words(text),
            Value::Number(number) => self.in_words(&number.to_string()),
            Value::Null | Value::Bool(_) => HashSet::new(),
        }
    }

    /// Codes among the words of a text.
    pub fn in_words(&self, text: &str) -> HashSet<String> {
        // What is random is written in base64url, where digits may stand between hyphens.
        let inner = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        let words = text.split(|character| !inner(character));
        words
            .filter(|word| self.codes.contains(*word))
            .map(|code| format!("the code {code} in {text}"))
            .collect()
    }
}

fn forms(number: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = number.as_bytes();
    let grouped = |by: &str| {
        let groups: Vec<_> = bytes.chunks(4).map(String::from_utf8_lossy).collect();
        groups.join(by).into_bytes()
    };
    let value: u64 = number.parse().unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        (format!("{number} in digits"), bytes.to_vec()),
        (format!("{number} with spaces"), grouped(" ")),
        (format!("{number} with hyphens"), grouped("-")),
        (format!("{number} in hexadecimal"), hex.into_bytes()),
        (format!("{number} as a list"), format!("{bytes:?}").trim_matches(['[', ']']).into()),
        (
            format!("{number} as a JSON list"),
            serde_json::to_string(bytes).unwrap().trim_matches(['[', ']']).into(),
        ),
        (format!("{number} in UTF-16"), number.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    let packed =
        |digits: &[u8]| digits.chunks_exact(2).map(|two| (two[0] - b'0') << 4 | (two[1] - b'0')).collect();
    let binary: [(String, Vec<u8>); 4] = [
        (format!("{number} as an integer"), value.to_le_bytes().to_vec()),
        (format!("{number} as a big-endian integer"), value.to_be_bytes().to_vec()),
        (format!("{number} in packed digits"), packed(bytes)),
        (format!("{number} in packed digits from the second"), packed(&bytes[1..])),
    ];
    // A few zeros and a one stand everywhere in a memory.
    forms.extend(binary.into_iter().filter(|(_, form)| form.iter().collect::<HashSet<_>>().len() > 4));
    // Wherever the number begins in what is encoded, the characters that depend on it alone are the same; both
    // alphabets write digits alike.
    for before in 0..3 {
        let text = Base64::encode_string(format!("{}{number}", &"\0\0\0"[..before]).as_bytes());
        let (from, end) = ((before * 8).div_ceil(6), (before + number.len()) * 8 / 6);
        forms.push((format!("{number} in base64 after {before}"), text.as_bytes()[from..end].to_vec()));
    }
    forms.extend(digests(number, number));
    forms
}

/// Without a key anybody can try all numbers and all codes.
fn digests(name: &str, text: &str) -> [(String, Vec<u8>); 3] {
    let digest = digest(&SHA256, text.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let name = |form: &str| format!("SHA-256 of {name} ({text}) {form}");
    [
        (name("in bytes"), digest.as_ref().to_vec()),
        (name("in hexadecimal"), hex.into_bytes()),
        (name("in base64url"), compact::encode(digest.as_ref()).into_bytes()),
    ]
}

/// Not so regular that it stands in any table or clock.
fn is_telling(part: &[u8]) -> bool {
    let different: HashSet<_> = part.iter().collect();
    different.len() > 3 && !b"01234567890123456789".windows(PART).any(|run| run == part)
}
