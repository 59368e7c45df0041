//! Two programs that would publish on one lake.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, Command, Stdio},
    thread::JoinHandle,
};

use marketlounge_tests::{Bucket, Lake, program, project};
use serde_json::Value;

use super::published_with_news;

/// A run that waits just before it announces.
struct Held {
    process: Child,
    stderr: BufReader<ChildStderr>,
    /// Reads the events as they come: a full pipe would hold the run elsewhere.
    events: JoinHandle<String>,
}

impl Held {
    /// Starts a run and waits until it has written its snapshot and is about to announce it.
    fn before_announcing(arguments: &[&str], variables: &[(String, String)]) -> Self {
        let mut process = Command::new(program("pipeline"))
            .args(arguments)
            .envs(variables.iter().cloned())
            .env("MARKETLOUNGE_HOLD_AT", "publish.before_announce")
            .current_dir(project())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = process.stdout.take().unwrap();
        let events = std::thread::spawn(move || {
            let mut events = String::new();
            stdout.read_to_string(&mut events).unwrap();
            events
        });
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("holding at") {
            line.clear();
            assert_ne!(
                stderr.read_line(&mut line).unwrap(),
                0,
                "it ended before it announced"
            );
        }
        Self {
            process,
            stderr,
            events,
        }
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Lets it go on to its end; returns its exit code, its events and what it said on standard error.
    fn go_on(mut self) -> (Option<i32>, Vec<Value>, String) {
        drop(self.process.stdin.take());
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        let code = self.process.wait().unwrap().code();
        let events = self.events.join().unwrap();
        let events = events
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (code, events.collect(), said)
    }
}

#[test]
fn of_two_nights_at_once_in_a_bucket_one_works_and_the_other_is_told_to_wait() {
    let Some(bucket) = Bucket::empty() else {
        return;
    };
    bucket.fill_from(&Lake::with_demo(1));
    let both = std::thread::scope(|scope| {
        let other = scope.spawn(|| bucket.nightly(&[]));
        [bucket.nightly(&[]), other.join().unwrap()]
    });
    let codes = both.each_ref().map(|ran| ran.code);
    assert!(codes.contains(&Some(0)), "{both:#?}");
    for refused in both.iter().filter(|ran| !ran.is_success()) {
        assert_eq!(refused.code, Some(6), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("another run is at work"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(bucket.announced(), Lake::published().announced());
    assert!(bucket.verify().is_success());
    let next = bucket.nightly(&[]);
    assert!(
        next.is_success(),
        "the lock was handed over: {}",
        next.stderr
    );
}

#[test]
fn a_publisher_that_slept_through_its_lease_announces_nothing() {
    let Some(bucket) = Bucket::empty() else {
        return;
    };
    let (lake, old) = published_with_news();
    bucket.fill_from(&lake);
    let mut variables = bucket.variables();
    variables.push(("MARKETLOUNGE_LOCK_SECONDS".to_owned(), "3".to_owned()));
    let sleeper = Held::before_announcing(&bucket.nightly_arguments(), &variables);
    sleeper.signal("-STOP");
    assert_eq!(bucket.announced().as_ref(), Some(&old));
    // Another run finds the lease silent, takes it over, and announces.
    let ran = bucket.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let new = bucket.announced().unwrap();
    assert_ne!(new, old);
    // What is announced meanwhile by hand must stand too: the sleeper may undo nothing.
    let back = bucket.pipeline(&["snapshot", "rollback", "--lake", bucket.url()], &[]);
    assert!(back.is_success(), "{}", back.stderr);
    sleeper.signal("-CONT");
    let (code, _, said) = sleeper.go_on();
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("lost the lake's lock"), "{said}");
    let listed = bucket
        .pipeline(&["--json", "snapshot", "list", "--lake", bucket.url()], &[])
        .json();
    let state = |id: &str| listed.iter().find(|one| one["id"] == id).unwrap()["state"].clone();
    assert_eq!(
        (state(&new), state(&old)),
        ("announced".into(), "pinned".into())
    );
    assert!(bucket.verify().is_success());
    assert!(bucket.nightly(&[]).is_success());
}

#[test]
fn an_announcement_made_meanwhile_is_seen_and_the_snapshot_audited_against_it() {
    let (lake, first) = published_with_news();
    let earlier = std::fs::read(lake.file("snapshots/CURRENT")).unwrap();
    assert!(lake.nightly(&[]).is_success());
    let second = lake.announced().unwrap();
    assert_ne!(first, second);
    let mut row = super::one_more_company();
    row["company_id"] = "ENT-NEUVE-2".into();
    lake.land("companies/nouveau-2", &[row]);
    let place = lake.path().display().to_string();
    let arguments = [
        "--json",
        "run",
        "nightly",
        "--slot",
        marketlounge_tests::SLOT,
        "--model",
        "none",
        "--lake",
        &place,
    ];
    let held = Held::before_announcing(&arguments, &[]);
    std::fs::write(lake.file("snapshots/CURRENT"), earlier).unwrap();
    let (code, events, said) = held.go_on();
    assert_eq!(code, Some(0), "{said}");
    let notes: Vec<_> = events
        .iter()
        .filter_map(|event| event["text"].as_str())
        .collect();
    let is_retried = |note: &&&str| {
        note.contains("retry publish_snapshot") && note.contains("snapshots/CURRENT was changed")
    };
    assert!(notes.iter().any(|note| is_retried(&note)), "{notes:?}");
    let third = lake.announced().unwrap();
    assert!(third != first && third != second);
    assert!(lake.snapshot(&["verify"]).is_success());
}
