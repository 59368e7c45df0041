//! A snapshot is announced to some nodes first: a good one goes on to all, a bad one is taken away, and nobody notices.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use marketlounge_tests::{Lake, Node, Ran};
use serde_json::{Value, json};

use crate::operations::{land_company, pipeline, told};

/// Runs the nightly in the environment `next`; returns what it announced there.
fn next_night(lake: &Lake) -> String {
    let ran = lake.run("nightly", &["--model", "none", "--env", "next"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let pointer = std::fs::read(lake.file("env/next/snapshots/CURRENT")).unwrap();
    let pointer: Value = serde_json::from_slice(&pointer).unwrap();
    pointer["id"].as_str().unwrap().to_owned()
}

/// A lake with an announced snapshot, and the id of another one of the environment `next`.
fn two_nights() -> (Lake, String, String) {
    let lake = Lake::with_demo(1);
    assert!(lake.nightly(&[]).is_success());
    let old = lake.announced().unwrap();
    land_company(&lake, "ENT-NEUVE");
    let new = next_night(&lake);
    assert_ne!(old, new);
    (lake, old, new)
}

/// Three nodes: one that tries canaries, one that does not, one that leaves it to the share.
fn nodes(lake: &Lake) -> [Node; 3] {
    ["yes", "no", "by-share"].map(|choice| {
        let landing = lake.file(&format!("asked/{choice}"));
        std::fs::create_dir_all(&landing).unwrap();
        let landing = landing.display().to_string();
        Node::ready_with(lake, &["--canary", choice, "--landing", &landing])
    })
}

fn serves(node: &Node) -> (String, bool) {
    let ready = node.get("/readyz").body;
    let id = ready["snapshot_id"].as_str().unwrap_or_default().to_owned();
    (id, ready["is_canary"] == true)
}

fn start(lake: &Lake, more: &[&str]) -> Ran {
    let mut all = vec!["snapshot", "canary", "start", "--share", "0"];
    all.extend(more);
    pipeline(lake, &all)
}

/// Watches until something is decided, and does it. Latencies of a machine that tests share say nothing.
fn watch(lake: &Lake, nodes: &[Node]) -> Ran {
    let mut arguments = vec![
        "snapshot",
        "canary",
        "watch",
        "--act",
        "--for",
        "3s",
        "--every",
        "1s",
        "--min-requests",
        "5",
        "--max-latency-ratio",
        "1e9",
    ];
    nodes
        .iter()
        .for_each(|node| arguments.extend(["--node", node.url()]));
    let undecided = Some(8);
    (0..20)
        .map(|_| pipeline(lake, &arguments))
        .find(|ran| ran.code != undecided)
        .expect("it is decided one day")
}

/// Checks what a watch decided and with which code it ended; returns why.
fn decided(ran: &Ran, decision: &str, code: i32) -> String {
    let looks = ran.json();
    let last = looks.iter().rfind(|one| one["look"].is_u64());
    let last = last.unwrap_or_else(|| panic!("no look: {}", ran.stderr));
    let why = last["reasons"].to_string();
    assert_eq!(
        (&last["decision"], ran.code),
        (&json!(decision), Some(code)),
        "{why}"
    );
    why
}

/// Asks every node all the time, while something is done; returns what that came to. Each answer must be good.
fn asking<T>(nodes: &[Node], done: impl FnOnce() -> T) -> T {
    let (is_over, answers) = (AtomicBool::new(false), AtomicU64::new(0));
    let question = json!({ "query": "tournage inox", "tenant": "tenant_demo" });
    let outcome = std::thread::scope(|scope| {
        for node in nodes {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    let answer = node.post("/api/match", &question);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    answers.fetch_add(1, Relaxed);
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            });
        }
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(done));
        is_over.store(true, Relaxed);
        outcome
    });
    assert!(answers.into_inner() > 0);
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[test]
fn a_good_canary_goes_on_to_all_nodes_with_its_tables_and_no_request_fails() {
    let (lake, old, new) = two_nights();
    let nodes = nodes(&lake);
    let found = "SELECT count(*) AS n FROM silver.companies WHERE company_id = 'ENT-NEUVE'";
    asking(&nodes, || {
        let begun = start(&lake, &["--from", "next", "--by", "M. Dupont"]);
        assert!(begun.is_success(), "{}", begun.stderr);
        nodes[0].wait("on the canary", |node| serves(node) == (new.clone(), true));
        for node in &nodes[1..] {
            assert_eq!(serves(node), (old.clone(), false));
        }
        let told = nodes[0].get("/api/snapshot").body["canary"].clone();
        assert_eq!(
            (&told["is_served"], &told["id"]),
            (&json!(true), &json!(new))
        );
        assert_eq!(lake.announced(), Some(old.clone()));
        assert_eq!(
            lake.query(found)[0]["n"],
            0,
            "tables are those of the announced snapshot"
        );

        let watched = watch(&lake, &nodes);
        let why = decided(&watched, "go on", 0);
        assert!(
            why.contains("answers of the canary failed (0.00 %)"),
            "{why}"
        );
        for node in &nodes {
            node.wait("on the new snapshot", |node| {
                serves(node) == (new.clone(), false)
            });
        }
    });
    assert_eq!(lake.announced(), Some(new));
    assert_eq!(lake.query(found)[0]["n"], 1);
    assert!(!lake.file("snapshots/CANARY").exists());
    let back = told(&lake, &["snapshot", "rollback"]).remove(0);
    assert_eq!(back["id"], json!(old));
}

