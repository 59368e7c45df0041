//! Why a backup could not be taken or restored.

use lake::LakeError;
use snapshot::SnapshotError;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The lake or the backup's store failed; what helps is as for any run.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A snapshot could not be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A local file failed.
    #[error("cannot copy {path}")]
    File {
        /// The object, relative to the lake.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A snapshot is damaged: it is not kept as if it were good. Publish it again, or let `pipeline snapshot gc` remove it.
    #[error(
        "snapshot {id} is damaged: {file} is not what its manifest says; nothing was announced as backed up"
    )]
    Damaged {
        /// The snapshot.
        id: String,
        /// The file at fault.
        file: String,
    },
    /// An object of the backup is not what its name says. Restore another backup.
    #[error(
        "object {digest} of the backup is damaged: {path} cannot be restored from it; try another backup"
    )]
    DamagedObject {
        /// What it should be.
        digest: String,
        /// What it was kept for.
        path: String,
    },
    /// There is no such backup.
    #[error("{0}")]
    None(String),
    /// The lake announces a snapshot that the backup does not hold. Force it where that is meant.
    #[error(
        "the lake announces snapshot {announced}, which backup {number} does not hold: restoring would go back behind it; \
         `--force` does, and keeps that snapshot and what landed"
    )]
    Newer {
        /// What the lake announces.
        announced: String,
        /// The backup.
        number: u64,
    },
}

impl BackupError {
    /// Says whether bytes are not what they should be.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::DamagedObject { .. }
                | Self::Snapshot(SnapshotError::Refused { .. })
        )
    }
}
