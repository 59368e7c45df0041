//! What to select and what to leave out.

use std::collections::BTreeSet;

use crate::{
    error::SelectError,
    facts::Facts,
    graph::{Graph, Set},
    method::Method,
    parse::{Union, parse},
};

/// Which facts a selection asks for; finding out the others can be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// How jobs stand against an earlier run.
    pub standing: bool,
    /// How they ended in it.
    pub outcome: bool,
    /// Whether their landing files are others.
    pub sources: bool,
}

impl Needs {
    /// Says whether anything is asked of an earlier run.
    #[must_use]
    pub const fn any(self) -> bool {
        self.standing || self.outcome || self.sources
    }
}

/// A selection: what to take, less what to leave out.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    take: Union,
    leave: Union,
}

impl Selection {
    /// Parses selectors; where there is none to take, all is taken.
    ///
    /// # Errors
    /// A selector does not follow the grammar.
    pub fn parse<T: AsRef<str>>(select: &[T], exclude: &[T]) -> Result<Self, SelectError> {
        let all = |texts: &[T]| -> Result<Union, SelectError> {
            let unions: Result<Vec<Union>, _> =
                texts.iter().map(|one| parse(one.as_ref())).collect();
            Ok(unions?.into_iter().flatten().collect())
        };
        Ok(Self {
            take: all(select)?,
            leave: all(exclude)?,
        })
    }

    /// Says whether it takes every job.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.take.is_empty() && self.leave.is_empty()
    }

    /// Returns the facts that it asks for.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for atom in self.take.iter().chain(&self.leave).flatten() {
            needs.standing |= matches!(atom.method, Method::State(_));
            needs.outcome |= matches!(atom.method, Method::Result(_));
            needs.sources |= matches!(atom.method, Method::Fresher);
        }
        needs
    }

    /// Returns the names of the jobs that it selects.
    ///
    /// # Errors
    /// A selector names something that no job is or has.
    pub fn of(&self, graph: &Graph, facts: &Facts) -> Result<BTreeSet<String>, SelectError> {
        let mut found = match self.take.is_empty() {
            true => graph.all(),
            false => union(&self.take, graph, facts)?,
        };
        for gone in union(&self.leave, graph, facts)? {
            found.remove(&gone);
        }
        Ok(graph.names(&found))
    }
}

fn union(parts: &Union, graph: &Graph, facts: &Facts) -> Result<Set, SelectError> {
    let mut found = Set::new();
    for part in parts {
        let mut common = graph.all();
        for atom in part {
            let one = atom.select(graph, facts)?;
            common.retain(|place| one.contains(place));
        }
        found.extend(common);
    }
    Ok(found)
}
