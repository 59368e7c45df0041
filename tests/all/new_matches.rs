//! What is new for whom, night by night.

use marketlounge_tests::{Lake, Node, Ran};
use serde_json::{Value, json};

const TABLE: &str = "gold.new_matches";

fn offer(tenant: &str, id: &str, title: &str, description: &str) -> Value {
    json!({
        "tenant": tenant, "id": id, "intitule": title, "description": description,
        "dateCreation": "2026-11-19T08:00:00.000Z", "dateActualisation": "2026-11-19T08:00:00.000Z",
    })
}

fn profile(tenant: &str, id: &str, title: &str, skills: &[&str], text: &str) -> Value {
    json!({
        "tenant": tenant, "profile_id": id, "kind": "candidate", "title": title, "skills": skills, "text": text,
        "updated_at": "2026-11-01T08:00:00Z",
    })
}

/// Three people, of two tenants, and two offers that are there from the first night on.
fn land_first(lake: &Lake) {
    let company = json!({ "tenant": "tenant_a", "company_id": "A", "name": "Atelier A" });
    lake.land("companies/c", &[company]);
    let welds = "Huit ans de soudage TIG sur inox.";
    lake.land(
        "profiles/p",
        &[
            profile("tenant_a", "P1", "Soudeur TIG", &["Soudage inox"], welds),
            profile(
                "tenant_a",
                "P2",
                "Boulanger",
                &["Pétrissage"],
                "Pains au levain.",
            ),
            profile("tenant_b", "P3", "Soudeuse TIG", &["Soudage inox"], welds),
        ],
    );
    lake.land(
        "offers/first",
        &[
            offer(
                "tenant_public",
                "O1",
                "Soudeur TIG (H/F)",
                "Soudage TIG de cuves en inox.",
            ),
            offer(
                "tenant_public",
                "O2",
                "Comptable (H/F)",
                "Tenue de la comptabilité.",
            ),
        ],
    );
}

/// One more offer for everybody, and one of a tenant's own.
fn land_second(lake: &Lake) {
    let everybodys = ("Soudeur TIG inox (H/F)", "Soudage TIG de tubes en inox.");
    let own = (
        "Soudeur TIG (H/F)",
        "Assemblage et soudage inox en atelier.",
    );
    lake.land(
        "offers/second",
        &[
            offer("tenant_public", "O3", everybodys.0, everybodys.1),
            offer("tenant_a", "O4", own.0, own.1),
        ],
    );
}

fn night(lake: &Lake, slot: &str) -> Ran {
    let ran = lake.run_for(slot, "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran
}

/// How the job ended.
fn state(ran: &Ran) -> String {
    let events = ran.json();
    let job = events
        .iter()
        .find(|event| event["record"]["job"] == TABLE)
        .expect("the job is in every run");
    job["record"]["state"].as_str().unwrap().to_owned()
}

fn rows(lake: &Lake) -> Vec<Value> {
    lake.query(&format!("SELECT * FROM {TABLE}"))
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap()
}

fn told(rows: &[Value]) -> Vec<(&str, &str, &str)> {
    let key = |row| {
        (
            text(row, "tenant"),
            text(row, "profile_id"),
            text(row, "offer_id"),
        )
    };
    rows.iter().map(key).collect()
}

#[test]
fn a_profile_is_told_of_the_offers_that_the_night_brought_and_of_no_other_tenants() {
    let lake = Lake::empty();
    land_first(&lake);
    assert_eq!(state(&night(&lake, "2026-11-20")), "made");
    assert!(rows(&lake).is_empty(), "the first night nothing is new");

    land_second(&lake);
    assert_eq!(state(&night(&lake, "2026-11-21")), "made");
    let found = rows(&lake);
    assert_eq!(
        told(&found),
        [
            ("tenant_a", "P1", "O4"),
            ("tenant_a", "P1", "O3"),
            ("tenant_b", "P3", "O3"),
        ]
    );
    for row in &found {
        let legs = ["lexical", "subword", "vector", "concept", "context"];
        let sum: f64 = legs.iter().map(|leg| row[leg].as_f64().unwrap()).sum();
        assert!((sum - row["score"].as_f64().unwrap()).abs() < 1e-9, "{row}");
    }
    let ranks: Vec<_> = found.iter().map(|row| row["rank"].as_i64()).collect();
    assert!(ranks[..2].contains(&Some(1)) && ranks[..2].contains(&Some(2)));
    assert_eq!(ranks[2], Some(1));
    a_node_scores_alike(&lake, &found);

    // Again for the same slot, though the snapshot with the new offers is the announced one by now.
    assert_eq!(state(&night(&lake, "2026-11-21")), "skipped");
    assert_eq!(rows(&lake), found);

    // A night that brings nothing has nothing to tell; the earlier one is told again as it was.
    let announced = lake.announced();
    assert_eq!(state(&night(&lake, "2026-11-22")), "made");
    assert!(rows(&lake).is_empty());
    assert_eq!(lake.announced(), announced);
    assert_eq!(state(&night(&lake, "2026-11-21")), "skipped");
    assert_eq!(rows(&lake), found);
}

/// The score that is told is the one that a node gives the offer for the profile's text, among all offers.
fn a_node_scores_alike(lake: &Lake, found: &[Value]) {
    let node = Node::ready(lake);
    let text = "Soudeur TIG. Soudage inox. Huit ans de soudage TIG sur inox.";
    let asked = json!({ "text": text, "tenant": "tenant_a" });
    let answer = node.post("/api/match/text", &asked);
    let shortlist = answer.body["shortlist"].as_array().unwrap();
    for row in found.iter().filter(|row| row["profile_id"] == "P1") {
        let hit = shortlist
            .iter()
            .find(|hit| hit["offer_id"] == row["offer_id"])
            .unwrap_or_else(|| panic!("{row} is not in {}", answer.body));
        let (one, other) = (&row["score"], &hit["score"]);
        assert!(
            (one.as_f64().unwrap() - other.as_f64().unwrap()).abs() < 1e-5,
            "{one} {other}"
        );
    }
}

#[test]
fn a_snapshot_is_the_same_whatever_was_announced_before_it() {
    let (by_night, at_once) = (Lake::empty(), Lake::empty());
    land_first(&by_night);
    night(&by_night, "2026-11-20");
    land_second(&by_night);
    night(&by_night, "2026-11-21");
    land_first(&at_once);
    land_second(&at_once);
    night(&at_once, "2026-11-21");
    assert!(at_once.announced().is_some());
    assert_eq!(by_night.announced(), at_once.announced());
}
