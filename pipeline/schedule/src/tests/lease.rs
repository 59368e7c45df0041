//! Several schedulers on one lake.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::world::{Play, Seen, World, at, dag, hours, minutes, records_of, succeeded};
use crate::{Beat, Patience, SlotRules, SlotState};

#[tokio::test]
async fn two_schedulers_run_each_slot_once() {
    let world = World::at("2026-11-02T06:30:00Z");
    let dags = [
        dag("hourly", "0 * * * *", SlotRules::default()),
        dag("quarterly", "5,20,35,50 * * * *", SlotRules::default()),
    ];
    let (mut a, mut b) = (world.scheduler("a", &dags), world.scheduler("b", &dags));
    while world.now() < at("2026-11-02T18:30:00Z") {
        let moment = world.moment();
        let (first, second) = tokio::join!(a.beat(moment), b.beat(moment));
        // One of the two leads at a time.
        let leading = [&first, &second];
        let count = leading
            .iter()
            .filter(|beat| matches!(beat, Ok(Beat::Leads { .. })))
            .count();
        assert_eq!(count, 1);
        world.pass(minutes(1));
    }
    for dag in &dags {
        let wanted = dag
            .timetable()
            .between(at("2026-11-02T06:30:00Z"), at("2026-11-02T18:00:00Z"));
        let started = world.seen().into_iter().filter_map(|seen| match seen {
            Seen::Started(request) if request.dag == dag.name() => Some(request.due),
            _ => None,
        });
        let mut started: Vec<_> = started
            .filter(|due| *due <= at("2026-11-02T18:00:00Z"))
            .collect();
        started.sort();
        assert_eq!(started, wanted, "{}", dag.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn schedulers_on_threads_of_their_own_run_each_slot_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::at("2026-11-02T06:59:00Z");
    world.lake = lake::Lake::open(&dir.path().display().to_string()).unwrap();
    let dags = [dag("hourly", "0 * * * *", SlotRules::default())];
    let mut schedulers: Vec<_> = ["a", "b", "c", "d"]
        .map(|owner| world.scheduler(owner, &dags))
        .into();
    for _ in 0..12 {
        let beats: Vec<_> = schedulers
            .into_iter()
            .map(|mut scheduler| {
                let moment = world.moment();
                tokio::spawn(async move {
                    // Several in a row, so that they meet in the middle of one another.
                    for _ in 0..5 {
                        let _ = scheduler.beat(moment).await;
                    }
                    scheduler
                })
            })
            .collect();
        schedulers = Vec::new();
        for beat in beats {
            schedulers.push(beat.await.unwrap());
        }
        world.pass(minutes(20));
    }
    let mut started = world.started();
    assert!(started.len() >= 4, "{started:?}");
    let count = started.len();
    started.dedup();
    assert_eq!(started.len(), count);
    assert!(started.is_sorted());
}

#[tokio::test]
async fn a_scheduler_killed_in_a_run_is_replaced_and_the_slot_run_again() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Ends(hours(1), succeeded()));
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let mut killed = world.scheduler("killed", &dags);
    world.live(&mut killed, "2026-11-02T01:20:00Z").await;
    // Nothing of it is dropped: it says no goodbye.
    std::mem::forget(killed);
    let mut next = world.scheduler("next", &dags);
    let beat = next.beat(world.moment()).await.unwrap();
    assert_eq!(
        beat,
        Beat::StandsBy {
            leader: "killed".to_owned()
        }
    );
    world.pass(minutes(1) / 2);
    assert!(matches!(
        next.beat(world.moment()).await.unwrap(),
        Beat::StandsBy { .. }
    ));
    world.live(&mut next, "2026-11-02T04:00:00Z").await;
    let mut ledger = crate::SlotLedger::new(world.lake.clone());
    let records = ledger
        .records("nightly", at("2026-11-02T01:00:00Z"))
        .await
        .unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|r| (r.state, r.owner.as_str(), r.attempt))
        .collect();
    assert_eq!(
        told,
        [
            (SlotState::Due, "killed", 0),
            (SlotState::Running, "killed", 1),
            (SlotState::Retrying, "next", 1),
            (SlotState::Running, "next", 2),
            (SlotState::Succeeded, "next", 2),
        ]
    );
    assert!(
        records[2].reason.contains("killed"),
        "{}",
        records[2].reason
    );
    assert!(
        !ledger.append(&records[4]).await.unwrap(),
        "a record is never replaced"
    );
}

