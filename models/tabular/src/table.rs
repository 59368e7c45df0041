//! Rows to learn from: columns of numbers and categories, each value of which may be missing.

use linfa::DatasetBase;
use linfa::dataset::Records;
use ndarray::Array1;

use crate::error::{TabularError, require};
use crate::schema::{Feature, Kind, Schema};

/// A table with its targets (and, where given, weights): what models are fitted on.
pub type Training = DatasetBase<Table, Array1<f64>>;

/// A column as it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    name: String,
    cells: Cells,
}

#[derive(Debug, Clone, PartialEq)]
enum Cells {
    Numbers(Vec<f64>),
    Labels(Vec<Option<String>>),
}

impl Column {
    /// Returns a column of numbers; what is not finite is missing.
    #[must_use]
    pub fn numbers(name: &str, numbers: Vec<f64>) -> Self {
        Self {
            name: name.to_owned(),
            cells: Cells::Numbers(numbers),
        }
    }

    /// Returns a column of categories.
    #[must_use]
    pub fn labels(name: &str, labels: Vec<Option<String>>) -> Self {
        Self {
            name: name.to_owned(),
            cells: Cells::Labels(labels),
        }
    }

    fn len(&self) -> usize {
        match &self.cells {
            Cells::Numbers(numbers) => numbers.len(),
            Cells::Labels(labels) => labels.len(),
        }
    }

    fn kind(&self) -> Kind {
        match &self.cells {
            Cells::Numbers(_) => Kind::Number,
            Cells::Labels(labels) => {
                let mut levels: Vec<_> = labels.iter().flatten().cloned().collect();
                levels.sort_unstable();
                levels.dedup();
                Kind::Category { levels }
            }
        }
    }

    /// Numbers as they are, labels by their place; a label that the kind lacks is missing.
    fn coded(&self, kind: &Kind) -> Option<Vec<f64>> {
        match (&self.cells, kind) {
            (Cells::Numbers(numbers), Kind::Number) => Some(
                numbers
                    .iter()
                    .map(|x| if x.is_finite() { *x } else { f64::NAN })
                    .collect(),
            ),
            (Cells::Labels(labels), Kind::Category { levels }) => Some(
                labels
                    .iter()
                    .map(|label| {
                        let found = label.as_ref().and_then(|l| levels.binary_search(l).ok());
                        found.map_or(f64::NAN, |place| place as f64)
                    })
                    .collect(),
            ),
            _ => None,
        }
    }
}

/// Columns of equal length. A category is its place in the schema's levels; a missing value is `NaN`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    schema: Schema,
    columns: Vec<Vec<f64>>,
    rows: usize,
}

impl Table {
    /// Returns the table of `columns`; categories are numbered in the order of their labels.
    ///
    /// # Errors
    /// `Invalid` where lengths differ, a name comes twice, or there is no column.
    pub fn new(columns: &[Column]) -> Result<Self, TabularError> {
        let features: Vec<_> = columns
            .iter()
            .map(|column| Feature {
                name: column.name.clone(),
                kind: column.kind(),
            })
            .collect();
        for (place, feature) in features.iter().enumerate() {
            let again = features[..place].iter().any(|f| f.name == feature.name);
            require(!again, &feature.name, "the column is there twice")?;
        }
        Self::of_schema(columns, &Schema { features })
    }

    /// Returns the table of `columns` in the order and with the categories of `schema`, as a model wants new rows. Categories that
    /// the schema lacks become missing.
    ///
    /// # Errors
    /// `Invalid` where a column is missing, of another kind or of another length.
    pub fn of_schema(columns: &[Column], schema: &Schema) -> Result<Self, TabularError> {
        let rows = columns.first().map_or(0, Column::len);
        require(!columns.is_empty(), "table", "there is no column")?;
        let mut coded = Vec::with_capacity(schema.features.len());
        for feature in &schema.features {
            let column = columns.iter().find(|column| column.name == feature.name);
            let cells = column.and_then(|column| column.coded(&feature.kind));
            let cells = cells.ok_or_else(|| {
                TabularError::invalid(&feature.name, "the column is missing or of another kind")
            })?;
            require(
                cells.len() == rows,
                &feature.name,
                "the columns' lengths differ",
            )?;
            coded.push(cells);
        }
        Ok(Self {
            schema: schema.clone(),
            columns: coded,
            rows,
        })
    }

    /// Returns the features.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the values of the feature at `place`.
    #[must_use]
    pub fn column(&self, place: usize) -> &[f64] {
        &self.columns[place]
    }

    /// Returns a row: a value per feature.
    #[must_use]
    pub fn row(&self, row: usize) -> Vec<f64> {
        self.columns.iter().map(|column| column[row]).collect()
    }

    /// Returns the table of these rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |column: &Vec<f64>| rows.iter().map(|row| column[*row]).collect();
        Self {
            schema: self.schema.clone(),
            columns: self.columns.iter().map(pick).collect(),
            rows: rows.len(),
        }
    }
}

impl Records for Table {
    type Elem = f64;

    fn nsamples(&self) -> usize {
        self.rows
    }

    fn nfeatures(&self) -> usize {
        self.columns.len()
    }
}

/// Joins rows with their targets and, where given, weights (a row of weight 0 is left out of every fit).
///
/// # Errors
/// `Invalid` where lengths differ, a target is not finite, or a weight is negative or not finite.
pub fn training(
    table: Table,
    targets: Vec<f64>,
    weights: Option<Vec<f32>>,
) -> Result<Training, TabularError> {
    let rows = table.rows;
    require(targets.len() == rows, "targets", "one is wanted per row")?;
    require(
        targets.iter().all(|y| y.is_finite()),
        "targets",
        "one is not finite",
    )?;
    let mut joined = DatasetBase::new(table, Array1::from(targets));
    if let Some(weights) = weights {
        require(weights.len() == rows, "weights", "one is wanted per row")?;
        let good = weights.iter().all(|w| w.is_finite() && *w >= 0.0);
        require(good, "weights", "one is negative or not finite")?;
        joined = joined.with_weights(Array1::from(weights));
    }
    Ok(joined)
}

/// Returns the training rows at `rows`, in this order.
#[must_use]
pub fn select(data: &Training, rows: &[usize]) -> Training {
    let targets = rows.iter().map(|row| data.targets[*row]).collect();
    let picked = DatasetBase::new(data.records.select(rows), targets);
    match data.weights() {
        Some(weights) => picked.with_weights(rows.iter().map(|row| weights[*row]).collect()),
        None => picked,
    }
}

/// Returns the weight of each row: 1 where none were given.
#[must_use]
pub fn weights(data: &Training) -> Vec<f64> {
    match data.weights() {
        Some(weights) => weights.iter().map(|w| f64::from(*w)).collect(),
        None => vec![1.0; data.records.rows],
    }
}

/// Returns the targets as a slice.
#[must_use]
pub fn targets(data: &Training) -> Vec<f64> {
    data.targets.iter().copied().collect()
}
