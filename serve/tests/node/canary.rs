//! Some nodes serve a snapshot first, and lose nothing by it.

use std::fs;

use chrono::DateTime;
use schemas::{Canary, Pointer};
use serde_json::Value;
use serve::Refresh;

use crate::harness::Harness;

/// Announces a canary beside the snapshot of `a`s.
fn begin(harness: &Harness, pointer: &Pointer, share: f64) {
    let canary = Canary {
        id: pointer.id.clone(),
        manifest_blake3: pointer.manifest_blake3.clone(),
        against: "a".repeat(32).parse().unwrap(),
        share,
        begun_at: DateTime::UNIX_EPOCH,
        by: None,
        from: None,
    };
    let file = harness.lake().join("snapshots/CANARY");
    fs::write(file, serde_json::to_vec(&canary).unwrap()).unwrap();
}

fn end(harness: &Harness) {
    fs::remove_file(harness.lake().join("snapshots/CANARY")).unwrap();
}

/// The snapshot served, and whether it is a canary.
async fn served(harness: &Harness) -> (String, bool) {
    let ready = harness.get("/readyz").await.body;
    let id = ready["snapshot_id"].as_str().unwrap();
    (id[..1].to_owned(), ready["is_canary"].as_bool().unwrap())
}

fn of(digit: &str, is_canary: bool) -> (String, bool) {
    (digit.to_owned(), is_canary)
}

#[actix_web::test]
async fn a_node_that_takes_part_serves_the_canary_until_it_is_aborted_or_announced_to_all() {
    let harness = Harness::serving().await;
    let canary = harness.publish('b', true).await;
    begin(&harness, &canary, 1.0);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("b", true));
    assert_eq!(harness.current.refresh().await, Refresh::Unchanged);
    let told = harness.get("/api/snapshot").await.body["canary"].clone();
    assert_eq!(
        (&told["is_served"], &told["takes_part"], &told["refused"]),
        (&Value::Bool(true), &Value::Bool(true), &Value::Null)
    );

    end(&harness);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("a", false));

    begin(&harness, &canary, 1.0);
    harness.current.refresh().await;
    harness.announce("CURRENT", &canary);
    // It is there already: nothing is loaded again, and it is no canary any more, though nobody took the pointer away.
    assert_eq!(harness.current.refresh().await, Refresh::Unchanged);
    assert_eq!(served(&harness).await, of("b", false));
    assert!(harness.get("/api/snapshot").await.body["canary"].is_null());
}

#[actix_web::test]
async fn a_node_outside_of_the_share_serves_what_is_announced() {
    let harness = Harness::serving().await;
    let canary = harness.publish('b', true).await;
    begin(&harness, &canary, 0.0);
    assert_eq!(harness.current.refresh().await, Refresh::Unchanged);
    assert_eq!(served(&harness).await, of("a", false));
    let told = harness.get("/api/snapshot").await.body["canary"].clone();
    assert_eq!(told["takes_part"], false);
}

#[actix_web::test]
async fn a_canary_that_is_damaged_is_refused_and_the_announced_snapshot_stays() {
    let harness = Harness::serving().await;
    let canary = harness.publish('b', true).await;
    let file = harness.snapshot_dir(&canary.id).join("manifest.json");
    let good = fs::read(&file).unwrap();
    fs::write(&file, "{}").unwrap();
    begin(&harness, &canary, 1.0);
    assert_eq!(harness.current.refresh().await, Refresh::Refused);
    assert_eq!(harness.current.refresh().await, Refresh::Unchanged);
    assert_eq!(served(&harness).await, of("a", false));
    let health = harness.get("/health").await.body;
    assert_eq!(health["status"], "degraded");
    // The announced snapshot is good: only the canary is not.
    assert!(health["refused"].is_null());
    let why = health["canary"]["refused"].as_str().unwrap();
    assert!(why.contains("manifest.json"), "{why}");

    // Once it is taken away all is well, and mended it is tried again.
    end(&harness);
    harness.current.refresh().await;
    assert_eq!(harness.get("/health").await.body["status"], "ok");
    fs::write(&file, good).unwrap();
    begin(&harness, &canary, 1.0);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
}

#[actix_web::test]
async fn a_node_that_starts_with_a_damaged_canary_or_a_malformed_one_serves_what_is_announced() {
    let harness = Harness::new();
    let announced = harness.publish('a', true).await;
    harness.announce("CURRENT", &announced);
    let canary = harness.publish('b', true).await;
    fs::remove_dir_all(harness.snapshot_dir(&canary.id)).unwrap();
    begin(&harness, &canary, 1.0);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("a", false));

    let harness = Harness::new();
    let announced = harness.publish('a', true).await;
    harness.announce("CURRENT", &announced);
    fs::write(harness.lake().join("snapshots/CANARY"), "{").unwrap();
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("a", false));
}

#[actix_web::test]
async fn a_pin_and_another_announcement_end_a_canary() {
    let harness = Harness::serving().await;
    let canary = harness.publish('b', true).await;
    begin(&harness, &canary, 1.0);
    harness.current.refresh().await;
    let pinned = harness.announced();
    harness.announce("PIN", &pinned);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("a", false));
    harness.unpin();
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("b", true));

    let another = harness.publish('c', true).await;
    harness.announce("CURRENT", &another);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served(&harness).await, of("c", false));
}
