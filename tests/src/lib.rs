#![doc = include_str!("../README.md")]

mod bucket;
mod lake;
mod node;
mod process;
mod python;
mod s3;
mod truth;

pub use bucket::Bucket;
pub use lake::{Lake, SLOT};
pub use node::{Answer, Node};
pub use process::{Ran, program, project};
pub use python::{python, script};
pub use s3::S3;
pub use truth::{bad_rows, truths};
