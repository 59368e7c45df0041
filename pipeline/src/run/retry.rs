//! Which run may be taken up.

use anyhow::{Context as _, Result, bail};
use lake::{Ledger, RunRecord, RunState};

/// Finds a run to take up.
///
/// # Errors
/// There is no such run, it succeeded, or a later one of the same DAG and slot did.
pub(crate) async fn to_retry(ledger: &Ledger, named: &str) -> Result<RunRecord> {
    let runs = ledger.runs().await?;
    let run = match named {
        "last" => runs.last(),
        _ => runs.iter().find(|run| run.as_str() == named),
    };
    let run =
        run.with_context(|| format!("no run is called {named}: `pipeline runs list` shows them"))?;
    let record = ledger.run(run).await?;
    let record = record.with_context(|| format!("the record of run {run} is gone"))?;
    if record.state == RunState::Succeeded {
        bail!("run {run} succeeded: there is nothing to take up");
    }
    for later in runs.iter().filter(|later| *later > run) {
        if let Some(ended) = ledger.ended(later).await?
            && (ended.slot, &ended.dag, ended.state)
                == (record.slot, &record.dag, RunState::Succeeded)
        {
            bail!(
                "run {later} of {} for slot {} succeeded since run {run}: there is nothing to take up",
                record.dag,
                record.slot
            );
        }
    }
    Ok(record)
}
