//! The features of a table: their names, kinds and categories.

use serde::{Deserialize, Serialize};

use crate::error::TabularError;

/// What a feature's values are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Finite numbers.
    Number,
    /// One of these labels, sorted. In a table the place of the label stands for it.
    Category {
        /// The labels.
        levels: Vec<String>,
    },
}

/// A named column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its values.
    pub kind: Kind,
}

impl Feature {
    /// Returns how many categories there are; none for numbers.
    #[must_use]
    pub fn levels(&self) -> Option<usize> {
        match &self.kind {
            Kind::Number => None,
            Kind::Category { levels } => Some(levels.len()),
        }
    }
}

/// A value of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(f64),
    /// A category's label.
    Text(&'a str),
    /// Not known.
    Missing,
}

/// The features of a table, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Schema {
    pub(crate) features: Vec<Feature>,
}

impl Schema {
    /// No feature at all.
    pub const EMPTY: Self = Self {
        features: Vec::new(),
    };

    /// Returns the features.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Returns the features' names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.features.iter().map(|f| f.name.clone()).collect()
    }

    /// Returns the place of a feature.
    ///
    /// # Errors
    /// `UnknownFeature`, with the features there are.
    pub fn position(&self, name: &str) -> Result<usize, TabularError> {
        let found = self.features.iter().position(|f| f.name == name);
        found.ok_or_else(|| TabularError::UnknownFeature {
            feature: name.to_owned(),
            known: self.names(),
        })
    }

    /// Returns the row that a model of this schema predicts from: a number per feature, a category as its place, `NaN` where it
    /// is missing. Features that are not named are missing.
    ///
    /// # Errors
    /// `UnknownFeature`, `UnknownCategory` or `WrongKind`, each with what would be right.
    pub fn row(&self, values: &[(&str, Value<'_>)]) -> Result<Vec<f64>, TabularError> {
        let mut row = vec![f64::NAN; self.features.len()];
        for (name, value) in values {
            let place = self.position(name)?;
            row[place] = cell(&self.features[place], *value)?;
        }
        Ok(row)
    }
}

fn cell(feature: &Feature, value: Value<'_>) -> Result<f64, TabularError> {
    let wrong = |wanted| TabularError::WrongKind {
        feature: feature.name.clone(),
        wanted,
    };
    match (&feature.kind, value) {
        (_, Value::Missing) => Ok(f64::NAN),
        (Kind::Number, Value::Number(number)) if number.is_finite() => Ok(number),
        (Kind::Number, _) => Err(wrong("a finite number")),
        (Kind::Category { .. }, Value::Number(_)) => Err(wrong("the label of a category")),
        (Kind::Category { levels }, Value::Text(text)) => {
            let found = levels.binary_search_by(|level| level.as_str().cmp(text));
            found
                .map(|place| place as f64)
                .map_err(|_| TabularError::UnknownCategory {
                    feature: feature.name.clone(),
                    value: text.to_owned(),
                    known: levels.clone(),
                })
        }
    }
}
