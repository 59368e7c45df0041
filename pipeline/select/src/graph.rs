//! The graph that selectors walk.

use std::collections::{BTreeMap, BTreeSet};

/// A job as selectors see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it writes; selectors know the job by this name too.
    pub writes: String,
    /// What it reads, by the names under which others write it.
    pub reads: Vec<String>,
    /// The layer of what it writes, such as `gold`.
    pub layer: String,
    /// What kind of thing it writes: `table`, `model`, `snapshot`.
    pub resource_type: String,
    /// Who answers for it, where somebody does.
    pub owner: Option<String>,
    /// Its tags.
    pub tags: BTreeSet<String>,
    /// The files that say what it is, relative to the project, with `/`.
    pub paths: BTreeSet<String>,
    /// The landing tables that it reads.
    pub sources: BTreeSet<String>,
    /// The DAGs that it belongs to.
    pub dags: BTreeSet<String>,
}

impl Node {
    /// Returns a job that writes what it is called, and nothing else is known of.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            writes: name.to_owned(),
            layer: name.split('.').next().unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }
}

/// Jobs, and who reads whom.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    parents: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
}

/// A set of jobs, by place in the graph.
pub(crate) type Set = BTreeSet<usize>;

impl Graph {
    /// Makes the graph of jobs; a read that no job of these writes is no edge.
    #[must_use]
    pub fn new(nodes: Vec<Node>) -> Self {
        let writers: BTreeMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (node.writes.as_str(), place))
            .collect();
        let mut parents = vec![Vec::new(); nodes.len()];
        let mut children = vec![Vec::new(); nodes.len()];
        for (reader, node) in nodes.iter().enumerate() {
            for read in &node.reads {
                if let Some(&writer) = writers.get(read.as_str()) {
                    parents[reader].push(writer);
                    children[writer].push(reader);
                }
            }
        }
        Self {
            nodes,
            parents,
            children,
        }
    }

    /// Returns the jobs.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn all(&self) -> Set {
        (0..self.nodes.len()).collect()
    }

    pub(crate) fn names(&self, set: &Set) -> BTreeSet<String> {
        set.iter()
            .map(|&place| self.nodes[place].name.clone())
            .collect()
    }

    /// Adds what the jobs need, so many steps up.
    pub(crate) fn with_ancestors(&self, start: &Set, steps: usize) -> Set {
        walk(start, &self.parents, steps)
    }

    /// Adds what needs the jobs, so many steps down.
    pub(crate) fn with_descendants(&self, start: &Set, steps: usize) -> Set {
        walk(start, &self.children, steps)
    }
}

fn walk(start: &Set, edges: &[Vec<usize>], steps: usize) -> Set {
    let mut found = start.clone();
    let mut border = start.clone();
    for _ in 0..steps {
        let next: Set = border
            .iter()
            .flat_map(|&place| edges[place].iter().copied())
            .filter(|place| !found.contains(place))
            .collect();
        if next.is_empty() {
            break;
        }
        found.extend(&next);
        border = next;
    }
    found
}
