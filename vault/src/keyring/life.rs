//! The life of a key, told by times: published, used, honoured a while longer, retired.
//! It must never let a key be used before everybody can know it, nor retire one that something alive may name.

use cardseal::context::MAX_SECONDS;

use crate::clock::SKEW_SECONDS;

/// How long everybody who has the public keys may keep them: the `max-age` of the JWKS, and so the time from making a
/// key to using it. Other vaults on the same database take it up meanwhile.
pub const PUBLISHED_SECONDS: u64 = 5 * 60;
/// How long a key is honoured after its successor took over: no context or access token lives longer.
pub const HONOURED_SECONDS: u64 = MAX_SECONDS + SKEW_SECONDS;

/// What a key is at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, not yet used.
    Next,
    /// In use.
    Current,
    /// Not used any more; what it signed or was named in still counts.
    Honoured,
    /// Nothing.
    Retired,
}

impl State {
    /// The word for an operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Honoured => "honoured",
            Self::Retired => "retired",
        }
    }
}

/// How the keys of one purpose follow each other.
#[derive(Clone, Copy)]
pub struct Terms {
    /// How long a key is only known before it is used. A first key has nobody to follow and is used at once.
    pub known_seconds: u64,
    /// How long it is honoured after its successor took over.
    pub honoured_seconds: u64,
}

impl Terms {
    /// When a key that was made at `made_at` takes over from the one before it.
    pub fn takes_over_at(&self, made_at: u64) -> u64 {
        made_at.saturating_add(self.known_seconds)
    }

    /// Which of the keys that were made at these times, newest first, is in use: the newest whose time has come, else
    /// the oldest.
    pub fn current(&self, made_at: &[u64], now: u64) -> usize {
        let come = made_at.iter().position(|&made_at| self.takes_over_at(made_at) <= now);
        come.unwrap_or(made_at.len().saturating_sub(1))
    }

    /// What key number `at` of them is.
    pub fn state(&self, made_at: &[u64], at: usize, now: u64) -> State {
        let current = self.current(made_at, now);
        if at < current {
            State::Next
        } else if at == current {
            State::Current
        } else if now < self.takes_over_at(made_at[at - 1]).saturating_add(self.honoured_seconds) {
            State::Honoured
        } else {
            State::Retired
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { known_seconds: PUBLISHED_SECONDS, honoured_seconds: HONOURED_SECONDS };

    fn states(made_at: &[u64], now: u64) -> Vec<&'static str> {
        (0..made_at.len()).map(|at| TERMS.state(made_at, at, now).as_str()).collect()
    }

    #[test]
    fn a_key_is_published_then_used_then_honoured_then_retired() {
        let (first, second) = (1_000, 10_000);
        let over = second + PUBLISHED_SECONDS;
        let gone = over + HONOURED_SECONDS;
        for (now, expected) in [
            (second, ["next", "current"]),
            (over - 1, ["next", "current"]),
            (over, ["current", "honoured"]),
            (gone - 1, ["current", "honoured"]),
            (gone, ["current", "retired"]),
            (u64::MAX, ["current", "retired"]),
        ] {
            assert_eq!(states(&[second, first], now), expected, "at {now}");
        }
    }

    #[test]
    fn a_first_key_is_used_at_once_and_by_a_clock_that_is_behind() {
        for now in [0, 999, 1_000, u64::MAX] {
            assert_eq!(states(&[1_000], now), ["current"], "at {now}");
        }
        assert_eq!(states(&[1_001, 1_000], 0), ["next", "current"]);
    }

    #[test]
    fn each_key_is_honoured_from_its_own_successor_on() {
        let made_at = [20_000, 10_000, 1_000];
        let over = 20_000 + PUBLISHED_SECONDS;
        assert_eq!(states(&made_at, over - 1), ["next", "current", "retired"]);
        assert_eq!(states(&made_at, over), ["current", "honoured", "retired"]);
        let for_ever = Terms { honoured_seconds: u64::MAX, ..TERMS };
        assert_eq!(for_ever.state(&made_at, 2, over), State::Honoured);
    }
}
