//! The holder's name and postal code: any script, within limits, and never a card number by mistake.
//! It must never correct what was typed: people know their names.

use crate::{digits::ascii_digit, error::Code};

/// The most bytes of UTF-8 a name has.
pub const MAX_NAME_BYTES: usize = 120;
/// The most bytes of UTF-8 a postal code has.
pub const MAX_POSTAL_CODE_BYTES: usize = 16;

/// Checks a holder's name, without the spaces around it.
///
/// # Errors
/// [`Code::NameInvalid`]: empty, over 120 bytes, a control character, or so many digits that it may be a card number.
pub fn parse_name(text: &str) -> Result<&str, Code> {
    // The shortest card number has twelve digits; a name with eight is no name either.
    const TOO_MANY_DIGITS: usize = 8;
    let name = without_spaces(text);
    let digits = name.chars().filter_map(ascii_digit).count();
    let plain = !name.chars().all(char::is_whitespace) && !name.chars().any(char::is_control);
    (plain && name.len() <= MAX_NAME_BYTES && digits < TOO_MANY_DIGITS)
        .then_some(name)
        .ok_or(Code::NameInvalid)
}

/// Checks a postal code, without the spaces around it.
///
/// # Errors
/// [`Code::PostalCodeInvalid`]: empty, over 16 bytes, or anything but ASCII letters, digits, spaces and hyphens.
pub fn parse_postal_code(text: &str) -> Result<&str, Code> {
    let code = without_spaces(text);
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ' || byte == b'-');
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    (plain && !code.is_empty() && code.len() <= MAX_POSTAL_CODE_BYTES && digits < 12)
        .then_some(code)
        .ok_or(Code::PostalCodeInvalid)
}
/// The text but for the spaces around it.
fn without_spaces(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix(' ').or_else(|| text.strip_suffix(' ')) {
        text = rest;
    }
    text
}
