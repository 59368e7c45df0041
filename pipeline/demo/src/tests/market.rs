//! Good rows: sizes, checksums, references, allowed values and ranges.

use std::collections::{BTreeMap, HashSet};

use super::{Generated, Row, generated, market, number, settings, text};
use crate::identifiers::is_luhn;
use crate::{DemoError, Market};

#[test]
fn the_market_has_the_promised_sizes() {
    let market = market();
    for (table, least) in [
        ("glossary_nodes", 60),
        ("concepts", 120),
        ("companies", 60),
        ("providers", 60),
        ("projects", 40),
        ("bids", 200),
        ("people", 50),
        ("slots", 500),
        ("bookings", 120),
        ("intros", 100),
        ("queries", 5000),
        ("offers", 400),
        ("profiles", 400),
        ("interactions", 1000),
        ("feedback", 1000),
        ("clients", 20),
        ("payments", 100),
        ("submissions", 20),
        ("activations", 150),
        ("activity_priors", 100),
    ] {
        let rows = market.rows(table).len();
        assert!(rows >= least, "{table}: {rows} rows");
    }
    let is_no_show = |row: &&Row| text(row, "status") == "no_show";
    assert!(market.rows("bookings").iter().filter(is_no_show).count() >= 8);
}

#[test]
fn company_numbers_pass_their_checksum_and_codes_their_shape() {
    let market = generated(&settings(11, 1));
    for row in market.rows("companies") {
        let (siren, siret) = (text(&row, "siren"), text(&row, "siret"));
        assert!(is_luhn(siren) && is_luhn(siret) && siret.starts_with(siren));
        let naf: String = text(&row, "naf").replace('.', "").to_uppercase();
        assert!(naf.len() == 5 && naf[..4].parse::<u32>().is_ok(), "{naf}");
        let (department, postal) = (text(&row, "department"), text(&row, "postal_code"));
        assert!(
            postal.starts_with(department) || department.starts_with('2'),
            "{postal}"
        );
    }
    for table in ["clients", "submissions"] {
        assert!(
            market
                .rows(table)
                .iter()
                .all(|row| is_luhn(text(row, "siren")))
        );
    }
}

/// Keys of a table, tenant first unless the table is shared.
fn keys(market: &Generated, table: &str, column: &str) -> HashSet<(String, String)> {
    let rows = market.rows(table);
    rows.iter()
        .map(|row| (text(row, "tenant").to_owned(), text(row, column).to_owned()))
        .collect()
}

#[test]
fn every_reference_of_a_good_row_resolves_in_its_tenant() {
    let market = generated(&settings(7, 2));
    for (table, column, target, key, is_shared) in [
        (
            "activations",
            "company_id",
            "companies",
            "company_id",
            false,
        ),
        ("activations", "concept_id", "concepts", "concept_id", true),
        (
            "activity_priors",
            "concept_id",
            "concepts",
            "concept_id",
            true,
        ),
        ("concepts", "node_id", "glossary_nodes", "node_id", true),
        (
            "glossary_nodes",
            "parent_id",
            "glossary_nodes",
            "node_id",
            true,
        ),
        ("bids", "project_id", "projects", "project_id", false),
        ("bids", "provider_id", "providers", "provider_id", false),
        ("projects", "client_id", "clients", "client_id", false),
        ("projects", "category", "concepts", "concept_id", true),
        ("projects", "awarded_bid_id", "bids", "bid_id", false),
        ("providers", "company_id", "companies", "company_id", false),
        ("slots", "person_id", "people", "person_id", false),
        ("bookings", "slot_id", "slots", "slot_id", false),
        ("bookings", "person_id", "people", "person_id", false),
        ("bookings", "client_id", "clients", "client_id", false),
        ("intros", "client_id", "clients", "client_id", false),
        ("intros", "person_id", "people", "person_id", false),
        ("profiles", "company_id", "companies", "company_id", false),
        ("feedback", "request_id", "queries", "request_id", false),
        ("feedback", "company_id", "companies", "company_id", false),
    ] {
        let known = keys(&market, target, key);
        for row in market.rows(table) {
            let tenant = if is_shared { "" } else { text(&row, "tenant") };
            let value = text(&row, column);
            let is_known = known.contains(&(tenant.to_owned(), value.to_owned()));
            assert!(value.is_empty() || is_known, "{table}.{column} = {value}");
        }
    }
}

