//! Pausing and resuming.

use super::world::{World, at, dag, hours};
use crate::{Pause, SlotRules, SlotState, decide};

async fn say(world: &World, is_paused: bool) {
    let pause = Pause {
        is_paused,
        at: world.now(),
        note: None,
    };
    decide(&world.lake, "nightly", &pause).await.unwrap();
}

#[tokio::test]
async fn a_paused_dag_starts_nothing_and_a_resumed_one_catches_up_by_its_policy() {
    let world = World::at("2026-11-01T12:00:00Z");
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T12:00:00Z").await;
    say(&world, true).await;
    world.live(&mut scheduler, "2026-11-05T12:00:00Z").await;
    assert_eq!(world.started().len(), 1);
    say(&world, false).await;
    world.live(&mut scheduler, "2026-11-06T12:00:00Z").await;
    let slots = world.slots("nightly").await;
    let states: Vec<_> = slots.iter().map(|slot| slot.state).collect();
    use SlotState::{Missed, Succeeded};
    assert_eq!(states, [Succeeded, Missed, Missed, Succeeded, Succeeded]);
    assert!(
        slots[1].reason.ends_with("the DAG was paused"),
        "{}",
        slots[1].reason
    );
    assert!(!slots[4].reason.contains("paused"));
}

#[tokio::test]
async fn a_run_under_way_goes_on_when_its_dag_is_paused() {
    let world = World::at("2026-11-02T00:30:00Z");
    let dags = [dag("nightly", "0 2 * * *", SlotRules::default())];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T01:05:00Z").await;
    say(&world, true).await;
    world.live(&mut scheduler, "2026-11-02T02:00:00Z").await;
    assert_eq!(
        world.states("nightly").await,
        [(at("2026-11-02T01:00:00Z"), SlotState::Succeeded)]
    );
}

#[tokio::test]
async fn a_dag_whose_file_says_paused_waits_to_be_resumed() {
    let world = World::at("2026-11-01T12:00:00Z");
    let rules = SlotRules {
        paused: true,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    let mut scheduler = world.scheduler("a", &dags);
    world.live(&mut scheduler, "2026-11-02T12:00:00Z").await;
    assert!(world.started().is_empty());
    say(&world, false).await;
    world.live(&mut scheduler, "2026-11-03T12:00:00Z").await;
    assert_eq!(
        world.started().last(),
        Some(&(at("2026-11-02T01:00:00Z") + hours(24)))
    );
}
