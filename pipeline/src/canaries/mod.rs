//! Announcing a snapshot to a share of nodes first.

mod look;
mod pointer;

pub(crate) use look::Looker;
pub(crate) use pointer::{Canaries, Standing, Start};
