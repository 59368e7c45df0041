//! A SQL file: one SELECT, the tables it reads, and a digest that comments and white space do not change.

use std::{collections::BTreeSet, ops::ControlFlow, path::Path};

use datafusion::sql::{
    parser::{DFParser, Statement},
    resolve::resolve_table_references,
    sqlparser::ast::{self, Visit, Visitor},
};
use schemas::TableName;

use crate::SqlError;

/// One SELECT read from a file.
#[derive(Debug, Clone)]
pub struct Select {
    text: String,
    reads: BTreeSet<TableName>,
    calls: BTreeSet<String>,
}

impl Select {
    /// Reads a SQL file.
    ///
    /// # Errors
    /// The file cannot be read, or is not one SELECT over tables named `<layer>.<table>`.
    pub fn read(path: &Path) -> Result<Self, SqlError> {
        let text = std::fs::read_to_string(path).map_err(|source| SqlError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|reason| SqlError::NotASelect {
            path: path.to_owned(),
            reason,
        })
    }

    /// Parses one SELECT; the error says what is wrong with it.
    ///
    /// # Errors
    /// The text is not one SELECT over tables named `<layer>.<table>`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut statements = DFParser::parse_sql(text).map_err(|error| error.to_string())?;
        let statement = statements.pop_front().ok_or("the file is empty")?;
        if !statements.is_empty() {
            return Err("more than one statement; a file is one SELECT".to_owned());
        }
        let query = match &statement {
            Statement::Statement(inner) => match inner.as_ref() {
                ast::Statement::Query(query) => query,
                _ => return Err("not a SELECT".to_owned()),
            },
            _ => return Err("not a SELECT".to_owned()),
        };
        let (tables, _) =
            resolve_table_references(&statement, true).map_err(|error| error.to_string())?;
        let named = tables.iter().map(|table| {
            table
                .to_string()
                .parse::<TableName>()
                .map_err(|error| error.to_string())
        });
        Ok(Self {
            reads: named.collect::<Result<_, _>>()?,
            calls: calls(query),
            text: query.to_string(),
        })
    }

    /// Returns the SELECT, without comments.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the tables it names.
    #[must_use]
    pub fn reads(&self) -> &BTreeSet<TableName> {
        &self.reads
    }

    /// Returns the functions that it calls, in small letters.
    #[must_use]
    pub fn calls(&self) -> &BTreeSet<String> {
        &self.calls
    }

    /// Returns the BLAKE3 digest of what it says.
    #[must_use]
    pub fn digest(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex().to_string()
    }
}

/// Collects the names of functions.
struct Calls(BTreeSet<String>);

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &ast::Expr) -> ControlFlow<()> {
        if let ast::Expr::Function(function) = expression {
            self.0.insert(function.name.to_string().to_lowercase());
        }
        ControlFlow::Continue(())
    }
}

fn calls(query: &ast::Query) -> BTreeSet<String> {
    let mut calls = Calls(BTreeSet::new());
    // It never breaks off.
    let _ = query.visit(&mut calls);
    calls.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_white_space_change_no_digest() {
        let plain = Select::parse("SELECT a FROM bronze.t").unwrap();
        let dressed = Select::parse("-- grain\nSELECT   a\n/* why */ FROM bronze.t").unwrap();
        assert_eq!(plain.digest(), dressed.digest());
        assert_ne!(
            plain.digest(),
            Select::parse("SELECT b FROM bronze.t").unwrap().digest()
        );
    }

    #[test]
    fn the_tables_named_are_the_reads_and_ctes_are_not() {
        let select = Select::parse(
            "WITH x AS (SELECT * FROM silver.a) SELECT * FROM x JOIN gold.b ON x.k = b.k
             WHERE x.k IN (SELECT k FROM silver.c)",
        )
        .unwrap();
        let reads: Vec<_> = select.reads().iter().map(ToString::to_string).collect();
        assert_eq!(reads, ["silver.a", "silver.c", "gold.b"]);
    }

    #[test]
    fn the_functions_called_are_found_wherever_they_are() {
        let select = Select::parse(
            "WITH x AS (SELECT Clean_Text(a) AS a FROM silver.a) SELECT count(*) FROM x WHERE fold(a) IN (SELECT upper(k) FROM silver.c)",
        )
        .unwrap();
        let calls: Vec<_> = select.calls().iter().map(String::as_str).collect();
        assert_eq!(calls, ["clean_text", "count", "fold", "upper"]);
    }

    #[test]
    fn what_is_not_one_select_over_layers_is_refused() {
        for bad in [
            "",
            "DROP TABLE gold.t",
            "SELECT 1; SELECT 2",
            "SELECT * FROM t",
            "SELEC 1",
        ] {
            assert!(Select::parse(bad).is_err(), "{bad}");
        }
    }
}
