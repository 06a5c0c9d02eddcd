//! The contexts that this node gave out and has not seen spent, until they expire.
//! It must never be asked whether a context is spent: another node may have taken it; the store knows.

use std::sync::{Mutex, PoisonError};

use super::gcra::MOST_KEYS;
use super::recent::Recent;

/// Contexts on their way.
pub(super) struct Issued(Mutex<Recent<Context>>);

/// A context that was given out.
pub struct Context {
    /// Its name.
    pub jti: String,
    /// For whom.
    pub merchant: String,
    /// Until when.
    pub until: u64,
}

impl Issued {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Recent::new(MOST_KEYS)))
    }

    pub(super) fn add(&self, context: Context) {
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let jti = context.jti.clone();
        issued.entry(&jti.as_str(), || context);
    }

    pub(super) fn spent(&self, jti: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&jti);
    }

    /// Takes out those that have expired.
    pub(super) fn take_expired(&self, now: u64) -> Vec<Context> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extract(|context| context.until <= now)
    }
}