#[test]
fn a_damaged_canary_is_refused_by_its_node_and_rolled_back() {
    let (lake, old, new) = two_nights();
    let victim = lake.file(&format!("snapshots/{new}/companies/lexical.bin"));
    let good = std::fs::read(&victim).unwrap();
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    std::fs::write(&victim, &bad).unwrap();
    let refused = start(&lake, &["--from", "next"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("lexical.bin"), "{}", refused.stderr);
    assert!(!lake.file("snapshots/CANARY").exists());

    // Damaged after it was verified.
    std::fs::write(&victim, &good).unwrap();
    assert!(start(&lake, &["--from", "next"]).is_success());
    std::fs::write(&victim, &bad).unwrap();
    let nodes = nodes(&lake);
    asking(&nodes, || {
        nodes[0].wait("looking", |node| {
            node.get("/health").body["canary"]["refused"].is_string()
        });
        let health = nodes[0].get("/health").body;
        assert_eq!(
            (&health["status"], &health["snapshot"]["id"]),
            (&json!("degraded"), &json!(old))
        );
        let watched = watch(&lake, &nodes);
        let why = decided(&watched, "roll back", 3);
        assert!(why.contains("refuses the canary"), "{why}");
        for node in &nodes {
            node.wait("well", |node| node.get("/health").body["status"] == "ok");
            assert_eq!(serves(node), (old.clone(), false));
        }
    });
    assert_eq!(lake.announced(), Some(old));
    assert!(!lake.file("snapshots/CANARY").exists());
}

/// Takes a section out of a snapshot whose manifest then says so: every byte is as it should be, and a part of the answers is missing.
fn forget_section(lake: &Lake, id: &str, section: &str) {
    let folder = lake.file(&format!("snapshots/{id}"));
    let file = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let files = manifest["files"].as_object_mut().unwrap();
    files.retain(|path, _| !path.starts_with(section));
    std::fs::remove_dir_all(folder.join(section)).unwrap();
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let checksum = blake3::hash(&bytes).to_hex().to_string();
    std::fs::write(&file, bytes).unwrap();
    std::fs::write(folder.join("manifest.json.blake3"), checksum).unwrap();
}

#[test]
fn a_canary_that_cannot_answer_what_others_can_is_rolled_back_by_its_failures() {
    let (lake, old, new) = two_nights();
    forget_section(&lake, &new, "autocomplete");
    let nodes = nodes(&lake);
    let suggest = "/api/autocomplete?tenant=tenant_demo&q=tour";
    asking(&nodes, || {
        let begun = start(&lake, &[&new]);
        assert!(begun.is_success(), "{}", begun.stderr);
        nodes[0].wait("on the canary", |node| serves(node) == (new.clone(), true));
        let [canary, other] = [0, 1].map(|at| nodes[at].get(suggest).status);
        assert_eq!((canary, other), (503, 200));
        let is_over = AtomicBool::new(false);
        let watched = std::thread::scope(|scope| {
            for node in &nodes {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        let _ = node.get(suggest);
                        std::thread::sleep(std::time::Duration::from_millis(20));
                    }
                });
            }
            let watched = watch(&lake, &nodes);
            is_over.store(true, Relaxed);
            watched
        });
        let why = decided(&watched, "roll back", 3);
        assert!(
            why.contains("of the canary failed") && why.contains("above"),
            "{why}"
        );
        nodes[0].wait("back", |node| serves(node) == (old.clone(), false));
        assert_eq!(nodes[0].get(suggest).status, 200);
    });
    assert_eq!(lake.announced(), Some(old));
}

