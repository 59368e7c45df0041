//! One selector without spaces and commas: what it names, and how far it reaches.

use crate::{
    error::SelectError,
    facts::{Facts, JobFacts},
    graph::{Graph, Set},
    method::Method,
};

/// How far a selector reaches from what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// So many steps up and down; 0 is not at all.
    Steps { up: usize, down: usize },
    /// All that needs it, and all that those need.
    Whole,
}

/// A method with its reach.
#[derive(Debug, Clone)]
pub(crate) struct Atom {
    pub(crate) text: String,
    pub(crate) method: Method,
    pub(crate) reach: Reach,
}

impl Atom {
    /// Returns the jobs that it selects.
    pub(crate) fn select(&self, graph: &Graph, facts: &Facts) -> Result<Set, SelectError> {
        let unknown = JobFacts::default();
        let known = |name: &str| facts.get(name).unwrap_or(&unknown);
        let named: Set = graph
            .nodes()
            .iter()
            .enumerate()
            .filter(|(_, node)| self.method.matches(node, known(&node.name)))
            .map(|(place, _)| place)
            .collect();
        if named.is_empty()
            && let Some((what, hint)) = self.method.missing(graph)
        {
            let text = self.text.clone();
            return Err(SelectError::Nothing { text, what, hint });
        }
        Ok(match self.reach {
            Reach::Whole => {
                let below = graph.with_descendants(&named, usize::MAX);
                graph.with_ancestors(&below, usize::MAX)
            }
            Reach::Steps { up, down } => {
                let mut found = graph.with_ancestors(&named, up);
                found.extend(graph.with_descendants(&named, down));
                found
            }
        })
    }
}
