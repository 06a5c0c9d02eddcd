//! The card number: judged while it is typed, parsed when it is whole.
//! It must never show more of a number than its last four digits, and to a vault's merchant its BIN.

use super::{
    Brands, Verdict,
    brand::{self, Brand},
};
use crate::{digits::is_digits, error::Code, secret::Secret};

/// The most digits a card number has (ISO/IEC 7812-1).
pub const MAX_LENGTH: usize = 19;

/// A complete and correct card number.
#[derive(Debug)]
pub struct CardNumber {
    digits: Secret<String>,
    last4: String,
    brand: &'static Brand,
}

impl CardNumber {
    /// Parses ASCII digits without any separators.
    ///
    /// # Errors
    /// [`Code::CardNumberIncomplete`] or [`Code::CardNumberInvalid`].
    pub fn parse(digits: &str) -> Result<Self, Code> {
        Ok(Self::new(digits, brand_of(digits)?))
    }

    /// A number whose brand is this one by [`brand_of`].
    pub(super) fn new(digits: &str, brand: &'static Brand) -> Self {
        let last4 = digits.get(digits.len() - 4..).unwrap_or_default().to_owned();
        Self { digits: Secret::new(digits.to_owned()), last4, brand }
    }

    /// The digits.
    pub fn digits(&self) -> &Secret<String> {
        &self.digits
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        &self.last4
    }

    /// How many digits it has.
    pub fn length(&self) -> usize {
        // EXPOSE: only the number of digits is taken.
        self.digits.expose().len()
    }

    /// The leading digits that may be kept in clear beside the last four: eight of 16 and more, six of 14 and 15 (PCI DSS
    /// FAQ 1091). A shorter number has none: with its last four too little of it would be unknown.
    pub fn bin(&self) -> Option<&str> {
        let kept = match self.length() {
            16.. => 8,
            14..=15 => 6,
            _ => return None,
        };
        // EXPOSE: a number without at least four of its digits is none.
        self.digits.expose().get(..kept)
    }

    /// The brand.
    pub fn brand(&self) -> &'static Brand {
        self.brand
    }
}

/// The brand of a complete and correct number.
pub(super) fn brand_of(digits: &str) -> Result<&'static Brand, Code> {
    if !is_digits(digits) {
        return Err(Code::CardNumberInvalid);
    }
    judge(digits, Brands::ALL).complete()?;
    brand::decided(digits).ok_or(Code::CardNumberInvalid)
}

/// Judges digits typed so far; `accepted` are the brands taken.
pub fn judge(digits: &str, accepted: Brands) -> Verdict {
    if brand::candidates(digits).is_empty() {
        return Verdict::Invalid(Code::CardNumberInvalid);
    }
    let Some(longest) = longest(possible(digits, accepted)) else {
        return Verdict::Invalid(Code::BrandNotAccepted);
    };
    match brand::decided(digits) {
        Some(brand) if brand.lengths.contains(&digits.len()) => {
            if !brand.luhn || luhn::valid(digits) {
                Verdict::Complete
            } else if digits.len() < longest {
                Verdict::Incomplete(Code::CardNumberInvalid)
            } else {
                Verdict::Invalid(Code::CardNumberInvalid)
            }
        }
        _ if digits.len() >= longest => Verdict::Invalid(Code::CardNumberInvalid),
        _ => Verdict::Incomplete(Code::CardNumberIncomplete),
    }
}

/// The most digits the number can still have.
pub fn max_length(digits: &str, accepted: Brands) -> usize {
    longest(possible(digits, accepted)).unwrap_or(MAX_LENGTH)
}

/// The accepted brands that the digits may still become.
fn possible(digits: &str, accepted: Brands) -> Brands {
    brand::possible(digits).intersection(accepted)
}

fn longest(brands: Brands) -> Option<usize> {
    brands.iter().map(Brand::max_length).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_digit_is_certain_only_at_the_last_possible_length() {
        let amex = judge("378282246310006", Brands::ALL);
        assert_eq!(amex, Verdict::Invalid(Code::CardNumberInvalid));
        let visa = judge("4242424242424241", Brands::ALL);
        assert_eq!(visa, Verdict::Incomplete(Code::CardNumberInvalid));
    }

    #[test]
    fn at_least_four_digits_are_in_neither_the_bin_nor_the_last_four() {
        for (digits, bin) in [
            ("6205500000000000004", Some("62055000")),
            ("4242424242424242", Some("42424242")),
            ("378282246310005", Some("378282")),
            ("36227206271667", Some("362272")),
            ("6767700000001", None),
            ("676770000005", None),
        ] {
            let number = CardNumber::parse(digits).unwrap();
            assert_eq!((number.length(), number.bin()), (digits.len(), bin), "{digits}");
            assert!(bin.is_none_or(|bin| digits.len() - bin.len() - 4 >= 4));
        }
    }

    #[test]
    fn a_brand_that_is_not_accepted_is_told_as_soon_as_it_is_certain() {
        let accepted = Brands::of(Brand::named("visa").unwrap());
        assert_eq!(judge("5", accepted), Verdict::Invalid(Code::BrandNotAccepted));
        assert_eq!(judge("4011", accepted), Verdict::Incomplete(Code::CardNumberIncomplete));
        assert_eq!(judge("401178", accepted), Verdict::Invalid(Code::BrandNotAccepted));
    }

    #[test]
    fn refuses_anything_but_ascii_digits() {
        for text in ["", "4242 4242 4242 4242", "４２４２４２４２４２４２４２４２", "4242424242424242\n"]
        {
            assert_eq!(CardNumber::parse(text).unwrap_err(), Code::CardNumberInvalid, "{text}");
        }
    }
}
