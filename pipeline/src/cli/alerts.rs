//! `pipeline alerts`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use super::{after::AfterArguments, arguments::Common};
use crate::{
    after::{After, Alert, send},
    project::Project,
};

/// Try whether alerts arrive.
///
/// data/alerts.toml says who is told how runs end; without it nobody is, and with --offline nobody either. Every table may be repeated or
/// left out:
///
///   [[webhook]]                      # POST of JSON: event, text, dag, slot, run, reasons, snapshot, report
///   url = "https://chat.example/hooks/nightly"
///   on = ["failed", "refused", "recovered", "succeeded"]   # failed and refused unless said
///
///   [[command]]                      # a program that gets the same JSON on its standard input
///   run = ["/usr/local/bin/page-me", "--team", "data"]
///
///   [[mail]]                         # handed to the system's mailer, `sendmail -t -i` unless `program` is said
///   from = "pipeline@example.fr"
///   to = ["nuit@example.fr"]
///
///   [dead_man]                       # written after each good run: alarm where it is older than the DAG's freshness
///   file = "data/last_good.json"
///   dags = ["nightly"]               # every DAG unless said
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct AlertsArguments {
    #[command(flatten)]
    after: AfterArguments,
    #[command(subcommand)]
    action: AlertsAction,
}

/// Actions on alerts.
#[derive(Debug, Subcommand)]
enum AlertsAction {
    /// Send a test to everybody whom the file names, whatever they asked for; fails where one does not arrive.
    Test,
}

pub(super) async fn alerts(common: &Common, arguments: AlertsArguments) -> Result<u8> {
    let project = Project::open(common.project.as_deref())?;
    let after = After::read(&project, &arguments.after.settings())?;
    let AlertsAction::Test = arguments.action;
    if after.is_offline {
        bail!("nothing is sent with --offline");
    }
    let asked = after.asked();
    if asked == 0 {
        bail!("nobody is to be told: data/alerts.toml is missing or names nobody");
    }
    let failures = send(&after, &Alert::test()).await;
    for failure in &failures {
        eprintln!("did not arrive: {failure:#}");
    }
    println!("{} of {asked} alerts arrived", asked - failures.len());
    Ok(u8::from(!failures.is_empty()))
}
