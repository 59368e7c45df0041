use std::fs;

use serve::Refresh;

use crate::harness::Harness;

#[actix_web::test]
async fn a_node_without_a_snapshot_is_live_and_not_ready() {
    let harness = Harness::new();
    assert_eq!(harness.current.refresh().await, Refresh::Nothing);
    assert_eq!(harness.get("/livez").await.status, 200);
    let ready = harness.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(ready.body["code"], "no_snapshot");
    assert_eq!(ready.headers["x-snapshot-id"], "none");
    let asked = harness
        .post("/api/match", r#"{"query": "x", "tenant": "tenant_a"}"#)
        .await;
    assert_eq!(asked.status, 503);
    assert_eq!(harness.get("/health").await.body["status"], "degraded");
}

#[actix_web::test]
async fn a_new_snapshot_is_swapped_in_and_a_pin_overrides_it() {
    let harness = Harness::serving().await;
    assert_eq!(harness.current.refresh().await, Refresh::Unchanged);
    let second = harness.publish('b', true).await;
    harness.announce("CURRENT", &second);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    let served = async || harness.get("/readyz").await.body["snapshot_id"].clone();
    assert_eq!(served().await, "b".repeat(32));
    let third = harness.publish('c', false).await;
    harness.announce("PIN", &third);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served().await, "c".repeat(32));
    harness.unpin();
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(served().await, "b".repeat(32));
}

#[actix_web::test]
async fn one_flipped_byte_of_any_file_is_refused_and_the_old_snapshot_stays() {
    let harness = Harness::serving().await;
    let old = harness.announced();
    let bad = harness.publish('b', true).await;
    let dir = harness.snapshot_dir(&bad.id);
    let mut files = vec![dir.clone()];
    while let Some(at) = files.iter().position(|path| path.is_dir()) {
        let folder = files.swap_remove(at);
        files.extend(
            fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path()),
        );
    }
    assert!(files.len() > 4);
    for file in files {
        let good = fs::read(&file).unwrap();
        let mut bytes = good.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        harness.announce("CURRENT", &bad);
        assert_eq!(
            harness.current.refresh().await,
            Refresh::Refused,
            "{}",
            file.display()
        );
        assert_eq!(
            harness.current.refresh().await,
            Refresh::Unchanged,
            "it is not tried again"
        );
        let ready = harness.get("/readyz").await;
        assert_eq!(ready.body["snapshot_id"], "a".repeat(32));
        let health = harness.get("/health").await.body;
        assert_eq!(health["status"], "degraded");
        assert_eq!(health["refused"]["id"], "b".repeat(32));
        fs::write(&file, good).unwrap();
        harness.announce("CURRENT", &old);
        harness.current.refresh().await;
    }
    harness.announce("CURRENT", &bad);
    assert_eq!(harness.current.refresh().await, Refresh::Swapped);
    assert_eq!(harness.get("/health").await.body["status"], "ok");
}

#[actix_web::test]
async fn a_pointer_that_is_no_json_changes_nothing() {
    let harness = Harness::serving().await;
    let path = harness
        .snapshot_dir(&"a".repeat(32).parse().unwrap())
        .with_file_name("CURRENT");
    fs::write(path, "{").unwrap();
    assert_eq!(harness.current.refresh().await, Refresh::Failed);
    assert_eq!(harness.get("/readyz").await.status, 200);
    assert!(harness.get("/health").await.body["refused"]["reason"].is_string());
}

#[actix_web::test]
async fn the_snapshot_served_describes_itself() {
    let harness = Harness::serving().await;
    let body = harness.get("/api/snapshot").await.body;
    assert_eq!(body["id"], "a".repeat(32));
    assert_eq!(body["slot"], "2026-11-20");
    assert_eq!(body["encoder"]["dimension"], 2);
    assert_eq!(body["encoder"]["is_loaded"], false);
    assert!(body["bytes"].as_u64().unwrap() > 0);
}
