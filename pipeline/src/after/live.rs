//! Lineage events posted while a run goes on. The run never waits for an address, and what does not arrive is posted after it with the rest.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use lake::{JobRecord, RunRecord};
use lineage::Lineage;
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use super::deliver::{PATIENCE, post};
use crate::{
    artefact::Artefact,
    context::Context,
    jobs::Job,
    origins,
    telling::{self, Story, Told},
};

/// Which events arrived: the run or job of a run, and the type.
pub(crate) type Arrived = BTreeSet<(String, String)>;

/// Returns what names an event.
pub(super) fn name(event: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&event["run"]["runId"]), text(&event["eventType"]))
}

/// What was told of a run.
struct SoFar {
    story: Story,
    /// The jobs of which it was told that they start.
    started: BTreeSet<String>,
}

/// Tells an address of a run that goes on.
pub(crate) struct Live {
    context: Arc<Context>,
    lineage: Lineage,
    told: Mutex<SoFar>,
    events: UnboundedSender<Value>,
    is_over: Arc<AtomicBool>,
    poster: Mutex<Option<JoinHandle<Arrived>>>,
}

impl Live {
    /// Begins to tell of a run; none where nobody is to be told. What goes wrong is a note.
    pub(crate) async fn begin(context: &Arc<Context>, record: RunRecord) -> Option<Self> {
        let after = &context.after;
        let url = after.openlineage.clone().filter(|_| !after.is_offline)?;
        let begun = Self::open(context, record, url).await;
        let said = |error: &anyhow::Error| {
            let note = format!("note  lineage events are told after the run only: {error:#}");
            context.reporter.note(&note);
        };
        begun.inspect_err(said).ok()
    }

    async fn open(context: &Arc<Context>, record: RunRecord, url: String) -> Result<Self> {
        let lineage = origins::lineage(&context.project).await?;
        let story = Story::begin(&context.project, &context.lake, record);
        let (events, queue) = unbounded_channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let key = context.after.openlineage_key.clone();
        let poster = post_all(queue, url, key, Arc::clone(&is_over));
        // Nobody listens any more where an event did not arrive: it is posted after the run.
        let _ = events.send(telling::run_starts(&story));
        Ok(Self {
            context: Arc::clone(context),
            lineage,
            told: Mutex::new(SoFar {
                story,
                started: BTreeSet::new(),
            }),
            events,
            is_over,
            poster: Mutex::new(Some(tokio::spawn(poster))),
        })
    }

    /// Tells that a job makes its output; once, though it is done again.
    pub(crate) fn starts(&self, job: &dyn Job, record: &JobRecord) {
        let mut so_far = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if so_far.started.insert(job.name()) {
            let about = (&self.context.project, &self.lineage);
            let told = told(job, record, None);
            let _ = self
                .events
                .send(telling::job_starts(about, &so_far.story, &told));
        }
    }

    /// Tells how a job ended that said that it starts. Of a publication the gates are known only after the run.
    pub(crate) fn ended(&self, job: &dyn Job, record: &JobRecord, made: Option<&Artefact>) {
        let mut so_far = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let about = (&self.context.project, &self.lineage);
        so_far.story.jobs.push(told(job, record, made));
        if so_far.started.contains(&record.job)
            && job.writes() != "snapshot"
            && let Some(told) = so_far.story.jobs.last()
            && let Some(event) = telling::job_ends(about, &so_far.story, told)
        {
            let _ = self.events.send(event);
        }
    }

    /// Returns what arrived. What still waits is not posted any more, so that the end of the run is not held up.
    pub(crate) async fn end(&self) -> Arrived {
        self.is_over.store(true, Ordering::SeqCst);
        let poster = self
            .poster
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // It may wait for the next event: this one is nobody's.
        let _ = self.events.send(Value::Null);
        match poster {
            Some(poster) => poster.await.unwrap_or_default(),
            None => Arrived::new(),
        }
    }
}

/// Posts events until one does not arrive, or the run is over; returns which arrived.
async fn post_all(
    mut queue: UnboundedReceiver<Value>,
    url: String,
    key: Option<String>,
    is_over: Arc<AtomicBool>,
) -> Arrived {
    let mut arrived = Arrived::new();
    while let Some(event) = queue.recv().await {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let posted = post(&url, key.as_deref(), event.to_string(), PATIENCE).await;
        if posted.is_err() {
            break;
        }
        arrived.insert(name(&event));
    }
    arrived
}

fn told(job: &dyn Job, record: &JobRecord, made: Option<&Artefact>) -> Told {
    Told {
        record: record.clone(),
        writes: job.writes(),
        reads: telling::reads(job),
        made: made.cloned(),
        before: None,
    }
}
