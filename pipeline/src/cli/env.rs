//! `pipeline env` and `pipeline promote`.

use anyhow::Result;
use clap::{Args, Subcommand};
use lake::Lake;
use schemas::Environment;
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::{environments, report::print_json};

/// Look at the environments of a lake, or drop one.
///
/// An environment has an announced snapshot, published tables and a ledger of its own, and shares every artefact: what stands already is not
/// made or copied again. `--env` names one in any command; the first run in it makes it from what the lake itself announces:
///
///   pipeline run nightly --env dev --select state:modified+
///   pipeline query --env dev "SELECT count(*) FROM gold.offers"
///   serve --lake data --env dev
///   pipeline promote dev
///   pipeline env drop dev
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct EnvArguments {
    #[command(flatten)]
    lake: LakeArguments,
    #[command(subcommand)]
    action: EnvAction,
}

/// Actions on environments.
#[derive(Debug, Subcommand)]
enum EnvAction {
    /// List them: what each announces, from what it was made, and whether the lake went on since.
    List,
    /// Remove one: its pointers, its tables' names and its ledger. No artefact goes with it.
    Drop {
        /// The environment.
        name: Environment,
    },
}

/// Make what an environment announced and published the lake's own: nodes and BI tools see it at once.
///
/// Every byte of its snapshot is verified first. Where the lake itself went on since the environment was made from it, nothing moves: drop it
/// and run again, which makes nothing anew that stands, or say --force.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct PromoteArguments {
    /// The environment.
    name: Environment,
    #[command(flatten)]
    lake: LakeArguments,
    /// Also where the lake went on since: what it announced since is then no more announced.
    #[arg(long)]
    force: bool,
}

pub(super) async fn env(common: &Common, arguments: EnvArguments) -> Result<u8> {
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    match (arguments.action, common.output()) {
        (EnvAction::Drop { name }, output) => {
            let objects = environments::drop(&lake, &name).await?;
            match output {
                Output::Json => print_json(&json!({ "name": name, "objects": objects })),
                Output::Text => println!("environment {name} is gone: {objects} small objects"),
            }
        }
        (EnvAction::List, Output::Json) => {
            for one in environments::list(&lake).await? {
                print_json(&json!(one));
            }
        }
        (EnvAction::List, Output::Text) => {
            let listed = environments::list(&lake).await?;
            if listed.is_empty() {
                println!("there is none: `pipeline run nightly --env dev` makes one");
            }
            for one in listed {
                let id = one
                    .snapshot
                    .map_or("nothing announced".to_owned(), |id| id.to_string());
                let run = one.run.map_or(String::new(), |run| format!("  run {run}"));
                let behind = if one.is_behind {
                    "  the lake went on since it was made"
                } else {
                    ""
                };
                println!("{:16} {id}{run}{behind}", one.name.as_str());
            }
        }
    }
    Ok(0)
}

pub(super) async fn promote(common: &Common, arguments: &PromoteArguments) -> Result<u8> {
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let done = environments::promote(&lake, &arguments.name, arguments.force).await?;
    if common.output() == Output::Json {
        print_json(&json!(done));
        return Ok(0);
    }
    let id = done
        .snapshot
        .map_or("no snapshot".to_owned(), |id| format!("snapshot {id}"));
    println!(
        "{} is promoted as run {}: {id} is announced, {} tables are published in another version",
        arguments.name, done.run, done.tables
    );
    Ok(0)
}
