//! `pipeline runs retry` and `pipeline runs cancel`.

use std::{process::Command, time::Duration};

use anyhow::{Result, bail};
use lake::{Lake, LakeError, Ledger, Process, RunRecord, RunState};
use serde_json::json;

use super::find;
use crate::{
    cli::{
        arguments::{Common, LakeArguments, Output},
        run::execute,
    },
    project::Project,
    report::print_json,
    run::{RunSettings, to_retry},
};

/// How long a cancelled run is waited for.
const PATIENCE: u32 = 20;
const LOOK: Duration = Duration::from_millis(250);

/// Takes a run up with what it was told.
pub(super) async fn retry(
    common: &Common,
    lake: &LakeArguments,
    ledger: &Ledger,
    named: &str,
) -> Result<u8> {
    let record = to_retry(ledger, named).await?;
    let settings = RunSettings::again(&record, &lake.lake, lake.env.clone());
    let project = Project::open(common.project.as_deref())?;
    let (code, _) = execute(common, project, &settings).await?;
    Ok(code)
}

/// Asks that a run end, and waits a moment for it.
pub(super) async fn cancel(
    output: Output,
    lake: &Lake,
    ledger: &Ledger,
    named: &str,
) -> Result<()> {
    let record = find(ledger, named).await?;
    if record.state != RunState::Running {
        bail!(
            "run {} ended already: {}",
            record.run,
            super::state(&record)
        );
    }
    ledger.cancel(&record.run, "pipeline runs cancel").await?;
    let state = match lake.lock().await {
        // Nobody is at work: it was killed.
        Ok(_lock) => {
            let ended = RunRecord {
                state: RunState::Cancelled,
                ..record.clone()
            };
            ledger.end(&ended).await?;
            "cancelled"
        }
        Err(LakeError::Busy) => {
            interrupt(record.beginning.process.as_ref());
            waited(ledger, &record).await?
        }
        Err(error) => return Err(error.into()),
    };
    match output {
        Output::Json => print_json(&json!({ "run": record.run, "state": state })),
        Output::Text if state == "asked" => println!(
            "run {} is asked to end: it will before its next job; `pipeline runs show {}` tells",
            record.run, record.run
        ),
        Output::Text => println!("run {} is {state}", record.run),
    }
    Ok(())
}

async fn waited(ledger: &Ledger, record: &RunRecord) -> Result<&'static str> {
    for _ in 0..PATIENCE {
        if let Some(ended) = ledger.ended(&record.run).await? {
            return Ok(super::state(&ended));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok("asked")
}

/// Interrupts the process of a run where it is one of this machine, so that it need not wait for its next look.
fn interrupt(process: Option<&Process>) {
    let Some(process) = process.filter(|process| process.host == Process::own().host) else {
        return;
    };
    // The number may be another program's by now.
    let name = std::fs::read_to_string(format!("/proc/{}/comm", process.id)).unwrap_or_default();
    if name.trim() == "pipeline" {
        // The request is in the ledger: the run sees it at its next look though this fails.
        let _ = Command::new("kill")
            .args(["-INT", &process.id.to_string()])
            .status();
    }
}
