//! What follows a run: its report, its lineage events, and who is told. None of it can fail the run: what goes wrong is a note.

mod alert;
mod config;
mod deliver;
mod hand;
mod live;

use anyhow::Result;
use chrono::{DateTime, Utc};
use lake::{Lake, Ledger, RunId, RunRecord};

use crate::{
    context::Context,
    project::Project,
    report::Reporter,
    telling::{self, Story},
};

pub(crate) use alert::Alert;
pub(crate) use config::{After, AfterSettings};
use deliver::deliver;
pub(crate) use hand::send;
pub(crate) use live::{Arrived, Live};

/// Returns where the report of a run lies, relative to the lake: runs of an environment are numbered anew, and lie with it.
pub(crate) fn report_path(lake: &Lake, run: &RunId) -> String {
    lake.own(&format!("reports/{run}.html"))
}

/// Returns where the lineage events of a run lie, relative to the lake.
pub(crate) fn events_path(lake: &Lake, run: &RunId) -> String {
    lake.own(&format!("lineage/{run}.jsonl"))
}

/// Does what follows a run that ended at `at`; `arrived` are the events that were posted while it went on.
pub(crate) async fn ended(
    context: &Context,
    record: &RunRecord,
    at: DateTime<Utc>,
    arrived: &Arrived,
) {
    let (lake, after, reporter) = (&context.lake, &context.after, context.reporter);
    let mut told = vec![record.run.clone()];
    match write(&context.project, lake, &record.run).await {
        Ok(written) => told = written,
        Err(error) => reporter.note(&format!(
            "note  the run's report and events were not written: {error:#}"
        )),
    }
    if let Some(url) = after.openlineage.as_ref().filter(|_| !after.is_offline)
        && let Err(error) = deliver(
            lake,
            (url, after.openlineage_key.as_deref()),
            &told,
            arrived,
        )
        .await
    {
        reporter.note(&format!(
            "note  lineage events were not delivered, the next run tries again: {error:#}"
        ));
    }
    if let Err(error) = alert::after_run(context, record, at).await {
        reporter.note(&format!(
            "note  nobody could be told how the run ended: {error:#}"
        ));
    }
}

/// Tells that a run could not go on before it ended.
pub(crate) async fn gave_up(context: &Context, dag: &str, error: &anyhow::Error) {
    let alert = Alert::gave_up(dag, &context.slot.to_string(), &format!("{error:#}"));
    tell(&context.after, context.reporter, &alert).await;
}

/// Tells everybody who asked for such an event; what does not arrive is a note.
async fn tell(after: &After, reporter: Reporter, alert: &Alert) {
    for failure in send(after, alert).await {
        reporter.note(&format!("note  an alert did not arrive: {failure:#}"));
    }
}

/// How many killed runs in a row are told by the next one.
const KILLED: usize = 20;

/// Writes the report and the events of a run, and of the killed ones just before it, which could not; returns whose it wrote, the oldest first.
async fn write(project: &Project, lake: &Lake, run: &RunId) -> Result<Vec<RunId>> {
    let ledger = Ledger::new(lake.clone());
    let mut to_tell = vec![run.clone()];
    let before = ledger.runs().await?.into_iter().rev();
    for one in before.filter(|one| one < run).take(KILLED) {
        let is_told = lake.exists(&events_path(lake, &one)).await?;
        if is_told || ledger.ended(&one).await?.is_some() {
            break;
        }
        to_tell.push(one);
    }
    to_tell.reverse();
    for one in &to_tell {
        let story = Story::read(project, lake, one).await?;
        let page = report::run::render(&telling::view(&story));
        lake.write(&report_path(lake, one), page).await?;
        let events = telling::events(project, &story).await?;
        lake.write(&events_path(lake, one), events).await?;
    }
    Ok(to_tell)
}
