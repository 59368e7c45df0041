//! Grown trees, flattened into arrays.

use serde::{Deserialize, Serialize};
use tabular::TabularError;

use crate::planes::Planes;

/// How a node parts rows: one whose value is at or above `threshold` goes to `left + 1`, any other to `left`.
///
/// A leaf is its own left node, and no value reaches its threshold: all rows can take the same number of steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Split {
    pub(crate) threshold: f64,
    /// The column whose value counts; of hyperplanes, the place of the plane.
    pub(crate) by: u32,
    pub(crate) left: u32,
}

impl Split {
    pub(crate) fn leaf(at: usize) -> Self {
        Self {
            threshold: f64::INFINITY,
            by: 0,
            left: at as u32,
        }
    }
}

/// The nodes of one tree, or of all of them one after another; children come after their parents, in pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Nodes {
    pub(crate) splits: Vec<Split>,
    /// Rows of the subsample that came to the node.
    pub(crate) rows: Vec<u32>,
    /// Their mean path length from the root: for a leaf, its depth and c(rows).
    pub(crate) lengths: Vec<f64>,
}

impl Nodes {
    pub(crate) fn add_leaf(&mut self) -> usize {
        let at = self.splits.len();
        self.splits.push(Split::leaf(at));
        self.rows.push(0);
        self.lengths.push(0.0);
        at
    }

    pub(crate) fn is_leaf(&self, at: usize) -> bool {
        self.splits[at].left as usize == at
    }
}

/// A grown tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Nodes,
    pub(crate) planes: Option<Planes>,
    pub(crate) depth: u32,
}

/// Where a tree begins among all nodes, and how many steps lead from there to the deepest leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Root {
    pub(crate) at: u32,
    pub(crate) depth: u32,
}

/// All trees of a forest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trees {
    pub(crate) roots: Vec<Root>,
    pub(crate) nodes: Nodes,
    /// The hyperplanes of extended trees.
    pub(crate) planes: Option<Planes>,
}

impl Trees {
    /// Joins trees in their order.
    pub(crate) fn join(trees: Vec<Tree>) -> Self {
        let mut joined = Self::default();
        for Tree {
            mut nodes,
            planes,
            depth,
        } in trees
        {
            let at = joined.nodes.splits.len() as u32;
            joined.roots.push(Root { at, depth });
            let first = joined.planes.as_ref().map_or(0, Planes::len) as u32;
            for split in &mut nodes.splits {
                split.left += at;
                // Leaves keep 0, which is within bounds wherever a step is taken.
                if split.threshold.is_finite() && planes.is_some() {
                    split.by += first;
                }
            }
            joined.nodes.splits.append(&mut nodes.splits);
            joined.nodes.rows.append(&mut nodes.rows);
            joined.nodes.lengths.append(&mut nodes.lengths);
            match (&mut joined.planes, planes) {
                (Some(all), Some(planes)) => all.append(planes),
                (all, planes) => *all = planes,
            }
        }
        joined
    }

    /// Checks what was read: every step stays in bounds and ends.
    pub(crate) fn verify(&self, columns: usize) -> Result<(), TabularError> {
        let Nodes {
            splits,
            rows,
            lengths,
        } = &self.nodes;
        let count = splits.len();
        let good = |holds: bool, reason: &str| match holds {
            true => Ok(()),
            false => Err(TabularError::corrupt(reason)),
        };
        let alike = rows.len() == count && lengths.len() == count && !self.roots.is_empty();
        good(alike, "a tree lacks nodes")?;
        let whole = lengths
            .iter()
            .all(|length| length.is_finite() && *length >= 0.0);
        good(whole, "a path has no length")?;
        let end = match &self.planes {
            Some(planes) => planes.verify(columns)?,
            None => columns,
        };
        let mut depths = vec![0_u32; count];
        for (at, split) in splits.iter().enumerate().rev() {
            let left = split.left as usize;
            if left == at {
                good(split.threshold == f64::INFINITY, "a leaf parts rows")?;
                continue;
            }
            let inside = left > at && left + 1 < count && (split.by as usize) < end;
            good(inside, "a node is beyond its tree")?;
            good(split.threshold.is_finite(), "a split has no value")?;
            depths[at] = 1 + depths[left].max(depths[left + 1]);
        }
        let rooted = |root: &Root| depths.get(root.at as usize) == Some(&root.depth);
        good(self.roots.iter().all(rooted), "a tree has no root")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stump() -> Trees {
        let mut nodes = Nodes::default();
        (0..3).for_each(|_| {
            nodes.add_leaf();
        });
        nodes.splits[0] = Split {
            threshold: 0.5,
            by: 1,
            left: 1,
        };
        Trees::join(vec![Tree {
            nodes,
            planes: None,
            depth: 1,
        }])
    }

    #[test]
    fn steps_that_leave_the_tree_or_never_end_are_refused() {
        assert!(stump().verify(2).is_ok());
        let refused = |change: &dyn Fn(&mut Trees)| {
            let mut trees = stump();
            change(&mut trees);
            trees.verify(2).is_err()
        };
        assert!(stump().verify(1).is_err());
        assert!(refused(&|trees| trees.nodes.splits[0].left = 2));
        assert!(refused(&|trees| trees.nodes.splits[1].left = 0));
        assert!(refused(&|trees| trees.nodes.splits[0].threshold = f64::NAN));
        assert!(refused(&|trees| trees.nodes.splits[2].threshold = 1.0));
        assert!(refused(&|trees| trees.nodes.lengths[1] = f64::NAN));
        assert!(refused(&|trees| trees.nodes.rows.truncate(2)));
        assert!(refused(&|trees| trees.roots[0].depth = 2));
        assert!(refused(&|trees| trees.roots[0].at = 3));
        assert!(refused(&|trees| trees.roots.clear()));
        assert!(refused(&|trees| trees.planes = Some(Planes::new(2))));
    }
}
