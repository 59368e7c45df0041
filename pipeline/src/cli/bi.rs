//! `pipeline bi`.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use schemas::Layer;

use super::arguments::{Common, LakeArguments};
use crate::{
    bi::{self, Dialect},
    project::Project,
};

/// What BI tools need.
///
/// The gold tables are Parquet files that any tool opens: `<lake>/gold/<table>/<table>.parquet`, each replaced whole when a snapshot is
/// announced. Views give them names, and their contracts' descriptions as comments:
///
///   pipeline bi sql > gold.sql
///   duckdb market.duckdb < gold.sql
///   duckdb market.duckdb "SELECT region, sum(offers) FROM gold.market_signals GROUP BY region"
///
/// Money is in integer cents; instants are microseconds in UTC.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct BiArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    #[command(subcommand)]
    pub(crate) action: BiAction,
}

/// Actions for BI tools.
#[derive(Debug, Subcommand)]
pub(crate) enum BiAction {
    /// Print a view for each published table.
    Sql {
        /// Whose SQL.
        #[arg(long, default_value = "duckdb", value_name = "DIALECT")]
        dialect: DialectName,
        /// Silver tables too: cleaned rows, before they are joined and counted.
        #[arg(long)]
        silver: bool,
    },
}

/// Dialects by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DialectName {
    /// DuckDB.
    Duckdb,
    /// Spark SQL.
    Spark,
}

pub(super) async fn bi(common: &Common, arguments: BiArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let lake = arguments.lake.open_existing()?;
    let BiAction::Sql { dialect, silver } = arguments.action;
    let dialect = match dialect {
        DialectName::Duckdb => Dialect::DuckDb,
        DialectName::Spark => Dialect::Spark,
    };
    let layers: &[Layer] = match silver {
        true => &[Layer::Silver, Layer::Gold],
        false => &[Layer::Gold],
    };
    print!(
        "{}",
        bi::views(&lake, project.catalog(), layers, dialect).await?
    );
    Ok(0)
}
