//! The wall clock is wrong for a while.

use super::world::{Play, Seen, World, at, dag, hours, minutes, succeeded};
use crate::{CatchUp, Overlap, SlotRules, SlotState, Span};

#[tokio::test]
async fn a_clock_set_back_runs_no_slot_twice_and_loses_none() {
    let world = World::at("2026-11-02T06:30:00Z");
    let dags = [dag("hourly", "0 * * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T10:30:00Z").await;
    world.jump(-hours(3));
    world.live(&mut scheduler, "2026-11-02T13:30:00Z").await;
    let wanted = dags[0]
        .timetable()
        .between(at("2026-11-02T06:30:00Z"), at("2026-11-02T13:00:00Z"));
    assert_eq!(world.started(), wanted);
}

#[tokio::test]
async fn slots_recorded_as_missed_by_a_clock_that_was_ahead_come_back_at_their_time() {
    let world = World::at("2026-11-02T06:30:00Z");
    let dags = [dag("hourly", "0 * * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T08:30:00Z").await;
    world.jump(hours(72));
    scheduler.beat(world.moment()).await.unwrap();
    world.pass(minutes(15));
    scheduler.beat(world.moment()).await.unwrap();
    world.jump(-hours(72));
    // The newest of the 72 was caught up under the wrong clock, and stays done.
    let caught_up = at("2026-11-05T08:00:00Z");
    assert_eq!(world.started().last(), Some(&caught_up));
    world.live(&mut scheduler, "2026-11-05T12:30:00Z").await;
    let wanted = dags[0]
        .timetable()
        .between(at("2026-11-02T06:30:00Z"), at("2026-11-05T12:00:00Z"));
    let mut started = world.started();
    started.sort();
    assert_eq!(started, wanted);
    let states = world.states("hourly").await;
    assert!(
        states
            .iter()
            .all(|(_, state)| *state == SlotState::Succeeded)
    );
}

#[tokio::test]
async fn a_scheduler_first_started_in_the_future_is_not_silent_until_then() {
    let world = World::at("2030-01-01T00:00:00Z");
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    scheduler.beat(world.moment()).await.unwrap();
    world.jump(at("2026-11-02T12:00:00Z") - world.now());
    world.live(&mut scheduler, "2026-11-03T12:00:00Z").await;
    assert_eq!(world.started(), [at("2026-11-03T01:00:00Z")]);
}

#[tokio::test]
async fn a_run_is_not_timed_out_by_a_jump_but_by_the_time_that_passed() {
    let rules = SlotRules {
        timeout: Span::seconds(3600),
        catch_up: CatchUp::None,
        ..SlotRules::default()
    };
    let world =
        World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Ends(minutes(50), succeeded()));
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T01:10:00Z").await;
    world.jump(hours(72));
    world.live(&mut scheduler, "2026-11-05T03:00:00Z").await;
    let states = world.states("nightly").await;
    assert_eq!(
        states[0],
        (at("2026-11-02T01:00:00Z"), SlotState::Succeeded)
    );
    assert!(
        !world
            .seen()
            .iter()
            .any(|seen| matches!(seen, Seen::Killed(_)))
    );
}

#[tokio::test]
async fn what_waits_for_a_time_does_not_wait_for_days_when_the_clock_is_set_back() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|request| match request.attempt {
        1 => Play::Ends(minutes(1), super::world::failed(true)),
        _ => Play::Ends(minutes(1), succeeded()),
    });
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T01:02:00Z").await;
    world.jump(-hours(72));
    world.live(&mut scheduler, "2026-10-30T01:10:00Z").await;
    let slots = world.slots("nightly").await;
    let slot = slots
        .iter()
        .find(|slot| slot.due == at("2026-11-02T01:00:00Z"))
        .unwrap();
    assert_eq!((slot.state, slot.attempt), (SlotState::Succeeded, 2));
}

#[tokio::test]
async fn a_standby_whose_clock_runs_ahead_does_not_take_a_living_leaders_place() {
    let world = World::at("2026-11-02T00:30:00Z").with_runs(|_| Play::Ends(hours(5), succeeded()));
    let rules = SlotRules {
        overlap: Overlap::Queue,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let (mut leader, mut standby) = (world.scheduler("a", &dags), world.scheduler("b", &dags));
    while world.now() < at("2026-11-02T08:00:00Z") {
        leader.beat(world.moment()).await.unwrap();
        let mut ahead = world.moment();
        ahead.now += hours(72);
        let beat = standby.beat(ahead).await.unwrap();
        assert!(matches!(beat, crate::Beat::StandsBy { .. }));
        world.pass(minutes(1) / 2);
    }
    assert_eq!(world.started(), [at("2026-11-02T01:00:00Z")]);
}
