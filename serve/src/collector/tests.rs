use std::{fs, path::Path};

use serde_json::json;

use super::*;

fn epoch() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn settings(landing: &Path) -> CollectorSettings {
    CollectorSettings {
        landing: landing.to_owned(),
        node: "test".to_owned(),
        rotate_bytes: u64::MAX,
        rotate_after: Duration::from_secs(3600),
        queue_lines: 16,
    }
}

fn files(landing: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(landing.join("queries/node=test"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn numbers(files: &[PathBuf]) -> Vec<u64> {
    let text: String = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let line = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    text.lines()
        .map(|l| line(l)["n"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn everything_queued_is_on_disk_under_its_final_name_after_a_stop() {
    let landing = tempfile::tempdir().unwrap();
    let collector = Collector::start(settings(landing.path()), epoch, &["queries"]).unwrap();
    for n in 0..500 {
        assert!(collector.append("queries", &json!({ "n": n })).await);
    }
    collector.stop();
    let files = files(landing.path());
    assert_eq!(files.len(), 1);
    assert!(files[0].to_string_lossy().ends_with(".jsonl"));
    assert_eq!(numbers(&files), (0..500).collect::<Vec<_>>());
    assert_eq!(
        collector.counts(),
        Counts {
            written: 500,
            queued: 0,
            lost: 0
        }
    );
    assert!(!collector.append("queries", &json!({})).await);
    assert_eq!(collector.counts().lost, 1);
}

#[tokio::test]
async fn a_file_is_rotated_at_its_size_and_at_its_age() {
    let landing = tempfile::tempdir().unwrap();
    let mut settings = settings(landing.path());
    settings.rotate_bytes = 1;
    let collector = Collector::start(settings.clone(), epoch, &["queries"]).unwrap();
    for n in 0..3 {
        collector.append("queries", &json!({ "n": n })).await;
        while collector.counts().queued > 0 {
            tokio::task::yield_now().await;
        }
    }
    collector.stop();
    assert_eq!(files(landing.path()).len(), 3);

    settings.rotate_bytes = u64::MAX;
    settings.rotate_after = Duration::from_millis(20);
    let collector = Collector::start(settings, epoch, &["queries"]).unwrap();
    collector.append("queries", &json!({ "n": 3 })).await;
    let is_sealed = || {
        files(landing.path())
            .iter()
            .filter(|f| f.extension().unwrap() == "jsonl")
            .count()
            == 4
    };
    for _ in 0..200 {
        if is_sealed() {
            break;
        }
        tokio::time::sleep(WAIT).await;
    }
    assert!(is_sealed());
}

#[tokio::test]
async fn a_landing_area_that_refuses_lines_is_counted_and_stops_nothing() {
    let landing = tempfile::tempdir().unwrap();
    fs::write(landing.path().join("queries"), "in the way").unwrap();
    let refused = Collector::start(settings(landing.path()), epoch, &["queries"]);
    assert!(refused.is_err());
    let collector = Collector::start(settings(landing.path()), epoch, &[]).unwrap();
    assert!(collector.append("queries", &json!({ "n": 1 })).await);
    collector.stop();
    assert_eq!(
        collector.counts(),
        Counts {
            written: 0,
            queued: 0,
            lost: 1
        }
    );
}
