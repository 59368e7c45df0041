//! All contracts of a project, read from `schemas/<layer>/<table>.toml` and checked against each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{
    Check, Contract, GateDefaults, Layer, OnFailure, SchemaError, SnapshotGates, TableName,
    contract::ContractFile, gate,
};

/// The contracts of a project.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    contracts: BTreeMap<TableName, Contract>,
    snapshot: SnapshotGates,
}

impl Catalog {
    /// Reads every contract below `dir`.
    ///
    /// # Errors
    /// A file cannot be read or parsed, or a contract names a column or table that does not exist.
    pub fn load(dir: &Path) -> Result<Self, SchemaError> {
        let defaults = GateDefaults::load(dir)?;
        let mut contracts = BTreeMap::new();
        for layer in Layer::ALL {
            for (table, file) in read_layer(dir, layer)? {
                let base = file.extends.clone().map(|base| {
                    contracts.get(&base).cloned().ok_or_else(|| {
                        inconsistent(
                            &table,
                            format!("extends {base}, which has no contract in an earlier layer"),
                        )
                    })
                });
                let mut contract = file.resolve(table.clone(), base.transpose()?.as_ref());
                contract.gates = gate::with_defaults(contract.gates, &table, &defaults);
                contracts.insert(table, contract);
            }
        }
        let catalog = Self {
            contracts,
            snapshot: defaults.snapshot,
        };
        catalog
            .contracts
            .values()
            .try_for_each(|contract| catalog.check(contract))?;
        Ok(catalog)
    }

    /// Returns the contract of a table.
    ///
    /// # Errors
    /// The table has no contract.
    pub fn get(&self, table: &TableName) -> Result<&Contract, SchemaError> {
        self.contracts
            .get(table)
            .ok_or_else(|| SchemaError::UnknownTable(table.to_string()))
    }

    /// Returns the gates of the snapshot as a whole.
    #[must_use]
    pub const fn snapshot_gates(&self) -> &SnapshotGates {
        &self.snapshot
    }

    /// Returns every contract, by layer and name.
    pub fn iter(&self) -> impl Iterator<Item = &Contract> {
        self.contracts.values()
    }

    /// Returns the contracts of one layer, by name.
    pub fn layer(&self, layer: Layer) -> impl Iterator<Item = &Contract> {
        self.contracts
            .values()
            .filter(move |contract| contract.table.layer == layer)
    }

    fn check(&self, contract: &Contract) -> Result<(), SchemaError> {
        let table = &contract.table;
        let parts: Vec<_> = contract.version.split('.').map(str::parse::<u32>).collect();
        if parts.len() != 3 || parts.iter().any(Result::is_err) {
            return Err(inconsistent(
                table,
                format!("version {:?} is not major.minor.patch", contract.version),
            ));
        }
        let names: BTreeSet<&str> = contract.columns.iter().map(|c| c.name.as_str()).collect();
        if names.len() != contract.columns.len() {
            return Err(inconsistent(table, "two columns share a name".to_owned()));
        }
        let known = |column: &String, what: &str| match names.contains(column.as_str()) {
            true => Ok(()),
            false => Err(inconsistent(
                table,
                format!("{what} names column {column}, which it does not have"),
            )),
        };
        contract
            .key
            .iter()
            .try_for_each(|column| known(column, "key"))?;
        contract
            .latest_by
            .iter()
            .try_for_each(|column| known(column, "latest_by"))?;
        let mut rules = BTreeSet::new();
        for rule in &contract.rules {
            if !rules.insert(&rule.name) {
                return Err(inconsistent(
                    table,
                    format!("two rules are named {}", rule.name),
                ));
            }
            rule.columns
                .iter()
                .try_for_each(|c| known(c, &format!("rule {}", rule.name)))?;
            self.check_rule(contract, rule)?;
        }
        for gate in &contract.gates {
            gate.check(contract)
                .map_err(|reason| inconsistent(table, reason))?;
        }
        if contract.carry_over_max.is_some() && contract.on_failure != OnFailure::CarryOver {
            return Err(inconsistent(
                table,
                "carry_over_max says how long something may be carried over, and on_failure is not \"carry_over\""
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn check_rule(&self, contract: &Contract, rule: &crate::Rule) -> Result<(), SchemaError> {
        let refuse = |reason: String| {
            Err(inconsistent(
                &contract.table,
                format!("rule {}: {reason}", rule.name),
            ))
        };
        let is_single = rule.columns.len() == 1;
        match &rule.check {
            Check::NotNull | Check::Unique if rule.columns.is_empty() => {
                refuse("names no column".into())
            }
            Check::Range { min, max } if min.zip(*max).is_some_and(|(min, max)| min > max) => {
                refuse("min is above max".into())
            }
            Check::Regex { pattern } => match regex::Regex::new(pattern) {
                Err(error) => refuse(format!("pattern does not compile: {error}")),
                Ok(_) if !is_single => refuse("looks at exactly one column".into()),
                Ok(_) => Ok(()),
            },
            Check::References { table, to } => {
                let target = self.get(table).map_err(|_| {
                    inconsistent(
                        &contract.table,
                        format!(
                            "rule {} references {table}, which has no contract",
                            rule.name
                        ),
                    )
                })?;
                match to.iter().find(|column| target.column(column).is_none()) {
                    Some(column) => refuse(format!("{table} has no column {column}")),
                    None if to.len() != rule.columns.len() => refuse(format!(
                        "{} columns against {} of {table}",
                        rule.columns.len(),
                        to.len()
                    )),
                    None => Ok(()),
                }
            }
            Check::Range { .. } | Check::Allowed { .. } | Check::Siren | Check::Tenant
                if !is_single =>
            {
                refuse("looks at exactly one column".into())
            }
            _ => Ok(()),
        }
    }
}

fn inconsistent(table: &TableName, reason: String) -> SchemaError {
    SchemaError::Inconsistent {
        table: table.to_string(),
        reason,
    }
}

fn read_layer(dir: &Path, layer: Layer) -> Result<Vec<(TableName, ContractFile)>, SchemaError> {
    let folder = dir.join(layer.as_str());
    if !folder.is_dir() {
        // Bronze has no files of its own: its contracts are those of landing, with provenance.
        return match layer {
            Layer::Bronze => Ok(Vec::new()),
            _ => Err(SchemaError::Read {
                path: folder,
                source: std::io::ErrorKind::NotFound.into(),
            }),
        };
    }
    let read = |source| SchemaError::Read {
        path: folder.clone(),
        source,
    };
    let mut paths = std::fs::read_dir(&folder)
        .and_then(|entries| {
            entries
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(read)?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    paths
        .into_iter()
        .map(|path| read_contract(layer, &path))
        .collect()
}

fn read_contract(layer: Layer, path: &Path) -> Result<(TableName, ContractFile), SchemaError> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let table: TableName = format!("{layer}.{stem}").parse()?;
    let text = std::fs::read_to_string(path).map_err(|source| SchemaError::Read {
        path: path.to_owned(),
        source,
    })?;
    let file = toml::from_str(&text).map_err(|source| SchemaError::Parse {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    Ok((table, file))
}
