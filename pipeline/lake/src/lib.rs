#![doc = include_str!("../README.md")]

mod asked;
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

pub use asked::{Asked, Process};
pub use error::LakeError;
pub use failure::{StoreFailure, store_failure};
pub use lake::{Entry, Lake, LocalFile};
pub use ledger::{Beginning, JobRecord, JobState, Ledger, RunId, RunRecord, RunState};
pub use lock::RunLock;
pub use paths::{bronze_file, current, current_files, last_made, quarantine_file, version};
pub use scratch::Scratch;
pub use swap::Version;
