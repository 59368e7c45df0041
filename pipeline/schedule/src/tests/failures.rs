//! Runs that panic, hang, fail or find the lake busy.

use super::world::{Play, Seen, World, at, dag, failed, hours, minutes, succeeded};
use crate::{Ended, SlotRecord, SlotRules, SlotState, Span};

const DUE: &str = "2026-11-02T01:00:00Z";

/// Lives from before a nightly slot until noon; returns the records of the slot.
async fn night(world: &World, rules: SlotRules) -> Vec<SlotRecord> {
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T12:00:00Z").await;
    let ledger = crate::SlotLedger::new(world.lake.clone());
    ledger.records("nightly", at(DUE)).await.unwrap()
}

fn before_the_night(script: impl Fn(&crate::Request) -> Play + Send + Sync + 'static) -> World {
    World::at("2026-11-02T00:30:00Z").with_runs(script)
}

fn states(records: &[SlotRecord]) -> Vec<SlotState> {
    records.iter().map(|record| record.state).collect()
}

#[tokio::test]
async fn a_run_that_panics_is_recorded_and_the_next_night_runs() {
    for play in [Play::PanicsAtStart, Play::PanicsAfter(minutes(5))] {
        let broken = play.clone();
        let world = before_the_night(move |request| match request.due == at(DUE) {
            true => broken.clone(),
            false => Play::Ends(minutes(5), succeeded()),
        });
        let records = night(&world, SlotRules::default()).await;
        assert_eq!(
            states(&records),
            [SlotState::Due, SlotState::Running, SlotState::Failed]
        );
        assert!(
            records[2].reason.starts_with("it panicked: the "),
            "{}",
            records[2].reason
        );
        let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
        let mut scheduler = world.scheduler("a", &dags);
        world.live(&mut scheduler, "2026-11-03T12:00:00Z").await;
        let states = world.states("nightly").await;
        assert_eq!(
            states[1],
            (at("2026-11-03T01:00:00Z"), SlotState::Succeeded),
            "{play:?}"
        );
    }
}

#[tokio::test]
async fn a_run_that_hangs_is_ended_after_its_timeout() {
    let rules = SlotRules {
        timeout: Span::seconds(2 * 3600),
        ..SlotRules::default()
    };
    let world = before_the_night(|_| Play::Hangs);
    let records = night(&world, rules).await;
    assert_eq!(
        states(&records),
        [SlotState::Due, SlotState::Running, SlotState::TimedOut]
    );
    assert_eq!(records[2].at - records[1].at, hours(2));
    assert!(records[2].reason.contains("2h"), "{}", records[2].reason);
    assert!(matches!(
        world.seen()[..],
        [Seen::Started(_), Seen::Killed(_)]
    ));
}

#[tokio::test]
async fn a_failure_is_tried_again_with_growing_pauses_while_its_error_says_that_it_may_help() {
    let world = before_the_night(|_| Play::Ends(minutes(1), failed(true)));
    let records = night(&world, SlotRules::default()).await;
    let starts: Vec<_> = records
        .iter()
        .filter(|record| record.state == SlotState::Running)
        .map(|record| (record.at - at(DUE)).num_minutes())
        .collect();
    // Each takes a minute; pauses are of one, two and four.
    assert_eq!(starts, [0, 2, 5, 10]);
    let last = records.last().unwrap();
    assert_eq!((last.state, last.attempt), (SlotState::Failed, 4));
    assert_eq!(last.reason, "the store is away");
}

#[tokio::test]
async fn a_retry_that_succeeds_ends_the_matter() {
    let world = before_the_night(|request| match request.attempt {
        3 => Play::Ends(minutes(1), succeeded()),
        _ => Play::Ends(minutes(1), failed(true)),
    });
    let last = night(&world, SlotRules::default()).await.pop().unwrap();
    assert_eq!((last.state, last.attempt), (SlotState::Succeeded, 3));
    assert_eq!(last.started_at, Some(at(DUE)));
}

#[tokio::test]
async fn a_failure_that_trying_again_does_not_mend_is_final() {
    let world = before_the_night(|_| Play::Ends(minutes(1), failed(false)));
    let records = night(&world, SlotRules::default()).await;
    assert_eq!(
        states(&records),
        [SlotState::Due, SlotState::Running, SlotState::Failed]
    );
}

#[tokio::test]
async fn a_lake_that_is_busy_costs_no_try_and_makes_the_slot_wait() {
    let clock = World::at("2026-11-02T00:30:00Z");
    let until = clock.clone();
    let world = clock.with_runs(move |_| match until.now() < at("2026-11-02T03:00:00Z") {
        true => Play::Ends(minutes(0), Ended::Busy),
        false => Play::Ends(minutes(1), succeeded()),
    });
    let rules = SlotRules {
        retries: 0,
        ..SlotRules::default()
    };
    let records = night(&world, rules).await;
    let last = records.last().unwrap();
    assert_eq!((last.state, last.attempt), (SlotState::Succeeded, 1));
    assert!(
        records
            .iter()
            .any(|record| record.state == SlotState::Queued)
    );
}

#[tokio::test]
async fn the_run_in_the_ledger_of_runs_is_named() {
    let run = Some("2026-11-02.0001".to_owned());
    let ended = Ended::Succeeded { run: run.clone() };
    let world = before_the_night(move |_| Play::Ends(minutes(1), ended.clone()));
    assert_eq!(
        night(&world, SlotRules::default()).await.pop().unwrap().run,
        run
    );
}

#[tokio::test]
async fn while_one_dag_runs_another_waits_and_its_lateness_is_a_record() {
    let world = before_the_night(|request| match request.dag.as_str() {
        "nightly" => Play::Ends(hours(2), succeeded()),
        _ => Play::Ends(minutes(1), succeeded()),
    });
    let dags = [
        dag("nightly", "0 2 * * *", SlotRules::default()),
        dag("weekly", "10 2 * * MON", SlotRules::default()),
    ];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T12:00:00Z").await;
    let ledger = crate::SlotLedger::new(world.lake.clone());
    let records = ledger
        .records("weekly", at("2026-11-02T01:10:00Z"))
        .await
        .unwrap();
    assert_eq!(
        states(&records),
        [
            SlotState::Due,
            SlotState::Late,
            SlotState::Running,
            SlotState::Succeeded
        ]
    );
    assert_eq!(records[1].late_seconds, Some(16 * 60));
    assert_eq!(records[3].late_seconds, Some(110 * 60));
    assert!(records[3].overlaps.is_none());
}
