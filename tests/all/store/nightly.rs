//! A whole night on S3.

use marketlounge_tests::{Bucket, Lake, Node};
use serde_json::json;

use super::{counts, one_more_company, states};

#[test]
fn a_night_on_s3_gives_the_snapshot_of_the_same_market_on_disk_and_is_served() {
    let Some(bucket) = Bucket::empty() else {
        return;
    };
    let landed = Lake::with_demo(1);
    bucket.fill_from(&landed);
    let ran = bucket.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let on_disk = Lake::published();
    assert_eq!(bucket.announced(), on_disk.announced());
    let verified = bucket.verify();
    assert!(verified.is_success(), "{}", verified.stderr);
    assert_eq!(bucket.query(&counts()), on_disk.query(&counts()));

    let again = bucket.nightly(&[]).json();
    let states = states(&again);
    assert!(
        states.len() > 50 && states.iter().all(|state| *state == "skipped"),
        "{states:?}"
    );

    let scratch = Lake::empty();
    let (cache, queries) = (scratch.file("cache"), scratch.file("landing"));
    let folders = [cache, queries].map(|folder| folder.display().to_string());
    let more = [
        "--cache",
        folders[0].as_str(),
        "--landing",
        folders[1].as_str(),
    ];
    let node = Node::start_at(bucket.url(), &more, &bucket.variables());
    node.wait("ready", |node| node.get("/readyz").status == 200);
    let question = json!({ "query": "usinage de précision 5 axes", "tenant": "tenant_demo" });
    let answer = node.post("/api/match", &question);
    let wanted = Node::ready(&on_disk).post("/api/match", &question);
    assert_eq!(answer.snapshot, wanted.snapshot);
    assert_eq!(answer.body["shortlist"], wanted.body["shortlist"]);
    assert!(!answer.body["shortlist"].as_array().unwrap().is_empty());

    // One more company lands, the next night announces another snapshot, and the node takes it over.
    bucket.land("companies/nouveau", &[one_more_company()]);
    let ran = bucket.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let next = bucket.announced().unwrap();
    assert_ne!(next, answer.snapshot);
    node.wait("on the next snapshot", |node| {
        node.post("/api/match", &question).snapshot == next
    });
    node.stop();
}
