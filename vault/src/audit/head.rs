//! What the head of a chain says: that at some time its newest record was this one.
//! It must never be taken from a file before its signature was checked.

use cardseal::envelope::compact;
use serde::{Deserialize, Serialize};

/// The head of a chain.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The chain.
    pub node: String,
    /// The number of its newest record.
    pub seq: u64,
    /// That record's hash in base64url.
    pub hash: String,
    /// When it was signed.
    pub at: u64,
}

impl Head {
    /// The head of `node` whose newest record has this number and hash.
    pub fn of(node: &str, seq: u64, hash: &[u8], at: u64) -> Self {
        Self { node: node.to_owned(), seq, hash: compact::encode(hash), at }
    }
}
