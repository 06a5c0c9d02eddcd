//! The keys of one purpose, opened: the one in use, and those that still count.
//! It must never give a key whose time is over, even while it is still in memory.

use std::sync::Arc;

use super::life::{State, Terms};

/// The keys of one purpose, newest first.
pub(super) struct Line<K> {
    keys: Vec<Held<K>>,
    made_at: Vec<u64>,
    terms: Terms,
}

/// A key in memory.
pub(super) struct Held<K> {
    pub(super) kid: String,
    pub(super) made_at: u64,
    pub(super) key: Arc<K>,
}

impl<K> Line<K> {
    /// From at least one key, newest first.
    pub(super) fn new(keys: Vec<Held<K>>, terms: Terms) -> Self {
        let made_at = keys.iter().map(|held| held.made_at).collect();
        Self { keys, made_at, terms }
    }

    /// The key in use.
    pub(super) fn current(&self, now: u64) -> &Held<K> {
        &self.keys[self.terms.current(&self.made_at, now)]
    }

    /// The key that was made last.
    pub(super) fn newest(&self) -> &Held<K> {
        &self.keys[0]
    }

    /// The keys that are not retired: next ones as well, for a vault whose clock is ahead uses them already.
    pub(super) fn honoured(&self, now: u64) -> impl Iterator<Item = &Arc<K>> {
        let counts = move |at: &usize| self.terms.state(&self.made_at, *at, now) != State::Retired;
        (0..self.keys.len()).filter(counts).map(|at| &self.keys[at].key)
    }

    /// The key of this kid, whatever its time.
    pub(super) fn opened(&self, kid: &str) -> Option<Arc<K>> {
        self.keys.iter().find(|held| held.kid == kid).map(|held| Arc::clone(&held.key))
    }
}
