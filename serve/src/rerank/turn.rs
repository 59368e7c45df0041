//! One at a time, within a time.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Lets one thread through at a time.
#[derive(Debug, Default)]
pub(super) struct Turn {
    is_taken: Mutex<bool>,
    freed: Condvar,
}

/// The turn, given back when dropped.
#[derive(Debug)]
pub(super) struct Taken<'a>(&'a Turn);

impl Turn {
    /// Waits for the turn; none where it does not come within `patience`.
    pub(super) fn take(&self, patience: Duration) -> Option<Taken<'_>> {
        let is_taken = self.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut is_taken, _) = self
            .freed
            .wait_timeout_while(is_taken, patience, |is_taken| *is_taken)
            .unwrap_or_else(PoisonError::into_inner);
        if *is_taken {
            return None;
        }
        *is_taken = true;
        Some(Taken(self))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        *self
            .0
            .is_taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = false;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_one_thread_s_until_it_is_given_back() {
        let turn = Turn::default();
        let taken = turn.take(Duration::ZERO);
        assert!(taken.is_some());
        assert!(turn.take(Duration::from_millis(20)).is_none());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| turn.take(Duration::from_secs(60)).is_some());
            drop(taken);
            assert!(waiting.join().unwrap());
        });
        assert!(turn.take(Duration::ZERO).is_some());
    }
}
