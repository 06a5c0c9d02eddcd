//! Tokens: the names of stored cards, in the formats that a merchant chooses from.
//! A token must never be derived from a card, but for its last four digits where the merchant asks for them.

mod last4;
mod opaque;
mod uuid;

use std::fmt;

use cardseal::card::CardNumber;
use serde::{Deserialize, Serialize};

/// The name of a stored card.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token(String);

/// How the tokens of a merchant look. Whatever it is now, those of every format are honoured.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum TokenFormat {
    /// `tok_`, 128 random bits and a checksum.
    #[default]
    Opaque,
    /// A UUID of version 4 (RFC 9562).
    Uuid,
    /// As many digits as the card, with its last four; never a card number.
    Last4,
}

impl TryFrom<String> for TokenFormat {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "opaque" => Ok(Self::Opaque),
            "uuid" => Ok(Self::Uuid),
            "last4" => Ok(Self::Last4),
            _ => Err("the token format is `opaque`, `uuid` or `last4`"),
        }
    }
}

impl Token {
    /// A fresh random token for a card with this number.
    pub fn make(format: TokenFormat, number: &CardNumber) -> Self {
        Self(match format {
            TokenFormat::Opaque => opaque::make(),
            TokenFormat::Uuid => uuid::make(),
            TokenFormat::Last4 => last4::make(number),
        })
    }

    /// A token of any format; `None` for what no vault can have made, without a look into the database.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = opaque::is_whole(text) || uuid::is_whole(text) || last4::is_whole(text);
        whole.then(|| Self(text.to_owned()))
    }

    /// The text of the token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_token_parses_in_every_format_and_in_one_spelling() {
        let number = CardNumber::parse("4242424242424242").unwrap();
        for format in [TokenFormat::Opaque, TokenFormat::Uuid, TokenFormat::Last4] {
            let token = Token::make(format, &number);
            assert_eq!(Token::parse(token.as_str()), Some(token.clone()));
            for wrong in [format!(" {token}"), format!("{token}\n"), format!("-{token}"), format!("{token} ")]
            {
                assert_eq!(Token::parse(&wrong), None, "{wrong}");
            }
        }
        assert_eq!(Token::parse("4242424242424242"), None);
    }
}
