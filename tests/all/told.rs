//! How runs are told: reports, lineage events, alerts; and the project's site.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use marketlounge_tests::{Lake, Ran, SLOT, program, project};
use serde_json::Value;

use crate::{contracts::copy, published::Published};

/// A listener on loopback that keeps what is posted to it and answers 200.
struct Listener {
    url: String,
    posted: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let posted = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posted);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let (mut length, mut key) = (0, String::new());
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    let head = line.trim().to_ascii_lowercase();
                    if let Some(said) = head.strip_prefix("content-length:") {
                        length = said.trim().parse().unwrap();
                    }
                    if head.starts_with("authorization:") {
                        key = line.trim().to_owned();
                    }
                    if head.is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                kept.lock()
                    .unwrap()
                    .push((key, serde_json::from_slice(&body).unwrap()));
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, posted }
    }

    fn taken(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/told", listener.local_addr().unwrap())
}

fn read(lake: &Lake, path: &str) -> String {
    std::fs::read_to_string(lake.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn pipeline(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = arguments.to_vec();
    all.extend(["--lake", &folder]);
    Ran::pipeline(&all, &[])
}

/// Runs the nightly for another day, so that something is left to do.
fn night(lake: &Lake, day: u32, variables: &[(&str, &str)]) -> Ran {
    let slot = format!("2026-11-{day}");
    lake.run_for(&slot, "nightly", &["--model", "none"], variables)
}

fn hold(events: &str) -> Vec<Value> {
    let schemas = Published::read(&project().join("pipeline/lineage/tests/openlineage"));
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    events.iter().for_each(|event| schemas.hold(event));
    events
}

#[test]
fn a_run_leaves_its_report_and_events_that_keep_to_the_published_schemas() {
    let lake = Lake::with_demo(1);
    let died = lake.nightly(&[("MARKETLOUNGE_DIE_AT", "silver.before_commit")]);
    assert_eq!(died.code, None);
    assert!(lake.nightly(&[]).is_success());
    let text = read(&lake, "lineage/2026-11-20.0002.jsonl");
    let events = hold(&text);
    let of = |job: &str, kind: &str| -> Value {
        let found = events
            .iter()
            .find(|event| event["job"]["name"] == job && event["eventType"] == kind);
        found
            .unwrap_or_else(|| panic!("no {kind} of {job}"))
            .clone()
    };
    assert_eq!(events.first(), Some(&of("nightly", "START")));
    assert_eq!(events.last(), Some(&of("nightly", "COMPLETE")));
    let offers = of("nightly.gold.offers", "COMPLETE");
    let output = &offers["outputs"][0];
    let lineage =
        &output["facets"]["columnLineage"]["fields"]["salary_min_cents"]["inputFields"][0];
    assert_eq!(
        (lineage["name"].as_str(), lineage["field"].as_str()),
        (Some("silver.offers"), Some("salary_label"))
    );
    let rows = lake
        .query("SELECT count(*) AS rows FROM gold.offers")
        .remove(0);
    assert_eq!(
        output["outputFacets"]["outputStatistics"]["rowCount"],
        rows["rows"]
    );
    assert!(
        output["facets"]["dataQualityAssertions"]["assertions"]
            .as_array()
            .unwrap()
            .len()
            > 2
    );
    assert!(
        offers["job"]["facets"]["sql"]["query"]
            .as_str()
            .unwrap()
            .contains("FROM silver.offers")
    );
    let gates = of("nightly.publish_snapshot", "COMPLETE");
    assert!(
        !gates["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let again = pipeline(&lake, &["runs", "openlineage", "last"]);
    assert_eq!(again.stdout, text, "made again byte for byte");

    // The run that was killed could not tell of itself: the next one does.
    let killed = hold(&read(&lake, "lineage/2026-11-20.0001.jsonl"));
    assert_eq!(killed.last().unwrap()["eventType"], "ABORT");
    assert!(
        killed
            .iter()
            .any(|event| event["job"]["name"] == "nightly.bronze.offers")
    );

    let page = read(&lake, "reports/2026-11-20.0002.html");
    for told in [
        "2026-11-20.0002",
        "✓ succeeded",
        "Rows conserved",
        "✓ adds up",
        "ragged_row",
        "data-id=\"gold.offers\"",
    ] {
        assert!(page.contains(told), "{told}");
    }
    assert!(
        !page.contains("✗ does not add up") && !page.contains("http:") && !page.contains("https:")
    );
    let out = lake.file("again.html").display().to_string();
    assert!(pipeline(&lake, &["report", "2026-11-20.0002", "--out", &out]).is_success());
    assert_eq!(read(&lake, "again.html"), page);
    assert!(pipeline(&lake, &["report", "2026-11-20.0001", "--out", &out]).is_success());
    assert!(read(&lake, "again.html").contains("not ended"));
}

#[test]
fn events_that_do_not_arrive_fail_no_run_and_are_sent_after_the_next() {
    let lake = Lake::with_demo(1);
    let dead = nobody();
    let ran = night(&lake, 18, &[("MARKETLOUNGE_OPENLINEAGE_URL", &dead)]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let notes: Vec<Value> = ran
        .json()
        .into_iter()
        .filter(|event| event["event"] == "note")
        .collect();
    let is_said = notes
        .iter()
        .any(|note| note["text"].as_str().unwrap().contains("not delivered"));
    assert!(is_said, "{notes:?}");

    let listener = Listener::start();
    let variables = [
        ("MARKETLOUNGE_OPENLINEAGE_URL", listener.url.as_str()),
        ("MARKETLOUNGE_OFFLINE", "1"),
    ];
    assert!(night(&lake, 19, &variables).is_success());
    assert!(
        listener.taken().is_empty(),
        "nothing is sent in offline mode"
    );

    let variables = [
        ("MARKETLOUNGE_OPENLINEAGE_URL", listener.url.as_str()),
        ("MARKETLOUNGE_OPENLINEAGE_KEY", "secret"),
    ];
    assert!(night(&lake, 20, &variables).is_success());
    let taken = listener.taken();
    let wanted: Vec<Value> = ["2026-11-18.0001", "2026-11-20.0001"]
        .into_iter()
        .flat_map(|run| hold(&read(&lake, &format!("lineage/{run}.jsonl"))))
        .collect();
    let events: Vec<Value> = taken.iter().map(|(_, event)| event.clone()).collect();
    assert_posted_once(&events, &wanted);
    assert!(taken.iter().all(|(key, _)| key.ends_with("Bearer secret")));
    assert_eq!(
        std::fs::read_dir(lake.file("lineage/pending")).map_or(0, Iterator::count),
        0
    );
}

/// Run or job of a run, and type.
fn name(event: &Value) -> String {
    format!("{} {}", event["run"]["runId"], event["eventType"])
}

/// What was posted is what the files say, each event once. Of a start that was posted when it happened no outcome was known.
fn assert_posted_once(posted: &[Value], wanted: &[Value]) {
    let sorted = |events: &[Value]| {
        let mut names: Vec<String> = events.iter().map(name).collect();
        names.sort();
        names
    };
    assert_eq!(sorted(posted), sorted(wanted));
    let ends = wanted.iter().filter(|event| event["eventType"] != "START");
    for end in ends {
        let same = posted.iter().find(|event| name(event) == name(end));
        assert_eq!(same, Some(end));
    }
}

#[test]
fn starts_and_ends_are_posted_while_the_run_goes_on() {
    let lake = Lake::with_demo(1);
    let listener = Listener::start();
    let mut process = Command::new(program("pipeline"))
        .args([
            "run", "nightly", "--slot", SLOT, "--model", "none", "--lake",
        ])
        .arg(lake.path())
        .env("MARKETLOUNGE_OPENLINEAGE_URL", &listener.url)
        .env("MARKETLOUNGE_HOLD_AT", "publish.before_announce")
        .current_dir(project())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut posted = Vec::new();
    let has = |posted: &[Value], job: &str, kind: &str| {
        let is_it = |event: &&Value| event["job"]["name"] == job && event["eventType"] == kind;
        posted.iter().any(|event| is_it(&event))
    };
    for _ in 0..1200 {
        posted.extend(listener.taken().into_iter().map(|(_, event)| event));
        if has(&posted, "nightly.publish_snapshot", "START") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let is_live = has(&posted, "nightly.publish_snapshot", "START")
        && has(&posted, "nightly.gold.offers", "COMPLETE")
        && !has(&posted, "nightly", "COMPLETE");
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
    assert!(
        is_live,
        "{} events were posted before the end",
        posted.len()
    );
    assert_eq!(posted[0]["job"]["name"], "nightly");
    posted.extend(listener.taken().into_iter().map(|(_, event)| event));
    let written = hold(&read(&lake, &format!("lineage/{SLOT}.0001.jsonl")));
    let schemas = Published::read(&project().join("pipeline/lineage/tests/openlineage"));
    posted.iter().for_each(|event| schemas.hold(event));
    assert_posted_once(&posted, &written);
    assert!(has(&posted, "nightly", "COMPLETE"));
}

#[test]
fn people_are_told_of_bad_runs_and_the_dead_mans_file_of_good_ones() {
    let lake = Lake::with_demo(1);
    let listener = Listener::start();
    let file = |name: &str| lake.file(name).display().to_string();
    let config = format!(
        "[[webhook]]\nurl = \"{}\"\non = [\"failed\", \"recovered\"]\n\
         [[command]]\nrun = [\"sh\", \"-c\", \"cat >> {}\"]\non = [\"failed\"]\n\
         [[mail]]\nfrom = \"nuit@exemple.fr\"\nto = [\"garde@exemple.fr\"]\nprogram = [\"sh\", \"-c\", \"cat > {}\"]\non = [\"failed\"]\n\
         [dead_man]\nfile = \"{}\"\ndags = [\"nightly\"]\n",
        listener.url,
        file("paged.jsonl"),
        file("letter"),
        file("last_good.json")
    );
    let alerts = file("alerts.toml");
    std::fs::write(&alerts, config).unwrap();
    let variables = [("MARKETLOUNGE_ALERTS", alerts.as_str())];

    let tried = Ran::pipeline(&["alerts", "test"], &variables);
    assert!(tried.is_success(), "{}", tried.stderr);
    assert_eq!(listener.taken()[0].1["event"], "test");

    // A project whose SELECT does not give what its contract promises.
    let broken = Lake::empty();
    for room in ["schemas", "dags"] {
        copy(&project().join(room), &broken.file(room));
    }
    std::fs::write(broken.file("dags/gold/asked_texts.sql"), "SELECT 1 AS one").unwrap();
    let folder = broken.path().display().to_string();
    let arguments = ["--model", "none", "--project", &folder];
    let ran = lake.run_for("2026-11-18", "nightly", &arguments, &variables);
    assert!(!ran.is_success());
    let told = listener.taken();
    assert_eq!(
        (told.len(), &told[0].1["event"]),
        (1, &Value::from("failed"))
    );
    assert!(
        !told[0].1["reasons"].as_array().unwrap().is_empty(),
        "{told:?}"
    );
    assert!(read(&lake, "paged.jsonl").contains("\"event\":\"failed\""));
    assert!(read(&lake, "letter").contains("To: garde@exemple.fr"));
    assert!(!lake.file("last_good.json").exists());
    let failed = hold(&read(&lake, "lineage/2026-11-18.0001.jsonl"));
    let of = |job: &str| {
        let told = failed.iter().rfind(|event| event["job"]["name"] == job);
        told.unwrap_or_else(|| panic!("nothing of {job}"))["eventType"].clone()
    };
    assert_eq!(of("nightly.gold.asked_texts"), "FAIL");
    assert_eq!(of("nightly.publish_snapshot"), "ABORT");
    assert_eq!(of("nightly"), "FAIL");
    assert!(read(&lake, "reports/2026-11-18.0001.html").contains("! blocked"));

    assert!(night(&lake, 18, &variables).is_success());
    let told = listener.taken();
    assert_eq!(
        (told.len(), &told[0].1["event"]),
        (1, &Value::from("recovered"))
    );
    let good: Value = serde_json::from_str(&read(&lake, "last_good.json")).unwrap();
    assert_eq!(good["run"], "2026-11-18.0002");

    let offline = [
        ("MARKETLOUNGE_ALERTS", alerts.as_str()),
        ("MARKETLOUNGE_OFFLINE", "1"),
    ];
    let tried = Ran::pipeline(&["alerts", "test"], &offline);
    assert!(!tried.is_success() && listener.taken().is_empty());
    std::fs::write(&alerts, "[[webhook]]\nurl = \"ftp://x\"\n").unwrap();
    let ran = night(&lake, 19, &variables);
    assert!(
        !ran.is_success() && ran.stderr.contains("ftp://x"),
        "{}",
        ran.stderr
    );
}

/// Every page below a folder, relative to it.
fn pages(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        match folder.join(&path).is_dir() {
            true => pages(folder, &path, found),
            false => {
                found.insert(path);
            }
        }
    }
}

#[test]
fn the_site_is_whole_in_both_languages_and_opens_from_disk() {
    let lake = Lake::published();
    let site = tempfile::tempdir().unwrap();
    let out = site.path().display().to_string();
    let ran = pipeline(&lake, &["docs", "--out", &out]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let mut found = BTreeSet::new();
    pages(site.path(), "", &mut found);
    let of = |language: &str| -> BTreeSet<String> {
        let prefix = format!("{language}/");
        found
            .iter()
            .filter_map(|path| path.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(of("fr"), of("en"));
    for wanted in [
        "index.html",
        "tables/gold.offers.html",
        "dags/nightly.html",
        "sources/open_data.offers.html",
    ] {
        assert!(of("fr").contains(wanted), "{wanted}");
    }
    for path in &found {
        let page = std::fs::read_to_string(site.path().join(path)).unwrap();
        assert!(
            !page.contains("https:") && !page.contains("src=\""),
            "{path} looks outside"
        );
        let folder = Path::new(path).parent().unwrap();
        for link in page
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
        {
            let file = link.split('#').next().unwrap();
            let is_there = file.is_empty() || site.path().join(folder).join(file).is_file();
            assert!(is_there, "{path} leads to {link}, which is not there");
        }
    }
    let read = |path: &str| std::fs::read_to_string(site.path().join(path)).unwrap();
    let (french, english) = (
        read("fr/tables/gold.offers.html"),
        read("en/tables/gold.offers.html"),
    );
    assert!(french.contains("Dernier audit") && english.contains("Last audit"));
    let rows = lake
        .query("SELECT count(*) AS rows FROM gold.offers")
        .remove(0)["rows"]
        .as_u64()
        .unwrap();
    assert!(english.contains("2026-11-20.0001") && english.contains("salary_min_cents"));
    assert!(rows > 0 && english.contains("silver.offers"));
    assert!(
        read("en/index.html").contains("\"gold.offers.salary_min_cents\""),
        "columns are found by the search"
    );

    let only = tempfile::tempdir().unwrap();
    let out = only.path().display().to_string();
    assert!(pipeline(&lake, &["docs", "--out", &out, "--lang", "en"]).is_success());
    assert!(only.path().join("en/index.html").exists() && !only.path().join("fr").exists());
}

#[test]
fn a_report_draws_the_columns_that_moved_beside_their_limits() {
    let lake = Lake::with_demo(1);
    assert!(night(&lake, 18, &[]).is_success());
    let first = read(&lake, "reports/2026-11-18.0001.html");
    assert!(
        !first.contains("class=\"plots\""),
        "there is nothing to compare with"
    );
    let mut row = lake
        .query(
            "SELECT tenant, company_id, siren, siret, name, naf, region, department, postal_code, city, updated_at
             FROM silver.companies WHERE tenant = 'tenant_demo' ORDER BY company_id LIMIT 1",
        )
        .remove(0);
    let many: Vec<Value> = (0..400)
        .map(|number| {
            row["company_id"] = format!("ENT-{number}").into();
            row.clone()
        })
        .collect();
    lake.land("companies/many", &many);
    // A gate refuses such a night, and its report tells why.
    assert_eq!(night(&lake, 19, &[]).code, Some(3));
    let page = read(&lake, "reports/2026-11-19.0001.html");
    let (_, plots) = page.split_once("class=\"plots\"").unwrap();
    assert!(page.contains("Beside run <code>2026-11-18.0001</code>"));
    // 400 companies of one place move their places over the limits.
    let (first, _) = plots.split_once("</figure>").unwrap();
    assert!(
        first.contains("companies.") && first.contains("! over its limit"),
        "{first}"
    );
    assert!(
        first.contains("PSI ") && first.contains("the limit is"),
        "{first}"
    );
    assert!(
        first.contains("class=\"was\"") && first.contains("class=\"is\""),
        "{first}"
    );
}
