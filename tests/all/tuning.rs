//! Weights follow what people found good, where there is enough of it, and nothing else moves them.

use marketlounge_tests::{Lake, Node};
use serde_json::{Value, json};

/// Requests that are asked, each in words of its own.
pub(super) const REQUESTS: usize = 60;

/// A word that no other request has.
fn word(number: usize) -> String {
    const SYLLABLES: [&str; 8] = ["bra", "cli", "dro", "fu", "gle", "mo", "pir", "zat"];
    let syllable = |place: u32| SYLLABLES[number / 8_usize.pow(place) % 8];
    [0, 1, 2].map(syllable).concat()
}

pub(super) fn asked(number: usize) -> String {
    format!("{} {}", word(number), word(number + 200))
}

fn land(lake: &Lake, file: &str, rows: impl Iterator<Item = Value>) {
    let path = lake.file(&format!("landing/{file}.jsonl"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let lines: String = rows.map(|row| format!("{row}\n")).collect();
    std::fs::write(path, lines).unwrap();
}

/// A lake in which for each request one company says the words in passing and another is named by them, written as one word: the
/// first is found by words, the second by parts of them, which by default count little.
pub(super) fn planted() -> Lake {
    let lake = Lake::empty();
    let companies = (0..REQUESTS).flat_map(|number| {
        let said = asked(number);
        let name = said.replace(' ', "");
        [
            json!({ "tenant": "tenant_a", "company_id": format!("said-{number}"), "name": "Atelier", "description": said }),
            json!({ "tenant": "tenant_a", "company_id": format!("named-{number}"), "name": name }),
        ]
    });
    land(&lake, "companies/c", companies);
    let queries = (0..REQUESTS).map(|number| {
        json!({
            "tenant": "tenant_a", "request_id": format!("r{number}"), "endpoint": "/api/match", "text": asked(number),
            "results": [format!("said-{number}"), format!("named-{number}")],
            "snapshot_id": "s1", "asked_at": "2026-11-10T10:00:00Z",
        })
    });
    land(&lake, "queries/q", queries);
    lake
}

/// People contact those that are named so, and find the others irrelevant.
pub(super) fn judge(lake: &Lake, requests: usize) {
    let rows = (0..requests).flat_map(|number| {
        [("said", "irrelevant"), ("named", "contacted")].map(|(who, kind)| {
            json!({
                "tenant": "tenant_a", "feedback_id": format!("{who}-{number}"), "request_id": format!("r{number}"),
                "company_id": format!("{who}-{number}"), "kind": kind, "given_at": "2026-11-11T10:00:00Z",
            })
        })
    });
    land(lake, "feedback/f", rows);
}

fn run(lake: &Lake, slot: &str) -> Vec<Value> {
    let ran = lake.run_for(slot, "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

fn manifest(lake: &Lake) -> Value {
    let id = lake.announced().unwrap();
    let bytes = std::fs::read(lake.file(&format!("snapshots/{id}/manifest.json"))).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The weights of the sections without what is known of them.
fn weights(manifest: &Value) -> Value {
    let mut weights = manifest["fusion"].clone();
    weights.as_object_mut().unwrap().remove("tuning").unwrap();
    weights
}

fn card(manifest: &Value) -> &Value {
    &manifest["fusion"]["tuning"]["companies"]
}

fn gate(manifest: &Value) -> &Value {
    let mut gates = manifest["gates"].as_array().unwrap().iter();
    gates
        .find(|gate| gate["name"] == "weights companies")
        .unwrap()
}

fn first(lake: &Lake, number: usize) -> Value {
    let asked = json!({ "query": asked(number), "tenant": "tenant_a", "limit": 2 });
    let answer = Node::ready(lake).post("/api/match", &asked);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["shortlist"][0]["company_id"].clone()
}

#[test]
fn weights_follow_what_people_found_good_and_stay_while_nothing_new_is_known() {
    let lake = planted();
    run(&lake, "2026-11-20");
    let untuned = manifest(&lake);
    assert_eq!(card(&untuned)["report"]["verdict"], "too_few");
    assert_eq!(first(&lake, 3), "said-3");

    judge(&lake, REQUESTS);
    run(&lake, "2026-11-21");
    let tuned = manifest(&lake);
    let (before, after) = (weights(&untuned), weights(&tuned));
    let share = |weights: &Value| {
        let of = |leg: &str| weights["companies"][leg].as_f64().unwrap();
        of("subword") / of("lexical")
    };
    assert!(share(&after) > 2.0 * share(&before), "{after}");
    assert_eq!(after["concepts"], before["concepts"]);
    assert_eq!(after["offers"], before["offers"]);
    assert_eq!(after["companies"]["fields"], before["companies"]["fields"]);
    let report = &card(&tuned)["report"];
    assert_eq!(report["verdict"], "promoted", "{report}");
    assert_eq!(
        (&report["questions"], &report["groups"]),
        (&json!(REQUESTS), &json!(REQUESTS))
    );
    assert_eq!(report["folds"].as_array().unwrap().len(), 5);
    let ndcg = |side: &str| report[side]["ndcg_10"].as_f64().unwrap();
    assert!(ndcg("after") > ndcg("before") + 0.1, "{report}");
    assert_eq!(gate(&tuned)["is_passed"], true);
    assert!(
        gate(&tuned)["detail"]
            .as_str()
            .unwrap()
            .contains("by searches"),
        "{}",
        gate(&tuned)
    );

    // The same slot again compares with what it compared with before; the next one with what this one announced.
    let events = run(&lake, "2026-11-21");
    let jobs = events.iter().filter(|event| event["event"] == "job");
    for job in jobs {
        assert_eq!(job["record"]["state"], "skipped", "{job}");
    }
    let announced = lake.announced();
    run(&lake, "2026-11-22");
    assert_eq!(lake.announced(), announced);
    run(&lake, "2026-11-23");
    assert_eq!(lake.announced(), announced);

    assert_eq!(first(&lake, 3), "named-3");

    // One company more is another snapshot, with the same weights: they are compared with themselves and stay.
    let more = json!({ "tenant": "tenant_a", "company_id": "neuve", "name": "Neuve" });
    land(&lake, "companies/more", [more].into_iter());
    run(&lake, "2026-11-24");
    let next = manifest(&lake);
    assert_ne!(lake.announced(), announced);
    assert_eq!(weights(&next), after);
    assert_eq!(
        card(&next)["report"]["verdict"],
        "no_gain",
        "{}",
        card(&next)
    );
    assert_eq!(card(&next)["previous"], card(&tuned)["tuned"]);
}

#[test]
fn too_little_feedback_changes_nothing_and_the_manifest_says_so() {
    let lake = planted();
    run(&lake, "2026-11-20");
    let untuned = weights(&manifest(&lake));
    judge(&lake, 49);
    run(&lake, "2026-11-21");
    let manifest = manifest(&lake);
    assert_eq!(weights(&manifest), untuned);
    let report = &card(&manifest)["report"];
    assert_eq!(
        (&report["verdict"], &report["questions"]),
        (&json!("too_few"), &json!(49))
    );
    assert!(
        gate(&manifest)["detail"]
            .as_str()
            .unwrap()
            .contains("too few")
    );
}

#[test]
fn a_judgement_is_freed_of_the_place_at_which_it_was_made() {
    let lake = planted();
    // The first of two is clicked once, the second too: the second was looked at less often.
    let clicked = ["said", "named"].map(|who| {
        json!({
            "tenant": "tenant_a", "feedback_id": who, "request_id": "r1", "company_id": format!("{who}-1"),
            "kind": "clicked", "given_at": "2026-11-11T10:00:00Z",
        })
    });
    let again = json!({
        "tenant": "tenant_a", "request_id": "again", "endpoint": "/api/match", "text": asked(1).to_uppercase(),
        "results": ["said-1", "named-1"], "snapshot_id": "s1", "asked_at": "2026-11-12T10:00:00Z",
    });
    land(&lake, "feedback/clicks", clicked.into_iter());
    land(&lake, "queries/again", [again].into_iter());
    run(&lake, "2026-11-20");
    let rows = lake
        .query("SELECT id, kind, gain, opinions, clicks, looks FROM gold.judgements ORDER BY id");
    let expected = [
        json!({ "id": "named-1", "kind": "company", "gain": 811, "opinions": 0, "clicks": 1, "looks": 1232 }),
        json!({ "id": "said-1", "kind": "company", "gain": 500, "opinions": 0, "clicks": 1, "looks": 2000 }),
    ];
    assert_eq!(rows, expected);
}
