//! `pipeline schedule` over the programs as they are: slots become runs, schedulers die, DAGs of few tables leave the others alone.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use marketlounge_tests::{Lake, Ran, program, project};
use serde_json::Value;

/// How long a process may take to do what it is waited for.
const PATIENCE: Duration = Duration::from_secs(240);
/// Runs without an encoder.
const LEXICAL: [(&str, &str); 2] = [
    ("MARKETLOUNGE_MODEL", "none"),
    ("MARKETLOUNGE_RERANKER", "none"),
];

/// Says that a DAG has been scheduled since the year began, so that slots were missed.
fn scheduled_long_ago(lake: &Lake, dag: &str) {
    let folder = lake.file(&format!("schedule/since/{dag}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("20250101T000000Z.json"),
        "\"2025-01-01T00:00:00Z\"",
    )
    .unwrap();
}

fn schedule(lake: &Lake, arguments: &[&str]) -> Ran {
    let place = lake.path().display().to_string();
    let mut all = vec!["--json", "schedule", "--lake", &place];
    all.extend(arguments);
    Ran::pipeline(&all, &LEXICAL)
}

/// Waits until the newest slot of a DAG stands so; returns it.
fn wait_for(lake: &Lake, dag: &str, arguments: &[&str], state: &str) -> Value {
    let start = Instant::now();
    loop {
        let mut all = vec!["status", "--dag", dag, "--count", "1"];
        all.extend(arguments);
        let rows = schedule(lake, &all).json();
        match rows.last() {
            Some(row) if row["state"] == state => return row.clone(),
            last if start.elapsed() > PATIENCE => panic!("{dag} is not {state}: {last:?}"),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// A scheduler as a process of its own, killed with this value.
struct Scheduler(Child);

impl Scheduler {
    fn start(lake: &Lake, project: &Path, dag: &str) -> Self {
        let mut command = Command::new(program("pipeline"));
        command
            .arg("--project")
            .arg(project)
            .args([
                "schedule",
                "--heartbeat",
                "1s",
                "--lease",
                "3s",
                "--drain",
                "1s",
                "--dag",
                dag,
            ])
            .arg("--lake")
            .arg(lake.path())
            .envs(LEXICAL)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.0.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_missed_night_is_run_and_the_others_are_rows() {
    let lake = Lake::with_demo(1);
    scheduled_long_ago(&lake, "nightly");
    let ran = schedule(&lake, &["run-once", "--dag", "nightly"]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let rows = schedule(&lake, &["status", "--dag", "nightly", "--count", "40"]).json();
    let (newest, others) = rows.split_first().unwrap();
    assert_eq!(newest["state"], "succeeded", "{newest}");
    assert!(
        !others.is_empty() && others.iter().all(|row| row["state"] == "missed"),
        "{others:?}"
    );
    // The row names the run, and the run is for the row's slot.
    let run = newest["run"].as_str().unwrap();
    assert!(
        run.starts_with(newest["slot"].as_str().unwrap()),
        "{newest}"
    );
    assert!(lake.file(&format!("runs/{run}/end.json")).is_file());
    assert!(lake.snapshot(&["verify"]).is_success());
    let again = schedule(&lake, &["run-once", "--dag", "nightly"]);
    assert!(
        again.json().is_empty(),
        "no slot is run twice: {}",
        again.stdout
    );
}

#[test]
fn a_run_that_fails_is_told_with_its_reason_and_is_not_tried_again_in_vain() {
    let lake = Lake::empty();
    scheduled_long_ago(&lake, "nightly");
    std::fs::create_dir_all(lake.file("landing")).unwrap();
    assert!(schedule(&lake, &["run-once", "--dag", "nightly"]).is_success());
    let rows = schedule(&lake, &["status", "--dag", "nightly", "--state", "failed"]).json();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["attempt"], 1);
    assert!(
        rows[0]["reason"]
            .as_str()
            .unwrap()
            .contains("nothing has landed"),
        "{}",
        rows[0]
    );
}

#[test]
fn a_paused_dag_is_told_and_starts_nothing_until_it_is_resumed() {
    let lake = Lake::empty();
    scheduled_long_ago(&lake, "nightly");
    std::fs::create_dir_all(lake.file("landing")).unwrap();
    assert!(schedule(&lake, &["pause", "nightly", "--note", "maintenance"]).is_success());
    assert!(
        schedule(&lake, &["run-once", "--dag", "nightly"])
            .json()
            .is_empty()
    );
    let next = schedule(&lake, &["next", "--dag", "nightly", "--count", "3"]).json();
    assert_eq!(next.len(), 3);
    assert!(next.iter().all(|slot| slot["is_paused"] == true));
    assert!(schedule(&lake, &["resume", "nightly"]).is_success());
    assert!(
        !schedule(&lake, &["run-once", "--dag", "nightly"])
            .json()
            .is_empty()
    );
    assert_eq!(schedule(&lake, &["pause", "no_such_dag"]).code, Some(1));
}

/// A project like this one, with one more DAG, of one table, that is tried again without delay.
fn project_with_a_quick_dag() -> tempfile::TempDir {
    let folder = tempfile::TempDir::with_prefix("marketlounge-project-").unwrap();
    let dags = folder.path().join("dags");
    std::fs::create_dir(&dags).unwrap();
    let link = |what: &str| {
        let target = folder.path().join(what);
        std::os::unix::fs::symlink(project().join(what), target).unwrap();
    };
    ["schemas", "models", "dags/silver", "dags/gold"]
        .into_iter()
        .for_each(link);
    let nightly = std::fs::read_to_string(project().join("dags/nightly.toml")).unwrap();
    let (head, _) = nightly.split_once("[slots]").unwrap();
    let (before, targets) = head.split_once("targets = [").unwrap();
    let (_, after) = targets.split_once(']').unwrap();
    let quick = format!("{before}targets = [\"gold.glossary\"]{after}");
    std::fs::write(
        dags.join("quick.toml"),
        quick + "[slots]\nbackoff = \"1s\"\n",
    )
    .unwrap();
    folder
}

#[test]
fn a_scheduler_killed_in_a_run_is_replaced_and_its_slot_succeeds() {
    let lake = Lake::with_demo(1);
    scheduled_long_ago(&lake, "quick");
    let project = project_with_a_quick_dag();
    let root = project.path().display().to_string();
    let at = ["--project", root.as_str()];
    let mut first = Scheduler::start(&lake, project.path(), "quick");
    wait_for(&lake, "quick", &at, "running");
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let second = Scheduler::start(&lake, project.path(), "quick");
    let done = wait_for(&lake, "quick", &at, "succeeded");
    assert_eq!(done["attempt"], 2, "{done}");
    let mut all = vec!["status", "--dag", "quick", "--count", "1", "--records"];
    all.extend(at);
    let records = schedule(&lake, &all).json();
    let interrupted = records
        .iter()
        .find(|row| row["state"] == "retrying")
        .unwrap();
    assert!(
        interrupted["reason"]
            .as_str()
            .unwrap()
            .contains("lost the lease"),
        "{interrupted}"
    );
    // SIGTERM ends it with its lease given up: one that does not stay need not wait.
    second.signal("-TERM");
    let mut second = second;
    assert!(second.0.wait().unwrap().success());
    let mut once = vec!["run-once", "--dag", "quick"];
    once.extend(at);
    assert!(schedule(&lake, &once).is_success());
    let terms = std::fs::read_dir(lake.file("schedule/lease"))
        .unwrap()
        .count();
    assert_eq!(terms, 3);
}

#[test]
fn of_two_schedulers_one_runs_each_slot() {
    let lake = Lake::with_demo(1);
    scheduled_long_ago(&lake, "quick");
    let project = project_with_a_quick_dag();
    let root = project.path().display().to_string();
    let at = ["--project", root.as_str()];
    let both = [(); 2].map(|()| Scheduler::start(&lake, project.path(), "quick"));
    let done = wait_for(&lake, "quick", &at, "succeeded");
    assert_eq!(done["attempt"], 1, "{done}");
    drop(both);
    // A busy machine may let a lease lapse, and the other scheduler take it: the slot is run once all the same.
    let runs = std::fs::read_dir(lake.file("runs")).unwrap();
    let runs = runs.filter(|run| {
        !run.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('_')
    });
    assert_eq!(runs.count(), 1);
}

#[test]
fn a_dag_of_few_tables_leaves_the_files_of_the_others() {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let announced = lake.announced();
    let count = |sql: &str| lake.query(sql)[0]["n"].as_u64().unwrap();
    let sqls = [
        "SELECT count(*) AS n FROM bronze.bids",
        "SELECT count(*) AS n FROM quarantine.\"all\"",
    ];
    let before = sqls.map(count);
    assert!(before.iter().all(|rows| *rows > 0), "{before:?}");
    let ran = lake.run("glossary_merge", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    assert_eq!(sqls.map(count), before);
    let again = lake.nightly(&[]);
    let made: Vec<_> = again
        .json()
        .into_iter()
        .filter(|event| event["record"]["state"] == "made")
        .map(|event| event["record"]["job"].clone())
        .collect();
    assert!(made.is_empty(), "{made:?}");
    assert_eq!(lake.announced(), announced);
}
