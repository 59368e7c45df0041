//! Jobs of a night side by side: what comes out does not depend on how many there are, nor on which ends first; and one is no harm to another.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use marketlounge_tests::{Lake, Ran, SLOT, program, project};
use serde_json::{Value, json};

use crate::{
    operations::{land_company, pipeline, told},
    survival::objects,
};

fn night(lake: &Lake, jobs: &str, variables: &[(&str, &str)]) -> Ran {
    lake.run(
        "nightly",
        &["--model", "none", "--jobs", jobs, "--threads", "2"],
        variables,
    )
}

/// What a run's record says of its jobs, in the order in which they are listed, without times and memory.
fn recorded(lake: &Lake) -> Vec<Value> {
    let shown = told(lake, &["runs", "show", "last"]).remove(0);
    let jobs = shown["jobs"].as_array().unwrap().iter();
    let lasting = |job: &Value| {
        let mut job = job.clone();
        for passing in ["elapsed_ms", "made_ms", "started_at", "peak_memory_bytes"] {
            job.as_object_mut().unwrap().remove(passing);
        }
        job
    };
    jobs.map(lasting).collect()
}

/// What a run's lineage events say: the job, and how it went, as often as it was said.
fn events(lake: &Lake) -> BTreeMap<String, u32> {
    let text = std::fs::read_to_string(lake.file(&format!("lineage/{SLOT}.0001.jsonl"))).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let said = format!("{} {}", event["job"]["name"], event["eventType"]);
        *found.entry(said).or_default() += 1;
    }
    found
}

#[test]
fn jobs_one_by_one_and_four_at_a_time_give_the_same_lake_records_and_events() {
    let one = Lake::with_demo(1);
    let four = Lake::copy_of(&one);
    for (lake, jobs) in [(&one, "1"), (&four, "4")] {
        let ran = night(lake, jobs, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        let ends = ran.json();
        let ends = ends
            .iter()
            .filter_map(|event| event["record"]["job"].as_str());
        let ends: Vec<&str> = ends.collect();
        let names: BTreeSet<&str> = ends.iter().copied().collect();
        assert_eq!(names.len(), ends.len(), "each job is told once: {ends:?}");
    }
    assert_eq!(one.announced(), four.announced());
    assert_eq!(objects(&one), objects(&four));
    let (of_one, of_four) = (recorded(&one), recorded(&four));
    assert_eq!(of_one, of_four);
    let places: Vec<u64> = of_one
        .iter()
        .filter_map(|job| job["place"].as_u64())
        .collect();
    let wanted: Vec<u64> = (0..of_one.len() as u64).collect();
    assert_eq!(places, wanted, "they are listed in the order of the DAG");
    assert_eq!(events(&one), events(&four));
    let ran = told(&four, &["runs", "show", "last"]).remove(0);
    assert_eq!(ran["run"]["asked"]["jobs_at_once"], 4);
}

/// A night under way, whose events are read as they come.
struct UnderWay {
    process: Child,
    input: Option<ChildStdin>,
    events: Receiver<Value>,
}

impl UnderWay {
    /// Starts a night of which one job holds its thread until it is let go on.
    fn holding(lake: &Lake, job: &str) -> Self {
        let mut process = Command::new(program("pipeline"))
            .args([
                "--json", "run", "nightly", "--slot", SLOT, "--model", "none",
            ])
            .args(["--jobs", "2", "--threads", "2", "--lake"])
            .arg(lake.path())
            .env("MARKETLOUNGE_HOLD_AT", format!("job.{job}"))
            .current_dir(project())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (tell, events) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or_default());
            }
        });
        Self {
            input: process.stdin.take(),
            process,
            events,
        }
    }

    /// Reads on until a job has ended; returns those that ended before.
    fn until(&mut self, job: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            // Only a night that stands still does not tell of it in that time.
            let event = self.events.recv_timeout(Duration::from_secs(120));
            let Ok(event) = event else {
                let _ = self.process.kill();
                let mut said = String::new();
                let _ = self
                    .process
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut said);
                panic!("{job} did not end; {before:?} did: {said}");
            };
            match event["record"]["job"].as_str() {
                Some(ended) if ended == job => return before,
                Some(ended) => before.push(ended.to_owned()),
                None => {}
            }
        }
    }

    /// Lets the job go on; returns the exit code, and the records of jobs that ended since.
    fn go_on(mut self) -> (Option<i32>, Vec<Value>) {
        drop(self.input.take());
        let records = self.events.iter().map(|event| event["record"].clone());
        let records: Vec<Value> = records.filter(|record| record["job"].is_string()).collect();
        (self.process.wait().unwrap().code(), records)
    }
}

