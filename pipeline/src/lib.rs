#![doc = include_str!("../README.md")]

mod after;
mod arm_comparison;
mod artefact;
mod backfill;
mod bi;
mod cancel;
mod cases;
mod cli;
mod context;
mod curation;
mod dag;
mod deal_models;
mod environments;
mod experiment;
mod failpoint;
mod findings;
mod jobs;
mod landing;
mod memory;
mod mlflow;
mod models;
mod npy;
mod origins;
mod plot;
mod project;
mod publish;
mod published;
mod quarantine;
mod report;
mod rows;
mod run;
mod signs;
mod snapshots;
mod sql_tests;
mod telling;

pub use cli::{Arguments, execute};
