//! A table's contract: its schema, key, rules, owner and freshness.

use serde::{Deserialize, Serialize};

use crate::{Action, Check, Gate, OnFailure, Rule, TableName};

/// The type of a column, as a contract names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Text.
    String,
    /// A 64-bit integer.
    Int,
    /// A 64-bit float.
    Float,
    /// True or false.
    Bool,
    /// A calendar day.
    Date,
    /// An instant, in microseconds, UTC.
    Timestamp,
    /// Money, in integer cents of a euro.
    Cents,
    /// A list of texts.
    Strings,
    /// A list of 64-bit floats.
    Floats,
    /// JSON kept as text.
    Json,
}

impl ColumnKind {
    /// Says whether values are days or instants.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }

    /// Says whether values are numbers.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Cents)
    }

    /// Says whether values can be counted one by one.
    #[must_use]
    pub const fn is_category(self) -> bool {
        matches!(self, Self::String | Self::Bool)
    }
}

/// How personal a column's values are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pii {
    /// Not about a person.
    #[default]
    None,
    /// Identifies a person (name, e-mail, telephone).
    Personal,
    /// A special category in the sense of the GDPR, article 9.
    Sensitive,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
    /// The unit of its values, where they have one.
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether a value may be missing.
    #[serde(rename = "nullable", default = "default_true")]
    pub is_nullable: bool,
    /// How personal it is.
    #[serde(default)]
    pub pii: Pii,
    /// What it means, in a sentence.
    pub description: String,
}

const fn default_true() -> bool {
    true
}

/// A table's contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contract {
    /// The table.
    pub table: TableName,
    /// Semantic version `major.minor.patch`; a change that breaks readers raises the major.
    pub version: String,
    /// What the table is, in a sentence.
    pub description: String,
    /// What one row is.
    pub grain: String,
    /// Who answers for it.
    pub owner: String,
    /// How old its data may be, such as `1d`.
    pub freshness: String,
    /// Words by which people select it, such as `bi`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Columns that identify a row.
    pub key: Vec<String>,
    /// Columns whose largest values mark the latest state of a key.
    pub latest_by: Vec<String>,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rules, implied ones (`not_null_<column>`) first.
    pub rules: Vec<Rule>,
    /// The gates, the contract's own first, then defaults of its layer.
    pub gates: Vec<Gate>,
    /// What becomes of its readers where its job fails or a gate refuses it.
    pub on_failure: OnFailure,
    /// Most nights in a row that an earlier artefact may stand in; any number where none is said.
    pub carry_over_max: Option<u32>,
}

impl Contract {
    /// Returns the column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Returns the major version, 0 where the version has none.
    #[must_use]
    pub fn major(&self) -> u64 {
        self.version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok())
            .unwrap_or(0)
    }

    /// Returns the other tables that the contract's rules look into.
    pub fn referenced_tables(&self) -> impl Iterator<Item = &TableName> {
        self.rules.iter().filter_map(|rule| match &rule.check {
            Check::References { table, .. } if *table != self.table => Some(table),
            _ => None,
        })
    }

    /// Returns the BLAKE3 digest, in hexadecimal, of all that the contract says about rows: descriptions,
    /// owner, tags, freshness and gates do not count, so mending a sentence or a limit rebuilds nothing.
    #[must_use]
    pub fn digest(&self) -> String {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|c| (&c.name, c.kind, c.is_nullable))
            .collect();
        let said = (
            &self.table,
            &self.key,
            &self.latest_by,
            columns,
            &self.rules,
        );
        let bytes = serde_json::to_vec(&said).expect("contracts hold only strings and numbers");
        blake3::hash(&bytes).to_hex().to_string()
    }

    /// Returns this landing contract as that of the bronze table: the same columns, then provenance.
    #[must_use]
    pub fn with_provenance(&self) -> Self {
        let mut bronze = self.clone();
        bronze.table.layer = crate::Layer::Bronze;
        bronze.columns.extend(crate::provenance::columns());
        bronze
    }
}

/// A contract file as written, before `extends` and implied rules are worked out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContractFile {
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) grain: String,
    pub(crate) owner: String,
    pub(crate) freshness: String,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) key: Vec<String>,
    #[serde(default)]
    pub(crate) latest_by: Vec<String>,
    pub(crate) extends: Option<TableName>,
    #[serde(default, rename = "column")]
    pub(crate) columns: Vec<Column>,
    #[serde(default, rename = "rule")]
    pub(crate) rules: Vec<Rule>,
    #[serde(default, rename = "gate")]
    pub(crate) gates: Vec<Gate>,
    #[serde(default)]
    pub(crate) on_failure: OnFailure,
    #[serde(default)]
    pub(crate) carry_over_max: Option<u32>,
}

impl ContractFile {
    /// Works out the contract: inherited columns first, own ones replace or follow; then implied rules.
    pub(crate) fn resolve(self, table: TableName, base: Option<&Contract>) -> Contract {
        let mut columns: Vec<Column> = base.map(|b| b.columns.clone()).unwrap_or_default();
        for own in self.columns {
            match columns.iter_mut().find(|column| column.name == own.name) {
                Some(inherited) => *inherited = own,
                None => columns.push(own),
            }
        }
        let mut rules = Vec::new();
        if table.layer > crate::Layer::Bronze {
            let action = match table.layer {
                crate::Layer::Gold => Action::FailJob,
                _ => Action::Quarantine,
            };
            rules.extend(
                columns
                    .iter()
                    .filter(|column| !column.is_nullable)
                    .map(|column| Rule {
                        name: format!("not_null_{}", column.name),
                        columns: vec![column.name.clone()],
                        check: Check::NotNull,
                        action,
                    }),
            );
        }
        rules.extend(self.rules);
        Contract {
            table,
            version: self.version,
            description: self.description,
            grain: self.grain,
            owner: self.owner,
            freshness: self.freshness,
            tags: self.tags,
            key: self.key,
            latest_by: self.latest_by,
            columns,
            rules,
            gates: self.gates,
            on_failure: self.on_failure,
            carry_over_max: self.carry_over_max,
        }
    }
}
