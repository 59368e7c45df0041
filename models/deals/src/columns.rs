//! Deals as rows of a table.

use tabular::{Column, Kind as Shape, Schema, Table, TabularError, Value};

use crate::{
    Kind,
    features::{Feature, Form, Purpose, Values, feature, features},
};

/// A value per deal.
#[derive(Debug, Clone)]
enum Cells {
    Numbers(Vec<f64>),
    Labels(Vec<Option<String>>),
}

/// The features of many deals, as a model of one purpose sees them.
#[derive(Debug, Clone)]
pub struct Columns {
    features: Vec<(&'static Feature, Cells)>,
    rows: usize,
}

impl Columns {
    /// Starts without a row.
    #[must_use]
    pub fn new(kind: Kind, purpose: Purpose) -> Self {
        let seen = features(kind).iter().filter(|f| f.serves(purpose));
        let empty = |feature: &'static Feature| match feature.form {
            Form::Label => (feature, Cells::Labels(Vec::new())),
            Form::Number(..) | Form::Positive(_) => (feature, Cells::Numbers(Vec::new())),
        };
        Self {
            features: seen.map(empty).collect(),
            rows: 0,
        }
    }

    /// Adds a deal. A value of another form than the feature's is missing, as one that is not named.
    pub fn push(&mut self, values: &Values<'_>) {
        for (feature, cells) in &mut self.features {
            let value = values.get(feature.name);
            match cells {
                Cells::Numbers(numbers) => numbers.push(match value {
                    Some(Value::Number(number)) => feature.seen(*number),
                    _ => f64::NAN,
                }),
                Cells::Labels(labels) => labels.push(match value {
                    Some(Value::Text(text)) => Some((*text).to_owned()),
                    _ => None,
                }),
            }
        }
        self.rows += 1;
    }

    /// Returns how many deals there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the table to fit on. Features that nothing is known of are left out.
    pub(crate) fn table(&self) -> Result<Table, TabularError> {
        let known = self.features.iter().filter(|(_, cells)| cells.is_known());
        let columns: Vec<Column> = known
            .map(|(feature, cells)| cells.column(feature))
            .collect();
        Table::new(&columns)
    }

    /// Returns the table as a model of `schema` wants it.
    pub(crate) fn table_of(&self, schema: &Schema) -> Result<Table, TabularError> {
        let columns: Vec<Column> = self
            .features
            .iter()
            .map(|(f, cells)| cells.column(f))
            .collect();
        Table::of_schema(&columns, schema)
    }
}

impl Cells {
    fn is_known(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.iter().any(|number| number.is_finite()),
            Self::Labels(labels) => labels.iter().any(Option::is_some),
        }
    }

    fn column(&self, feature: &Feature) -> Column {
        match self {
            Self::Numbers(numbers) => Column::numbers(feature.name, numbers.clone()),
            Self::Labels(labels) => Column::labels(feature.name, labels.clone()),
        }
    }
}

/// Returns one deal as a row of a model's schema.
pub(crate) fn row(kind: Kind, schema: &Schema, values: &Values<'_>) -> Vec<f64> {
    let cell = |of: &tabular::Feature| match (
        &of.kind,
        values.get(of.name.as_str()),
        feature(kind, &of.name),
    ) {
        (Shape::Number, Some(Value::Number(number)), Some(feature)) => feature.seen(*number),
        (Shape::Category { levels }, Some(Value::Text(text)), _) => levels
            .binary_search_by(|level| level.as_str().cmp(text))
            .map_or(f64::NAN, |place| place as f64),
        _ => f64::NAN,
    };
    schema.features().iter().map(cell).collect()
}
