//! Growing one tree, the most useful leaf first.

use super::bins::FeatureBins;
use super::candidates::{Candidate, Search, Side};
use super::histogram::{Histogram, Sums, histogram, without};
use super::tree::{Node, Rule, Split, Tree};

/// A tree before its leaves have values, and the rows of each leaf.
#[derive(Debug)]
pub(super) struct Grown {
    pub(super) tree: Tree,
    /// Node of each leaf and the rows in it.
    pub(super) leaves: Vec<(usize, Vec<u32>)>,
}

struct Leaf {
    node: usize,
    rows: Vec<u32>,
    total: Sums,
    /// Empty where the leaf is not to be split.
    histogram: Histogram,
    best: Option<Candidate>,
}

/// Grows a tree on `rows`, whose weights give each node its cover.
pub(super) fn grow(
    search: &Search<'_>,
    rows: Vec<u32>,
    derivatives: &[(f64, f64)],
    weights: &[f64],
) -> Grown {
    let mut growing = Growing {
        search,
        derivatives,
        weights,
        tree: Tree::default(),
        leaves: Vec::with_capacity(search.params.leaves),
    };
    let histogram = growing.histogram(&rows);
    let total = sum(&rows, derivatives);
    let root = growing.leaf(rows, total, histogram);
    growing.leaves.push(root);
    while growing.leaves.len() < search.params.leaves && growing.split_most_useful() {}
    let leaves = growing.leaves.into_iter();
    Grown {
        tree: growing.tree,
        leaves: leaves.map(|leaf| (leaf.node, leaf.rows)).collect(),
    }
}

struct Growing<'a> {
    search: &'a Search<'a>,
    derivatives: &'a [(f64, f64)],
    weights: &'a [f64],
    tree: Tree,
    leaves: Vec<Leaf>,
}

impl Growing<'_> {
    fn histogram(&self, rows: &[u32]) -> Histogram {
        histogram(self.search.bins, self.search.used, rows, self.derivatives)
    }

    /// Adds a node for `rows`.
    fn leaf(&mut self, rows: Vec<u32>, total: Sums, histogram: Histogram) -> Leaf {
        let node = self.tree.nodes.len();
        self.tree.nodes.push(Node {
            cover: rows.iter().map(|row| self.weights[*row as usize]).sum(),
            value: total.value(self.search.params.ridge),
            split: None,
        });
        let best = if histogram.is_empty() {
            None
        } else {
            self.search.best(&histogram, total)
        };
        Leaf {
            node,
            rows,
            total,
            histogram,
            best,
        }
    }

    /// Splits the leaf that gains most; says whether there was one.
    fn split_most_useful(&mut self) -> bool {
        let Some(place) = most_useful(&self.leaves) else {
            return false;
        };
        let at = self.tree.nodes.len();
        let leaf = &mut self.leaves[place];
        let Some(chosen) = leaf.best.take() else {
            return false;
        };
        let bins = &self.search.bins[chosen.feature];
        self.tree.nodes[leaf.node].split = Some(split(&chosen, bins, at));
        let (rows, whole) = (
            std::mem::take(&mut leaf.rows),
            std::mem::take(&mut leaf.histogram),
        );
        let right_total = leaf.total.minus(chosen.left);
        let (left, right) = parted(&rows, &bins.codes, &chosen.left_bins(bins.count));
        let (left_sums, right_sums) = self.histograms(&left, &right, whole);
        self.leaves[place] = self.leaf(left, chosen.left, left_sums);
        let right = self.leaf(right, right_total, right_sums);
        self.leaves.push(right);
        true
    }

    /// The histograms of both sides of a split; empty where a side will not be split again. The larger side's is what the smaller leaves
    /// of the whole.
    fn histograms(&self, left: &[u32], right: &[u32], whole: Histogram) -> (Histogram, Histogram) {
        let params = self.search.params;
        let is_last = self.leaves.len() + 1 == params.leaves;
        let enough = |rows: &[u32]| !is_last && rows.len() >= 2 * params.leaf_rows;
        let (small, large) = if left.len() <= right.len() {
            (left, right)
        } else {
            (right, left)
        };
        let (small, large) = if enough(large) {
            let sums = self.histogram(small);
            let rest = without(whole, &sums);
            (
                if enough(small) {
                    sums
                } else {
                    Histogram::new()
                },
                rest,
            )
        } else {
            (Histogram::new(), Histogram::new())
        };
        if left.len() <= right.len() {
            (small, large)
        } else {
            (large, small)
        }
    }
}

/// Parts rows by their bins; each side keeps the order. Every row is written to both sides and counted on one: no branch to guess wrong.
fn parted(rows: &[u32], codes: &[u16], left_bins: &[bool]) -> (Vec<u32>, Vec<u32>) {
    let (mut left, mut right) = (vec![0; rows.len()], vec![0; rows.len()]);
    let mut taken = 0;
    for (at, row) in rows.iter().enumerate() {
        left[taken] = *row;
        right[at - taken] = *row;
        taken += usize::from(left_bins[usize::from(codes[*row as usize])]);
    }
    left.truncate(taken);
    right.truncate(rows.len() - taken);
    (left, right)
}

fn sum(rows: &[u32], derivatives: &[(f64, f64)]) -> Sums {
    let mut total = Sums::default();
    for row in rows {
        let (gradient, hessian) = derivatives[*row as usize];
        total.add(Sums {
            gradient,
            hessian,
            rows: 1,
        });
    }
    total
}

/// The leaf whose split gains most; the oldest wins a tie.
fn most_useful(leaves: &[Leaf]) -> Option<usize> {
    let gain = |leaf: &Leaf| leaf.best.as_ref().map(|best| best.gain);
    let gains = leaves
        .iter()
        .enumerate()
        .filter_map(|(at, leaf)| Some((at, gain(leaf)?)));
    gains
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .map(|(at, _)| at)
}

fn split(chosen: &Candidate, bins: &FeatureBins, left: usize) -> Split {
    let rule = match (&chosen.side, &bins.edges) {
        (Side::UpTo(bin), Some(edges)) => {
            // The last bin has no upper edge: every number is left of it, and missing values right.
            Rule::UpTo(
                edges
                    .get(usize::from(*bin) - 1)
                    .copied()
                    .unwrap_or(f64::MAX),
            )
        }
        (Side::UpTo(_), None) => Rule::These(Vec::new()),
        (Side::These(bins), _) => {
            let most = bins.iter().max().map_or(0, |bin| usize::from(*bin));
            let mut words = vec![0_u64; most.div_ceil(64)];
            for bin in bins {
                let place = usize::from(*bin) - 1;
                words[place / 64] |= 1 << (place % 64);
            }
            Rule::These(words)
        }
    };
    Split {
        feature: chosen.feature as u32,
        rule,
        missing_left: chosen.missing_left,
        left: left as u32,
        right: left as u32 + 1,
    }
}
