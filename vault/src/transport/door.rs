//! Counts the connections of a listener and makes room by sending away who has been silent for longest.
//! It must never send away a connection whose request is being answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The connections of one listener.
pub(super) struct Door {
    most: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    turn: u64,
    /// Connections without a request, by the turn at which they fell silent.
    silent: BTreeMap<u64, Arc<Notify>>,
    answering: usize,
}

impl Door {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, inside: Mutex::default() })
    }

    /// Lets a connection in; none when every other one is being answered.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Arc<Visit>> {
        let mut inside = self.lock();
        if inside.silent.len() + inside.answering >= self.most && !inside.send_one_away() {
            return None;
        }
        let away = Arc::new(Notify::new());
        let turn = inside.fall_silent(&away);
        Some(Arc::new(Visit { door: Arc::clone(self), state: Mutex::new(Some(turn)), away }))
    }

    /// Sends away who has been silent for longest.
    pub(super) fn make_room(&self) {
        self.lock().send_one_away();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Every change under the lock is whole, so a panic elsewhere leaves nothing half done.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn fall_silent(&mut self, away: &Arc<Notify>) -> u64 {
        self.turn += 1;
        self.silent.insert(self.turn, Arc::clone(away));
        self.turn
    }

    fn send_one_away(&mut self) -> bool {
        let longest = self.silent.pop_first();
        if let Some((_, away)) = &longest {
            away.notify_one();
        }
        longest.is_some()
    }
}

/// One connection, from its acceptance to its end.
pub(super) struct Visit {
    door: Arc<Door>,
    /// The turn at which it fell silent; none while it is being answered.
    state: Mutex<Option<u64>>,
    away: Arc<Notify>,
}

impl Visit {
    /// A request began; none if the connection has been sent away.
    pub(super) fn answer(self: &Arc<Self>) -> Option<Answering> {
        let mut inside = self.door.lock();
        let mut state = self.state();
        let turn = (*state)?;
        inside.silent.remove(&turn)?;
        inside.answering += 1;
        *state = None;
        Some(Answering(Arc::clone(self)))
    }

    /// Ready when the connection has to go.
    pub(super) async fn sent_away(&self) {
        self.away.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, Option<u64>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut inside = self.door.lock();
        if let Some(turn) = *self.state() {
            inside.silent.remove(&turn);
        }
    }
}

/// A request under way; its end is when this is dropped.
pub(super) struct Answering(Arc<Visit>);

impl Drop for Answering {
    fn drop(&mut self) {
        let mut inside = self.0.door.lock();
        inside.answering -= 1;
        let turn = inside.fall_silent(&self.0.away);
        *self.0.state() = Some(turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the connection was told to go.
    async fn is_away(visit: &Visit) -> bool {
        tokio::select! {
            biased;
            () = visit.sent_away() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn the_longest_silent_connection_makes_room() {
        let door = Door::new(2);
        let (first, second) = (door.enter().unwrap(), door.enter().unwrap());
        drop(first.answer().unwrap());
        let third = door.enter().unwrap();
        assert!(is_away(&second).await && !is_away(&first).await && !is_away(&third).await);
        assert!(second.answer().is_none());
        drop(second);
        assert_eq!(door.lock().silent.len(), 2);
    }

    #[tokio::test]
    async fn who_is_being_answered_is_never_sent_away() {
        let door = Door::new(2);
        let (first, second) = (door.enter().unwrap(), door.enter().unwrap());
        let answering = (first.answer().unwrap(), second.answer().unwrap());
        assert!(door.enter().is_none());
        door.make_room();
        assert!(!is_away(&first).await && !is_away(&second).await);
        drop((answering.0, first));
        assert!(door.enter().is_some());
        drop((answering.1, second));
        let inside = door.lock();
        assert_eq!((inside.silent.len(), inside.answering), (0, 0));
    }
}
