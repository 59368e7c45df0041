//! The mapping file as written: TOML in, nothing worked out yet.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::cast::Cast;

/// A source mapping file, `schemas/sources/<set>/<name>.toml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    /// What the source is and who sends it; for people.
    #[serde(default, skip_serializing)]
    pub(crate) description: Option<String>,
    /// The landing table that it feeds.
    pub(crate) table: String,
    /// Globs of the files, relative to the landing root.
    pub(crate) files: OneOrMany,
    /// The format, where the file name does not say it.
    pub(crate) format: Option<Format>,
    /// How CSV files are written.
    #[serde(default)]
    pub(crate) csv: CsvOptions,
    /// How JSON files are written.
    #[serde(default)]
    pub(crate) json: JsonOptions,
    /// Source columns that are known and not wanted: they are not reported as unknown. `*` is all others.
    #[serde(default)]
    pub(crate) ignore: BTreeSet<String>,
    /// Contract column → where it comes from; without any, columns are named as in the contract.
    #[serde(default, rename = "column")]
    pub(crate) columns: BTreeMap<String, ColumnSource>,
    /// Which records of a shared file belong here; all conditions must hold.
    #[serde(default)]
    pub(crate) keep: Vec<Keep>,
}

/// The format of a landing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// A JSON array, or lines.
    Json,
    /// One JSON object per line.
    #[serde(alias = "ndjson")]
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// How a CSV file is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CsvOptions {
    /// One ASCII character between cells.
    pub(crate) delimiter: char,
    /// `utf-8` or a single-byte encoding by its WHATWG label, such as `windows-1252`.
    pub(crate) encoding: String,
    /// Whether the first record names the columns; else they are called `1`, `2`, …
    pub(crate) header: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            encoding: "utf-8".to_owned(),
            header: true,
        }
    }
}

/// How a JSON file is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonOptions {
    /// Keys that lead to the array of records, such as `/resultats`.
    pub(crate) pointer: Option<String>,
}

/// Where a contract column comes from. The steps apply in the order of the fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnSource {
    /// Source columns or dotted JSON paths; the first that is not empty counts.
    pub(crate) from: Option<OneOrMany>,
    /// Source columns or paths that are joined to one text, instead of `from`; an empty one keeps its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) join: Option<Vec<String>>,
    /// Text between what is joined, instead of `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) separator: Option<String>,
    /// Source columns or paths that hold true or false, instead of `from`; the name of the first that is true counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_true: Option<Vec<String>>,
    /// The same value on every row, instead of `from`.
    pub(crate) constant: Option<Scalar>,
    /// Separator that makes a list of a text.
    pub(crate) split: Option<String>,
    /// Conversion of the text, such as `euros`.
    pub(crate) cast: Option<Cast>,
    /// First and one-past-last character to keep.
    pub(crate) slice: Option<(usize, usize)>,
    /// Replacement of whole values; others stay as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) values: BTreeMap<String, String>,
    /// Text put before a value that is not empty.
    pub(crate) prefix: Option<String>,
    /// Value where nothing was found; none of the steps above apply to it.
    pub(crate) default: Option<Scalar>,
}

impl ColumnSource {
    /// Returns the source columns or paths that it reads, by any of its ways.
    pub(crate) fn fields(&self) -> &[String] {
        let from = self.from.as_ref().map(OneOrMany::as_slice);
        let others = [self.join.as_deref(), self.first_true.as_deref()];
        let ways = std::iter::once(from).chain(others);
        ways.flatten().next().unwrap_or_default()
    }
}

/// A condition on a source column.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keep {
    /// The source column or JSON path.
    pub(crate) column: String,
    /// Values that keep the record; `""` stands for an empty one.
    pub(crate) values: BTreeSet<String>,
}

/// One text or a list of texts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A TOML value as the text that a CSV cell would hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "ScalarValue", into = "String")]
pub(crate) struct Scalar(pub(crate) String);

#[derive(Deserialize)]
#[serde(untagged)]
enum ScalarValue {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl From<ScalarValue> for Scalar {
    fn from(value: ScalarValue) -> Self {
        Self(match value {
            ScalarValue::Bool(value) => value.to_string(),
            ScalarValue::Int(value) => value.to_string(),
            ScalarValue::Float(value) => value.to_string(),
            ScalarValue::Text(value) => value,
        })
    }
}

impl From<Scalar> for String {
    fn from(value: Scalar) -> Self {
        value.0
    }
}
