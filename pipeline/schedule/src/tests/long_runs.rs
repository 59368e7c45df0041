//! A nightly run of 26 hours.

use chrono::{DateTime, Utc};

use super::world::{Play, Seen, World, at, dag, hours, minutes, succeeded};
use crate::{Overlap, SlotRules, SlotState, Span};

/// Lives through five nights, the first of which takes 26 hours.
async fn nights(overlap: Overlap) -> World {
    let world =
        World::at("2026-11-01T12:00:00Z").with_runs(|request| match request.due == night(2) {
            true => Play::Ends(hours(26), succeeded()),
            false => Play::Ends(hours(1), succeeded()),
        });
    let rules = SlotRules {
        overlap,
        timeout: Span::seconds(48 * 3600),
        ..SlotRules::default()
    };
    let mut scheduler = world.scheduler("a", &[dag("nightly", "0 2 * * *", rules)]);
    world.live(&mut scheduler, "2026-11-06T12:00:00Z").await;
    world
}

fn night(day: u32) -> DateTime<Utc> {
    at(&format!("2026-11-{day:02}T01:00:00Z"))
}

async fn states(world: &World) -> Vec<SlotState> {
    let states = world.states("nightly").await.into_iter();
    states.map(|(_, state)| state).collect()
}

#[tokio::test]
async fn under_queue_the_next_night_waits_and_says_for_what() {
    let world = nights(Overlap::Queue).await;
    assert_eq!(states(&world).await, [SlotState::Succeeded; 5]);
    assert_eq!(world.started(), (2..=6).map(night).collect::<Vec<_>>());
    let slots = world.slots("nightly").await;
    assert_eq!(slots[1].overlaps, Some(night(2)));
    assert_eq!(slots[1].started_at, Some(night(3) + hours(2)));
    assert_eq!(slots[1].late_seconds, Some(2 * 3600));
    assert!(slots[2].overlaps.is_none() && slots[2].late_seconds.is_none());
}

#[tokio::test]
async fn under_skip_the_next_night_is_skipped_and_says_why() {
    let world = nights(Overlap::Skip).await;
    let mut wanted = [SlotState::Succeeded; 5];
    wanted[1] = SlotState::Skipped;
    assert_eq!(states(&world).await, wanted);
    let skipped = &world.slots("nightly").await[1];
    assert_eq!(skipped.overlaps, Some(night(2)));
    assert!(
        skipped.reason.contains("still running"),
        "{}",
        skipped.reason
    );
}

#[tokio::test]
async fn under_cancel_the_next_night_takes_its_place() {
    let world = nights(Overlap::Cancel).await;
    let mut wanted = [SlotState::Succeeded; 5];
    wanted[0] = SlotState::Cancelled;
    assert_eq!(states(&world).await, wanted);
    let killed = world.seen().into_iter().find_map(|seen| match seen {
        Seen::Killed(request) => Some(request.due),
        Seen::Started(_) => None,
    });
    assert_eq!(killed, Some(night(2)));
    assert_eq!(world.slots("nightly").await[1].started_at, Some(night(3)));
}

#[tokio::test]
async fn with_an_hourly_dag_the_queue_is_bounded_and_what_is_given_up_is_recorded() {
    let world = World::at("2026-11-01T23:30:00Z").with_runs(|request| {
        match request.due == at("2026-11-02T00:00:00Z") {
            true => Play::Ends(hours(26), succeeded()),
            false => Play::Ends(minutes(1), succeeded()),
        }
    });
    let rules = SlotRules {
        catch_up_max: 3,
        timeout: Span::seconds(48 * 3600),
        ..SlotRules::default()
    };
    let mut scheduler = world.scheduler("a", &[dag("hourly", "0 * * * *", rules)]);
    world.live(&mut scheduler, "2026-11-03T03:30:00Z").await;
    let slots = world.slots("hourly").await;
    let count = |state| slots.iter().filter(|slot| slot.state == state).count();
    // 26 fell due while it ran, the last as it ended; three waited.
    assert_eq!(slots.len(), 28);
    assert_eq!(
        (count(SlotState::Missed), count(SlotState::Succeeded)),
        (23, 5)
    );
    assert!(slots[1..=25].iter().all(|slot| slot.overlaps.is_some()));
}

#[tokio::test]
async fn slots_caught_up_together_do_not_overlap_one_another() {
    let world = World::at("2026-11-01T12:00:00Z").with_runs(|_| Play::Ends(hours(3), succeeded()));
    let rules = SlotRules {
        overlap: Overlap::Skip,
        catch_up: crate::CatchUp::All,
        ..SlotRules::default()
    };
    let dags = [dag("nightly", "0 2 * * *", rules)];
    world
        .live(
            &mut world.scheduler("before", &dags),
            "2026-11-01T12:05:00Z",
        )
        .await;
    world.pass(hours(72));
    world
        .live(&mut world.scheduler("after", &dags), "2026-11-05T00:00:00Z")
        .await;
    assert_eq!(states(&world).await, [SlotState::Succeeded; 3]);
}