#[test]
fn a_canary_is_told_and_kept_and_ends_with_a_pin_or_another_announcement() {
    let (lake, old, new) = two_nights();
    let status = || told(&lake, &["snapshot", "canary", "status"]).remove(0);
    assert_eq!(status()["state"], "none");
    let refused = |ran: Ran, said: &str| {
        assert!(
            !ran.is_success() && ran.stderr.contains(said),
            "{said}: {}",
            ran.stderr
        );
    };
    refused(start(&lake, &[&old]), "every node serves it already");
    refused(start(&lake, &[]), "--from");
    refused(
        start(&lake, &["--from", "nowhere"]),
        "announces no snapshot",
    );
    refused(
        pipeline(&lake, &["snapshot", "canary", "abort"]),
        "canary start",
    );

    assert!(start(&lake, &[&new, "--by", "M. Dupont"]).is_success());
    let running = status();
    assert_eq!(
        (
            &running["state"],
            &running["canary"]["id"],
            &running["canary"]["by"]
        ),
        (&json!("running"), &json!(new), &json!("M. Dupont"))
    );
    let listed = told(&lake, &["snapshot", "list"]);
    let marked = listed.iter().find(|one| one["id"] == json!(new)).unwrap();
    assert_eq!(marked["state"], "canary");
    // Nothing else names it now.
    told(&lake, &["env", "drop", "next"]);
    assert!(told(&lake, &["snapshot", "gc", "--keep", "0"]).is_empty());
    // The share may change, the snapshot not.
    assert!(
        pipeline(
            &lake,
            &["snapshot", "canary", "start", &new, "--share", "0.5"]
        )
        .is_success()
    );
    let wider = status();
    assert_eq!(
        (&wider["canary"]["share"], &wider["canary"]["begun_at"]),
        (&json!(0.5), &running["canary"]["begun_at"])
    );

    told(&lake, &["snapshot", "pin", &old]);
    assert_eq!(status()["state"], "pinned");
    let watch = [
        "snapshot",
        "canary",
        "watch",
        "--node",
        "http://127.0.0.1:9",
    ];
    refused(pipeline(&lake, &watch), "canary status");
    told(&lake, &["snapshot", "unpin"]);

    let done = told(&lake, &["snapshot", "canary", "finish"]).remove(0);
    assert_eq!(
        (&done["before"], &done["tables"]),
        (&json!(old), &Value::Null)
    );
    assert_eq!(lake.announced(), Some(new.clone()));
    assert_eq!(status()["state"], "none");

    // Another night ends a canary that nobody aborted.
    assert!(start(&lake, &[&old]).is_success());
    land_company(&lake, "ENT-AUTRE");
    assert!(lake.nightly(&[]).is_success());
    assert_eq!(status()["state"], "over");
    refused(
        pipeline(&lake, &["snapshot", "canary", "finish"]),
        "start it again",
    );
    let gone = told(&lake, &["snapshot", "canary", "abort"]).remove(0);
    assert_eq!(gone["id"], json!(old));
}

#[test]
fn a_watch_of_what_is_no_node_says_so_and_of_silent_nodes_waits() {
    let (lake, _, new) = two_nights();
    assert!(start(&lake, &[&new]).is_success());
    let watch = |node: &str| {
        pipeline(
            &lake,
            &[
                "snapshot", "canary", "watch", "--for", "1s", "--every", "1s", "--node", node,
            ],
        )
    };
    for no_address in ["10.0.0.7:8080", "ftp://10.0.0.7"] {
        let ran = watch(no_address);
        assert!(
            ran.code == Some(1) && ran.stderr.contains("--node"),
            "{}",
            ran.stderr
        );
    }
    // Nobody listens on the discard port.
    let ran = watch("http://127.0.0.1:9");
    let why = decided(&ran, "wait", 8);
    assert!(why.contains("does not answer"), "{why}");
}
