#![doc = include_str!("../README.md")]

mod error;
mod reader;
mod remote;
mod store;
mod verify;

pub use error::SnapshotError;
pub use reader::{Announcement, CANARY, CURRENT, PIN, Reader, VerifiedSnapshot, snapshot_path};
pub use remote::StoreSettings;
pub use store::Store;
pub use verify::{entry, files, verify};
