//! Unit tests of SQL files: rows given by table, rows and refusals expected, run by the engine that runs the night.

mod compare;
mod create;
mod fixture;
mod run;
mod yaml;

pub(crate) use create::{Sample, create};
pub(crate) use fixture::read_all;
pub(crate) use run::run;
