//! Runs of chosen jobs, taken up, cancelled, caught up on and tried out in environments, all through the command line.

mod backfill;
mod environments;
mod retrying;
mod selecting;
mod states;

use std::collections::BTreeMap;

use marketlounge_tests::{Lake, project};
use serde_json::Value;

use crate::{
    contracts::copy,
    operations::{land_company, pipeline, told},
};

/// Runs `pipeline --json` on a lake where it must fail; returns what was said.
fn refused(lake: &Lake, arguments: &[&str]) -> String {
    let ran = pipeline(lake, arguments);
    assert!(!ran.is_success(), "{arguments:?}: {}", ran.stdout);
    ran.stderr
}

const NIGHTLY: [&str; 5] = ["nightly", "--slot", "2026-11-20", "--model", "none"];

/// Runs the nightly DAG, lexical only; returns how each job ended.
fn nightly(lake: &Lake, more: &[&str]) -> BTreeMap<String, String> {
    let mut arguments = vec!["run"];
    arguments.extend(NIGHTLY);
    arguments.extend(more);
    states(&told(lake, &arguments))
}

/// How jobs ended, by the events of a run.
fn states(events: &[Value]) -> BTreeMap<String, String> {
    let jobs = events.iter().filter(|event| event["event"] == "job");
    let state = |event: &Value| {
        let text = |name: &str| event["record"][name].as_str().unwrap().to_owned();
        (text("job"), text("state"))
    };
    jobs.map(state).collect()
}

/// What the nightly DAG would do: jobs with what becomes of them, and the line that sums it up.
fn plan(lake: &Lake, more: &[&str]) -> (BTreeMap<String, Value>, Value) {
    let mut arguments = vec!["plan"];
    arguments.extend(NIGHTLY);
    arguments.extend(more);
    let mut lines = told(lake, &arguments);
    lines.retain(|line| line["event"].is_null());
    let sum = lines.pop().unwrap();
    assert!(sum["plan"].is_object(), "{sum}");
    let jobs = lines
        .into_iter()
        .map(|line| (line["job"].as_str().unwrap().to_owned(), line));
    (jobs.collect(), sum)
}

/// The jobs that a selection takes: those of a plan that are not held.
fn selected(lake: &Lake, more: &[&str]) -> Vec<String> {
    let (jobs, _) = plan(lake, more);
    let taken = jobs
        .into_iter()
        .filter(|(_, planned)| planned["will"] != "held");
    taken.map(|(job, _)| job).collect()
}

fn count(lake: &Lake, more: &[&str], sql: &str) -> u64 {
    let mut arguments = vec!["query", sql];
    arguments.extend(more);
    told(lake, &arguments)[0]["n"].as_u64().unwrap()
}

/// A copy of the project that a test may edit.
struct Project(Lake);

impl Project {
    fn new() -> Self {
        let folder = Lake::empty();
        for room in ["schemas", "dags"] {
            copy(&project().join(room), &folder.file(room));
        }
        for file in ["models/models.toml", "data/price_rules.toml"] {
            std::fs::create_dir_all(folder.file(file).parent().unwrap()).unwrap();
            std::fs::copy(project().join(file), folder.file(file)).unwrap();
        }
        Self(folder)
    }

    fn root(&self) -> String {
        self.0.path().display().to_string()
    }

    /// Edits a file; something must change.
    fn edit(&self, file: &str, edit: impl Fn(&str) -> String) {
        let path = self.0.file(file);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = edit(&before);
        assert_ne!(before, after, "{file}");
        std::fs::write(path, after).unwrap();
    }
}
