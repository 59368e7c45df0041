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
    let cover = |rows: &[u32]| rows.iter().map(|row| weights[*row as usize]).sum();
    let node = |rows: &[u32], total: Sums| Node {
        cover: cover(rows),
        value: total.value(search.params.ridge),
        split: None,
    };
    let of_rows = |rows: &[u32]| histogram(search.bins, search.used, rows, derivatives);
    let whole = of_rows(&rows);
    let total = sum(&rows, derivatives);
    let mut tree = Tree {
        nodes: vec![node(&rows, total)],
    };
    let best = search.best(&whole, total);
    let mut leaves = vec![Leaf {
        node: 0,
        rows,
        histogram: whole,
        best,
    }];
    while leaves.len() < search.params.leaves {
        let Some(place) = most_useful(&leaves) else {
            break;
        };
        let last = leaves.len() + 1 == search.params.leaves;
        let leaf = &mut leaves[place];
        let Some(chosen) = leaf.best.take() else {
            break;
        };
        let codes = &search.bins[chosen.feature].codes;
        let (left, right): (Vec<u32>, Vec<u32>) = std::mem::take(&mut leaf.rows)
            .into_iter()
            .partition(|row| chosen.goes_left(codes[*row as usize]));
        // The larger side's histogram is what the smaller leaves of the whole. After the last split none is wanted.
        let whole = std::mem::take(&mut leaf.histogram);
        let (left_sums, right_sums) = if last {
            (Histogram::new(), Histogram::new())
        } else if left.len() <= right.len() {
            let small = of_rows(&left);
            let large = without(whole, &small);
            (small, large)
        } else {
            let small = of_rows(&right);
            let large = without(whole, &small);
            (large, small)
        };
        let (left_total, right_total) = (sum(&left, derivatives), sum(&right, derivatives));
        let (parent, at) = (leaf.node, tree.nodes.len());
        tree.nodes[parent].split = Some(split(&chosen, &search.bins[chosen.feature], at));
        tree.nodes.push(node(&left, left_total));
        tree.nodes.push(node(&right, right_total));
        let child = |node, rows, histogram: Histogram, total| Leaf {
            node,
            rows,
            best: if last {
                None
            } else {
                search.best(&histogram, total)
            },
            histogram,
        };
        *leaf = child(at, left, left_sums, left_total);
        leaves.push(child(at + 1, right, right_sums, right_total));
    }
    let leaves = leaves.into_iter().map(|leaf| (leaf.node, leaf.rows));
    Grown {
        tree,
        leaves: leaves.collect(),
    }
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
