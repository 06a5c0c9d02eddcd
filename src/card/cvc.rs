//! The security code: its length is judged by the card's brand.
//! It must never be stored with a card or outlive its authorisation.

use super::{Verdict, brand::Brand, digits::is_digits};
use crate::{error::Code, secret::Secret};

/// The most digits a security code has, whatever the brand.
pub const MAX_LENGTH: usize = 4;

/// A security code of the right length for its card's brand.
#[derive(Debug)]
pub struct Cvc(Secret<String>);

impl Cvc {
    /// Parses ASCII digits.
    ///
    /// # Errors
    /// [`Code::CvcIncomplete`] or [`Code::CvcInvalid`].
    pub fn parse(digits: &str, brand: &Brand) -> Result<Self, Code> {
        if !is_digits(digits) {
            return Err(if digits.is_empty() { Code::CvcIncomplete } else { Code::CvcInvalid });
        }
        match judge(digits, Some(brand)) {
            Verdict::Complete => Ok(Self(Secret::new(digits.to_owned()))),
            Verdict::Incomplete(code) | Verdict::Invalid(code) => Err(code),
        }
    }

    /// The digits.
    pub fn digits(&self) -> &Secret<String> {
        &self.0
    }
}

/// Judges digits typed so far; without a brand yet, three and four digits are both complete.
pub fn judge(digits: &str, brand: Option<&Brand>) -> Verdict {
    let (shortest, longest) = brand.map_or((3, MAX_LENGTH), |brand| (brand.code_length, brand.code_length));
    match digits.len() {
        length if length < shortest => Verdict::Incomplete(Code::CvcIncomplete),
        length if length > longest => Verdict::Invalid(Code::CvcInvalid),
        _ => Verdict::Complete,
    }
}
