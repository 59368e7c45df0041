//! What a run has done so far.

use std::collections::BTreeSet;

use lake::JobState;

use super::{failing::Failure, one::Ended};
use crate::{artefact::Artefact, context::Inputs, jobs::Job, report::Reporter};

/// What a run has made so far, and what it could not make.
#[derive(Default)]
pub(super) struct Progress {
    made: Inputs,
    /// What stands in for jobs that are no part of the run.
    held: BTreeSet<String>,
    missing: BTreeSet<String>,
    failure: Option<Failure>,
    pub(super) ran: u64,
    pub(super) skipped: u64,
}

impl Progress {
    /// Returns what a job reads, as far as it is there.
    pub(super) fn inputs(&self, job: &dyn Job) -> Inputs {
        let found = job.reads().into_iter();
        found
            .filter_map(|name| Some((name.clone(), self.made.get(&name)?.clone())))
            .collect()
    }

    /// Returns what a job reads and nothing made.
    pub(super) fn missing(&self, job: &dyn Job) -> Vec<String> {
        let mut reads = job.reads();
        reads.retain(|read| self.missing.contains(read));
        reads
    }

    /// Takes in what became of a job, and tells it.
    pub(super) fn add(&mut self, job: &dyn Job, ended: Ended, reporter: Reporter) {
        let state = ended.record.state;
        self.ran += u64::from(state == JobState::Made);
        self.skipped += u64::from(state == JobState::Skipped);
        self.failure = self.failure.max(ended.failure);
        reporter.job(&ended.record, ended.made.as_ref());
        match ended.made {
            Some(made) => drop(self.made.insert(job.writes(), made)),
            None => drop(self.missing.insert(job.writes())),
        }
    }

    /// Takes in that the run failed; of several failures the one stays that matters most.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.failure = self.failure.max(Some(failure));
    }

    /// Returns how the run failed, where it did.
    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Takes in that a job's output stood before the run, and is not to be published with what it made.
    pub(super) fn stood(&mut self, job: &dyn Job) {
        self.held.insert(job.writes());
    }

    /// Returns every output that the run has, whoever made it.
    pub(super) fn all(&self) -> impl Iterator<Item = &Artefact> {
        self.made.values()
    }

    /// Says whether the run has an output.
    pub(super) fn has(&self, name: &str) -> bool {
        self.made.contains_key(name)
    }

    /// Returns what the run is to be published with: all but what stood before.
    pub(super) fn own(&self) -> Inputs {
        let own = self
            .made
            .iter()
            .filter(|(name, _)| !self.held.contains(*name));
        own.map(|(name, made)| (name.clone(), made.clone()))
            .collect()
    }
}
