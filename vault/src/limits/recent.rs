//! What is remembered of many keys in a bounded room: the least recently touched are forgotten first.
//! It must never grow past its bound, however many keys somebody makes up.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::mem;

/// Values by key, in two generations: when the young one is full, it becomes the old one, and the old one is forgotten.
///
/// Keys are kept as 64-bit hashes under a secret of the process: nobody can choose two that meet.
pub(crate) struct Recent<V> {
    hasher: RandomState,
    half: usize,
    young: HashMap<u64, V>,
    old: HashMap<u64, V>,
}

impl<V> Recent<V> {
    /// Room for `most` values; at least the half of them touched last are there.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            half: (most / 2).max(1),
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    /// The value of a key, made if it is not known.
    pub(crate) fn entry(&mut self, key: &impl Hash, make: impl FnOnce() -> V) -> &mut V {
        let key = self.hasher.hash_one(key);
        let carried = self.old.remove(&key);
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.entry(key).or_insert_with(|| carried.unwrap_or_else(make))
    }

    /// The value of a key, if it is known.
    pub(crate) fn get(&self, key: &impl Hash) -> Option<&V> {
        let key = self.hasher.hash_one(key);
        self.young.get(&key).or_else(|| self.old.get(&key))
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: &impl Hash) -> Option<V> {
        let key = self.hasher.hash_one(key);
        self.young.remove(&key).or_else(|| self.old.remove(&key))
    }

    /// Takes out what `leaves` names.
    pub(crate) fn extract(&mut self, leaves: impl Fn(&V) -> bool) -> Vec<V> {
        let mut taken: Vec<V> =
            self.young.extract_if(|_, value| leaves(value)).map(|(_, value)| value).collect();
        taken.extend(self.old.extract_if(|_, value| leaves(value)).map(|(_, value)| value));
        taken
    }

    /// Forgets everything but what `stays` names.
    pub(crate) fn retain(&mut self, stays: impl Fn(&V) -> bool) {
        self.young.retain(|_, value| stays(value));
        self.old.retain(|_, value| stays(value));
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn never_holds_more_than_its_bound() {
        let mut recent = Recent::new(100);
        for key in 0..10_000 {
            recent.entry(&key, || key);
            assert!(recent.len() <= 100, "{key}");
        }
        assert!((9_950..10_000).all(|key| recent.get(&key) == Some(&key)));
    }

    #[test]
    fn what_is_touched_stays_while_others_come_and_go() {
        let mut recent = Recent::new(100);
        *recent.entry(&"kept", || 0) = 7;
        for key in 0..10_000 {
            recent.entry(&key, || 1);
            if key % 40 == 0 {
                assert_eq!(*recent.entry(&"kept", || 0), 7);
            }
        }
    }

    #[test]
    fn a_removed_key_is_unknown_in_both_generations() {
        let mut recent = Recent::new(4);
        for key in 0..4 {
            recent.entry(&key, || key);
        }
        assert_eq!((recent.remove(&0), recent.remove(&3)), (Some(0), Some(3)));
        assert_eq!((recent.get(&0), recent.get(&3), recent.len()), (None, None, 2));
        assert_eq!(recent.extract(|value| *value == 1), [1]);
        recent.retain(|_| false);
        assert_eq!(recent.len(), 0);
    }
}
