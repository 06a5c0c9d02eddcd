//! What the vault keeps: the records, and where they are kept.
//! It must never see a card in clear: every value that could hold one comes in sealed.

mod audit;
mod codes;
mod creations;
pub mod cvc;
mod facts;
mod keys;
mod merchants;
mod settings;
mod spend;
pub mod sqlite;
mod tokens;

pub use codes::CodeCapture;
pub use creations::{Claim, Creation, SealedAnswer};
pub use cvc::{CvcStore, Reserve, Reserved};
pub use merchants::SealedMerchant;
pub use sqlite::Store;

use cardseal::context::Mode;

use crate::audit::Audited;

/// A private key, sealed.
pub struct SealedKey {
    /// The key's RFC 7638 thumbprint.
    pub kid: String,
    /// What the key is for.
    pub purpose: String,
    /// The PKCS#8 document, sealed; of a retired key, nothing.
    pub pkcs8: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: u64,
    /// When it was retired.
    pub retired_at: Option<u64>,
}

/// A merchant's data key, sealed.
pub struct WrappedKey {
    /// Its version.
    pub version: u32,
    /// The key, sealed.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: u64,
}

/// What is remembered of a token's security code when the code itself is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CvcMark {
    /// None was captured.
    None,
    /// One was captured.
    Captured,
    /// A processor has answered to the one that was captured last.
    Spent,
}

impl CvcMark {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Captured => "captured",
            Self::Spent => "spent",
        }
    }

    /// The mark with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Captured, Self::Spent].into_iter().find(|mark| mark.as_str() == name)
    }
}

/// A stored card.
#[derive(Clone)]
pub struct StoredToken {
    /// The token.
    pub id: String,
    /// Whose it is.
    pub merchant: String,
    /// The capture context that it was made with.
    pub context: String,
    /// Whether it is a real card.
    pub mode: Mode,
    /// The brand's name.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// Which of the merchant's data keys seals the card.
    pub key_version: u32,
    /// The card without its security code, sealed.
    pub card: Vec<u8>,
    /// What has become of its security code.
    pub cvc: CvcMark,
    /// A keyed hash of its number, under a key derived from the same data key.
    pub fingerprint: Vec<u8>,
    /// When it was made.
    pub created_at: u64,
    /// Why its merchant should look at the order first.
    pub review: Vec<String>,
}

/// A stored card under another data key.
pub struct Resealed {
    /// The token.
    pub id: String,
    /// The card as it was sealed before.
    pub old: Vec<u8>,
    /// Which of the merchant's data keys seals it now.
    pub key_version: u32,
    /// The card, sealed.
    pub card: Vec<u8>,
    /// Its fingerprint under the key that goes with that one.
    pub fingerprint: Vec<u8>,
}

/// An answer as it was given the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: String,
}

/// What makes two requests under one idempotency key the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Sameness {
    /// The capture context.
    pub context: String,
    /// SHA-256 of the sealed card.
    pub digest: Vec<u8>,
}

/// Everything that one tokenization stores in one transaction.
pub struct Capture {
    /// The token.
    pub token: StoredToken,
    /// When the context that it spends expires.
    pub context_expires_at: u64,
    /// The idempotency key.
    pub key: String,
    /// What the key stands for.
    pub sameness: Sameness,
    /// The answer to give again.
    pub answer: Answer,
    /// Its line in the audit.
    pub audited: Audited,
}

/// How storing a capture ended.
pub enum Outcome {
    /// Stored, and it will stay.
    Stored,
    /// Another request had the idempotency key or the context first; this is what is known about the key.
    Lost(Option<(Sameness, Answer)>),
}