#[tokio::test]
async fn a_leader_that_slept_ends_its_run_when_it_wakes_and_another_leads() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Ends(hours(2), succeeded()));
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let (mut sleeper, mut next) = (
        world.scheduler("sleeper", &dags),
        world.scheduler("next", &dags),
    );
    world.live(&mut sleeper, "2026-11-02T01:05:00Z").await;
    world.live(&mut next, "2026-11-02T01:15:00Z").await;
    let beat = sleeper.beat(world.moment()).await.unwrap();
    assert_eq!(
        beat,
        Beat::StandsBy {
            leader: "next".to_owned()
        }
    );
    let killed: Vec<_> = world
        .seen()
        .into_iter()
        .filter_map(|seen| match seen {
            Seen::Killed(request) => Some(request.attempt),
            Seen::Started(_) => None,
        })
        .collect();
    assert_eq!(killed, [1]);
    world.live(&mut next, "2026-11-02T04:00:00Z").await;
    assert_eq!(world.slots("nightly").await[0].state, SlotState::Succeeded);
}

#[tokio::test]
async fn a_scheduler_that_stops_hands_over_at_once_and_its_run_is_run_again() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Ends(hours(1), succeeded()));
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let (mut first, mut next) = (
        world.scheduler("first", &dags),
        world.scheduler("next", &dags),
    );
    world.live(&mut first, "2026-11-02T01:30:00Z").await;
    first.drain();
    let records = first.stop(world.moment()).await.unwrap();
    assert_eq!(
        (records[0].state, records[0].attempt),
        (SlotState::Retrying, 0)
    );
    let records = records_of(next.beat(world.moment()).await);
    assert_eq!(
        (records[0].state, records[0].attempt),
        (SlotState::Running, 1)
    );
}

#[tokio::test]
async fn a_heartbeat_out_of_a_cron_table_believes_the_clock() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Hangs);
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let once = || world.scheduler_with("once", &dags, Patience::BelievesTheClock);
    let mut killed = world.scheduler("killed", &dags);
    world.live(&mut killed, "2026-11-02T01:10:00Z").await;
    std::mem::forget(killed);
    world.jump(-minutes(1));
    assert!(matches!(
        once().beat(world.moment()).await.unwrap(),
        Beat::StandsBy { .. }
    ));
    world.pass(minutes(2));
    assert!(matches!(
        once().beat(world.moment()).await.unwrap(),
        Beat::Leads { .. }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Each step: which of three schedulers beats, how many seconds pass, whether it is killed after.
    #[test]
    fn however_beats_interleave_and_schedulers_die_each_slot_succeeds_once(
        steps in prop::collection::vec((0_usize..3, 1_i64..90, 0_u32..40), 100..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let since = at("2026-11-02T06:30:00Z");
            let world = World::at("2026-11-02T06:30:00Z").with_runs(|_| Play::Ends(minutes(3), succeeded()));
            let rules = SlotRules { retries: 1000, catch_up: crate::CatchUp::All, catch_up_max: 1000, ..SlotRules::default() };
            let dags = [dag("often", "*/10 * * * *", rules)];
            let mut schedulers: Vec<_> = (0..3).map(|n| world.scheduler(&n.to_string(), &dags)).collect();
            let mut succeeded: BTreeMap<_, u32> = BTreeMap::new();
            let mut count = |records: Vec<crate::SlotRecord>| {
                for record in records.into_iter().filter(|r| r.state == SlotState::Succeeded) {
                    *succeeded.entry(record.due).or_default() += 1;
                }
            };
            for (index, (who, seconds, fate)) in steps.into_iter().enumerate() {
                if let Ok(Beat::Leads { records, .. }) = schedulers[who].beat(world.moment()).await {
                    count(records);
                }
                if fate == 0 {
                    let born = world.scheduler(&format!("{who} of step {index}"), &dags);
                    std::mem::forget(std::mem::replace(&mut schedulers[who], born));
                }
                world.pass(TimeDelta::seconds(seconds));
            }
            let until = world.now();
            let mut last = world.scheduler("last", &dags);
            let end = (until + hours(6)).to_rfc3339();
            count(world.live_by(&mut last, &end, minutes(2)).await);
            let wanted = dags[0].timetable().between(since, until);
            for due in wanted {
                assert_eq!(succeeded.get(&due), Some(&1), "{due}");
            }
        });
    }
}
