//! Which jobs of a run may start, and in which order. It knows no job: only places in the order of the DAG, and who waits for whom.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// What is known of a job before it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The places of the jobs that must have ended before.
    pub(super) after: Vec<usize>,
    /// What it took the last time that it was made, in milliseconds; none where it never was.
    pub(super) expected_ms: Option<u64>,
    /// Whether no other job may be under way beside it.
    pub(super) is_alone: bool,
}

/// The jobs of a run that have not started, and those under way.
///
/// Of several that may start, the one comes first from which the longest way leads to the end of the run: what it and what waits for it
/// took the last time. Of a job that never was made it is expected to take as long as the longest. Of two with ways alike the earlier in
/// the DAG comes first.
#[derive(Debug)]
pub(super) struct Queue {
    at_once: usize,
    is_alone: Vec<bool>,
    /// The places that wait for each.
    readers: Vec<Vec<usize>>,
    /// How many each waits for.
    waits_for: Vec<usize>,
    /// The longest way from the start of each to the end of the run.
    way_ms: Vec<u64>,
    ready: BTreeSet<(Reverse<u64>, usize)>,
    under_way: BTreeSet<usize>,
}

impl Queue {
    /// Makes the queue of jobs in the order of their DAG: each comes after those that it waits for. At most `at_once` of them, and at
    /// least one, are under way at one time.
    pub(super) fn new(entries: &[Entry], at_once: usize) -> Self {
        let mut readers = vec![Vec::new(); entries.len()];
        let mut waits_for = vec![0; entries.len()];
        for (place, entry) in entries.iter().enumerate() {
            let after: BTreeSet<usize> = entry.after.iter().copied().collect();
            waits_for[place] = after.len();
            after.iter().for_each(|&before| readers[before].push(place));
        }
        let mut queue = Self {
            at_once: at_once.max(1),
            is_alone: entries.iter().map(|entry| entry.is_alone).collect(),
            way_ms: ways(entries, &readers),
            readers,
            waits_for,
            ready: BTreeSet::new(),
            under_way: BTreeSet::new(),
        };
        for place in (0..entries.len()).filter(|&place| queue.waits_for[place] == 0) {
            queue.ready.insert((Reverse(queue.way_ms[place]), place));
        }
        queue
    }

    /// Takes the job that is to start now; none while as many are under way as may be, or while the next one waits to be alone.
    pub(super) fn start(&mut self) -> Option<usize> {
        let &(way, place) = self.ready.first()?;
        let is_kept_back = match self.under_way.first() {
            None => false,
            // What waits to be alone holds back what comes after it, else it might wait for ever.
            Some(&other) => self.is_alone[place] || self.is_alone[other],
        };
        if is_kept_back || self.under_way.len() >= self.at_once {
            return None;
        }
        self.ready.remove(&(way, place));
        self.under_way.insert(place);
        Some(place)
    }

    /// Puts a job back that was under way: it is to start again, and alone.
    pub(super) fn again_alone(&mut self, place: usize) {
        self.under_way.remove(&place);
        self.is_alone[place] = true;
        self.ready.insert((Reverse(self.way_ms[place]), place));
    }

    /// Takes in that a job that was under way has ended, however it did.
    pub(super) fn end(&mut self, place: usize) {
        self.under_way.remove(&place);
        for &reader in &self.readers[place] {
            self.waits_for[reader] -= 1;
            if self.waits_for[reader] == 0 {
                self.ready.insert((Reverse(self.way_ms[reader]), reader));
            }
        }
    }
}

/// Returns the longest way from the start of each job to the end of the run, in milliseconds.
fn ways(entries: &[Entry], readers: &[Vec<usize>]) -> Vec<u64> {
    let longest = entries.iter().filter_map(|entry| entry.expected_ms).max();
    let mut ways = vec![0; entries.len()];
    for (place, entry) in entries.iter().enumerate().rev() {
        let after = readers[place].iter().map(|&reader| ways[reader]).max();
        let own = entry.expected_ms.or(longest).unwrap_or(0);
        ways[place] = own + after.unwrap_or(0);
    }
    ways
}

/// What jobs take together, if each takes what is expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// So many at one time as the queue lets be under way.
    pub(super) together_ms: u64,
    /// Along the longest way: the least, with any number at one time.
    pub(super) path_ms: u64,
}

