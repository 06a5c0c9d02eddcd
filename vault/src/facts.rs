//! What a merchant's backend says of a purchase when it asks for a context: the amount, and where it is sent.
//! It must never be in the context itself: the page has no use for what its cards are judged by.

use std::str::FromStr;

pub use cardseal::card::Country;
use cardseal::wire;
pub use iso_currency::Currency;

/// The twelve digits that a card message has for an amount (ISO 8583 data element 4).
const MOST_VALUE: u64 = 999_999_999_999;

/// The country of a code that ISO 3166-1 has assigned, or of `XK`, which card networks use for Kosovo.
pub fn parse_country(text: &str) -> Option<Country> {
    let known = text == "XK" || iso_currency::Country::from_str(text).is_ok();
    Country::parse(text).filter(|_| known)
}

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// In the currency's minor unit, at most twelve digits.
    pub value: u64,
    /// ISO 4217.
    pub currency: Currency,
}

/// What is known of a purchase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What is to be paid.
    pub amount: Option<Amount>,
    /// Where it is sent.
    pub shipping_country: Option<Country>,
}

impl Facts {
    /// Parses the members of a request.
    ///
    /// # Errors
    /// A sentence that names the member and says what to write.
    pub fn parse(
        amount: Option<&wire::Amount>,
        shipping_country: Option<&str>,
    ) -> Result<Self, &'static str> {
        let amount = amount.map(|amount| {
            if amount.value > MOST_VALUE {
                return Err("amount.value must be 0 to 999999999999, in the currency's minor unit.");
            }
            let currency = Currency::from_code(&amount.currency);
            let currency = currency.ok_or("amount.currency must be an ISO 4217 code like EUR.")?;
            Ok(Amount { value: amount.value, currency })
        });
        let country = shipping_country.map(|text| {
            parse_country(text).ok_or("shipping_country must be an ISO 3166-1 alpha-2 code like DE.")
        });
        Ok(Self { amount: amount.transpose()?, shipping_country: country.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: u64, currency: &str, country: &str) -> Result<Facts, &'static str> {
        let amount = wire::Amount { value, currency: currency.to_owned() };
        Facts::parse(Some(&amount), Some(country))
    }

    #[test]
    fn codes_are_the_standards_own() {
        for (currency, country) in [("EUR", "DE"), ("JPY", "GB"), ("BHD", "XK"), ("XCG", "SS")] {
            let facts = parse(999_999_999_999, currency, country).unwrap();
            assert_eq!(facts.shipping_country.unwrap().to_string(), country);
            assert_eq!(facts.amount.unwrap().currency.code(), currency);
        }
        assert_eq!(Facts::parse(None, None), Ok(Facts::default()));
        for country in ["", "de", "UK", "EU", "DEU", "D ", "XX", "d\u{e9}"] {
            assert!(parse(0, "EUR", country).unwrap_err().starts_with("shipping_country"), "{country}");
        }
        for currency in ["", "eur", "EU", "EURO", "978", "ZZZ"] {
            assert!(parse(0, currency, "DE").unwrap_err().starts_with("amount.currency"), "{currency}");
        }
        assert!(parse(1_000_000_000_000, "EUR", "DE").unwrap_err().starts_with("amount.value"));
    }
}
