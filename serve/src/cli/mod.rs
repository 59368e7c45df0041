//! The command line: `serve` answers; `serve keys` and `serve routes` are for whoever runs it.

mod keys;
mod routes;

use clap::{Parser, Subcommand};

pub use self::keys::KeysCommand;
use crate::Settings;

/// Answers match requests from the snapshot that the pipeline announced.
///
/// Opens snapshots/CURRENT (or PIN) of the lake, verifies every byte, warms up and answers; takes the next snapshot over without a
/// failed request and refuses a bad one. Exit codes: 0 stopped by SIGTERM or SIGINT with everything written, 1 could not run,
/// 2 wrong setting.
#[derive(Debug, Clone, Parser)]
#[command(name = "serve", version, args_conflicts_with_subcommands = false)]
pub struct Program {
    /// What the node is run with.
    #[command(flatten)]
    pub settings: Settings,

    /// What to do instead of answering.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of answering.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make, list, rotate and revoke the keys that callers are let in by
    #[command(subcommand)]
    Keys(KeysCommand),
    /// List every route with the scope that it needs and the units that a request costs
    Routes(routes::RoutesCommand),
}

impl Command {
    /// Does it, and returns what is to be printed.
    ///
    /// # Errors
    /// What cannot be done, and what to do instead.
    pub fn execute(&self, settings: &Settings) -> anyhow::Result<String> {
        match self {
            Self::Keys(command) => command.execute(settings),
            Self::Routes(command) => Ok(command.execute()),
        }
    }
}