#[test]
fn a_job_that_computes_holds_up_no_other() {
    let lake = Lake::with_demo(1);
    let mut night = UnderWay::holding(&lake, "bronze.companies");
    let ended = night.until("silver.queries");
    assert!(!ended.contains(&"bronze.companies".to_owned()));
    assert!(!ended.contains(&"silver.companies".to_owned()));
    let (code, rest) = night.go_on();
    assert_eq!(code, Some(0));
    assert!(
        rest.iter()
            .any(|record| record["job"] == "silver.companies")
    );
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn a_cancelled_run_breaks_off_all_that_is_under_way_and_begins_nothing() {
    let lake = Lake::with_demo(1);
    let mut night = UnderWay::holding(&lake, "bronze.companies");
    night.until("bronze.offers");
    // It looks at what is asked while a job holds its thread: nothing new begins.
    let asked = pipeline(&lake, &["runs", "cancel", "last"]);
    assert!(asked.is_success(), "{}", asked.stderr);
    let (code, rest) = night.go_on();
    assert_eq!(code, Some(7), "{rest:?}");
    let of = |job: &str| rest.iter().find(|record| record["job"] == job);
    let held = of("bronze.companies").unwrap();
    assert_eq!(
        (&held["state"], &held["reason"]),
        (&json!("blocked"), &json!("the run was cancelled"))
    );
    assert!(of("silver.companies").is_none() && of("publish_snapshot").is_none());
    assert_eq!(lake.announced(), None);
    let taken_up = pipeline(&lake, &["runs", "retry", "last"]);
    assert!(taken_up.is_success(), "{}", taken_up.stderr);
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn a_job_that_panics_fails_and_stops_only_what_depends_on_it() {
    let lake = Lake::with_demo(1);
    let ran = night(
        &lake,
        "3",
        &[("MARKETLOUNGE_PANIC_AT", "job.silver.offers")],
    );
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let jobs = recorded(&lake);
    let state = |job: &str| {
        let record = jobs.iter().find(|record| record["job"] == job);
        record.unwrap_or_else(|| panic!("no {job}"))["state"].clone()
    };
    let offers = jobs.iter().find(|record| record["job"] == "silver.offers");
    let reason = offers.unwrap()["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("it panicked: at job.silver.offers"),
        "{reason}"
    );
    assert_eq!(state("silver.offers"), "failed");
    for stopped in ["gold.offers", "publish_snapshot"] {
        assert_eq!(state(stopped), "blocked", "{stopped}");
    }
    for other in ["silver.companies", "gold.company_concepts", "fit_ranking"] {
        assert_eq!(state(other), "made", "{other}");
    }
    assert_eq!(lake.announced(), None);
    let again = night(&lake, "3", &[]);
    assert!(again.is_success(), "{}", again.stderr);
    assert_eq!(lake.announced(), Lake::published().announced());
}

#[test]
fn a_plan_tells_what_its_jobs_take_together_by_how_many_there_are_at_one_time() {
    let lake = Lake::with_demo(1);
    let ran = night(&lake, "2", &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    land_company(&lake, "ENT-NEUVE");
    let planned = |jobs: &str| {
        let of = [
            "plan", "nightly", "--slot", SLOT, "--model", "none", "--jobs", jobs,
        ];
        let plan = told(&lake, &of).pop().unwrap()["plan"].clone();
        let ms = |name: &str| plan[name].as_u64().unwrap();
        (
            ms("run_ms") + ms("perhaps_ms"),
            ms("together_ms"),
            ms("path_ms"),
        )
    };
    let (sum, together, path) = planned("1");
    assert!(path > 0 && path < sum);
    assert_eq!(together, sum, "one by one they take their sum");
    assert_eq!(planned("1000"), (sum, path, path));
    let (_, together, _) = planned("2");
    assert!(path <= together && together <= sum);
    let ran = pipeline(&lake, &["run", "nightly", "--jobs", "0"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
}

#[test]
fn jobs_that_lack_memory_beside_others_are_done_again_alone() {
    let one = Lake::with_demo(1);
    let four = Lake::copy_of(&one);
    for (lake, jobs) in [(&one, "1"), (&four, "4")] {
        let memory = ["--memory-mib", "64", "--threads", "2", "--jobs", jobs];
        let mut more = vec!["--model", "none"];
        more.extend(memory);
        // So little that some tables may not be made even alone: which ones does not depend on what runs beside them.
        let _ = lake.run("nightly", &more, &[]);
    }
    let states = |lake: &Lake| -> BTreeMap<String, Value> {
        let jobs = recorded(lake).into_iter();
        jobs.map(|job| {
            (
                job["job"].as_str().unwrap().to_owned(),
                job["state"].clone(),
            )
        })
        .collect()
    };
    let (of_one, of_four) = (states(&one), states(&four));
    let made = of_one.values().filter(|state| **state == "made").count();
    assert!(made > of_one.len() / 2, "{made} of {}", of_one.len());
    assert_eq!(of_one, of_four);
}
