#![doc = include_str!("../README.md")]

mod arrow;
mod canary;
mod catalog;
mod compatibility;
mod contract;
mod environment;
mod error;
mod experiment;
mod gate;
mod manifest;
mod markdown;
mod provenance;
mod region;
mod rule;
mod slot;
mod table;
mod tenant;

pub use arrow::arrow_schema;
pub use canary::Canary;
pub use catalog::Catalog;
pub use compatibility::{Breakage, compare};
pub use contract::{Column, ColumnKind, Contract, Pii};
pub use environment::Environment;
pub use error::SchemaError;
pub use experiment::{Arm, ArmCard, Enrolment, ExperimentCard};
pub use gate::{
    CarriedOver, Gate, GateDefaults, GateReading, Measure, OnFailure, SnapshotGates, Verdict, days,
};
pub use manifest::{
    EncoderCard, FileEntry, GateResult, MANIFEST_CHECKSUM, MANIFEST_FILE, MANIFEST_FORMAT,
    Manifest, Pointer, RerankerCard, Section, SnapshotId, TableEntry,
};
pub use markdown::{claim, render};
pub use provenance::{PROVENANCE, QUARANTINE_COLUMNS};
pub use region::{REGIONS, department_of, region_of};
pub use rule::{Action, Check, Rule, is_valid_siren};
pub use slot::Slot;
pub use table::{Layer, TableName};
pub use tenant::{PUBLIC_TENANT, Tenant};
