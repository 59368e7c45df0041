//! A store that fails: what is tried again, what is refused, and what is never torn.

use lake::{LakeError, store_failure};

use crate::places::Place;

fn large(seed: u8) -> Vec<u8> {
    (0..12_usize << 20)
        .map(|i| seed ^ (i % 253) as u8)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_fail_for_now_are_tried_again() {
    let Some(place) = Place::own_s3() else { return };
    let lake = place.lake();
    for kind in ["before", "after"] {
        place.fail(&format!(
            r#"{{ "kind": "{kind}", "share": 0.3, "seed": 7 }}"#
        ));
        let scratch = lake.scratch().unwrap();
        let file = scratch.file("part");
        std::fs::write(&file, large(1)).unwrap();
        lake.commit(&file, "gold/t.parquet").await.unwrap();
        for number in 0..10 {
            lake.write(&format!("runs/{number}"), number.to_string())
                .await
                .unwrap();
        }
        let (_, mut version) = lake.read_version("snapshots/CURRENT").await.unwrap();
        for number in 0..10 {
            let swapped = lake
                .swap("snapshots/CURRENT", &version, format!("{kind} {number}"))
                .await;
            // Where the answer of a put is lost, the next try is refused, and finds its own bytes.
            version = swapped.unwrap().expect("nobody else swaps");
        }
        assert_eq!(lake.list("runs").await.unwrap().len(), 10);
        let local = lake.local("gold/t.parquet").await.unwrap();
        assert!(std::fs::read(local.path()).unwrap() == large(1));
        assert!(place.fail("{}") > 10, "requests did fail");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_creators_none_is_told_wrongly_that_it_made_the_object() {
    let Some(place) = Place::own_s3() else { return };
    place.fail(r#"{ "kind": "after", "share": 0.4, "seed": 3, "methods": ["PUT"] }"#);
    for round in 0..6 {
        let path = format!("runs/{round}");
        let creators = (0..4).map(|n| {
            let (lake, path) = (place.lake(), path.clone());
            tokio::spawn(async move { (n, lake.create_json(&path, &n).await) })
        });
        let made = futures::future::join_all(creators).await;
        let makers: Vec<u32> = made
            .into_iter()
            .map(Result::unwrap)
            .filter_map(|(n, made)| made.unwrap().then_some(n))
            .collect();
        assert!(makers.len() <= 1, "{makers:?}");
        let held = place.lake().read_json::<u32>(&path).await.unwrap().unwrap();
        assert!(makers.iter().all(|maker| *maker == held));
    }
    assert!(place.fail("{}") > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_stays_away_is_an_error_that_says_so_and_leaves_the_object_whole() {
    let Some(place) = Place::own_s3() else { return };
    let lake = place.lake_with(&[("MARKETLOUNGE_STORE_RETRIES", "2")]);
    lake.write("gold/t.parquet", large(1)).await.unwrap();
    place.fail(r#"{ "kind": "before", "share": 1, "methods": ["PUT", "POST"] }"#);
    let scratch = lake.scratch().unwrap();
    let file = scratch.file("part");
    std::fs::write(&file, large(2)).unwrap();
    let error = lake.commit(&file, "gold/t.parquet").await.unwrap_err();
    assert!(matches!(&error, LakeError::Store { path, .. } if path == "gold/t.parquet"));
    let failure = store_failure(&error).expect("the store failed");
    assert!(failure.may_pass && failure.mend.contains("same command again"));
    assert!(file.exists(), "what was not committed is there still");
    // In the middle of an upload: some parts arrive, the rest does not.
    place.fail(
        r#"{ "kind": "before", "share": 0.7, "seed": 5, "methods": ["PUT"], "path": "t.parquet" }"#,
    );
    let cut = lake.commit(&file, "gold/t.parquet").await;
    place.fail("{}");
    let read = lake.read("gold/t.parquet").await.unwrap().unwrap();
    assert!(
        read == large(if cut.is_ok() { 2 } else { 1 }),
        "one version, whole"
    );
    if cut.is_err() {
        lake.commit(&file, "gold/t.parquet").await.unwrap();
    }
    assert!(lake.read("gold/t.parquet").await.unwrap().unwrap() == large(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_on_a_stale_reading_is_refused_and_never_undoes_another() {
    let Some(place) = Place::own_s3() else { return };
    let lake = place.lake();
    lake.write("snapshots/CURRENT", "first").await.unwrap();
    place.fail(r#"{ "kind": "stale", "share": 1, "path": "CURRENT" }"#);
    lake.write("snapshots/CURRENT", "second").await.unwrap();
    let (stale, version) = lake.read_version("snapshots/CURRENT").await.unwrap();
    assert_eq!(
        stale.unwrap(),
        "first",
        "the emulator does answer with what was"
    );
    assert!(
        lake.swap("snapshots/CURRENT", &version, "third")
            .await
            .unwrap()
            .is_none()
    );
    assert!(place.fail("{}") > 0);
    let (fresh, version) = lake.read_version("snapshots/CURRENT").await.unwrap();
    assert_eq!(fresh.unwrap(), "second");
    assert!(
        lake.swap("snapshots/CURRENT", &version, "third")
            .await
            .unwrap()
            .is_some()
    );
}

#[test]
fn what_mends_a_failure_is_found_below_whatever_it_is_wrapped_in() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let file = LakeError::File {
        path: "gold/t.parquet".into(),
        source: full(),
    };
    let failure = store_failure(&file).unwrap();
    assert!(!failure.may_pass && failure.mend.starts_with("make room on the disk"));
    let wrapped = std::io::Error::other(std::io::Error::other(full()));
    assert_eq!(store_failure(&wrapped), Some(failure));
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert!(store_failure(&denied).unwrap().mend.contains("rights"));
    let flattened =
        std::io::Error::other("parquet: underlying IO error: File too large (os error 27)");
    assert_eq!(store_failure(&flattened), Some(failure));
    let bad_row = std::io::Error::from(std::io::ErrorKind::InvalidData);
    assert_eq!(store_failure(&bad_row), None);
    assert_eq!(store_failure(&LakeError::Missing("x".to_owned())), None);
}