/// Works out what jobs take together. What never was made counts as nothing.
pub(super) fn expected(entries: &[Entry], at_once: usize) -> Expected {
    let took = |place: usize| entries[place].expected_ms.unwrap_or(0);
    let mut queue = Queue::new(entries, at_once);
    let (mut clock, mut ends) = (0, BTreeSet::new());
    loop {
        while let Some(place) = queue.start() {
            ends.insert((clock + took(place), place));
        }
        let Some((end, place)) = ends.pop_first() else {
            break;
        };
        clock = end;
        queue.end(place);
    }
    let mut path: BTreeMap<usize, u64> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let before = entry.after.iter().filter_map(|before| path.get(before));
        let before = before.max().copied().unwrap_or(0);
        path.insert(place, before + took(place));
    }
    Expected {
        together_ms: clock,
        path_ms: path.into_values().max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(expected_ms: u64, after: &[usize]) -> Entry {
        Entry {
            after: after.to_vec(),
            expected_ms: Some(expected_ms),
            is_alone: false,
        }
    }

    fn alone(expected_ms: u64, after: &[usize]) -> Entry {
        Entry {
            is_alone: true,
            ..entry(expected_ms, after)
        }
    }

    fn started(queue: &mut Queue) -> Vec<usize> {
        std::iter::from_fn(|| queue.start()).collect()
    }

    #[test]
    fn a_job_starts_as_soon_as_all_that_it_reads_has_ended() {
        let mut queue = Queue::new(&[entry(1, &[]), entry(1, &[]), entry(1, &[0, 1])], 4);
        assert_eq!(started(&mut queue), [0, 1]);
        queue.end(1);
        assert!(started(&mut queue).is_empty());
        queue.end(0);
        assert_eq!(started(&mut queue), [2]);
    }

    #[test]
    fn no_more_are_under_way_than_may_be_and_never_none() {
        let entries = [entry(1, &[]), entry(1, &[]), entry(1, &[])];
        let mut queue = Queue::new(&entries, 2);
        assert_eq!(started(&mut queue), [0, 1]);
        queue.end(0);
        assert_eq!(started(&mut queue), [2]);
        assert_eq!(started(&mut Queue::new(&entries, 0)), [0]);
    }

    #[test]
    fn the_longest_way_comes_first_and_of_two_alike_the_earlier_in_the_dag() {
        // 1 is short, and what waits for it is the longest of all.
        let entries = [
            entry(50, &[]),
            entry(1, &[]),
            entry(90, &[1]),
            entry(50, &[]),
        ];
        assert_eq!(started(&mut Queue::new(&entries, 3)), [1, 0, 3]);
    }

    #[test]
    fn what_never_was_made_is_expected_to_be_as_long_as_the_longest() {
        let never = Entry::default();
        let entries = [entry(5, &[]), entry(90, &[]), never.clone(), entry(91, &[])];
        assert_eq!(started(&mut Queue::new(&entries, 4)), [2, 3, 1, 0]);
        let untold = [never.clone(), never];
        assert_eq!(started(&mut Queue::new(&untold, 2)), [0, 1]);
    }

    #[test]
    fn what_must_be_alone_waits_for_the_others_and_holds_later_ones_back() {
        let entries = [
            entry(100, &[]),
            alone(50, &[]),
            entry(10, &[]),
            entry(10, &[]),
        ];
        let mut queue = Queue::new(&entries, 3);
        assert_eq!(started(&mut queue), [0]);
        queue.end(0);
        assert_eq!(started(&mut queue), [1]);
        queue.end(1);
        assert_eq!(started(&mut queue), [2, 3]);
    }

    #[test]
    fn what_is_put_back_starts_again_alone_and_what_reads_it_waits() {
        let mut queue = Queue::new(&[entry(1, &[]), entry(9, &[]), entry(1, &[0])], 3);
        assert_eq!(started(&mut queue), [1, 0]);
        queue.again_alone(0);
        assert!(started(&mut queue).is_empty());
        queue.end(1);
        assert_eq!(started(&mut queue), [0]);
        queue.end(0);
        assert_eq!(started(&mut queue), [2]);
    }

    #[test]
    fn the_same_job_read_twice_is_waited_for_once() {
        let mut queue = Queue::new(&[entry(1, &[]), entry(1, &[0, 0])], 2);
        assert_eq!(started(&mut queue), [0]);
        queue.end(0);
        assert_eq!(started(&mut queue), [1]);
    }

    #[test]
    fn together_they_take_their_sum_one_by_one_and_no_less_than_the_longest_way() {
        let entries = [
            entry(10, &[]),
            entry(20, &[]),
            entry(30, &[0]),
            entry(5, &[1, 2]),
        ];
        let by = |at_once: usize| expected(&entries, at_once);
        assert_eq!(by(1).together_ms, 65);
        let two = Expected {
            together_ms: 45,
            path_ms: 45,
        };
        assert_eq!((by(2), by(9)), (two, two));
        let nothing = Expected {
            together_ms: 0,
            path_ms: 0,
        };
        assert_eq!(expected(&[], 2), nothing);
    }
}
