#![doc = include_str!("../README.md")]

mod attribution;
mod boosting;
mod bytes;
pub mod cholesky;
mod design;
mod encoding;
mod error;
pub mod folds;
mod gate;
mod grouped;
pub mod metrics;
mod out_of_fold;
mod random;
mod schema;
mod table;

pub use attribution::Attribution;
pub use boosting::{BoostParams, Boosted, CheckedBoostParams, Direction, Loss, log_odds, sigmoid};
pub use bytes::{Stored, digest, from_bytes, to_bytes};
pub use design::Design;
pub use encoding::{EncodingRows, TargetEncoding};
pub use error::{TabularError, require};
pub use folds::Fold;
pub use gate::{Evidence, GateParams, Refusal, judge};
pub use grouped::{Grouped, Lists, lists, select_lists, ungrouped};
pub use out_of_fold::{judged, out_of_fold};
pub use random::Random;
pub use schema::{Feature, Kind, Schema, Value};
pub use table::{Column, Table, Training, select, targets, training, weights};
