#![doc = include_str!("../README.md")]

mod error;
mod index;
mod restore;
mod take;
mod transfer;

pub use error::BackupError;
pub use index::{Index, list};
pub use restore::{RestoreSettings, Restored, restore};
pub use take::{Taken, back_up};
pub use transfer::Amount;
