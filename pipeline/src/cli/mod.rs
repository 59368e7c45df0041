//! The command line.

mod after;
mod alerts;
mod arguments;
mod arms;
mod backfill;
mod backup;
mod bi;
mod cases;
mod contracts;
mod curation;
mod demo;
mod docs;
mod env;
mod export;
mod findings;
mod gates;
mod gc;
mod lineage;
mod models;
mod openlineage;
mod quarantine;
mod query;
mod report;
mod run;
mod runs;
mod schedule;
mod snapshot;
mod test;

use std::{io::IsTerminal, process::ExitCode};

use anyhow::Result;
use lake::{LakeError, store_failure};

pub use arguments::Arguments;
pub(crate) use arguments::Output;
use arguments::{Command, LogFormat};
pub(crate) use query::session as published_session;

/// Exit codes, as `--help` documents them.
pub(crate) mod exit {
    /// A job failed, or something that was asked for could not be done.
    pub(crate) const FAILED: u8 = 1;
    /// A gate refused the snapshot; the announced one stays.
    pub(crate) const REFUSED: u8 = 3;
    /// A snapshot's bytes are not what its manifest says.
    pub(crate) const DAMAGED: u8 = 4;
    /// The lake's store failed: trying again may help.
    pub(crate) const STORE: u8 = 5;
    /// Another run is at work on the lake: trying again later will help.
    pub(crate) const BUSY: u8 = 6;
    /// The run was cancelled; what was announced stays.
    pub(crate) const CANCELLED: u8 = 7;
    /// Too little is known to decide on a canary: watching on will help.
    pub(crate) const UNDECIDED: u8 = 8;
}

/// Does what the arguments ask; returns the exit code that `--help` documents.
pub fn execute(arguments: Arguments) -> ExitCode {
    end_quietly_on_closed_pipe();
    start_log(&arguments);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Jobs run on threads of their own, and planners of SQL recurse: as much as the main thread has.
        .thread_stack_size(8 << 20)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start threads: {error}");
            return ExitCode::from(exit::FAILED);
        }
    };
    let done = runtime.block_on(dispatch(arguments));
    // What a cancelled run still computes is not waited for.
    runtime.shutdown_background();
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(failure) = store_failure(error.as_ref()) {
                eprintln!("mend: {}", failure.mend);
            }
            ExitCode::from(code(&error))
        }
    }
}

fn code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(LakeError::Busy | LakeError::LockLost) => exit::BUSY,
        _ if store_failure(error.as_ref()).is_some() => exit::STORE,
        _ => exit::FAILED,
    }
}

async fn dispatch(arguments: Arguments) -> Result<u8> {
    let common = arguments.common;
    match arguments.command {
        Command::Run(run) => run::run(&common, run).await,
        Command::Runs(runs) => runs::runs(&common, runs).await,
        Command::Plan(plan) => run::plan(&common, plan).await,
        Command::Backfill(backfill) => backfill::backfill(&common, backfill).await,
        Command::Env(env) => env::env(&common, env).await,
        Command::Promote(promote) => env::promote(&common, &promote).await,
        Command::Schedule(schedule) => schedule::schedule(&common, schedule).await,
        Command::Demo(demo) => demo::demo(&common, &demo),
        Command::Contracts(contracts) => contracts::contracts(&common, &contracts),
        Command::Snapshot(snapshot) => snapshot::snapshot(&common, snapshot).await,
        Command::Backup(backup) => backup::backup(&common, backup).await,
        Command::Restore(restore) => backup::restore(&common, restore).await,
        Command::Gc(gc) => gc::gc(&common, gc).await,
        Command::Gates(gates) => gates::gates(&common, gates).await,
        Command::Quarantine(quarantine) => quarantine::quarantine(&common, quarantine).await,
        Command::Test(test) => test::test(&common, test).await,
        Command::CreateTest(create) => test::create_test(&common, create).await,
        Command::Lineage(lineage) => lineage::lineage(&common, lineage).await,
        Command::Alerts(alerts) => alerts::alerts(&common, alerts).await,
        Command::Report(report) => report::report(&common, report).await,
        Command::Docs(docs) => docs::docs(&common, docs).await,
        Command::Query(query) => query::query(&common, query).await,
        Command::Curation(curation) => curation::curation(&common, curation).await,
        Command::Cases(cases) => cases::cases(&common, cases).await,
        Command::Models(models) => models::models(&common, models).await,
        Command::Export(export) => export::export(&common, export).await,
        Command::Bi(bi) => bi::bi(&common, bi).await,
    }
}

/// Ends the program without a word where its reader has seen enough, as in `pipeline plan nightly | head`.
fn end_quietly_on_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.starts_with("failed printing to stdout")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

fn start_log(arguments: &Arguments) {
    let filter = tracing_subscriber::EnvFilter::try_new(&arguments.common.log)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match arguments.common.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
