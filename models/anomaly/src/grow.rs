//! One tree, grown on the rows drawn for it.

use tabular::Random;

use crate::draw::{between, normal};
use crate::params::Splits;
use crate::path::{depth_limit, mean_search_length};
use crate::planes::Planes;
use crate::rows::Sample;
use crate::trees::{Split, Tree};

/// How trees are grown.
pub(crate) struct TreeParams<'a> {
    pub(crate) splits: Splits,
    /// What one unit of each column is: hyperplanes measure columns by it, so that units do not matter.
    pub(crate) spreads: &'a [f64],
}

struct Grower<'a> {
    params: &'a TreeParams<'a>,
    sample: &'a Sample,
    random: Random,
    limit: u32,
    tree: Tree,
}

/// Grows a tree on all rows of `sample`.
pub(crate) fn grow(params: &TreeParams<'_>, sample: &Sample, random: Random) -> Tree {
    let count = sample.values.len() / sample.width;
    let mut grower = Grower {
        params,
        sample,
        random,
        limit: depth_limit(count),
        tree: Tree::default(),
    };
    if let Splits::Extended { columns } = params.splits {
        grower.tree.planes = Some(Planes::new(columns.min(sample.width)));
    }
    let root = grower.tree.nodes.add_leaf();
    let mut rows: Vec<u32> = (0..count as u32).collect();
    grower.node(root, &mut rows, 0);
    grower.tree
}

impl Grower<'_> {
    /// Grows what is below a node.
    fn node(&mut self, at: usize, rows: &mut [u32], depth: u32) {
        self.tree.nodes.rows[at] = rows.len() as u32;
        let split = if depth < self.limit && rows.len() > 1 {
            match self.params.splits {
                Splits::Axis => self.axis(rows),
                Splits::Extended { columns } => self.plane(rows, columns),
            }
        } else {
            None
        };
        let Some((by, threshold)) = split else {
            self.tree.depth = self.tree.depth.max(depth);
            self.tree.nodes.lengths[at] = f64::from(depth) + mean_search_length(rows.len());
            return;
        };
        let left = self.tree.nodes.add_leaf();
        self.tree.nodes.add_leaf();
        self.tree.nodes.splits[at] = Split {
            threshold,
            by: by as u32,
            left: left as u32,
        };
        let middle = self.part(rows, by, threshold);
        let (below, above) = rows.split_at_mut(middle);
        self.node(left, below, depth + 1);
        self.node(left + 1, above, depth + 1);
        let lengths = &mut self.tree.nodes.lengths;
        let sum = lengths[left] * below.len() as f64 + lengths[left + 1] * above.len() as f64;
        lengths[at] = sum / rows.len() as f64;
    }

    /// Draws a column among those that can part the rows, and a value of it.
    fn axis(&mut self, rows: &[u32]) -> Option<(usize, f64)> {
        let (column, (low, high)) = self.varying(rows, 1).into_iter().next()?;
        Some((column, between(&mut self.random, low, high)))
    }

    /// Draws a hyperplane over at most `count` columns among those that can part the rows.
    fn plane(&mut self, rows: &[u32], count: usize) -> Option<(usize, f64)> {
        let varying = self.varying(rows, count);
        if varying.is_empty() {
            return None;
        }
        let spreads = self.params.spreads;
        let slope =
            |(column, _): &(usize, _)| (*column, normal(&mut self.random) / spreads[*column]);
        let direction: Vec<(usize, f64)> = varying.iter().map(slope).collect();
        let mut through = 0.0;
        for ((_, (low, high)), (_, slope)) in varying.iter().zip(&direction) {
            through += slope * between(&mut self.random, *low, *high);
        }
        // Numbers near the ends of what can be held may overflow: such rows stay together.
        let finite = through.is_finite() && direction.iter().all(|(_, slope)| slope.is_finite());
        let planes = self.tree.planes.as_mut().filter(|_| finite)?;
        Some((planes.push(&direction), through))
    }

    /// Draws up to `count` columns whose values differ, each with its range, all such columns being alike likely.
    fn varying(&mut self, rows: &[u32], count: usize) -> Vec<(usize, (f64, f64))> {
        let mut columns: Vec<usize> = (0..self.sample.width).collect();
        let mut found = Vec::with_capacity(count.min(columns.len()));
        while found.len() < count && !columns.is_empty() {
            let column = columns.swap_remove(self.random.below(columns.len()));
            found.extend(self.sample.range(rows, column).map(|range| (column, range)));
        }
        found
    }

    /// Puts the rows below the threshold before the others, and returns how many there are. Rows whose value is missing are drawn to a
    /// side, by the shares of those whose value is known.
    fn part(&mut self, rows: &mut [u32], by: usize, threshold: f64) -> usize {
        let sample = self.sample;
        let (mut below, mut above, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows.iter().copied() {
            let is_above = match &self.tree.planes {
                Some(planes) => planes.project(by, |column| sample.value(row, column)) >= threshold,
                None if sample.value(row, by).is_nan() => {
                    missing.push(row);
                    continue;
                }
                None => sample.value(row, by) >= threshold,
            };
            let side = if is_above { &mut above } else { &mut below };
            side.push(row);
        }
        let (known, share) = (below.len() + above.len(), below.len());
        for row in missing {
            let side = if self.random.below(known) < share {
                &mut below
            } else {
                &mut above
            };
            side.push(row);
        }
        rows[..below.len()].copy_from_slice(&below);
        rows[below.len()..].copy_from_slice(&above);
        below.len()
    }
}
