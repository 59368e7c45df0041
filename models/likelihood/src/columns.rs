//! What an additive model is fitted on: columns, and which of their coefficients are drawn to 0 together.

use ndarray::Array2;
use tabular::{Design, Direction, TabularError, Training, weights};

use crate::curve::Ramps;
use crate::evidence::Block;
use crate::logistic::sign;

/// What is fitted: a column of ones, those of the design, and the ramps of each number.
pub(crate) struct Columns {
    /// The feature, the place of its first column, and the ramps.
    pub(crate) ramps: Vec<(usize, usize, Ramps)>,
    /// As those of [`crate::newton::Newton`].
    pub(crate) signs: Vec<f64>,
    pub(crate) blocks: Vec<Block>,
}

impl Columns {
    /// Lays out the columns; `parts` is what each number's values are cut into.
    ///
    /// # Errors
    /// `UnknownFeature`; `Invalid` where what has a direction is no number.
    pub(crate) fn of(
        data: &Training,
        design: &Design,
        parts: usize,
        monotone: &[(String, Direction)],
    ) -> Result<Self, TabularError> {
        let (owners, weights) = (design.owners(), weights(data));
        let mut columns = Self {
            ramps: Vec::new(),
            signs: vec![0.0; 1 + design.width()],
            blocks: Vec::new(),
        };
        let mut ways = vec![0.0; design.schema().features().len()];
        for (name, direction) in monotone {
            let feature = design.schema().position(name)?;
            ways[feature] = sign(design.schema(), feature, *direction)?;
            for column in design.rising(feature) {
                columns.signs[1 + column] = ways[feature];
            }
        }
        for (feature, of) in design.schema().features().iter().enumerate() {
            let plain = (0..design.width()).filter(|column| owners[*column] == feature);
            let mut own: Vec<usize> = plain.map(|column| 1 + column).collect();
            let found = match of.levels() {
                Some(_) => None,
                None => Ramps::fit(data.records.column(feature), &weights, parts),
            };
            let slopes = own.len();
            if let Some(ramps) = found {
                let first = columns.signs.len();
                let places: Vec<usize> = (first..first + ramps.width()).collect();
                columns.signs.resize(first + ramps.width(), ways[feature]);
                own.extend(&places);
                let bends = Block::new(places, bends(ramps.width()));
                columns.blocks.push(bends);
                columns.ramps.push((feature, first, ramps));
            }
            let penalty = level(slopes, own.len() - slopes);
            columns.blocks.push(Block::new(own, penalty));
        }
        Ok(columns)
    }

    /// Returns the matrix (rows × columns), of which `plain` (rows × columns of the design) is a part.
    pub(crate) fn matrix(&self, plain: &Array2<f64>, data: &Training) -> Array2<f64> {
        let mut matrix = Array2::zeros((plain.nrows(), self.signs.len()));
        for (row, mut all) in matrix.rows_mut().into_iter().enumerate() {
            all[0] = 1.0;
            for (at, value) in plain.row(row).iter().enumerate() {
                all[1 + at] = *value;
            }
            for (feature, first, ramps) in &self.ramps {
                let values = ramps.row(data.records.column(*feature)[row]);
                for (at, value) in values.into_iter().enumerate() {
                    all[first + at] = value;
                }
            }
        }
        matrix
    }
}

/// The sum of squared differences between the rises of neighbouring ramps: 0 where all rise alike.
fn bends(width: usize) -> Array2<f64> {
    let mut penalty = Array2::zeros((width, width));
    for at in 1..width {
        for (row, column, way) in [(at, at, 1.0), (at - 1, at - 1, 1.0), (at, at - 1, -1.0)] {
            penalty[[row, column]] += way;
            if row != column {
                penalty[[column, row]] += way;
            }
        }
    }
    penalty
}

/// The sum of squared slopes, and of the square that the ramps' common rise has: what the sum of [`bends`] leaves free.
fn level(slopes: usize, ramps: usize) -> Array2<f64> {
    Array2::from_shape_fn((slopes + ramps, slopes + ramps), |(row, column)| {
        if row >= slopes && column >= slopes {
            1.0 / ramps as f64
        } else {
            f64::from(u8::from(row == column))
        }
    })
}
