//! The security code: its length is judged by the card's brand.
//! It must never be stored with a card or outlive its authorisation.

use super::{Verdict, brand::Brand, plaintext::Draft};
use crate::{digits::is_digits, error::Code, json, secret::Secret};

/// The most digits a security code has, whatever the brand.
pub const MAX_LENGTH: usize = 4;

/// A security code of the right length for its card's brand.
#[derive(Debug)]
pub struct Cvc(pub(super) Secret<String>);

impl Cvc {
    /// Parses ASCII digits.
    ///
    /// # Errors
    /// [`Code::CvcIncomplete`] or [`Code::CvcInvalid`].
    pub fn parse(digits: &str, brand: &Brand) -> Result<Self, Code> {
        check(digits, brand)?;
        Ok(Self(Secret::new(digits.to_owned())))
    }

    /// Parses the plaintext of a security code that was sealed alone: one JSON object, then spaces.
    ///
    /// # Errors
    /// [`Code::CardMalformed`] if it is not such an object, else as [`Cvc::parse`].
    pub fn parse_alone(plaintext: &[u8], brand: &Brand) -> Result<Self, Code> {
        let draft = Draft::read(plaintext).ok_or(Code::CardMalformed)?;
        Self::parse(draft.cvc().ok_or(Code::CardMalformed)?, brand)
    }

    /// The plaintext of the code alone: one compact JSON object in one buffer that is wiped.
    pub fn format(&self) -> Secret<Vec<u8>> {
        // Larger than any code's plaintext, so that the buffer never grows and leaves no copy behind.
        let mut out = String::with_capacity(64);
        out.push_str(r#"{"v":1,"kind":"cvc","cvc":"#);
        // EXPOSE: the plaintext exists to carry the code; it is wiped with its buffer.
        json::quote(&mut out, self.0.expose());
        out.push('}');
        Secret::new(out.into_bytes())
    }

    /// The digits.
    pub fn digits(&self) -> &Secret<String> {
        &self.0
    }
}

/// Whether these are ASCII digits, and as many as the brand's codes have.
pub(super) fn check(digits: &str, brand: &Brand) -> Result<(), Code> {
    if !is_digits(digits) {
        return Err(if digits.is_empty() { Code::CvcIncomplete } else { Code::CvcInvalid });
    }
    judge(digits, Some(brand)).complete()
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
