//! What it means that a job failed: for the run, and for whoever mends it.

use anyhow::Error;
use lake::store_failure;
use snapshot::Store;

use crate::{cancel::Cancelled, jobs::SnapshotRefused};

/// How a run that did not succeed failed; of several failures the one that matters most, which comes last here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    /// The store failed under a job: the same run again may succeed.
    Store,
    /// A gate refused the snapshot.
    Gate,
    /// A job failed.
    Job,
    /// Somebody asked that the run end.
    Cancelled,
}

/// Says how a run failed of which a job ended so.
pub(super) fn failure(error: &Error) -> Failure {
    match error {
        error if error.is::<Cancelled>() => Failure::Cancelled,
        error if error.is::<SnapshotRefused>() => Failure::Gate,
        error if store_failure(error.as_ref()).is_some() => Failure::Store,
        _ => Failure::Job,
    }
}

/// Says whether the same may succeed a moment later: the store failed, not the data, and nobody needs to mend it.
pub(super) fn may_pass(error: &Error) -> bool {
    store_failure(error.as_ref()).is_some_and(|failure| failure.may_pass)
}

/// Says whether queries had too little memory, in the words of their engine, whose errors this crate does not know.
pub(super) fn lacks_memory(error: &Error) -> bool {
    let words = ["Resources exhausted", "Not enough memory"];
    let said = format!("{error:#}");
    words.iter().any(|words| said.contains(words))
}

/// Writes an error and, where the store failed, which lake that is and what mends it: engines often name no file.
pub(super) fn reason(error: &Error, store: &Store) -> String {
    let place = match store.folder() {
        Some(folder) => folder.display().to_string(),
        None => store.url().to_string(),
    };
    match store_failure(error.as_ref()) {
        Some(failure) => format!("{error:#}; the lake is {place}; mend: {}", failure.mend),
        None => format!("{error:#}"),
    }
}
