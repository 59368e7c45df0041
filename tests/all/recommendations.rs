//! Whom to book, to win as a client and to invite to bid, asked as clients ask.

use std::collections::BTreeSet;

use marketlounge_tests::{Lake, Node, truths};
use serde_json::{Value, json};

const TENANT: &str = "tenant_demo";
const TERMS: [&str; 6] = [
    "fit",
    "reputation",
    "price_alignment",
    "availability",
    "loc",
    "risk",
];

/// A lake and a node that serves it; and whom the tests ask about.
struct Market {
    lake: std::sync::Arc<Lake>,
    node: Node,
}

impl Market {
    fn open() -> Self {
        let lake = Lake::published();
        let node = Node::ready(&lake);
        Self { lake, node }
    }

    /// Asks as the demo's main tenant; the answer has status 200.
    fn ask(&self, path: &str, more: &str) -> Value {
        let answer = self.node.get(&format!("{path}?tenant={TENANT}{more}"));
        assert_eq!(answer.status, 200, "{path} {more}: {}", answer.body);
        assert_eq!(
            answer.body["snapshot_id"].as_str(),
            self.lake.announced().as_deref()
        );
        let versions = answer.body["model_versions"].as_object().unwrap();
        assert!(!versions.is_empty() && versions.values().all(|v| v.as_str().unwrap().len() == 16));
        answer.body
    }

    /// The first id that a query over the lake gives.
    fn one(&self, column: &str, from: &str) -> String {
        let sql = format!("SELECT {column} AS id FROM {from} ORDER BY {column} LIMIT 1");
        self.lake.query(&sql)[0]["id"].as_str().unwrap().to_owned()
    }

    /// Client, person and open project of the main tenant, by the path of what is recommended to each.
    fn paths(&self) -> [(String, &'static str); 3] {
        let of = |table: &str| format!("{table} WHERE tenant = '{TENANT}'");
        let client = self.one(
            "client_id",
            &format!("{} AND projects > 3", of("gold.known_clients")),
        );
        let person = self.one("person_id", &of("gold.known_people"));
        let open = format!("{} AND status = 'open'", of("gold.project_features"));
        let project = self.one("project_id", &open);
        [
            (
                format!("/api/recommendations/clients/{client}/people"),
                "people",
            ),
            (
                format!("/api/recommendations/people/{person}/prospects"),
                "prospects",
            ),
            (format!("/api/projects/{project}/candidates"), "candidates"),
        ]
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    answer[name].as_array().unwrap()
}

/// What tells one recommendation of a list from the others.
fn id(one: &Value) -> String {
    let company = &one["company"]["company_id"];
    format!(
        "{} {} {company} {}",
        one["person_id"], one["client_id"], one["provider_id"]
    )
}

fn term<'a>(one: &'a Value, name: &str) -> &'a Value {
    let mut terms = one["terms"].as_array().unwrap().iter();
    terms
        .find(|term| term["term"] == name)
        .unwrap_or(&Value::Null)
}

/// A score is the sum of its contributions to the last bit, the terms are all there are, and the scores fall.
fn check(all: &[Value]) {
    assert!(!all.is_empty());
    let mut last = f64::INFINITY;
    for (one, rank) in all.iter().zip(1..) {
        assert_eq!(one["rank"], rank);
        let terms = one["terms"].as_array().unwrap();
        let sum: f64 = terms
            .iter()
            .map(|term| term["contribution"].as_f64().unwrap())
            .sum();
        let weights: f64 = terms
            .iter()
            .map(|term| term["weight"].as_f64().unwrap())
            .sum();
        let score = one["score"].as_f64().unwrap();
        // Where only what is unknown weighs something, nothing is left to weigh.
        let is_weighed = one["known_weight"].as_f64().unwrap() > 0.0;
        let all = if is_weighed { 1.0 } else { 0.0 };
        assert_eq!((sum, weights), (score, all), "{one}");
        assert!(score <= last, "{one}");
        last = score;
        let known = terms.iter().map(|term| term["term"].as_str().unwrap());
        let unknown = one["unknown"].as_array().unwrap().iter();
        let named: BTreeSet<&str> = known
            .chain(unknown.map(|term| term.as_str().unwrap()))
            .collect();
        assert_eq!(named, BTreeSet::from(TERMS), "{one}");
        let reasons = one["reasons"].as_array().unwrap();
        assert!(reasons.len() >= terms.len(), "{one}");
        assert!(
            reasons
                .iter()
                .all(|reason| reason.as_str().unwrap().ends_with('.'))
        );
    }
}

