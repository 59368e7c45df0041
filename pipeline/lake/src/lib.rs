#![doc = include_str!("../README.md")]

mod commit;
mod disk;
mod error;
mod failure;
mod lake;
mod lease;
mod ledger;
mod lock;
mod paths;
mod scratch;
mod swap;

pub use error::LakeError;
pub use failure::{StoreFailure, store_failure};
pub use lake::{Entry, Lake, LocalFile};
pub use ledger::{JobRecord, JobState, Ledger, RunId, RunRecord, RunState};
pub use lock::RunLock;
pub use paths::{bronze_file, current, quarantine_file, version};
pub use scratch::Scratch;
pub use swap::Version;
