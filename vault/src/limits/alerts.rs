//! What an operator should look at: the events, and the counting that tells a spike from a bad day.
//! It must never keep a card number: distinct cards are counted by a hash under a key of this process.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use cardseal::card::Card;

use super::blind::Blind;
use super::gcra::MOST_KEYS;
use super::recent::Recent;

const WINDOW_SECONDS: u64 = 10 * 60;
/// Each network is remembered with as many cards as raise an alert, so fewer networks are.
const MOST_NETWORKS: usize = 1 << 12;

/// An event that is raised once, not for each request that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// Somebody guesses the secret of a client.
    ClientGuessed,
    /// Many cards of one merchant break a rule: numbers are being made up.
    CardFailures,
    /// Many different cards come from one network: a list is being tried.
    DistinctCards,
    /// Many contexts of one merchant expire unspent: they are fetched for something else than a checkout.
    UnspentContexts,
    /// Many cards of one merchant begin with the same six digits: a bank's numbers are being tried.
    BusyBin,
}

impl Alert {
    /// Every alert.
    pub const ALL: [Self; 5] =
        [Self::ClientGuessed, Self::CardFailures, Self::DistinctCards, Self::UnspentContexts, Self::BusyBin];

    /// The name in the log and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientGuessed => "client_guessed",
            Self::CardFailures => "card_failures",
            Self::DistinctCards => "distinct_cards",
            Self::UnspentContexts => "unspent_contexts",
            Self::BusyBin => "busy_bin",
        }
    }
}

/// Counts within windows of ten minutes, each key for itself; says when a count reaches its threshold.
pub(super) struct Spikes {
    threshold: u32,
    windows: Mutex<Recent<Window>>,
}

struct Window {
    began: u64,
    count: u32,
}

impl Spikes {
    pub(super) fn new(threshold: u32) -> Self {
        Self { threshold, windows: Mutex::new(Recent::new(MOST_KEYS)) }
    }

    /// Counts `more`; whether the threshold was reached by that.
    pub(super) fn reached(&self, key: &impl Hash, more: u32, now: u64) -> bool {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(key, || Window { began: now, count: 0 });
        if window.began + WINDOW_SECONDS <= now {
            *window = Window { began: now, count: 0 };
        }
        let before = window.count;
        window.count = before.saturating_add(more);
        before < self.threshold && window.count >= self.threshold
    }

    pub(super) fn sweep(&self, now: u64) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|window| window.began + WINDOW_SECONDS > now);
    }
}

/// The different cards of each network within windows of ten minutes.
pub(super) struct Cards {
    threshold: usize,
    blind: Blind,
    networks: Mutex<Recent<Seen>>,
}

struct Seen {
    began: u64,
    cards: HashSet<u64>,
}

impl Cards {
    pub(super) fn new(threshold: u32) -> Self {
        let (threshold, networks) = (threshold as usize, Mutex::new(Recent::new(MOST_NETWORKS)));
        Self { threshold, blind: Blind::make(), networks }
    }

    /// Counts a card; whether the threshold was reached by it.
    pub(super) fn reached(&self, card: &Card, network: &str, now: u64) -> bool {
        let tag = self.blind.tag(card.number());
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = networks.entry(&network, || Seen { began: now, cards: HashSet::new() });
        if seen.began + WINDOW_SECONDS <= now {
            *seen = Seen { began: now, cards: HashSet::new() };
        }
        // Once it was raised, nothing more is kept.
        seen.cards.len() < self.threshold && seen.cards.insert(tag) && seen.cards.len() == self.threshold
    }

    pub(super) fn sweep(&self, now: u64) {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|seen| seen.began + WINDOW_SECONDS > now);
    }
}

#[cfg(test)]
mod tests {
    use cardseal::card::Parts;

    use super::*;

    #[test]
    fn a_spike_is_told_once_in_its_window() {
        let spikes = Spikes::new(3);
        let told: Vec<_> = (0..6).map(|_| spikes.reached(&"shop", 1, 1000)).collect();
        assert_eq!(told, [false, false, true, false, false, false]);
        assert!(!spikes.reached(&"bank", 2, 1000));
        assert!(!spikes.reached(&"shop", 2, 1600));
        assert!(spikes.reached(&"shop", 5, 2199));
        spikes.sweep(2200);
        assert!(!spikes.reached(&"shop", 2, 2200));
    }

    #[test]
    fn one_card_again_and_again_is_one_card() {
        let cards = Cards::new(2);
        let card = |number| {
            let parts = Parts { number, exp_year: 2030, exp_month: 12, ..Parts::default() };
            Card::of(&parts, None).unwrap()
        };
        let (visa, mastercard) = (card("4242424242424242"), card("5555555555554444"));
        assert!((0..9).all(|_| !cards.reached(&visa, "a", 1000)));
        assert!(!cards.reached(&mastercard, "b", 1000));
        assert!(cards.reached(&mastercard, "a", 1000));
        assert!(!cards.reached(&card("378282246310005"), "a", 1000));
        assert!(!cards.reached(&visa, "a", 1600));
    }
}