#[test]
fn scores_are_exact_sums_and_a_shorter_list_begins_a_longer_one() {
    let market = Market::open();
    for (path, name) in market.paths() {
        let whole = market.ask(&path, "&limit=100");
        let whole = list(&whole, name);
        check(whole);
        for limit in [1, 2, 5, 6] {
            let first = market.ask(&path, &format!("&limit={limit}"));
            let first = list(&first, name);
            assert_eq!(first.len(), limit.min(whole.len()), "{path}");
            assert_eq!(first[..], whole[..first.len()], "{path} {limit}");
        }
        let by_default = market.ask(&path, "");
        assert_eq!(list(&by_default, name).len(), whole.len().min(10), "{path}");
        let english = market.ask(&path, "&lang=en&limit=1");
        let told = &list(&english, name)[0]["reasons"];
        assert_ne!(told, &whole[0]["reasons"], "{path}");
    }
}

#[test]
fn weights_are_the_caller_s_and_a_bad_one_is_refused_by_its_term() {
    let market = Market::open();
    for (path, name) in market.paths() {
        for only in ["fit", "risk", "availability"] {
            let others = TERMS.iter().filter(|term| **term != only);
            let zeros: String = others.map(|term| format!(",{term}:0")).collect();
            let answer = market.ask(&path, &format!("&limit=100&weights={only}:1{zeros}"));
            let all = list(&answer, name);
            check(all);
            assert_eq!(answer["weights"][only], 1.0, "{path}");
            let known = all.iter().filter(|one| !term(one, only).is_null());
            assert!(
                known
                    .clone()
                    .all(|one| term(one, only)["value"].as_f64().unwrap()
                        - one["score"].as_f64().unwrap()
                        < 1e-9)
            );
            assert!(known.count() > 0, "{path} {only}");
        }
        for (bad, named) in [
            ("chance:0.3", "chance"),
            ("fit:0.3,prix:1", "prix"),
            ("loc:2", "loc"),
            ("fit:x", "fit"),
            ("", ""),
        ] {
            let query = format!("{path}?tenant={TENANT}&weights={bad}");
            let refused = market.node.get(&query);
            assert_eq!(
                (refused.status, refused.body["field"].as_str()),
                (422, Some(format!("weights.{named}").trim_end_matches('.'))),
                "{bad}: {}",
                refused.body
            );
            let detail = refused.body["detail"].as_str().unwrap();
            assert!(
                detail.contains(&format!("« {named} »")) && detail.contains(&TERMS.join(", ")),
                "{detail}"
            );
        }
        for (bad, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("k=1", "k"),
            ("lang=de", "lang"),
        ] {
            let refused = market.node.get(&format!("{path}?tenant={TENANT}&{bad}"));
            assert_eq!(
                (refused.status, refused.body["field"].as_str()),
                (422, Some(field)),
                "{}",
                refused.body
            );
        }
    }
}

