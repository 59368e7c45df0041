//! Learning from cases that people decided: confirmed or cleared.

mod card;
mod fit;
mod model;
mod params;
mod splits;

pub use card::{CaseCard, CaseVerdict, FoldMeasure, Measures, Split};
pub use fit::{Subject, Verdict, fit_cases};
pub use model::{CaseModel, CaseScores};
pub use params::{CaseParams, CheckedCaseParams};
