//! Whether a failure is the store's, and what mends it.

use std::{error::Error, io};

use snapshot::SnapshotError;

use crate::LakeError;

/// What a person should know of a failure that is not the data's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreFailure {
    /// Whether the same may succeed a moment later, with nobody's help.
    pub may_pass: bool,
    /// What to do.
    pub mend: &'static str,
}

const AGAIN: &str = "run the same command again: it goes on where it stopped";
const ROOM: &str = "make room on the disk, or raise the quota; then run the same command again: it goes on where it stopped";
const RIGHTS: &str = "let this user write there (rights of the folder, read-only mount); then run the same command again";

/// Returns what mends a failure of the store below a lake, wherever in the chain of causes it is; none where the store did not fail.
#[must_use]
pub fn store_failure(error: &(dyn Error + 'static)) -> Option<StoreFailure> {
    let mut next = Some(error);
    let mut found: Option<StoreFailure> = None;
    while let Some(cause) = next {
        // The innermost says most: a full disk below a store that failed is a full disk.
        found = one(cause).or_else(|| told(cause)).or(found);
        next = inner(cause).or_else(|| cause.source());
    }
    found
}

fn one(error: &(dyn Error + 'static)) -> Option<StoreFailure> {
    let again = Some(StoreFailure {
        may_pass: true,
        mend: AGAIN,
    });
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return disk(error.kind());
    }
    match error.downcast_ref::<LakeError>() {
        Some(LakeError::Store { .. } | LakeError::Overtaken(_)) => return again,
        Some(LakeError::Open(SnapshotError::Store { .. })) => return again,
        _ => {}
    }
    if let Some(SnapshotError::Store { .. }) = error.downcast_ref() {
        return again;
    }
    match error.downcast_ref::<object_store::Error>() {
        None | Some(object_store::Error::NotFound { .. }) => None,
        Some(object_store::Error::PermissionDenied { .. }) => Some(StoreFailure {
            may_pass: false,
            mend: RIGHTS,
        }),
        Some(object_store::Error::Unauthenticated { .. }) => Some(StoreFailure {
            may_pass: false,
            mend: "check the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY); then run the same command again",
        }),
        Some(_) => again,
    }
}

/// An error of the system that an error of the system carries, which is no source of it.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let carried = error.downcast_ref::<io::Error>()?.get_ref()?;
    Some(carried)
}

/// Finds an error of the system in the words of an engine that kept no more of it, as polars and lance do.
fn told(error: &(dyn Error + 'static)) -> Option<StoreFailure> {
    let text = error.to_string();
    let (_, after) = text.rsplit_once("(os error ")?;
    let code = after.split(')').next()?.parse().ok()?;
    disk(io::Error::from_raw_os_error(code).kind())
}

fn disk(kind: io::ErrorKind) -> Option<StoreFailure> {
    let mend = match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ROOM
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => RIGHTS,
        io::ErrorKind::CrossesDevices => {
            "keep all folders of a lake on one file system: files are moved between them; then run the same command again"
        }
        _ => return None,
    };
    Some(StoreFailure {
        may_pass: false,
        mend,
    })
}