#[test]
fn another_tenant_s_clients_people_and_projects_are_unknown_and_nobody_s_name_is_told() {
    let market = Market::open();
    let contacts = market
        .lake
        .query("SELECT name, email, phone, headline FROM silver.people");
    let own = |table: &str, column: &str| -> BTreeSet<String> {
        let sql = format!("SELECT {column} AS id FROM {table} WHERE tenant = '{TENANT}'");
        let rows = market.lake.query(&sql).into_iter();
        rows.map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let known = [
        ("person_id", own("silver.people", "person_id")),
        ("client_id", own("silver.clients", "client_id")),
        ("provider_id", own("silver.providers", "provider_id")),
    ];
    for ((path, name), field) in
        market
            .paths()
            .into_iter()
            .zip(["client_id", "person_id", "project_id"])
    {
        let answer = market.ask(&path, "&limit=100");
        let text = answer.to_string();
        for contact in &contacts {
            for secret in ["name", "email", "phone", "headline"] {
                let Some(secret) = contact[secret].as_str() else {
                    continue;
                };
                assert!(!text.contains(secret), "{path} tells {secret}");
            }
        }
        for one in list(&answer, name) {
            for (column, ids) in &known {
                let is_own = one[column].as_str().is_none_or(|id| ids.contains(id));
                assert!(is_own, "{path}: {one}");
            }
        }
        for other in ["?tenant=tenant_nord", "?tenant=tenant_nobody", ""] {
            let other = market.node.get(&format!("{path}{other}"));
            assert_eq!(
                (other.status, other.body["field"].as_str()),
                (404, Some(field)),
                "{}",
                other.body
            );
        }
    }
}

#[test]
fn people_who_do_not_come_lose_by_risk_and_likelihood_what_the_others_keep() {
    let market = Market::open();
    let planted = truths(&market.lake).into_iter().map(|truth| json!(truth));
    let planted: Vec<Value> = planted
        .filter(|truth| truth["kind"] == "no_show_people" && truth["tenant"] == TENANT)
        .flat_map(|truth| truth["people"].as_array().unwrap().clone())
        .collect();
    assert!(!planted.is_empty());
    let (path, name) = &market.paths()[0];
    let answer = market.ask(path, "&limit=100");
    let (missed, others): (Vec<&Value>, Vec<&Value>) = list(&answer, name)
        .iter()
        .partition(|one| planted.contains(&one["person_id"]));
    assert_eq!(missed.len(), planted.len());
    let mean = |all: &[&Value], name: &str| {
        let values: Vec<f64> = all
            .iter()
            .filter_map(|one| term(one, name)["value"].as_f64())
            .collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    for name in ["risk", "loc"] {
        let (missed, others) = (mean(&missed, name), mean(&others, name));
        assert!(missed < others - 0.1, "{name}: {missed} against {others}");
    }
    // Those who came every time keep the whole term.
    let share = |one: &Value| {
        let risk = term(one, "risk");
        risk["contribution"].as_f64().unwrap() / risk["weight"].as_f64().unwrap()
    };
    for one in &missed {
        assert!(share(one) <= 0.8, "{one}");
        let reasons = one["reasons"].to_string();
        assert!(reasons.contains("N'est pas venu"), "{reasons}");
    }
    assert!(others.iter().any(|one| share(one) > 0.99));
}

#[test]
fn a_candidate_fits_as_the_match_says_and_who_bids_is_marked() {
    let market = Market::open();
    let (path, name) = &market.paths()[2];
    let answer = market.ask(path, "&limit=100");
    let asked = json!({ "query": answer["query"], "tenant": TENANT, "limit": 100 });
    let matched = market.node.post("/api/match", &asked);
    let matched = list(&matched.body, "shortlist");
    let project = answer["project_id"].as_str().unwrap();
    let bidders = market.lake.query(&format!(
        "SELECT provider_id FROM silver.bids WHERE tenant = '{TENANT}' AND project_id = '{project}' AND status <> 'withdrawn'"
    ));
    let bidders: BTreeSet<&str> = bidders
        .iter()
        .map(|row| row["provider_id"].as_str().unwrap())
        .collect();
    let mut marked = 0;
    for one in list(&answer, name) {
        let company = &one["company"];
        let hit = matched
            .iter()
            .find(|hit| hit["company_id"] == company["company_id"]);
        assert_eq!(hit, Some(company), "{one}");
        assert_eq!(term(one, "fit")["value"], company["score"]);
        let is_bidder = one["provider_id"]
            .as_str()
            .is_some_and(|id| bidders.contains(id));
        assert_eq!(one["is_bidding"], is_bidder, "{one}");
        marked += usize::from(is_bidder);
    }
    assert!(marked > 0, "no bidder of {project} matches it");
    let ids: BTreeSet<String> = list(&answer, name).iter().map(id).collect();
    assert_eq!(ids.len(), list(&answer, name).len(), "one stands twice");
}

#[test]
fn skills_become_concepts_and_nothing_that_names_a_person_reaches_gold() {
    let lake = Lake::published();
    let counted = lake.query(
        "SELECT count(*) AS people, sum(CASE WHEN cardinality(concepts) > 0 THEN 1 ELSE 0 END) AS knowing, \
         (SELECT count(*) FROM silver.people) AS all_people FROM gold.known_people",
    );
    let count = |column: &str| counted[0][column].as_u64().unwrap();
    assert_eq!(count("people"), count("all_people"));
    assert!(
        count("knowing") * 10 > count("people") * 9,
        "{}",
        counted[0]
    );
    let columns = lake.query("SELECT * FROM gold.known_people LIMIT 1");
    let named: Vec<&String> = columns[0].as_object().unwrap().keys().collect();
    for secret in ["name", "email", "phone", "headline"] {
        assert!(
            !named.iter().any(|column| column.as_str() == secret),
            "{named:?}"
        );
    }
}
