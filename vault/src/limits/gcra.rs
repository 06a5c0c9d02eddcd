//! The generic cell rate algorithm (ITU-T I.371): so many a minute, as many at once, one number for each key.
//! It must never count what it refused: who waits as long as told is let through.

use std::hash::Hash;

use super::recent::Recent;
use crate::clock::{DAY_SECONDS, SKEW_SECONDS};

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60;
/// The most keys of one limit: a few megabytes.
pub(super) const MOST_KEYS: usize = 1 << 16;

/// A limit on each of many keys.
pub(super) struct Gate {
    pace: Pace,
    /// The time in which a key may do as much as it may do at once, whatever its pace.
    seconds: u64,
    /// When each key will be back at its pace, in nanoseconds since the Unix epoch.
    due: Recent<u64>,
}

/// How fast a key may be.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Nanoseconds from one to the next.
    every: u64,
    /// How far ahead of its pace a key may be.
    ahead: u64,
}

impl Pace {
    /// `count` a minute: all of them at once, then one as soon as its share of the minute has passed.
    pub(super) fn per_minute(count: u32) -> Self {
        Self::per(MINUTE, count)
    }

    fn per(seconds: u64, count: u32) -> Self {
        let every = seconds * SECOND / u64::from(count.max(1));
        Self { every, ahead: every * u64::from(count.max(1) - 1) }
    }
}

impl Gate {
    /// A limit of `count` a minute for each key.
    pub(super) fn per_minute(count: u32) -> Self {
        Self::per(MINUTE, count)
    }

    /// A limit of `count` a day for each key.
    pub(super) fn per_day(count: u32) -> Self {
        Self::per(DAY_SECONDS, count)
    }

    fn per(seconds: u64, count: u32) -> Self {
        Self { pace: Pace::per(seconds, count), seconds, due: Recent::new(MOST_KEYS) }
    }

    /// The pace of a key with a limit of its own, or that of all.
    pub(super) fn pace(&self, per_minute: Option<u32>) -> Pace {
        per_minute.map_or(self.pace, Pace::per_minute)
    }

    /// How many whole seconds the key has to wait; 0 when it need not.
    pub(super) fn wait(&self, key: &impl Hash, now: u64) -> u64 {
        self.wait_at(self.pace, key, now)
    }

    /// As [`Gate::wait`], for a key with a pace of its own.
    pub(super) fn wait_at(&self, pace: Pace, key: &impl Hash, now: u64) -> u64 {
        let due = self.due.get(key).copied().unwrap_or(0);
        due.saturating_sub(pace.ahead).saturating_sub(now * SECOND).div_ceil(SECOND)
    }

    /// Counts one.
    pub(super) fn take(&mut self, key: &impl Hash, now: u64) {
        self.take_at(self.pace, key, now);
    }

    /// As [`Gate::take`], for a key with a pace of its own.
    pub(super) fn take_at(&mut self, pace: Pace, key: &impl Hash, now: u64) {
        let due = self.due.entry(key, || 0);
        *due = (*due).max(now * SECOND) + pace.every;
    }

    /// Forgets the keys that are at their pace: they are as good as new. So are those that are further ahead of it than
    /// anybody can be, even a little later: the clock was set back, and they would be shut out until it is where it was.
    pub(super) fn sweep(&mut self, now: u64) {
        let (now, furthest) = (now * SECOND, (now + self.seconds + SKEW_SECONDS) * SECOND);
        self.due.retain(|due| (now + 1..=furthest).contains(due));
    }

    /// How many keys are remembered.
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000;

    fn passes(gate: &mut Gate, now: u64) -> bool {
        let passes = gate.wait(&"key", now) == 0;
        if passes {
            gate.take(&"key", now);
        }
        passes
    }

    #[test]
    fn a_minutes_worth_passes_at_once_and_then_one_at_a_time() {
        let mut gate = Gate::per_minute(6);
        assert_eq!((0..20).filter(|_| passes(&mut gate, NOW)).count(), 6);
        assert_eq!(gate.wait(&"key", NOW), 10);
        assert!(!passes(&mut gate, NOW + 9));
        assert!(passes(&mut gate, NOW + 10));
        assert!(!passes(&mut gate, NOW + 10));
        assert_eq!((0..20).filter(|_| passes(&mut gate, NOW + 70)).count(), 6);
        assert_eq!(gate.wait(&"another key", NOW), 0);
    }

    #[test]
    fn whoever_waits_as_long_as_told_passes_whatever_the_limit() {
        for count in [1, 2, 7, 59, 60, 61, 1000, u32::MAX] {
            let (mut gate, mut now) = (Gate::per_minute(count), NOW);
            for _ in 0..500 {
                let wait = gate.wait(&"key", now);
                assert!(wait <= 60, "{count}: {wait}");
                assert!(wait == 0 || gate.wait(&"key", now + wait - 1) > 0, "{count}: the wait is too long");
                now += wait;
                assert!(passes(&mut gate, now), "{count}");
            }
        }
    }

    #[test]
    fn no_more_than_the_limit_passes_in_the_long_run() {
        let mut gate = Gate::per_minute(30);
        let passed =
            (0..3600).flat_map(|second| [NOW + second; 5]).filter(|now| passes(&mut gate, *now)).count();
        assert!((1800..=1830).contains(&passed), "{passed}");
    }

    #[test]
    fn a_clock_that_is_set_back_far_shuts_nobody_out_for_longer_than_until_the_next_sweep() {
        let mut gate = Gate::per_minute(6);
        assert_eq!((0..20).filter(|_| passes(&mut gate, NOW)).count(), 6);
        gate.sweep(NOW);
        assert_eq!(gate.wait(&"key", NOW), 10);
        // Another thread's look at the clock may have been a moment before.
        for earlier in [1, SKEW_SECONDS] {
            gate.sweep(NOW - earlier);
            assert_eq!(gate.wait(&"key", NOW), 10, "{earlier}");
        }
        gate.sweep(NOW - SKEW_SECONDS - 1);
        assert_eq!(gate.wait(&"key", NOW - SKEW_SECONDS - 1), 0);
    }

    #[test]
    fn a_key_at_its_pace_is_forgotten_and_none_other() {
        let mut gate = Gate::per_minute(60);
        gate.take(&"slow", NOW);
        (0..60).for_each(|_| gate.take(&"fast", NOW));
        gate.sweep(NOW + 30);
        assert_eq!((gate.len(), gate.wait(&"fast", NOW)), (1, 1));
        gate.sweep(NOW + 60);
        assert_eq!(gate.len(), 0);
    }
}
