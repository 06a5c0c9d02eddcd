//! What may be shown of a half-typed field: states, codes and the brand.
//! It must never hold a digit; the property test over `Report` keeps it so.

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
}

/// What the merchant's page may learn of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Nothing was typed.
    pub empty: bool,
    /// The field is right as it stands.
    pub complete: bool,
    /// Further typing can make it right.
    pub potentially_valid: bool,
    /// The error of the field if it is left as it is.
    pub error: Option<Code>,
    /// The brand, once it is certain, and only where the context exposes it.
    pub brand: Option<&'static Brand>,
}

impl View {
    /// The view of a field with this verdict.
    pub(super) fn of(empty: bool, verdict: Verdict) -> Self {
        let (complete, potentially_valid, error) = match verdict {
            Verdict::Complete => (true, true, None),
            Verdict::Incomplete(code) => (false, true, Some(code)),
            Verdict::Invalid(code) => (false, false, Some(code)),
        };
        Self { empty, complete, potentially_valid, error }
    }
}
