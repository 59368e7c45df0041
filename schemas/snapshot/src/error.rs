//! Why a snapshot could not be read.

/// What can go wrong while a snapshot is found and verified.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The place given is neither a folder nor a URL that is understood. Mend the setting; trying again does not help.
    #[error("cannot open the lake {place}: {reason}")]
    Open {
        /// What was given.
        place: String,
        /// Why it was refused.
        reason: String,
    },
    /// The store failed. Trying again may help.
    #[error("the lake's store failed on {path}")]
    Store {
        /// The object.
        path: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// The snapshot is not what its manifest says. Never serve it; publish again or roll back.
    #[error("snapshot {id} is refused: {file}: {reason}")]
    Refused {
        /// The snapshot.
        id: String,
        /// The file at fault, relative to the snapshot.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pointer is not JSON of the expected shape. Announce or pin again.
    #[error("{path} is not a pointer: {reason}")]
    Pointer {
        /// The pointer's path.
        path: String,
        /// Why it was refused.
        reason: String,
    },
    /// A file of the cache could not be written. Trying again helps once there is room.
    #[error("cannot write {path}")]
    Cache {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}
