//! The lock of a lake in a bucket: holders that die, sleep, or cannot reach the store.

use std::time::Duration;

use lake::{Lake, LakeError};
use serde_json::{Value, json};

use crate::places::Place;

const LEASE: &str = "lock/run.json";
const LENGTH: Duration = Duration::from_millis(600);

/// A lease as a holder leaves it that was killed.
fn abandoned() -> Value {
    json!({ "owner": "somebody", "count": 7, "length_ms": 600, "is_over": false })
}

/// Waits until the lake refuses to be written, and returns the refusal.
async fn refused(lake: &Lake) -> LakeError {
    for _ in 0..200 {
        if let Err(error) = lake.write("work", "more").await {
            return error;
        }
        tokio::time::sleep(LENGTH / 20).await;
    }
    panic!("the lake is written still");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_killed_is_replaced_and_one_that_lives_is_not() {
    let Some(place) = Place::s3() else { return };
    let (one, other) = (place.lake(), place.lake());
    one.write_json(LEASE, &abandoned()).await.unwrap();
    let held = one.lock_for(LENGTH).await.unwrap();
    for _ in 0..3 {
        // Each try watches for long enough to see that the holder lives.
        assert!(matches!(other.lock_for(LENGTH).await, Err(LakeError::Busy)));
    }
    one.write("work", "of the holder").await.unwrap();
    drop(held);
    assert!(other.lock_for(LENGTH).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_find_a_dead_holder_one_takes_over() {
    let Some(place) = Place::s3() else { return };
    place.lake().write_json(LEASE, &abandoned()).await.unwrap();
    let takers = (0..4).map(|_| {
        let lake = place.lake();
        tokio::spawn(async move { lake.lock_for(LENGTH).await })
    });
    let taken = futures::future::join_all(takers).await;
    let held = taken
        .iter()
        .filter(|taken| matches!(taken, Ok(Ok(_))))
        .count();
    assert_eq!(held, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_was_replaced_writes_nothing_more() {
    let Some(place) = Place::s3() else { return };
    let (lake, other) = (place.lake(), place.lake());
    let (_, absent) = lake.read_version("snapshots/CURRENT").await.unwrap();
    let held = lake.lock_for(LENGTH).await.unwrap();
    lake.write("work", "of the holder").await.unwrap();
    other.write_json(LEASE, &abandoned()).await.unwrap();
    let clone = lake.clone();
    assert!(matches!(refused(&clone).await, LakeError::LockLost));
    let swapped = lake.swap("snapshots/CURRENT", &absent, "late").await;
    assert!(matches!(swapped, Err(LakeError::LockLost)));
    assert!(matches!(
        lake.delete("work").await,
        Err(LakeError::LockLost)
    ));
    assert!(matches!(
        lake.copy("work", "x").await,
        Err(LakeError::LockLost)
    ));
    drop(held);
    let lease: Value = other.read_json(LEASE).await.unwrap().unwrap();
    assert_eq!(
        lease,
        abandoned(),
        "who lost the lease does not give it up for another"
    );
    assert_eq!(other.read("snapshots/CURRENT").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_cannot_reach_the_store_gives_up() {
    let Some(place) = Place::own_s3() else { return };
    let lake = place.lake();
    let _held = lake.lock_for(LENGTH).await.unwrap();
    place.fail(r#"{ "kind": "before", "share": 1, "path": "lock/", "methods": ["PUT"] }"#);
    assert!(matches!(refused(&lake).await, LakeError::LockLost));
    assert!(place.fail("{}") > 0);
    // A renewal that was under way may still be done, which looks like a living holder once.
    for _ in 0..10 {
        if place.lake().lock_for(LENGTH).await.is_ok() {
            return;
        }
    }
    panic!("nobody takes over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewal_whose_answer_is_lost_is_one_all_the_same() {
    let Some(place) = Place::own_s3() else { return };
    let lake = place.lake();
    let held = lake.lock_for(LENGTH * 4).await.unwrap();
    place.fail(r#"{ "kind": "after", "share": 0.6, "path": "lock/", "methods": ["PUT"] }"#);
    for _ in 0..60 {
        lake.write("work", "goes on").await.unwrap();
        tokio::time::sleep(LENGTH / 10).await;
    }
    assert!(place.fail("{}") > 0, "some answer was lost");
    drop(held);
}
