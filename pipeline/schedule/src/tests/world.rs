//! A lake in memory, a clock that tests move, and runs that do what a test says.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use lake::Lake;

use crate::{
    Beat, Dag, Ended, Moment, Patience, Request, Run, Running, ScheduleError, Scheduler,
    SchedulerSettings, SlotLedger, SlotRecord, SlotRules, SlotState, Span,
};

/// What a run does.
#[derive(Debug, Clone)]
pub(super) enum Play {
    Ends(TimeDelta, Ended),
    Hangs,
    PanicsAtStart,
    PanicsAfter(TimeDelta),
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Started(Request),
    Killed(Request),
}

type Script = dyn Fn(&Request) -> Play + Send + Sync;

/// All that schedulers share.
#[derive(Clone)]
pub(super) struct World {
    pub(super) lake: Lake,
    clock: Arc<Mutex<Moment>>,
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

pub(super) fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

pub(super) fn succeeded() -> Ended {
    Ended::Succeeded { run: None }
}

pub(super) fn failed(may_help: bool) -> Ended {
    Ended::Failed {
        reason: "the store is away".to_owned(),
        may_help,
        run: None,
    }
}

/// A DAG in Paris.
pub(super) fn dag(name: &str, pattern: &str, rules: SlotRules) -> Dag {
    Dag::new(name, pattern, "Europe/Paris", rules).unwrap()
}

impl World {
    /// A world at an instant, in which each run takes ten minutes and succeeds.
    pub(super) fn at(now: &str) -> Self {
        Self {
            lake: Lake::open("memory:///").unwrap(),
            clock: Arc::new(Mutex::new(Moment {
                now: at(now),
                elapsed: Duration::ZERO,
            })),
            script: Arc::new(|_| Play::Ends(minutes(10), succeeded())),
            seen: Arc::default(),
        }
    }

    pub(super) fn with_runs(
        self,
        script: impl Fn(&Request) -> Play + Send + Sync + 'static,
    ) -> Self {
        Self {
            script: Arc::new(script),
            ..self
        }
    }

    pub(super) fn moment(&self) -> Moment {
        *self.clock.lock().unwrap()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.moment().now
    }

    /// Lets time pass.
    pub(super) fn pass(&self, time: TimeDelta) {
        let mut moment = self.clock.lock().unwrap();
        moment.now += time;
        moment.elapsed += time.to_std().unwrap();
    }

    /// Sets the wall clock forward or back; no time passes.
    pub(super) fn jump(&self, by: TimeDelta) {
        self.clock.lock().unwrap().now += by;
    }

    pub(super) fn scheduler(&self, owner: &str, dags: &[Dag]) -> Scheduler {
        self.scheduler_with(owner, dags, Patience::Watches)
    }

    pub(super) fn scheduler_with(
        &self,
        owner: &str,
        dags: &[Dag],
        patience: Patience,
    ) -> Scheduler {
        let settings = SchedulerSettings {
            owner: owner.to_owned(),
            lease: Span::seconds(60),
            patience,
        };
        let runner = Box::new(Scripted(self.clone()));
        Scheduler::new(self.lake.clone(), dags.to_vec(), runner, settings)
    }

    /// Beats a scheduler each minute until an instant; returns what became of slots.
    pub(super) async fn live(&self, scheduler: &mut Scheduler, until: &str) -> Vec<SlotRecord> {
        self.live_by(scheduler, until, minutes(1)).await
    }

    pub(super) async fn live_by(
        &self,
        scheduler: &mut Scheduler,
        until: &str,
        step: TimeDelta,
    ) -> Vec<SlotRecord> {
        let mut records = Vec::new();
        while self.now() < at(until) {
            records.extend(records_of(scheduler.beat(self.moment()).await));
            self.pass(step);
        }
        records
    }

    /// Everything that was started or killed, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// When each started run was due, in the order of starting.
    pub(super) fn started(&self) -> Vec<DateTime<Utc>> {
        let started = |seen: Seen| match seen {
            Seen::Started(request) => Some(request.due),
            Seen::Killed(_) => None,
        };
        self.seen().into_iter().filter_map(started).collect()
    }

    /// The newest record of each slot of a DAG.
    pub(super) async fn slots(&self, dag: &str) -> Vec<SlotRecord> {
        let mut ledger = SlotLedger::new(self.lake.clone());
        let since = ledger.scheduled_since(dag).await.unwrap().unwrap();
        let history = ledger.history(dag, since, at("2028-01-01T00:00:00Z")).await;
        history.unwrap().slots.into_values().collect()
    }

    /// Where each slot of a DAG stands.
    pub(super) async fn states(&self, dag: &str) -> Vec<(DateTime<Utc>, SlotState)> {
        let slots = self.slots(dag).await;
        slots.iter().map(|slot| (slot.due, slot.state)).collect()
    }
}

pub(super) fn records_of(beat: Result<Beat, ScheduleError>) -> Vec<SlotRecord> {
    match beat.unwrap() {
        Beat::Leads { records, .. } => records,
        Beat::StandsBy { .. } => Vec::new(),
    }
}

struct Scripted(World);

struct ScriptedRun {
    world: World,
    request: Request,
    play: Play,
    started: Duration,
    is_killed: bool,
}

impl Run for Scripted {
    fn start(&self, request: &Request) -> Result<Box<dyn Running>, String> {
        let world = self.0.clone();
        world
            .seen
            .lock()
            .unwrap()
            .push(Seen::Started(request.clone()));
        let play = (world.script)(request);
        if matches!(play, Play::PanicsAtStart) {
            panic!("the runner is broken");
        }
        Ok(Box::new(ScriptedRun {
            started: world.moment().elapsed,
            world,
            request: request.clone(),
            play,
            is_killed: false,
        }))
    }
}

impl Running for ScriptedRun {
    fn poll(&mut self) -> Option<Ended> {
        let took = self.world.moment().elapsed - self.started;
        let has_taken = |time: &TimeDelta| took >= time.to_std().unwrap();
        match &self.play {
            _ if self.is_killed => Some(failed(false)),
            Play::Ends(time, ended) if has_taken(time) => Some(ended.clone()),
            Play::PanicsAfter(time) if has_taken(time) => panic!("the job is broken"),
            _ => None,
        }
    }

    fn kill(&mut self) {
        self.is_killed = true;
        let mut seen = self.world.seen.lock().unwrap();
        seen.push(Seen::Killed(self.request.clone()));
    }
}
