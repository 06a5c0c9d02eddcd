//! Use case: the tokens that a merchant's backend looks for, by its own reference or by a fingerprint.
//! It must never find another merchant's.

use cardseal::error::Code;

use super::Vault;
use crate::failure::{Doing, Failure};
use crate::fingerprint::Fingerprint;
use crate::merchant::Merchant;
use crate::store::StoredToken;

/// The most tokens that are listed.
const MOST_LISTED: u32 = 100;

/// By what a client looks for tokens.
pub enum Sought {
    /// Its own reference.
    Reference(String),
    /// A fingerprint, as it was shown.
    Fingerprint(String),
}

impl Vault {
    /// The rows of a merchant that a client looks for, the newest first.
    pub(super) async fn find(
        &self,
        merchant: &Merchant,
        sought: &Sought,
        fingerprints: bool,
    ) -> Result<Vec<StoredToken>, Failure> {
        let rows = match sought {
            Sought::Reference(reference) => {
                self.store.tokens_by_ref(&merchant.id, reference, MOST_LISTED).await
            }
            Sought::Fingerprint(_) if !fingerprints => return Err(Code::ScopeMissing.into()),
            Sought::Fingerprint(text) => {
                let because = "fingerprint must be written as it stands in a token's metadata.";
                let invalid = Failure::RefusedBecause(Code::OptionsInvalid, because);
                let fingerprint = Fingerprint::parse(text).ok_or(invalid)?;
                self.store.tokens_by_fingerprint(&merchant.id, &fingerprint, MOST_LISTED).await
            }
        };
        rows.doing("reading tokens")
    }
}
