//! Where a merchant left off reading the audit, in a form that only this vault can read.
//! It must never show the number of a record: that would tell one merchant how much the others do.

use cardseal::envelope::compact;

use crate::at_rest::{Keys, Place};

const KEY_LABEL: &[u8] = b"cardseal audit cursor";

/// A place in the audit: behind this record. The default is before the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The chain.
    pub node: String,
    /// The number in it.
    pub seq: u64,
}

/// Seals places for merchants.
pub struct Cursors(Keys);

impl Cursors {
    /// Under keys that are derived from the key-encryption key.
    pub fn derive(kek: &Keys) -> Self {
        let mut keys = kek.derive(KEY_LABEL);
        Self(Keys::new(keys.remove(0), keys))
    }

    /// The place as text for this merchant.
    pub fn format(&self, merchant: &str, position: &Position) -> String {
        let plaintext = format!("{} {}", position.seq, position.node);
        compact::encode(&self.0.seal(&place(merchant), plaintext.as_bytes()))
    }

    /// What [`Cursors::format`] made for the same merchant. Any other text is `None`.
    pub fn parse(&self, merchant: &str, text: &str) -> Option<Position> {
        let opened = self.0.open(&place(merchant), &compact::decode(text)?)?;
        // EXPOSE: a place in the audit is no secret to the vault.
        let (seq, node) = std::str::from_utf8(opened.expose()).ok()?.split_once(' ')?;
        Some(Position { node: node.to_owned(), seq: seq.parse().ok()? })
    }
}

fn place(merchant: &str) -> Place<'_> {
    Place { table: "audit", row: merchant, column: "cursor", version: 0, beside: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at_rest::Key;

    #[test]
    fn a_cursor_is_read_by_the_same_vault_for_the_same_merchant_only() {
        let (old, new) = (Key::make(), Key::make());
        // EXPOSE: the test makes a key file with an old line.
        let copy = Key::from_bytes(old.bytes().expose()).unwrap();
        let cursors = Cursors::derive(&Keys::new(old, Vec::new()));
        let position = Position { node: "n".to_owned(), seq: 1_795_309_371 };
        let text = cursors.format("shop", &position);
        assert_eq!(cursors.parse("shop", &text), Some(position.clone()));
        assert_eq!(Cursors::derive(&Keys::new(new, vec![copy])).parse("shop", &text), Some(position));
        for (merchant, text) in [("bank", text.as_str()), ("shop", &text[1..]), ("shop", ""), ("shop", "1 n")]
        {
            assert_eq!(cursors.parse(merchant, text), None);
        }
        assert_eq!(Cursors::derive(&Keys::new(Key::make(), Vec::new())).parse("shop", &text), None);
    }
}
