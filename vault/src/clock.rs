//! The time, as a value that is passed in, so that tests can set it.
//! It must never be read from the system anywhere else in the vault.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The seconds of a day.
pub const DAY_SECONDS: u64 = 24 * 60 * 60;
/// How far two clocks may be apart: those of two vaults, or the vault's and what a page derives from its context.
pub const SKEW_SECONDS: u64 = 60;

/// Tells the time in whole seconds since 1970-01-01 UTC.
pub trait Clock: Send + Sync {
    /// Seconds since the Unix epoch.
    fn now(&self) -> u64;
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        // A clock before 1970 counts as 1970: contexts are then issued and expire consistently.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
    }
}

/// A clock that stands still until it is set.
pub struct FixedClock(AtomicU64);

impl FixedClock {
    /// A clock that shows `seconds`.
    pub fn new(seconds: u64) -> Self {
        Self(AtomicU64::new(seconds))
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
