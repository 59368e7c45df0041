//! The timer and the loop around the scheduler, on the real clock: nothing is asserted about how long it takes.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::world::{Play, Seen, World, dag, hours};
use crate::{Beat, Moment, Pace, Patience, SlotRules, SlotState, heartbeat::Ticks, run, run_once};

fn pace() -> Pace {
    Pace {
        period: Duration::from_secs(1),
        drain: Duration::ZERO,
    }
}

/// A wall clock that starts where a world stands, and a stopwatch.
fn clock(world: &World) -> impl Fn() -> Moment + use<> {
    let (start, since) = (world.now(), Instant::now());
    move || Moment {
        now: start + since.elapsed(),
        elapsed: since.elapsed(),
    }
}

#[tokio::test]
async fn the_timer_beats_until_it_is_told_to_stop_and_the_lease_is_given_up() {
    let world = World::at("2026-11-02T00:59:59Z").with_runs(|_| Play::Hangs);
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let states = Arc::new(Mutex::new(Vec::new()));
    let (told, all) = (states.clone(), Arc::new(tokio::sync::Notify::new()));
    let (running, stop) = (all.clone(), all);
    let hear = move |beat: &Beat| {
        if let Beat::Leads { records, .. } = beat {
            told.lock()
                .unwrap()
                .extend(records.iter().map(|record| record.state));
            if records
                .iter()
                .any(|record| record.state == SlotState::Running)
            {
                running.notify_one();
            }
        }
    };
    let scheduler = world.scheduler("a", &dags);
    run(scheduler, pace(), clock(&world), hear, async move {
        stop.notified().await
    })
    .await
    .unwrap();
    use SlotState::{Due, Retrying, Running};
    assert_eq!(*states.lock().unwrap(), [Due, Running, Retrying]);
    assert!(matches!(
        world.seen()[..],
        [Seen::Started(_), Seen::Killed(_)]
    ));
    let beat = world
        .scheduler("b", &dags)
        .beat(world.moment())
        .await
        .unwrap();
    assert!(matches!(beat, Beat::Leads { .. }));
}

#[tokio::test]
async fn a_run_under_way_may_end_after_the_scheduler_was_told_to_stop() {
    let world = World::at("2026-11-02T00:59:59Z")
        .with_runs(|_| Play::Ends(hours(1), super::world::succeeded()));
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let pace = Pace {
        drain: Duration::from_secs(600),
        ..pace()
    };
    let stop = Arc::new(tokio::sync::Notify::new());
    let (told, time) = (stop.clone(), world.clone());
    let hear = move |beat: &Beat| {
        let Beat::Leads { records, .. } = beat else {
            return;
        };
        let has_started = |record: &crate::SlotRecord| record.state == SlotState::Running;
        if records.iter().any(has_started) {
            time.pass(hours(1));
            told.notify_one();
        }
    };
    let clock = clock(&world);
    let stopped = async move { stop.notified().await };
    run(world.scheduler("a", &dags), pace, clock, hear, stopped)
        .await
        .unwrap();
    assert_eq!(world.slots("nightly").await[0].state, SlotState::Succeeded);
}

#[tokio::test]
async fn a_timer_that_falls_silent_is_started_anew() {
    let period = Duration::from_secs(1);
    let mut ticks = Ticks::start(period).await.unwrap();
    ticks.stop().await;
    // A tick may be left; after it there is none, until the timer is started anew.
    ticks.next(period).await.unwrap();
    ticks.next(period).await.unwrap();
    let tick = tokio::time::timeout(Duration::from_secs(60), ticks.ticks.recv()).await;
    assert_eq!(tick, Ok(Some(())));
}

#[tokio::test]
async fn one_heartbeat_runs_what_is_due_and_what_that_leaves_to_run() {
    let world = World::at("2026-11-02T00:59:00Z")
        .with_runs(|_| Play::Ends(hours(0), super::world::succeeded()));
    let rules = SlotRules {
        catch_up: crate::CatchUp::All,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let once = || world.scheduler_with("once", &dags, Patience::BelievesTheClock);
    run_once(once(), clock(&world), |_| ()).await.unwrap();
    assert!(world.started().is_empty());
    world.pass(hours(49));
    run_once(once(), clock(&world), |_| ()).await.unwrap();
    let states = world.states("nightly").await;
    assert_eq!(states.len(), 3);
    assert!(
        states
            .iter()
            .all(|(_, state)| *state == SlotState::Succeeded)
    );
}
