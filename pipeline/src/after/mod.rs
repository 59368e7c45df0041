//! What follows a run: its report, its lineage events, and who is told. None of it can fail the run: what goes wrong is a note.

mod alert;
mod config;
mod deliver;
mod hand;

use anyhow::Result;
use chrono::{DateTime, Utc};
use lake::{Lake, RunId, RunRecord};

use crate::{
    context::Context,
    project::Project,
    report::Reporter,
    telling::{self, Story},
};

pub(crate) use alert::Alert;
pub(crate) use config::{After, AfterSettings};
pub(crate) use hand::send;

/// Returns where the report of a run lies, relative to the lake.
pub(crate) fn report_path(run: &RunId) -> String {
    format!("reports/{run}.html")
}

/// Returns where the lineage events of a run lie, relative to the lake.
pub(crate) fn events_path(run: &RunId) -> String {
    format!("lineage/{run}.jsonl")
}

/// Does what follows a run that ended at `at`.
pub(crate) async fn ended(context: &Context, record: &RunRecord, at: DateTime<Utc>) {
    let (lake, reporter) = (&context.lake, context.reporter);
    if let Err(error) = write(&context.project, lake, &record.run).await {
        reporter.note(&format!(
            "note  the run's report and events were not written: {error:#}"
        ));
    }
    if let Some(url) = context
        .after
        .openlineage
        .as_ref()
        .filter(|_| !context.after.is_offline)
        && let Err(error) = deliver::deliver(
            lake,
            url,
            context.after.openlineage_key.as_deref(),
            &record.run,
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

/// Writes the report and the events of a run; those of killed runs before it, too, for they could not.
async fn write(project: &Project, lake: &Lake, run: &RunId) -> Result<()> {
    let ledger = lake::Ledger::new(lake.clone());
    let before = ledger
        .runs()
        .await?
        .into_iter()
        .rev()
        .skip_while(|one| one != run);
    for (place, one) in before.take(2).enumerate() {
        // Of the run before only what it could not write itself.
        let is_there = place > 0 && lake.exists(&events_path(&one)).await?;
        if is_there || (place > 0 && ledger.ended(&one).await?.is_some()) {
            continue;
        }
        let story = Story::read(project, lake, &one).await?;
        let page = report::run::render(&telling::view(&story));
        lake.write(&report_path(&one), page).await?;
        let events = telling::events(project, &story).await?;
        lake.write(&events_path(&one), events).await?;
    }
    Ok(())
}
