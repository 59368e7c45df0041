//! A bucket that fails while a night is at work.

use marketlounge_tests::{Bucket, Lake};

use super::published_with_news;

#[test]
fn a_store_that_fails_some_requests_slows_a_night_and_changes_nothing() {
    let Some(bucket) = Bucket::alone() else {
        return;
    };
    bucket.fill_from(&Lake::with_demo(1));
    for (kind, seed) in [("before", 1), ("after", 2)] {
        bucket.fail(&format!(
            r#"{{ "kind": "{kind}", "share": 0.03, "seed": {seed} }}"#
        ));
        let ran = bucket.nightly(&[]);
        let failed = bucket.fail("{}");
        assert!(ran.is_success(), "{}", ran.stderr);
        assert!(failed > 10, "{failed} requests failed");
        assert_eq!(bucket.announced(), Lake::published().announced());
        assert!(bucket.verify().is_success());
    }
}

#[test]
fn an_outage_ends_the_run_with_the_old_snapshot_announced_and_the_next_one_finishes() {
    let Some(bucket) = Bucket::alone() else {
        return;
    };
    let (lake, old) = published_with_news();
    bucket.fill_from(&lake);
    assert!(lake.nightly(&[]).is_success());
    let places = [
        "silver/_versions",
        "gold/_versions/company_concepts",
        "snapshots/",
        "snapshots/CURRENT",
    ];
    for place in places {
        bucket.fail(&format!(
            r#"{{ "kind": "before", "share": 1, "path": "/{place}", "methods": ["PUT", "POST"] }}"#
        ));
        let ran = bucket.nightly(&[("MARKETLOUNGE_STORE_RETRIES", "1")]);
        assert!(bucket.fail("{}") > 0, "{place}");
        assert_eq!(ran.code, Some(5), "{place}: {}", ran.stdout);
        assert!(
            ran.stdout.contains("mend: run the same command again"),
            "{place}: {}",
            ran.stdout
        );
        assert_eq!(bucket.announced().as_ref(), Some(&old), "{place}");
        assert!(bucket.verify().is_success(), "{place}");
    }
    bucket.fail(r#"{ "kind": "before", "share": 1 }"#);
    let ran = bucket.nightly(&[("MARKETLOUNGE_STORE_RETRIES", "1")]);
    bucket.fail("{}");
    assert_eq!(ran.code, Some(5), "{}", ran.stderr);
    assert!(ran.stderr.contains("mend:"), "{}", ran.stderr);
    let ran = bucket.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(bucket.announced(), lake.announced());
    assert!(bucket.verify().is_success());
}
