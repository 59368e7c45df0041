//! Walks through the graph: from a column to what it is made of, or to what is made of it.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{ColumnId, Kind, Lineage, Maker, SourceField};

/// Which way a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To what it is made of.
    Up,
    /// To what is made of it.
    Down,
}

/// How a walk goes.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// Which way.
    pub direction: Direction,
    /// How many steps; all of them where none is said.
    pub depth: Option<usize>,
    /// Whether it follows what only shapes, too.
    pub is_indirect: bool,
}

/// A column, and what the walk found from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The column, or the rows of a table.
    pub id: ColumnId,
    /// How it bears on the column that the walk came from, or that one on it; none for the first.
    pub kinds: BTreeSet<Kind>,
    /// What comes next.
    pub children: Vec<Tree>,
    /// Literals and functions that it is made of besides.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub made_of: BTreeSet<String>,
    /// Where source mappings take it from, for a landing column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<SourceField>,
    /// Whether it was met before in this walk: what comes next is told there.
    #[serde(skip_serializing_if = "is_false")]
    pub is_told: bool,
    /// Whether more comes next than the depth lets be told.
    #[serde(skip_serializing_if = "is_false")]
    pub is_cut: bool,
    /// What its maker reads, where that is a job that does not say what the column is made of.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub job_reads: BTreeSet<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes by reference"
)]
fn is_false(claim: &bool) -> bool {
    !claim
}

impl Tree {
    /// Returns every tree in it, itself first.
    pub fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(below).collect()
    }
}

impl Lineage {
    /// Walks from a column, or from the rows of a table.
    #[must_use]
    pub fn walk(&self, from: &ColumnId, walk: Walk) -> Tree {
        let mut met = BTreeSet::new();
        self.step(from, BTreeSet::new(), walk, walk.depth, &mut met)
    }

    fn step(
        &self,
        id: &ColumnId,
        kinds: BTreeSet<Kind>,
        walk: Walk,
        left: Option<usize>,
        met: &mut BTreeSet<ColumnId>,
    ) -> Tree {
        let mut tree = Tree {
            id: id.clone(),
            kinds,
            children: Vec::new(),
            made_of: BTreeSet::new(),
            fields: Vec::new(),
            is_told: false,
            is_cut: false,
            job_reads: BTreeSet::new(),
        };
        let next = self.next(id, walk, &mut tree);
        if next.is_empty() {
            return tree;
        }
        // What is told with a shorter rest of the depth may hide what a shorter way would reach; with one, every place is told anew.
        if left.is_none() && !met.insert(id.clone()) {
            tree.is_told = true;
            return tree;
        }
        if left == Some(0) {
            tree.is_cut = true;
            return tree;
        }
        let left = left.map(|left| left - 1);
        for (other, kinds) in next {
            tree.children
                .push(self.step(&other, kinds, walk, left, met));
        }
        tree
    }

    /// Returns what comes next, and notes what else is known of the place.
    fn next(&self, id: &ColumnId, walk: Walk, tree: &mut Tree) -> Vec<(ColumnId, BTreeSet<Kind>)> {
        let table = self.table(&id.table);
        let found = match walk.direction {
            Direction::Down => self.readers(id).into_iter().collect(),
            Direction::Up => {
                let Some(table) = table else {
                    return Vec::new();
                };
                let fields = table.fields.get(&id.column).cloned();
                tree.fields = fields.unwrap_or_default();
                match table.flow(id) {
                    Some(flow) => {
                        tree.made_of = flow.made_of;
                        flow.from.into_iter().collect::<Vec<_>>()
                    }
                    None if table.maker == Maker::Landing => Vec::new(),
                    None => {
                        tree.job_reads.clone_from(&table.reads);
                        Vec::new()
                    }
                }
            }
        };
        let mut found = found;
        if walk.is_indirect && walk.direction == Direction::Up && !id.is_rows() {
            found.extend(table.iter().flat_map(|table| table.shapes.clone()));
        }
        let is_followed =
            |kinds: &BTreeSet<Kind>| walk.is_indirect || kinds.iter().any(|kind| kind.is_direct());
        found.retain(|(_, kinds)| is_followed(kinds));
        found
    }
}
