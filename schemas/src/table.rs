//! Names of tables and of the layers they live in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::SchemaError;

/// A stage of the lake that holds tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Raw input files, never changed.
    Landing,
    /// Rows as sent, typed, with provenance.
    Bronze,
    /// One valid row per thing, latest state.
    Silver,
    /// Tables that people and models read.
    Gold,
}

impl Layer {
    /// All layers, in the order data flows.
    pub const ALL: [Self; 4] = [Self::Landing, Self::Bronze, Self::Silver, Self::Gold];

    /// Returns the layer's folder name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landing => "landing",
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Layer {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|layer| layer.as_str() == value)
            .ok_or_else(|| SchemaError::Malformed {
                what: "layer",
                value: value.to_owned(),
                expected: "one of landing, bronze, silver, gold",
            })
    }
}

/// A table's name with its layer, written `silver.companies`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    /// The layer the table lives in.
    pub layer: Layer,
    /// The table's own name, `^[a-z][a-z0-9_]*$`.
    pub name: String,
}

impl TableName {
    /// Names a table of a layer; `name` is trusted to be well formed (see [`FromStr`] for input).
    #[must_use]
    pub fn new(layer: Layer, name: impl Into<String>) -> Self {
        Self {
            layer,
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.layer, self.name)
    }
}

impl FromStr for TableName {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let malformed = || SchemaError::Malformed {
            what: "table name",
            value: value.to_owned(),
            expected: "<layer>.<table>, such as silver.companies",
        };
        let (layer, name) = value.split_once('.').ok_or_else(malformed)?;
        let is_well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !is_well_formed {
            return Err(malformed());
        }
        Ok(Self {
            layer: layer.parse()?,
            name: name.to_owned(),
        })
    }
}

impl TryFrom<String> for TableName {
    type Error = SchemaError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<TableName> for String {
    fn from(value: TableName) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_written() {
        let name: TableName = "silver.companies".parse().unwrap();
        assert_eq!(name, TableName::new(Layer::Silver, "companies"));
        assert_eq!(name.to_string(), "silver.companies");
    }

    #[test]
    fn a_name_without_layer_or_with_a_path_in_it_is_refused() {
        for bad in [
            "companies",
            "silver.",
            "silver.../etc",
            "platinum.x",
            "gold.Été",
            "gold.1x",
        ] {
            assert!(bad.parse::<TableName>().is_err(), "{bad}");
        }
    }
}
