//! Failed authentications of each (client id, network): five within a minute shut that pair out for a minute.
//! It must never slow down the same client from elsewhere, nor anybody else from the same address.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::gcra::MOST_KEYS;
use super::recent::Recent;

const MOST_FAILURES: usize = 5;
const WINDOW_SECONDS: u64 = 60;
const SHUT_SECONDS: u64 = 60;

/// Who guesses secrets.
pub(super) struct Guesses(Mutex<Recent<Pair>>);

#[derive(Default)]
struct Pair {
    failed_at: VecDeque<u64>,
    shut_until: u64,
}

impl Guesses {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST_KEYS)))
    }

    /// How many seconds the pair is still shut out.
    pub(super) fn wait(&self, client: &str, network: &str, now: u64) -> u64 {
        let pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.get(&(client, network)).map_or(0, |pair| pair.shut_until.saturating_sub(now))
    }

    /// Counts a failure; whether it was the one that shuts the pair out.
    pub(super) fn failed(&self, client: &str, network: &str, now: u64) -> bool {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = pairs.entry(&(client, network), Pair::default);
        pair.failed_at.retain(|at| at + WINDOW_SECONDS > now);
        pair.failed_at.push_back(now);
        if pair.failed_at.len() < MOST_FAILURES {
            return false;
        }
        pair.failed_at.clear();
        pair.shut_until = now + SHUT_SECONDS;
        true
    }

    pub(super) fn sweep(&self, now: u64) {
        let failed_lately = |pair: &Pair| pair.failed_at.back().is_some_and(|at| at + WINDOW_SECONDS > now);
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.retain(|pair| pair.shut_until > now || failed_lately(pair));
    }

    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "203.0.113.0/24";

    #[test]
    fn the_fifth_failure_within_any_minute_shuts_the_pair_out() {
        let guesses = Guesses::new();
        for (at, shuts) in [(0, false), (59, false), (59, false), (59, false), (60, false), (61, true)] {
            assert_eq!(guesses.failed("shop", HERE, 1000 + at), shuts, "{at}");
        }
        assert_eq!(guesses.wait("shop", HERE, 1061), 60);
        assert_eq!(guesses.wait("shop", HERE, 1121), 0);
        assert_eq!(guesses.wait("shop", "203.0.114.0/24", 1061), 0);
        assert_eq!(guesses.wait("bank", HERE, 1061), 0);
    }

    #[test]
    fn the_memory_is_bounded_and_emptied() {
        let guesses = Guesses::new();
        (0..MOST_KEYS + 1000).for_each(|at| {
            guesses.failed(&at.to_string(), HERE, 1000);
        });
        assert!(guesses.len() <= MOST_KEYS);
        guesses.sweep(1059);
        assert!(guesses.len() > 0);
        guesses.sweep(1060);
        assert_eq!(guesses.len(), 0);
    }
}
