//! Which documents the conditions of a query admit, and how those admitted are looked at.

use serde::Serialize;

use crate::evidence::PartEvidence;
use crate::query::Filters;

/// What became of the conditions of a query.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Admission {
    /// The facets asked for, in the order of their names, and last the documents admitted by number, where the caller names
    /// some.
    pub conditions: Vec<Condition>,
    /// The shared documents, where there are any, then the tenant's own.
    pub scans: Vec<Scan>,
}

/// One condition. Each is a set of documents from the index of the collection, one bit a document; what a query admits is what
/// all sets have in common, before anything is ranked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The facet; none for the documents admitted by number ([`Filters::only`]).
    pub facet: Option<String>,
    /// Its accepted values, as asked.
    pub values: Vec<String>,
    /// Documents that it admits by itself, of all that the tenant sees.
    pub admits: usize,
}

/// How one owner's documents were looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scan {
    /// The owner: the shared tenant, or the one that asks.
    pub tenant: String,
    /// Documents that it has.
    pub documents: usize,
    /// Documents that all conditions admit.
    pub eligible: usize,
    /// Documents scored by every leg.
    pub scored: usize,
    /// Which documents those are.
    pub way: Way,
}

/// Which documents are scored. It never changes a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// All that there are; those that are not admitted are left out afterwards.
    EveryDocument,
    /// All that the conditions admit, for they are few.
    EveryAdmitted,
    /// Those that the legs nominate among the ones admitted.
    Nominated,
}

impl Admission {
    pub(crate) fn new(filters: &Filters, parts: &[PartEvidence<'_>]) -> Self {
        let facets = filters.asked();
        let facets = facets.map(|(facet, values)| (Some(facet.clone()), values.clone()));
        let numbered = filters.only.iter().map(|_| (None, Vec::new()));
        let conditions = facets.chain(numbered).enumerate();
        let conditions = conditions.map(|(at, (facet, values))| Condition {
            facet,
            values,
            admits: parts.iter().map(|part| part.admitted.by_each[at]).sum(),
        });
        let scans = parts.iter().map(|part| Scan {
            tenant: part.part.tenant.clone(),
            documents: part.part.len(),
            eligible: part.admitted.count,
            scored: part.documents.len(),
            way: part.way,
        });
        Self {
            conditions: conditions.collect(),
            scans: scans.collect(),
        }
    }
}
