//! Both arms of an experiment are served from one snapshot, each user by the same one, and told apart from the log to the tables.

use std::collections::BTreeMap;

use marketlounge_tests::{Lake, Node, Ran, project};
use serde_json::{Value, json};

use crate::{contracts, models, tuning};

/// Users who ask: of so many some are in each arm.
const USERS: usize = 24;

/// The project with an experiment.
struct Project(Lake);

impl Project {
    fn with(experiment: &str) -> Self {
        let folder = Lake::empty();
        for room in ["schemas", "dags"] {
            contracts::copy(&project().join(room), &folder.file(room));
        }
        std::fs::create_dir_all(folder.file("data")).unwrap();
        std::fs::write(folder.file("data/experiment.toml"), experiment).unwrap();
        Self(folder)
    }

    fn run(&self, lake: &Lake, slot: &str) -> Ran {
        let root = self.0.path().display().to_string();
        let more = ["--model", "none", "--project", &root];
        lake.run_for(slot, "nightly", &more, &[])
    }

    fn publish(&self, lake: &Lake, slot: &str) -> Value {
        let ran = self.run(lake, slot);
        assert!(ran.is_success(), "{}", ran.stderr);
        let id = lake.announced().unwrap();
        let bytes = std::fs::read(lake.file(&format!("snapshots/{id}/manifest.json"))).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

/// What the gate said of the experiment.
fn told(manifest: &Value) -> &str {
    let mut gates = manifest["gates"].as_array().unwrap().iter();
    let gate = gates.find(|gate| gate["name"].as_str().unwrap().starts_with("experiment "));
    gate.unwrap()["detail"].as_str().unwrap()
}

/// The answers to one question by user; every user asks twice and is answered alike.
fn ask(node: &Node, path: &str, question: &Value) -> BTreeMap<String, Value> {
    let ask = |number: usize| {
        let user = format!("user-{number}");
        let answer = node.post_as(&user, path, question);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let again = node.post_as(&user, path, question);
        assert_eq!(again.body["arm"], answer.body["arm"]);
        (user, answer.body)
    };
    (0..USERS).map(ask).collect()
}

fn of_arm<'a>(answers: &'a BTreeMap<String, Value>, arm: &str) -> Vec<&'a Value> {
    let all = answers.values().filter(|answer| answer["arm"] == arm);
    let all: Vec<_> = all.collect();
    assert!(!all.is_empty(), "nobody is in arm {arm}");
    all
}

#[test]
fn arms_with_other_search_weights_are_served_logged_and_told_apart() {
    let lake = tuning::planted();
    let project =
        Project::with("name = \"poids\"\nshare = 0.5\n[arm_b]\nsearch_weights = \"default\"\n");
    let untuned = project.publish(&lake, "2026-11-20");
    assert_eq!(untuned.get("experiment"), None);
    assert!(told(&untuned).contains("waits"), "{}", told(&untuned));

    tuning::judge(&lake, tuning::REQUESTS);
    let manifest = project.publish(&lake, "2026-11-21");
    let card = &manifest["experiment"];
    assert_eq!(
        (&card["name"], &card["share"]),
        (&json!("poids"), &json!(0.5))
    );
    let fusion = &card["arms"]["B"]["fusion"]["companies"];
    assert_ne!(fusion, &manifest["fusion"]["companies"]);
    assert_eq!(fusion, &untuned["fusion"]["companies"]);

    // By the tuned weights who is named so is first; by the defaults, who says it in passing.
    let question = json!({ "query": tuning::asked(3), "tenant": "tenant_a", "limit": 2 });
    let node = Node::ready(&lake);
    let answers = ask(&node, "/api/match", &question);
    for (arm, first) in [("A", "named-3"), ("B", "said-3")] {
        for answer in of_arm(&answers, arm) {
            assert_eq!(answer["shortlist"][0]["company_id"], first, "{answer}");
        }
    }
    let nobody = node.post("/api/match", &question);
    assert_eq!(nobody.body["shortlist"][0]["company_id"], "named-3");

    // Another node and the next night's snapshot deal the users as this one did.
    node.stop();
    let feedback: Vec<Value> = answers
        .iter()
        .filter(|(_, answer)| answer["arm"] == "A")
        .map(|(user, answer)| {
            json!({
                "tenant": "tenant_a", "feedback_id": format!("by-{user}"), "request_id": answer["request_id"],
                "company_id": "named-3", "kind": "contacted", "given_at": "2026-11-22T10:00:00Z",
            })
        })
        .collect();
    lake.land("feedback/arms", &feedback);
    let next = project.publish(&lake, "2026-11-22");
    assert_eq!(
        next["experiment"]["arms"]["B"]["fusion"],
        card["arms"]["B"]["fusion"]
    );
    let node = Node::ready(&lake);
    for (user, answer) in ask(&node, "/api/match", &question) {
        assert_eq!(answer["arm"], answers[&user]["arm"], "{user}");
    }

    let in_b = of_arm(&answers, "B").len();
    let in_a = USERS - in_b;
    let rows = lake.query(
        "SELECT experiment, arm, sum(queries) AS queries FROM gold.search_quality
         WHERE snapshot_id <> 's1' GROUP BY experiment, arm ORDER BY experiment, arm",
    );
    let row = |experiment, arm, queries| json!({ "experiment": experiment, "arm": arm, "queries": queries });
    let expected = [
        row("none", "A", 1),
        row("poids", "A", 2 * in_a),
        row("poids", "B", 2 * in_b),
    ];
    assert_eq!(rows, expected);

    let rows = lake.query(
        "SELECT arm, requests, users, clicked_users, converted_users, conversion_rate, conversion_rate_low,
           conversion_rate_high, judged_queries, ndcg_10 FROM gold.arm_conversion ORDER BY arm",
    );
    let count = |row: &Value| {
        [
            "requests",
            "users",
            "clicked_users",
            "converted_users",
            "judged_queries",
        ]
        .map(|column| row[column].as_u64().unwrap() as usize)
    };
    assert_eq!(count(&rows[0]), [2 * in_a, in_a, in_a, in_a, 2 * in_a]);
    assert_eq!(count(&rows[1]), [2 * in_b, in_b, 0, 0, 2 * in_b]);
    let number = |row: &Value, column: &str| row[column].as_f64().unwrap();
    // Of nobody, and of all: the Wilson interval ends where z² / (n + z²) and n / (n + z²) say.
    let (z, a, b) = (3.841_459, in_a as f64, in_b as f64);
    assert_eq!(number(&rows[0], "conversion_rate"), 1.0);
    assert!((number(&rows[0], "conversion_rate_low") - a / (a + z)).abs() < 1e-5);
    assert_eq!(number(&rows[0], "conversion_rate_high"), 1.0);
    assert_eq!(number(&rows[1], "conversion_rate_low"), 0.0);
    assert!((number(&rows[1], "conversion_rate_high") - z / (b + z)).abs() < 1e-5);
    assert!(
        number(&rows[0], "ndcg_10") > number(&rows[1], "ndcg_10") + 0.2,
        "{rows:?}"
    );

    let folder = lake.path().display().to_string();
    let arms = Ran::pipeline(&["--json", "models", "--lake", &folder, "arms"], &[]);
    assert!(arms.is_success(), "{}", arms.stderr);
    let compared = &arms.json()[0];
    let converted = &compared["differences"]["converted"];
    assert_eq!(converted["verdict"], "a_is_higher", "{compared}");
    assert_eq!(converted["difference"], -1.0);
    let other = [
        "models", "--lake", &folder, "arms", "poids", "--tenant", "tenant_b",
    ];
    let other = Ran::pipeline(&other, &[]);
    assert!(other.stdout.contains("no request"), "{}", other.stdout);
}

