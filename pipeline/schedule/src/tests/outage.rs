//! Three days without a scheduler.

use chrono::{DateTime, Utc};

use super::world::{World, at, dag, hours};
use crate::{CatchUp, SlotRecord, SlotRules, SlotState};

/// Lives through a night, three days of nobody, and a night again.
async fn outage(catch_up: CatchUp, catch_up_max: u32) -> (World, Vec<SlotRecord>) {
    let world = World::at("2026-11-01T12:00:00Z");
    let rules = SlotRules {
        catch_up,
        catch_up_max,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let mut before = world.scheduler("before", &dags);
    world.live(&mut before, "2026-11-02T12:00:00Z").await;
    drop(before);
    world.pass(hours(72));
    let mut after = world.scheduler("after", &dags);
    world.live(&mut after, "2026-11-06T12:00:00Z").await;
    let slots = world.slots("nightly").await;
    (world, slots)
}

fn night(day: u32) -> DateTime<Utc> {
    at(&format!("2026-11-{day:02}T01:00:00Z"))
}

fn states(slots: &[SlotRecord]) -> Vec<(DateTime<Utc>, SlotState)> {
    slots.iter().map(|slot| (slot.due, slot.state)).collect()
}

#[tokio::test]
async fn catch_up_all_runs_every_missed_night_oldest_first() {
    let (world, slots) = outage(CatchUp::All, 7).await;
    let nights: Vec<_> = (2..=6).map(night).collect();
    assert_eq!(world.started(), nights);
    assert!(slots.iter().all(|slot| slot.state == SlotState::Succeeded));
    let late: Vec<_> = slots
        .iter()
        .map(|slot| slot.late_seconds.is_some())
        .collect();
    assert_eq!(late, [false, true, true, true, false]);
    let days: Vec<_> = slots.iter().map(|slot| slot.slot.to_string()).collect();
    assert_eq!(days[1..4], ["2026-11-03", "2026-11-04", "2026-11-05"]);
}

#[tokio::test]
async fn catch_up_all_keeps_to_its_maximum_and_records_the_rest_as_missed() {
    let (world, slots) = outage(CatchUp::All, 2).await;
    assert_eq!(world.started(), [night(2), night(4), night(5), night(6)]);
    assert_eq!(states(&slots)[1], (night(3), SlotState::Missed));
    assert!(
        slots[1].reason.contains("only the newest 2"),
        "{}",
        slots[1].reason
    );
}

#[tokio::test]
async fn catch_up_last_runs_the_newest_missed_night_and_records_the_others() {
    let (world, slots) = outage(CatchUp::Last, 7).await;
    assert_eq!(world.started(), [night(2), night(5), night(6)]);
    assert_eq!(
        states(&slots),
        [
            (night(2), SlotState::Succeeded),
            (night(3), SlotState::Missed),
            (night(4), SlotState::Missed),
            (night(5), SlotState::Succeeded),
            (night(6), SlotState::Succeeded),
        ]
    );
    assert!(slots[1].reason.contains("seen 2 d"), "{}", slots[1].reason);
}

#[tokio::test]
async fn catch_up_none_runs_nothing_and_records_every_missed_night() {
    let (world, slots) = outage(CatchUp::None, 7).await;
    assert_eq!(world.started(), [night(2), night(6)]);
    let missed = states(&slots)[1..4]
        .iter()
        .all(|(_, state)| *state == SlotState::Missed);
    assert!(missed, "{slots:?}");
}

#[tokio::test]
async fn a_slot_that_is_on_time_makes_catching_the_last_one_up_needless() {
    let world = World::at("2026-11-01T12:00:00Z");
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    world
        .live(
            &mut world.scheduler("before", &dags),
            "2026-11-01T12:05:00Z",
        )
        .await;
    world.pass(at("2026-11-05T01:05:00Z") - world.now());
    world
        .live(&mut world.scheduler("after", &dags), "2026-11-05T02:00:00Z")
        .await;
    assert_eq!(world.started(), [night(5)]);
    assert_eq!(world.slots("nightly").await.len(), 4);
}

#[tokio::test]
async fn slots_before_the_first_scheduler_are_nobodys() {
    let world = World::at("2026-11-05T12:00:00Z");
    let rules = SlotRules {
        catch_up: CatchUp::All,
        ..SlotRules::default()
    };
    let mut scheduler = world.scheduler("a", &[dag("nightly", "0 2 * * *", rules)]);
    world.live(&mut scheduler, "2026-11-05T20:00:00Z").await;
    assert!(world.slots("nightly").await.is_empty());
}

#[tokio::test]
async fn slots_of_many_months_ago_are_not_recorded_again() {
    let world = World::at("2026-01-10T12:00:00Z");
    let rules = SlotRules {
        catch_up: CatchUp::None,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    world
        .live(
            &mut world.scheduler("before", &dags),
            "2026-01-12T12:00:00Z",
        )
        .await;
    world.pass(hours(24 * 200));
    let mut after = world.scheduler("after", &dags);
    let first = world.live(&mut after, "2026-07-31T12:05:00Z").await;
    let missed = first
        .iter()
        .filter(|record| record.state == SlotState::Missed);
    assert_eq!(missed.count(), 200);
    assert_eq!(world.started().len(), 2);
}
