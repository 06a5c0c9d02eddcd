//! How many different fingerprints a merchant is shown among cards whose numbers look alike in clear.
//! It must never hinder who is shown one again: that tells nothing new.

use cardseal::card::CardNumber;

use super::gcra::{Gate, MOST_KEYS};
use super::recent::Recent;
use crate::clock::DAY_SECONDS;

/// What was shown within a day.
pub(super) struct Fingerprints {
    alike: Gate,
    shown: Recent<u64>,
}

impl Fingerprints {
    pub(super) fn new(per_day: u32) -> Self {
        Self { alike: Gate::per_day(per_day), shown: Recent::new(MOST_KEYS) }
    }

    /// How many seconds the merchant has to wait for this fingerprint; if none, it counts as shown.
    pub(super) fn show(&mut self, merchant: &str, number: &CardNumber, hash: &[u8], now: u64) -> u64 {
        let fingerprint = (merchant, hash);
        if self.shown.get(&fingerprint).is_some_and(|until| *until > now) {
            return 0;
        }
        // Whoever looks for the number behind a token has to try those that agree with all that is in clear.
        let alike = (merchant, number.brand().name, number.bin(), number.last4());
        let wait = self.alike.wait(&alike, now);
        if wait == 0 {
            self.alike.take(&alike, now);
            *self.shown.entry(&fingerprint, || 0) = now + DAY_SECONDS;
        }
        wait
    }

    pub(super) fn sweep(&mut self, now: u64) {
        self.alike.sweep(now);
        self.shown.retain(|until| *until > now);
    }

    pub(super) fn len(&self) -> usize {
        self.alike.len() + self.shown.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn number(digits: &str) -> CardNumber {
        CardNumber::parse(digits).unwrap()
    }

    #[test]
    fn only_different_cards_that_look_alike_are_counted_together() {
        let (mut limit, card) = (Fingerprints::new(2), number("4242424242424242"));
        for _ in 0..3 {
            assert_eq!(limit.show("shop", &card, b"one", NOW), 0);
            assert_eq!(limit.show("shop", &card, b"two", NOW), 0);
        }
        assert_eq!(limit.show("shop", &card, b"three", NOW), DAY_SECONDS / 2);
        assert_eq!(limit.show("shop", &card, b"one", NOW), 0);
        assert_eq!(limit.show("bank", &card, b"three", NOW), 0);
        assert_eq!(limit.show("shop", &number("4000056655665556"), b"three", NOW), 0);
        assert_eq!(limit.show("shop", &card, b"four", NOW + DAY_SECONDS / 2), 0);
        assert_eq!(limit.show("shop", &card, b"five", NOW + DAY_SECONDS / 2), DAY_SECONDS / 2);
        limit.sweep(NOW + 2 * DAY_SECONDS);
        assert_eq!(limit.len(), 0);
    }
}
