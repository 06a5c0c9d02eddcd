//! The rule of the sandbox: published test card numbers only; one of them asks for a review.
//! It must never admit another number: a sandbox is not a place for real cards.

use std::collections::HashSet;

use cardseal::error::Code;
use cardseal_vault::rule::{Attempt, Rule, Verdict};

use crate::magic::{Does, Magic};

const PUBLISHED: &str = include_str!("cards.txt");

/// Admits published test numbers only.
pub(crate) struct TestCards(HashSet<&'static str>);

impl TestCards {
    /// Every number of the list.
    pub(crate) fn published() -> Self {
        Self(listed().map(|(number, _)| number).collect())
    }
}

impl Rule for TestCards {
    fn name(&self) -> &'static str {
        "test_cards"
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        // EXPOSE: the number is looked up in the list of published ones.
        let number = attempt.card.number().digits().expose().as_str();
        if !self.0.contains(number) {
            return Verdict::Reject("not_published");
        }
        match Magic::of(number).map(|magic| magic.does) {
            Some(Does::Review) => Verdict::Review("magic_card"),
            _ => Verdict::Allow,
        }
    }

    fn code(&self) -> Code {
        Code::TestCardRequired
    }
}

/// Number and brand of each line.
pub(crate) fn listed() -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLISHED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use cardseal::card::{Card, CardNumber, Parts};
    use cardseal::context::Mode;
    use cardseal_vault::facts::Facts;

    use super::*;

    fn judge(number: &str) -> Verdict {
        let parts = Parts { number, exp_year: 2030, exp_month: 12, ..Parts::default() };
        TestCards::published().judge(&Attempt {
            card: &Card::of(&parts, None).unwrap(),
            bin: None,
            merchant: "test",
            mode: Mode::Test,
            address: None,
            network: "",
            context: "",
            facts: Facts::default(),
            reference: None,
            now: 0,
        })
    }

    #[test]
    fn every_listed_number_is_listed_once_and_is_of_its_brand() {
        let mut seen = HashSet::new();
        for (number, brand) in listed() {
            assert!(seen.insert(number), "{number} is listed twice");
            assert_eq!(CardNumber::parse(number).map(|number| number.brand().name), Ok(brand), "{number}");
            let magic = Magic::of(number).is_some_and(|magic| magic.does == Does::Review);
            let verdict = if magic { Verdict::Review("magic_card") } else { Verdict::Allow };
            assert_eq!(judge(number), verdict, "{number}");
        }
    }

    #[test]
    fn the_list_has_numbers_of_every_length_that_is_in_use() {
        let lengths: HashSet<_> = listed().map(|(number, _)| number.len()).collect();
        assert_eq!(lengths, HashSet::from([14, 15, 16, 17, 18, 19]));
        let long: HashSet<_> =
            listed().filter(|(number, _)| number.len() == 19).map(|(_, brand)| brand).collect();
        assert_eq!(long, HashSet::from(["maestro", "unionpay", "verve", "visa"]));
    }

    #[test]
    fn refuses_a_correct_number_that_nobody_published() {
        assert_eq!(judge("4539578763621486"), Verdict::Reject("not_published"));
        assert_eq!(TestCards::published().code(), Code::TestCardRequired);
    }
}
