//! The number while it is typed: its digits, what the vault's table says of the first of them, and the cardholder's choice.
//! It must never keep what was said of other digits.

use zeroize::{Zeroize, Zeroizing};

use super::{
    Edit, Edited, View,
    edit::Digits,
    report::{Report, Told},
};
use crate::{
    card::{
        Acceptance, BinFacts, Brand, Verdict,
        brand::{decided, likeliest},
        number,
    },
    context::Expose,
    error::Code,
};

/// Leading digits that the vault's table is asked for.
const ASKED: usize = 8;
/// A number of fewer digits is not asked for: the address would tell too much of it.
const LEAST_ASKED: usize = 14;

/// A number that is typed.
#[derive(Default)]
pub(super) struct Number {
    digits: Zeroizing<String>,
    /// What the vault's table says of its first digits, once it was asked.
    facts: Option<BinFacts>,
    preferred: Option<&'static Brand>,
}

impl Number {
    pub(super) fn digits(&self) -> &str {
        &self.digits
    }

    pub(super) fn edit(&mut self, text: &str, caret: usize, edit: Edit, accepted: &Acceptance) -> Edited {
        let held = core::mem::take(&mut self.digits);
        // One digit more than any number has is kept, so that a pasted surplus shows as an error.
        let digits = Digits::of(text, caret, number::MAX_LENGTH + 1).reach_over_separator(&held, edit);
        let longest = number::max_length(&held, accepted.of_digits(self.facts.as_ref()));
        let digits = digits.refuse_surplus(&held, longest, edit);
        let gaps = likeliest(&digits.text).map_or(&[4, 8, 12, 16][..], |brand| brand.gaps);
        let edited = digits.grouped(gaps, edit);
        if digits.text.get(..ASKED) != held.get(..ASKED) {
            self.forget();
        }
        self.digits = digits.text;
        edited
    }

    pub(super) fn lookup(&self) -> Option<&str> {
        let longest = self.digits.len().max(decided(&self.digits)?.min_length());
        self.digits.get(..ASKED).filter(|_| self.facts.is_none() && longest >= LEAST_ASKED)
    }

    pub(super) fn inform(&mut self, bin: &str, facts: BinFacts) {
        if self.digits.get(..ASKED) == Some(bin) {
            self.facts = Some(facts);
        }
    }

    pub(super) fn prefer(&mut self, network: Option<&'static Brand>) {
        self.preferred = network;
    }

    /// The networks to choose between, two or more, the issuer's preference first.
    pub(super) fn networks(&self, accepted: &Acceptance) -> Vec<&'static Brand> {
        let mut networks = Vec::new();
        if let Some(facts) = &self.facts {
            networks.extend(accepted.networks(facts));
        }
        if networks.len() < 2 {
            networks.clear();
        }
        networks
    }

    /// The network that the card is to be paid over, where it has more than one.
    pub(super) fn network(&self, accepted: &Acceptance) -> Option<&'static Brand> {
        accepted.network(decided(&self.digits), self.facts.as_ref()?, self.preferred)
    }

    pub(super) fn view(&self, accepted: &Acceptance) -> View {
        let verdict = if self.digits.is_empty() {
            Verdict::Incomplete(Code::CardNumberIncomplete)
        } else {
            self.judge(accepted)
        };
        let (brand, network) = (likeliest(&self.digits), self.network(accepted));
        View { brand, network, ..View::of(self.digits.is_empty(), verdict) }
    }

    pub(super) fn report(&self, accepted: &Acceptance, expose: Expose, told: &mut Told) -> Report {
        let brands = accepted.of_digits(self.facts.as_ref());
        let networks = self.networks(accepted).into_iter().collect();
        Report::of_number(self.view(accepted), networks, &self.digits, brands, expose, told)
    }

    pub(super) fn clear(&mut self) {
        self.digits.zeroize();
        self.forget();
    }

    fn judge(&self, accepted: &Acceptance) -> Verdict {
        let facts = self.facts.as_ref();
        match number::judge(&self.digits, accepted.of_digits(facts)) {
            invalid @ Verdict::Invalid(_) => invalid,
            other => accepted.check(&self.digits, facts).map_or_else(Verdict::Invalid, |()| other),
        }
    }

    fn forget(&mut self) {
        (self.facts, self.preferred) = (None, None);
    }
}
