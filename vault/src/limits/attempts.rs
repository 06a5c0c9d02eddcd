//! How often each context was tried in vain; after so many refused cards it is dead.
//! It must never let more cards be tried at once than are left to be refused.

use std::sync::{Mutex, PoisonError};

use cardseal::error::Code;

use super::gcra::MOST_KEYS;
use super::recent::Recent;
use crate::failure::Failure;

/// The refused attempts of each context, until it expires.
pub struct Attempts {
    most: u32,
    tallies: Mutex<Recent<Tally>>,
}

struct Tally {
    refused: u32,
    under_way: u32,
    until: u64,
}

/// An attempt under way; it counts only if it is refused.
pub struct Attempt<'a> {
    attempts: &'a Attempts,
    jti: String,
    until: u64,
}

impl Attempts {
    pub(super) fn new(most: u32) -> Self {
        Self { most, tallies: Mutex::new(Recent::new(MOST_KEYS)) }
    }

    /// Begins an attempt with a context that expires at `until`.
    ///
    /// # Errors
    /// [`Code::ContextExhausted`]; [`Code::RateLimited`] while the attempts under way could be the last ones.
    pub fn begin(&self, jti: &str, until: u64) -> Result<Attempt<'_>, Failure> {
        self.with(jti, until, |tally| {
            if tally.refused >= self.most {
                return Err(Code::ContextExhausted.into());
            }
            if tally.refused + tally.under_way >= self.most {
                return Err(Failure::RefusedUntil(Code::RateLimited, 1));
            }
            tally.under_way += 1;
            Ok(())
        })?;
        Ok(Attempt { attempts: self, jti: jti.to_owned(), until })
    }

    pub(super) fn sweep(&self, now: u64) {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).retain(|tally| tally.until > now);
    }

    pub(super) fn len(&self) -> usize {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn with<T>(&self, jti: &str, until: u64, change: impl FnOnce(&mut Tally) -> T) -> T {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        change(tallies.entry(&jti, || Tally { refused: 0, under_way: 0, until }))
    }
}

impl Attempt<'_> {
    /// The card was refused.
    pub fn refused(self) {
        self.attempts.with(&self.jti, self.until, |tally| tally.refused += 1);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let fewer = |tally: &mut Tally| tally.under_way = tally.under_way.saturating_sub(1);
        self.attempts.with(&self.jti, self.until, fewer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refused_attempts_count() {
        let attempts = Attempts::new(2);
        (0..10).for_each(|_| drop(attempts.begin("a", 900).unwrap()));
        attempts.begin("a", 900).unwrap().refused();
        attempts.begin("a", 900).unwrap().refused();
        assert_eq!(attempts.begin("a", 900).err().unwrap().code(), Code::ContextExhausted);
        assert!(attempts.begin("b", 900).is_ok());
        attempts.sweep(899);
        assert_eq!(attempts.len(), 2);
        attempts.sweep(900);
        assert_eq!(attempts.len(), 0);
    }

    #[test]
    fn attempts_at_once_are_no_way_around_the_bound() {
        let attempts = Attempts::new(2);
        let (one, two) = (attempts.begin("a", 900).unwrap(), attempts.begin("a", 900).unwrap());
        assert_eq!(attempts.begin("a", 900).err().unwrap().code(), Code::RateLimited);
        drop(one);
        two.refused();
        attempts.begin("a", 900).unwrap().refused();
        assert_eq!(attempts.begin("a", 900).err().unwrap().code(), Code::ContextExhausted);
    }

    #[test]
    fn the_memory_is_bounded() {
        let attempts = Attempts::new(2);
        (0..MOST_KEYS + 1000).for_each(|at| attempts.begin(&at.to_string(), 900).unwrap().refused());
        assert!(attempts.len() <= MOST_KEYS);
    }
}
