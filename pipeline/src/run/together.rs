//! Doing the jobs of a run, several at one time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use lake::{JobRecord, RunId};
use tokio::{runtime::Handle, task::JoinSet};

use super::{
    choose::Choice,
    failing::Failure,
    one::{Bench, Came, Ended, Task},
    progress::Progress,
    ready::{Entry, Queue},
};
use crate::jobs::Job;

/// The jobs of a run, and how far they are.
pub(super) struct Together<'a> {
    bench: Arc<Bench>,
    choice: &'a Choice,
    /// Those that run, and those for which an earlier output stands in, in the order of the DAG.
    tasks: Vec<Task>,
    queue: Queue,
    /// Each on a thread of its own, so that what one computes holds up no other.
    threads: JoinSet<(usize, Result<Came>)>,
    under_way: BTreeSet<usize>,
    ended: usize,
    progress: Progress,
}

/// Returns what the queue is to know of jobs in the order of their DAG.
pub(super) fn entries(
    order: &[Arc<dyn Job>],
    expected_ms: impl Fn(&str) -> Option<u64>,
) -> Vec<Entry> {
    let writers = order.iter().enumerate();
    let writers: BTreeMap<String, usize> =
        writers.map(|(place, job)| (job.writes(), place)).collect();
    let entry = |job: &Arc<dyn Job>| Entry {
        after: job
            .reads()
            .iter()
            .filter_map(|read| writers.get(read).copied())
            .collect(),
        expected_ms: expected_ms(&job.name()),
        is_alone: job.is_alone(),
    };
    order.iter().map(entry).collect()
}

impl<'a> Together<'a> {
    pub(super) fn new(
        bench: Bench,
        order: &[Arc<dyn Job>],
        choice: &'a Choice,
        last: &BTreeMap<String, (RunId, JobRecord)>,
    ) -> Self {
        let is_part = |job: &&Arc<dyn Job>| {
            let name = job.name();
            choice.takes(&name) || choice.held(&name).is_some()
        };
        let part: Vec<Arc<dyn Job>> = order.iter().filter(is_part).cloned().collect();
        let took = |job: &str| last.get(job).and_then(|(_, record)| record.made_ms);
        let at_once = bench.context.jobs_at_once;
        let queue = Queue::new(&entries(&part, took), at_once);
        let task = |(place, job): (usize, Arc<dyn Job>)| Task {
            last: last.get(&job.name()).cloned(),
            is_beside_others: at_once > 1 && !job.is_alone(),
            job,
            place,
        };
        Self {
            bench: Arc::new(bench),
            choice,
            tasks: part.into_iter().enumerate().map(task).collect(),
            queue,
            threads: JoinSet::new(),
            under_way: BTreeSet::new(),
            ended: 0,
            progress: Progress::default(),
        }
    }

    /// Does them. What fails stops only what depends on it.
    ///
    /// # Errors
    /// The run cannot go on. None of its jobs is under way any more.
    pub(super) async fn all(mut self) -> Result<Progress> {
        let done = self.go_on().await;
        if done.is_err() {
            // What is under way must not write into a lake whose lock is given back.
            self.bench.context.cancel.ask();
            while self.threads.join_next().await.is_some() {}
        }
        done.map(|()| self.progress)
    }

    async fn go_on(&mut self) -> Result<()> {
        let bench = Arc::clone(&self.bench);
        let cancel = &bench.context.cancel;
        loop {
            self.start().await?;
            let ended = tokio::select! {
                ended = self.threads.join_next() => ended,
                // They look themselves whether somebody asked.
                () = cancel.asked(&bench.ledger, &bench.run), if !cancel.is_asked() => continue,
            };
            let Some(ended) = ended else {
                break;
            };
            let (place, came) = ended?;
            match came? {
                Came::To(ended) => self.end(place, *ended),
                Came::ToLackMemory => {
                    self.tasks[place].is_beside_others = false;
                    self.under_way.remove(&place);
                    self.queue.again_alone(place);
                }
            }
        }
        if cancel.is_asked() && self.ended < self.tasks.len() {
            self.progress.fail(Failure::Cancelled);
        }
        Ok(())
    }

    /// Starts what may start.
    async fn start(&mut self) -> Result<()> {
        let bench = Arc::clone(&self.bench);
        let cancel = &bench.context.cancel;
        if cancel.look(&bench.ledger, &bench.run).await {
            return Ok(());
        }
        while !cancel.is_asked()
            && let Some(place) = self.queue.start()
        {
            let task = self.tasks[place].clone();
            let job = task.job.as_ref();
            let missing = self.progress.missing(job);
            let inputs = self.progress.inputs(job);
            if let Some(held) = self.choice.held(&job.name()) {
                let ended = bench.hold(&task, &inputs, held).await?;
                if !held.is_of_retried {
                    self.progress.stood(job);
                }
                self.end(place, ended);
            } else if missing.is_empty() {
                let (bench, runtime) = (Arc::clone(&bench), Handle::current());
                self.threads
                    .spawn_blocking(move || (place, runtime.block_on(bench.work(&task, &inputs))));
                self.under_way.insert(place);
            } else {
                let ended = bench.block(&task, &missing).await?;
                self.end(place, ended);
            }
        }
        self.tell();
        Ok(())
    }

    fn end(&mut self, place: usize, ended: Ended) {
        self.queue.end(place);
        self.under_way.remove(&place);
        self.ended += 1;
        let job = self.tasks[place].job.as_ref();
        self.progress.add(job, ended, self.bench.context.reporter);
    }

    fn tell(&self) {
        let under_way = self.under_way.iter();
        let names: Vec<String> = under_way
            .map(|&place| self.tasks[place].job.name())
            .collect();
        let reporter = self.bench.context.reporter;
        reporter.under_way(&names, self.ended, self.tasks.len());
    }
}
