//! Signs of abuse that the snapshot knows, told with their evidence: something to look into, never a verdict.

mod answer;
mod book;
mod flags;
mod rings;
mod words;

pub(crate) use answer::{CaseAnswer, SignalAnswer};
pub(crate) use book::{AbuseBook, CaseRow};
pub(crate) use flags::Abuse;
pub(crate) use rings::{RingEdge, RingNode, RingSignal, ring_reason};
pub(crate) use words::family_label;
