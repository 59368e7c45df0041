//! The tables of a lake as views of a BI tool.

use std::fmt::Write as _;

use anyhow::Result;
use lake::Lake;
use schemas::{Catalog, Contract, Layer};

use crate::published::published_paths;

/// Whose SQL the views are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// DuckDB.
    DuckDb,
    /// Spark SQL.
    Spark,
}

/// Returns a view for each published table of some layers, with its descriptions, as one script.
pub(crate) async fn views(
    lake: &Lake,
    catalog: &Catalog,
    layers: &[Layer],
    dialect: Dialect,
) -> Result<String> {
    let mut script = String::new();
    for layer in layers {
        let _ = writeln!(script, "{}", dialect.schema(*layer));
        for contract in catalog.layer(*layer) {
            // What no run published has no view: a BI tool would fail on it only when somebody looks.
            let Some(paths) = published_paths(lake, &contract.table).await? else {
                let _ = writeln!(script, "-- {} is not published yet", contract.table);
                continue;
            };
            let places: Vec<String> = paths.iter().map(|path| place(lake, path)).collect();
            script.push_str(&dialect.view(contract, &places));
        }
    }
    Ok(script)
}

/// Returns where other programs find an object: a path on this machine, or a URL.
fn place(lake: &Lake, path: &str) -> String {
    match lake.store().folder() {
        Some(folder) => folder.join(path).display().to_string(),
        None => {
            let mut url = lake.store().url().clone();
            url.set_path(lake.store().full_path(path).as_ref());
            url.to_string()
        }
    }
}

impl Dialect {
    fn schema(self, layer: Layer) -> String {
        format!("CREATE SCHEMA IF NOT EXISTS {layer};")
    }

    fn view(self, contract: &Contract, places: &[String]) -> String {
        let table = &contract.table;
        match self {
            Self::DuckDb => {
                let files: Vec<String> = places.iter().map(|place| literal(place)).collect();
                let mut view = format!(
                    "CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet([{}]);\n",
                    files.join(", ")
                );
                let _ = writeln!(
                    view,
                    "COMMENT ON VIEW {table} IS {};",
                    literal(&contract.grain)
                );
                for column in &contract.columns {
                    let _ = writeln!(
                        view,
                        "COMMENT ON COLUMN {table}.\"{}\" IS {};",
                        column.name,
                        literal(&column.description)
                    );
                }
                view
            }
            Self::Spark => {
                let columns = contract.columns.iter().map(|column| {
                    let comment = literal(&column.description);
                    format!("`{}` COMMENT {comment}", column.name)
                });
                let columns: Vec<String> = columns.collect();
                let names = contract
                    .columns
                    .iter()
                    .map(|column| format!("`{}`", column.name));
                let names: Vec<String> = names.collect();
                let files = places
                    .iter()
                    .map(|place| format!("SELECT {} FROM parquet.`{place}`", names.join(", ")));
                let files: Vec<String> = files.collect();
                format!(
                    "CREATE OR REPLACE VIEW {table} ({}) COMMENT {} AS {};\n",
                    columns.join(", "),
                    literal(&contract.grain),
                    files.join(" UNION ALL ")
                )
            }
        }
    }
}

/// Quotes a text.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
