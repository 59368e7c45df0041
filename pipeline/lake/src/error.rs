//! What can go wrong in the lake.

use std::path::PathBuf;

/// A failure of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The lake could not be opened: mend the path or URL.
    #[error(transparent)]
    Open(#[from] snapshot::SnapshotError),
    /// The store failed on an object: trying again may help.
    #[error("the lake's store failed on {path}")]
    Store {
        /// The object, relative to the lake.
        path: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// A local file could not be read or written: check the disk's room and rights.
    #[error("cannot use {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process holds the lake's lock.
    #[error("another run is at work on this lake; wait for it to end")]
    Busy,
    /// The lock was lost while the run was at work: the store could not be reached for too long, or the machine slept. Nothing more is
    /// written; run again.
    #[error("this run lost the lake's lock, and wrote nothing since; run the same command again")]
    LockLost,
    /// Another program changed an object after it was read: read it again, and decide again.
    #[error("{0} was changed by another program meanwhile; run the same command again")]
    Overtaken(String),
    /// An object that must exist does not.
    #[error("{0} is not in the lake")]
    Missing(String),
    /// An object is not JSON of the expected shape: it was written by another version or by hand.
    #[error("{path} is not what it should be: {reason}")]
    Malformed {
        /// The object, relative to the lake.
        path: String,
        /// Why it was refused.
        reason: String,
    },
}
