//! `gold.training_pairs`: what was chosen, and what was passed over for it.

use std::collections::{BTreeMap, BTreeSet};

use demo::Truth;
use marketlounge_tests::{Lake, truths};
use serde_json::Value;

use super::small::{small, text};

#[test]
fn a_training_pair_has_the_strongest_act_and_what_was_passed_over() {
    let rows = small().query("SELECT * FROM gold.training_pairs");
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let column = |name| text(row, name);
            (
                (
                    column("anchor_id"),
                    column("anchor_text"),
                    column("positive_id"),
                ),
                column("hard_negative_id"),
                (column("reached"), column("source"), column("slot")),
            )
        })
        .collect();
    // A was clicked for « tôlerie inox » and found irrelevant: no positive, and the best negative.
    assert_eq!(
        told,
        [
            (
                ("pliage", "pliage", "A"),
                "C",
                ("viewed", "both", "2026-11-12")
            ),
            (
                ("soudure", "soudure", "A"),
                "",
                ("viewed", "feedback", "2026-11-11")
            ),
            (
                ("tolerie inox", "Tolerie INOX", "B"),
                "A",
                ("applied", "feedback", "2026-11-11")
            ),
        ]
    );
}

#[test]
fn pairs_of_profiles_are_the_interactions_that_led_furthest() {
    let lake = Lake::published();
    let owners: BTreeSet<(String, String)> = lake
        .query("SELECT tenant, offer_id FROM gold.offers")
        .iter()
        .map(|row| {
            (
                text(row, "tenant").to_owned(),
                text(row, "offer_id").to_owned(),
            )
        })
        .collect();
    let steps = ["viewed", "saved", "applied", "interview", "hired"];
    let mut expected: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for row in lake.query("SELECT * FROM silver.interactions WHERE profile_id IS NOT NULL") {
        let (tenant, offer) = (text(&row, "tenant"), text(&row, "offer_id"));
        let is_seen = [tenant, "tenant_public"]
            .iter()
            .any(|owner| owners.contains(&((*owner).to_owned(), offer.to_owned())));
        let step = steps.iter().position(|step| *step == text(&row, "kind"));
        let key = (
            tenant.to_owned(),
            text(&row, "profile_id").to_owned(),
            offer.to_owned(),
        );
        if is_seen {
            let reached = expected.entry(key).or_default();
            *reached = (*reached).max(step.unwrap() + 1);
        }
    }
    let pairs = lake.query(
        "SELECT * FROM gold.training_pairs WHERE anchor_kind = 'profile' ORDER BY tenant, anchor_id",
    );
    let found: BTreeMap<_, _> = pairs
        .iter()
        .map(|row| {
            let key =
                ["tenant", "anchor_id", "positive_id"].map(|column| text(row, column).to_owned());
            (key.into(), row["strength"].as_u64().unwrap() as usize)
        })
        .collect();
    assert!(found.len() > 500);
    assert_eq!(found, expected);
    // Planted: people go further with offers of their own trade.
    let own_trade = |condition: &str| {
        let sql = format!(
            "SELECT avg(CASE WHEN profile.rome_code = offer.rome_code THEN 1.0 ELSE 0.0 END) AS share
             FROM gold.training_pairs AS pair
             JOIN silver.profiles AS profile
               ON profile.tenant = pair.tenant AND profile.profile_id = pair.anchor_id
             JOIN gold.offers AS offer
               ON offer.tenant = pair.positive_tenant AND offer.offer_id = pair.positive_id
             WHERE {condition}"
        );
        lake.query(&sql)[0]["share"].as_f64().unwrap()
    };
    let (far, near) = (
        own_trade("pair.strength >= 4"),
        own_trade("pair.strength = 1"),
    );
    assert!(
        far > 0.9 && near < 0.5,
        "{far} of the furthest, {near} of the nearest"
    );
}

#[test]
fn a_hard_negative_of_a_query_stood_above_and_was_never_chosen() {
    let lake = Lake::published();
    let key = "trim(regexp_replace(fold(text), '[^a-z0-9]+', ' ', 'g'))";
    let mut answers: BTreeMap<(String, String), Vec<Vec<String>>> = BTreeMap::new();
    for row in lake.query(&format!(
        "SELECT tenant, {key} AS key, results FROM silver.queries"
    )) {
        let results = row["results"].as_array().into_iter().flatten();
        let results = results.map(|id| id.as_str().unwrap().to_owned()).collect();
        let asked = (
            text(&row, "tenant").to_owned(),
            text(&row, "key").to_owned(),
        );
        answers.entry(asked).or_default().push(results);
    }
    let pairs = lake.query("SELECT * FROM gold.training_pairs WHERE anchor_kind = 'query'");
    let chosen: BTreeSet<_> = pairs
        .iter()
        .map(|row| ["tenant", "anchor_id", "positive_id"].map(|column| text(row, column)))
        .collect();
    let mut negatives = 0;
    for row in &pairs {
        let [tenant, anchor, positive, negative] =
            ["tenant", "anchor_id", "positive_id", "hard_negative_id"]
                .map(|column| text(row, column));
        if negative.is_empty() {
            continue;
        }
        negatives += 1;
        let of = |results: &Vec<String>, id: &str| results.iter().position(|result| result == id);
        let is_above =
            answers[&(tenant.to_owned(), anchor.to_owned())]
                .iter()
                .any(
                    |results| match (of(results, negative), of(results, positive)) {
                        (Some(above), Some(below)) => above < below,
                        _ => false,
                    },
                );
        assert!(is_above, "{row}");
        assert!(!chosen.contains(&[tenant, anchor, negative]), "{row}");
    }
    assert!(negatives > 500, "{negatives}");
}

#[test]
fn what_was_found_good_is_of_the_trade_that_was_asked_for() {
    let lake = Lake::published();
    let concepts = lake.query("SELECT concept_id, path_ids FROM gold.concepts");
    let trades: BTreeMap<&str, &str> = concepts
        .iter()
        .map(|row| {
            (
                text(row, "concept_id"),
                row["path_ids"][0].as_str().unwrap(),
            )
        })
        .collect();
    // Planted: whom a buyer contacts or finds relevant has the trade, whom he only looks at may not.
    let mut known = BTreeSet::new();
    for truth in truths(&lake) {
        if let Truth::KnowHow {
            company, mentioned, ..
        } = truth
        {
            known.extend(
                mentioned
                    .iter()
                    .map(|id| (company.clone(), trades[id.as_str()])),
            );
        }
    }
    let pairs = lake.query(
        "SELECT DISTINCT pair.positive_id, pair.strength, query.matched_concepts[1] AS asked
         FROM gold.training_pairs AS pair
         JOIN silver.queries AS query
           ON query.tenant = pair.tenant AND query.text = pair.anchor_text
         WHERE pair.anchor_kind = 'query' AND cardinality(query.matched_concepts) > 0",
    );
    let share = |is_strong: bool| {
        let of = |row: &&Value| (row["strength"].as_u64().unwrap() > 1) == is_strong;
        let of: Vec<_> = pairs.iter().filter(of).collect();
        let has_trade = |row: &&&Value| {
            let company = text(row, "positive_id").to_owned();
            known.contains(&(company, trades[text(row, "asked")]))
        };
        assert!(of.len() > 500);
        of.iter().filter(has_trade).count() as f64 / of.len() as f64
    };
    let (strong, weak) = (share(true), share(false));
    assert!(
        (strong - 1.0).abs() < f64::EPSILON && weak < 0.95,
        "{strong} and {weak}"
    );
}