#[test]
fn a_challenger_is_served_beside_the_model_in_place() {
    let lake = Lake::with_demo(1);
    let project = Project::with("name = \"prix\"\nshare = 0.5\n[arm_b]\nprices = \"challenger\"\n");
    let first = project.publish(&lake, "2026-11-20");
    assert_eq!(first.get("experiment"), None);
    assert!(
        told(&first).contains("no version but the one in place"),
        "{}",
        told(&first)
    );

    let before = models::served(&lake, "price_intro");
    models::more_intros(&lake);
    let manifest = project.publish(&lake, "2026-11-21");
    let in_place = models::served(&lake, "price_intro");
    let arm = |arm: &str| manifest["experiment"]["arms"][arm]["models"].clone();
    assert_eq!(arm("A")["price_intro"], in_place);
    let challenger = arm("B")["price_intro"].as_str().unwrap().to_owned();
    assert_ne!(challenger, in_place);
    // Promoted or refused, it is the other of the two that were fitted.
    assert!(challenger == before || in_place == before);
    assert_eq!(arm("B")["likelihood_intro"], arm("A")["likelihood_intro"]);
    let id = lake.announced().unwrap();
    let file = format!("snapshots/{id}/challengers/price_intro.model");
    let bytes = std::fs::read(lake.file(&file)).unwrap();
    assert!(blake3::hash(&bytes).to_hex().starts_with(&challenger));

    let question = json!({ "tenant": "tenant_demo", "intro_id": "INT-000030" });
    let node = Node::ready(&lake);
    let answers = ask(&node, "/api/intros/quote", &question);
    for (arm, version) in [("A", &in_place), ("B", &challenger)] {
        for answer in of_arm(&answers, arm) {
            assert_eq!(answer["price"]["model_version"], **version, "{answer}");
            let likelihood = &answer["likelihood"]["model_version"];
            assert_eq!(
                *likelihood,
                manifest["experiment"]["arms"]["A"]["models"]["likelihood_intro"]
            );
        }
    }
    node.stop();

    // The fits of the next night stand against arm A, whatever the other serves.
    let next = project.publish(&lake, "2026-11-22");
    assert_eq!(next["experiment"]["arms"]["A"]["models"], arm("A"));
    assert_eq!(next["id"], manifest["id"]);
}

#[test]
fn a_bad_experiment_stops_the_run_before_it_begins_and_names_the_setting() {
    let lake = tuning::planted();
    let project =
        Project::with("name = \"poids\"\nshare = 2\n[arm_b]\nsearch_weights = \"tuned\"\n");
    let ran = project.run(&lake, "2026-11-20");
    assert!(!ran.is_success());
    let said = &ran.stderr;
    assert!(
        said.contains("experiment.toml") && said.contains("share is 2"),
        "{said}"
    );
    assert!(!lake.file("bronze").exists());
}
