//! Offers for candidates: salaries, distances, skills, and offers like one.

use std::collections::BTreeSet;

use marketlounge_tests::{Answer, Lake, Node};
use serde_json::{Value, json};

/// Offers that `tenant_demo` sees.
const SEEN: &str = "FROM gold.offers WHERE tenant IN ('tenant_public', 'tenant_demo')";

fn ask(node: &Node, filters: &Value) -> Answer {
    let body = json!({
        "text": "poste en atelier, contrôle des pièces", "tenant": "tenant_demo", "limit": 100, "filters": filters,
    });
    let answer = node.post("/api/match/text", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

fn ids(answer: &Answer) -> BTreeSet<String> {
    let shortlist = answer.body["shortlist"].as_array().unwrap().iter();
    shortlist
        .map(|offer| offer["offer_id"].as_str().unwrap().to_owned())
        .collect()
}

fn count(lake: &Lake, condition: &str) -> u64 {
    let rows = lake.query(&format!("SELECT count(*) AS n {SEEN} AND {condition}"));
    rows[0]["n"].as_u64().unwrap()
}

#[test]
fn salaries_are_read_and_filtered_on_exactly() {
    let lake = Lake::published();
    let unread = count(
        &lake,
        "salary_label IS NOT NULL AND salary_min_cents IS NULL",
    );
    assert_eq!(unread, 0);
    assert_eq!(
        count(
            &lake,
            "salary_label IS NULL AND salary_min_cents IS NOT NULL"
        ),
        0
    );
    let mensual = lake.query(&format!(
        "SELECT salary_label, salary_max_cents {SEEN} AND salary_label LIKE 'Mensuel de %' LIMIT 1"
    ));
    let label = mensual[0]["salary_label"].as_str().unwrap();
    let euros: f64 = label.split(' ').nth(2).unwrap().parse().unwrap();
    assert_eq!(
        mensual[0]["salary_max_cents"].as_f64().unwrap(),
        euros * 1200.0
    );
    let node = Node::ready(&lake);
    for (filters, condition) in [
        (
            json!({"salary_min_eur": 30_000}),
            "salary_max_cents >= 3000000",
        ),
        (
            json!({"salary_max_eur": 27_000}),
            "salary_min_cents <= 2700000",
        ),
        (
            json!({"salary_min_eur": 29_000, "salary_max_eur": 31_000, "contract": "CDI"}),
            "salary_max_cents >= 2900000 AND salary_min_cents <= 3100000 AND contract_type = 'CDI'",
        ),
    ] {
        let answer = ask(&node, &filters);
        let expected = count(&lake, condition);
        assert!(expected > 0, "{filters}");
        assert_eq!(answer.body["explain"]["eligible"], expected, "{filters}");
        let matches = answer.body["matches"].as_u64().unwrap();
        assert_eq!(ids(&answer).len() as u64, matches.min(100), "{filters}");
    }
}

#[test]
fn offers_around_a_postal_code_are_those_within_the_distance() {
    let lake = Lake::published();
    let row = lake.query(&format!(
        "SELECT postal_code {SEEN} AND postal_code IS NOT NULL ORDER BY postal_code LIMIT 1"
    ));
    let code = row[0]["postal_code"].as_str().unwrap();
    let node = Node::ready(&lake);
    for km in [1, 60, 250] {
        let answer = ask(&node, &json!({"postal_code": code, "distance_km": km}));
        let center = &answer.body["explain"]["center"];
        assert_eq!(center["precision"], "postal_code");
        let (latitude, longitude) = (&center["latitude"], &center["longitude"]);
        // The spherical law of cosines, another formula than the node's.
        let within = format!(
            "latitude IS NOT NULL AND 6371.0088 * acos(least(1.0, sin(radians(latitude)) * sin(radians({latitude})) \
             + cos(radians(latitude)) * cos(radians({latitude})) * cos(radians(longitude - ({longitude}))))) <= {km}"
        );
        assert_eq!(
            answer.body["explain"]["eligible"],
            count(&lake, &within),
            "{km} km"
        );
        for offer in answer.body["shortlist"].as_array().unwrap() {
            assert!(
                offer["distance_km"].as_f64().unwrap() <= f64::from(km),
                "{offer}"
            );
        }
    }
    let nowhere = json!({"text": "atelier", "tenant": "tenant_demo",
                         "filters": {"postal_code": "99999", "distance_km": 5}});
    let refused = node.post("/api/match/text", &nowhere);
    assert_eq!(refused.status, 422);
    assert_eq!(refused.body["field"], "filters.postal_code");
}

#[test]
fn a_candidate_finds_the_offers_whose_required_skills_are_covered() {
    let lake = Lake::published();
    let rows = lake.query(&format!(
        "SELECT offer_id, competences {SEEN} ORDER BY offer_id"
    ));
    let wanted = |row: &Value, exigence: Option<&str>| -> BTreeSet<String> {
        let competences = row["competences"].as_str().unwrap_or("[]");
        let competences: Vec<Value> = serde_json::from_str(competences).unwrap();
        let asked = competences
            .iter()
            .filter(|skill| exigence.is_none_or(|word| skill["exigence"] == word));
        asked
            .map(|skill| skill["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let has: BTreeSet<String> = rows
        .iter()
        .take(8)
        .flat_map(|row| wanted(row, None))
        .collect();
    let covered = rows
        .iter()
        .filter(|row| wanted(row, Some("E")).is_subset(&has))
        .count();
    let touched = rows
        .iter()
        .filter(|row| !wanted(row, None).is_disjoint(&has))
        .count();
    assert!(0 < covered && covered < rows.len());
    let node = Node::ready(&lake);
    let covering = ask(&node, &json!({"skills": has, "must_cover": true}));
    assert_eq!(covering.body["explain"]["eligible"], covered);
    for offer in covering.body["shortlist"].as_array().unwrap() {
        assert_eq!(offer["skills"]["required_missing"], json!([]), "{offer}");
    }
    let touching = ask(&node, &json!({"skills": has}));
    assert_eq!(touching.body["explain"]["eligible"], touched);
}

#[test]
fn offers_like_one_are_others_and_the_same_for_every_limit() {
    let lake = Lake::published();
    let rows = lake.query(
        "SELECT offer_id FROM gold.offers WHERE tenant = 'tenant_public' ORDER BY offer_id LIMIT 3",
    );
    let node = Node::ready(&lake);
    for row in &rows {
        let id = row["offer_id"].as_str().unwrap();
        let similar = |limit: usize| {
            let answer = node.get(&format!("/api/offers/{id}/similar?limit={limit}"));
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.body["shortlist"].as_array().unwrap().clone()
        };
        let (few, more) = (similar(3), similar(4));
        assert_eq!(few.len(), 3);
        assert_eq!(few[..], more[..3]);
        for offer in &more {
            assert_ne!(offer["offer_id"], id);
            assert!(!offer["reasons"].as_array().unwrap().is_empty(), "{offer}");
        }
    }
    let unknown = node.get("/api/offers/nobody/similar");
    assert_eq!(
        (unknown.status, &unknown.body["code"]),
        (404, &json!("not_found"))
    );
}