#[test]
fn good_rows_hold_allowed_values_and_ranges() {
    let market = market();
    let allowed: &[(&str, &str, &[&str])] = &[
        (
            "projects",
            "status",
            &["open", "awarded", "done", "cancelled"],
        ),
        ("bids", "status", &["submitted", "won", "lost", "withdrawn"]),
        ("slots", "status", &["open", "booked", "blocked"]),
        (
            "bookings",
            "status",
            &["pending", "held", "cancelled", "no_show"],
        ),
        (
            "intros",
            "status",
            &["proposed", "accepted", "declined", "expired"],
        ),
        (
            "payments",
            "status",
            &["pending", "paid", "refunded", "failed"],
        ),
        ("payments", "kind", &["project", "booking", "intro"]),
        ("profiles", "kind", &["candidate", "company"]),
        (
            "feedback",
            "kind",
            &["clicked", "relevant", "irrelevant", "contacted"],
        ),
        (
            "interactions",
            "kind",
            &[
                "viewed",
                "saved",
                "applied",
                "interview",
                "hired",
                "clicked",
            ],
        ),
    ];
    for (table, column, values) in allowed {
        let rows = market.rows(table);
        assert!(
            rows.iter().all(|row| values.contains(&text(row, column))),
            "{table}.{column}"
        );
        let seen: HashSet<&str> = rows.iter().map(|row| text(row, column)).collect();
        assert!(
            seen.len() + 1 >= values.len(),
            "{table}.{column} only has {seen:?}"
        );
    }
    for (table, column, low, high) in [
        ("activations", "strength", 0.0, 1.0),
        ("providers", "rating", 0.0, 5.0),
        ("people", "rating", 0.0, 5.0),
        ("bids", "quality", 0.0, 1.0),
        ("bids", "price_cents", 100.0, 1e12),
        ("payments", "amount_cents", 0.0, 1e12),
        ("glossary_nodes", "level", 1.0, 3.0),
        ("companies", "latitude", -90.0, 90.0),
        ("companies", "longitude", -180.0, 180.0),
        ("queries", "latency_us", 1.0, 1e8),
    ] {
        for row in market.rows(table) {
            let value = number(&row, column);
            assert!(
                value.is_nan() || (low..=high).contains(&value),
                "{table}.{column} = {value}"
            );
        }
    }
}

#[test]
fn company_texts_name_their_concepts() {
    let market = market();
    let mut terms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in market.rows("concepts") {
        let mut names = vec![text(&row, "label").to_lowercase()];
        let synonyms = row["synonyms"].as_array().unwrap();
        names.extend(
            synonyms
                .iter()
                .map(|synonym| synonym.as_str().unwrap().to_lowercase()),
        );
        terms.insert(text(&row, "concept_id").to_owned(), names);
    }
    let texts: BTreeMap<String, String> = market
        .rows("profiles")
        .iter()
        .filter(|row| text(row, "kind") == "company")
        .map(|row| {
            (
                text(row, "company_id").to_owned(),
                text(row, "text").to_lowercase(),
            )
        })
        .collect();
    let mut named = 0;
    for truth in &market.truths {
        let crate::Truth::KnowHow {
            company, mentioned, ..
        } = truth
        else {
            continue;
        };
        for concept in mentioned {
            let is_named = terms[concept]
                .iter()
                .any(|term| texts[company].contains(term));
            assert!(is_named, "{company} does not name {concept}");
            named += 1;
        }
    }
    assert!(named > 300, "{named} mentions");
}

#[test]
fn offers_have_the_shape_of_france_travail() {
    let market = market();
    let mut tenants: BTreeMap<String, usize> = BTreeMap::new();
    for row in market.rows("offers") {
        *tenants.entry(text(&row, "tenant").to_owned()).or_default() += 1;
        assert_eq!(row["lieuTravail"]["codePostal"].as_str().unwrap().len(), 5);
        assert!(row["entreprise"]["nom"].is_string());
        let skill = &row["competences"][0];
        assert!(["E", "S"].contains(&skill["exigence"].as_str().unwrap()));
        assert!(skill["libelle"].is_string() && skill["code"].is_string());
    }
    assert_eq!(tenants.len(), 3);
    assert!(tenants["tenant_public"] > tenants["tenant_demo"]);
}

#[test]
fn unusable_settings_are_refused_with_the_name_of_the_setting() {
    let text = include_str!("../../../../data/demo.toml");
    let refused = Market::parse(&text.replace("projects = 300", "projects = 3"));
    let Err(DemoError::Settings { reason }) = refused else {
        panic!("accepted")
    };
    assert!(reason.contains("sizes.projects"), "{reason}");
    assert!(Market::parse(&text.replace("[shares]", "[shares]\nunknown = 1")).is_err());
}
