//! Numbers and categories as small integers.

use crate::error::{TabularError, require};
use crate::table::Table;

/// The bin of a missing value, of a category that no row of the fit has, and of nothing else.
pub(super) const MISSING: u16 = 0;

/// One feature's bins.
#[derive(Debug)]
pub(super) struct FeatureBins {
    /// The bin of each row.
    pub(super) codes: Vec<u16>,
    /// How many bins there are, that of missing values included.
    pub(super) count: usize,
    /// Number `x` is in bin `b` where exactly `b - 1` edges are below it; none for categories, whose bin is their place and 1.
    pub(super) edges: Option<Vec<f64>>,
}

/// Bins every column of `table`.
pub(super) fn bin(table: &Table, most: usize) -> Result<Vec<FeatureBins>, TabularError> {
    let features = table.schema().features().iter().enumerate();
    features
        .map(|(place, feature)| {
            let column = table.column(place);
            match feature.levels() {
                None => Ok(bin_numbers(column, most)),
                Some(levels) => {
                    let fits = levels < usize::from(u16::MAX);
                    require(fits, &feature.name, "it has more than 65,534 categories")?;
                    Ok(bin_categories(column, levels))
                }
            }
        })
        .collect()
}

fn bin_categories(column: &[f64], levels: usize) -> FeatureBins {
    let code = |x: &f64| if x.is_nan() { MISSING } else { *x as u16 + 1 };
    FeatureBins {
        codes: column.iter().map(code).collect(),
        count: levels + 1,
        edges: None,
    }
}

fn bin_numbers(column: &[f64], most: usize) -> FeatureBins {
    let edges = edges(column, most);
    let code = |x: &f64| {
        if x.is_nan() {
            MISSING
        } else {
            edges.partition_point(|edge| edge < x) as u16 + 1
        }
    };
    FeatureBins {
        codes: column.iter().map(code).collect(),
        count: edges.len() + 2,
        edges: Some(edges),
    }
}

/// Edges halfway between neighbours: between all where there are few, else so that bins have about the same number of rows.
fn edges(column: &[f64], most: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = column.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let halfway = |a: f64, b: f64| {
        let middle = a + (b - a) / 2.0;
        // Neighbouring floats have nothing between them: then the edge is the lower one, which still parts them.
        if middle < b { middle } else { a }
    };
    let mut distinct = sorted.clone();
    distinct.dedup();
    if distinct.len() <= most {
        return distinct.windows(2).map(|w| halfway(w[0], w[1])).collect();
    }
    let mut edges: Vec<f64> = (1..most)
        .filter_map(|bin| {
            let value = sorted[bin * sorted.len() / most];
            let below = distinct.partition_point(|x| *x < value);
            (below > 0).then(|| halfway(distinct[below - 1], value))
        })
        .collect();
    edges.dedup();
    edges
}
