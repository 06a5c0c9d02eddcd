//! Tokens for columns made for card numbers: as many digits as the card, random but for the last four, which are its own.
//! It must never make what could be taken for a card number: no scheme issues the prefix, and Luhn never holds.

use cardseal::card::CardNumber;

use crate::random;

/// ISO/IEC 7812-1: 9 is followed by a country's code of ISO 3166-1, and no country's begins with 9. A leading 0 would be
/// free too, but a column of numbers loses it.
const PREFIX: &str = "99";
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=19;

/// A fresh one for this number.
pub(super) fn make(number: &CardNumber) -> String {
    let random = number.length() - PREFIX.len() - number.last4().len();
    loop {
        let mut text = PREFIX.to_owned();
        text.extend((0..random).map(|_| random::make_digit()));
        text.push_str(number.last4());
        // Nine of ten do; to turn one digit until it does not would make some tokens likelier than others.
        if is_whole(&text) {
            return text;
        }
    }
}

/// Whether it could have been made.
pub(super) fn is_whole(text: &str) -> bool {
    LENGTHS.contains(&text.len())
        && text.starts_with(PREFIX)
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !luhn::valid(text)
}

#[cfg(test)]
mod tests {
    use cardseal::card::brand;

    use super::*;

    const NUMBERS: [&str; 4] = ["676770000005", "378282246310005", "4242424242424242", "6205500000000000004"];

    #[test]
    fn it_has_the_length_and_the_last_four_of_the_card_and_is_none() {
        for number in NUMBERS {
            let card = CardNumber::parse(number).unwrap();
            for _ in 0..200 {
                let text = make(&card);
                assert_eq!((text.len(), &text[text.len() - 4..]), (number.len(), card.last4()), "{text}");
                assert!(is_whole(&text) && !luhn::valid(&text), "{text}");
                assert!(CardNumber::parse(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn no_brand_issues_the_prefix() {
        // The candidates are those that further digits may still make it.
        assert!(brand::candidates(PREFIX).is_empty());
    }

    #[test]
    fn every_digit_between_is_drawn() {
        let card = CardNumber::parse(NUMBERS[2]).unwrap();
        let made: Vec<_> = (0..400).map(|_| make(&card)).collect();
        for at in PREFIX.len()..12 {
            let seen: std::collections::HashSet<_> = made.iter().map(|text| text.as_bytes()[at]).collect();
            assert_eq!(seen.len(), 10, "at {at}");
        }
    }

    #[test]
    fn refuses_what_was_never_made() {
        assert!(is_whole("9912345678904242"));
        for wrong in [
            "",
            "99",
            "4242424242424242",
            "9912345678904209",
            "9792345678904242",
            "0992345678904242",
            "99123456784",
            "99123456789042420000",
            "99 1234567890 4242",
            "9912345678904242\n",
            "99123456789０4242",
        ] {
            assert!(!is_whole(wrong), "{wrong}");
        }
    }
}
