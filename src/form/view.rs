//! What the vault's own frame shows of a half-typed field: states and codes.
//! It must never hold a digit.

use crate::{
    card::{Brand, Verdict},
    error::Code,
};

/// What the vault's own frame shows of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Nothing was typed.
    pub empty: bool,
    /// The field is right as it stands.
    pub complete: bool,
    /// Further typing can make it right.
    pub potentially_valid: bool,
    /// The error of the field if it is left as it is.
    pub error: Option<Code>,
    /// Of the number, what it looks like; of the code, what it is a code of.
    pub brand: Option<&'static Brand>,
    /// Of the number: the network that the card is to be paid over, chosen or the only one of its networks that is accepted.
    pub network: Option<&'static Brand>,
}

impl View {
    /// The view of a field with this verdict.
    pub(super) fn of(empty: bool, verdict: Verdict) -> Self {
        let (complete, potentially_valid, error) = match verdict {
            Verdict::Complete => (true, true, None),
            Verdict::Incomplete(code) => (false, true, Some(code)),
            Verdict::Invalid(code) => (false, false, Some(code)),
        };
        Self { empty, complete, potentially_valid, error, brand: None, network: None }
    }
}
