//! Who is cheating: what the demo hides is found, told with its evidence, decided on and learnt from.

mod decided;
mod told;

use std::collections::BTreeSet;

use demo::Truth;
use marketlounge_tests::{Lake, Ran, truths};
use serde_json::Value;

const TENANT: &str = "tenant_demo";

fn good_night(lake: &Lake, day: u32) {
    let slot = format!("2026-11-{day}");
    let ran = lake.run_for(&slot, "nightly", &["--model", "none"], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
}

fn cases(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json", "cases", "--lake", &folder];
    all.extend(arguments);
    Ran::pipeline(&all, &[])
}

fn good_cases(lake: &Lake, arguments: &[&str]) -> Vec<Value> {
    let ran = cases(lake, arguments);
    assert!(ran.is_success(), "{}", ran.stderr);
    ran.json()
}

/// The case of a thing, as its table has it.
fn case_of(lake: &Lake, kind: &str, id: &str) -> Option<Value> {
    let sql = format!(
        "SELECT * FROM gold.abuse_cases
         WHERE tenant = '{TENANT}' AND entity_kind = '{kind}' AND entity_id = '{id}'"
    );
    lake.query(&sql).pop()
}

fn texts(of: &Value) -> Vec<&str> {
    let all = of.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(Value::as_str).collect()
}

/// The identifiers of a kind that are flagged as a family.
fn flagged(lake: &Lake, kind: &str, family: &str) -> BTreeSet<String> {
    let sql = format!(
        "SELECT entity_id FROM gold.abuse_cases
         WHERE is_flagged AND entity_kind = '{kind}' AND family = '{family}'"
    );
    let rows = lake.query(&sql).into_iter();
    rows.map(|row| row["entity_id"].as_str().unwrap().to_owned())
        .collect()
}

/// What is planted: rings, dumpers, spam accounts.
#[derive(Default)]
struct Planted {
    rings: Vec<BTreeSet<String>>,
    dumpers: BTreeSet<String>,
    spam: BTreeSet<String>,
}

impl Planted {
    fn of(lake: &Lake) -> Self {
        let mut planted = Self::default();
        for truth in truths(lake) {
            match truth {
                Truth::CoverRing { providers, .. } | Truth::RotationRing { providers, .. } => {
                    planted.rings.push(providers.into_iter().collect());
                }
                Truth::Dumping { provider, .. } => {
                    planted.dumpers.insert(provider);
                }
                Truth::SpamAccounts { providers, .. } => planted.spam.extend(providers),
                _ => {}
            }
        }
        planted
    }
}

fn check_found(found: &BTreeSet<String>, planted: &BTreeSet<String>, what: &str) {
    let right = found.intersection(planted).count() as f64;
    assert!(
        right >= 0.9 * planted.len() as f64,
        "{what}: {found:?} of {planted:?}"
    );
    assert!(
        right >= 0.8 * found.len() as f64,
        "{what}: {found:?} for {planted:?}"
    );
}

/// What `pipeline cases` prints as strongest is of planted rings, with bids and signals to look at.
fn check_strongest(lake: &Lake, planted: &Planted) {
    let folder = lake.path().display().to_string();
    let strongest = |what| {
        let limit = ["--limit", "5", "--json", "--lake", &folder];
        let ran = Ran::pipeline(&[&["cases", what][..], &limit].concat(), &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
        ran.json()
    };
    let pairs = strongest("pairs");
    assert_eq!(pairs.len(), 5);
    for pair in pairs {
        let own: BTreeSet<String> = pair["bidders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["provider_id"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            planted.rings.iter().any(|ring| own.is_subset(ring)),
            "{pair}"
        );
        assert_eq!(
            pair["signals"][0]["is_raised"], true,
            "raised ones come first"
        );
    }
    let auctions = strongest("auctions");
    assert_eq!(auctions.len(), 5);
    for auction in auctions {
        let bids = auction["bids"].as_array().unwrap();
        let prices: Vec<_> = bids.iter().map(|bid| bid["price_cents"].as_i64()).collect();
        assert!(prices.is_sorted() && !prices.is_empty(), "{auction}");
        let suspects = bids.iter().filter(|bid| bid["is_suspect"] == true);
        assert!(suspects.count() >= 2, "{auction}");
    }
}

#[test]
fn every_ring_is_found_with_dumpers_and_spam_and_hardly_an_honest_provider_is_flagged() {
    let lake = Lake::with_demo(3);
    good_night(&lake, 20);
    let planted = Planted::of(&lake);
    let rings = lake.query("SELECT provider_ids, kind FROM gold.collusion_rings");
    let found: Vec<BTreeSet<String>> = rings
        .iter()
        .map(|ring| {
            texts(&ring["provider_ids"])
                .into_iter()
                .map(str::to_owned)
                .collect()
        })
        .collect();
    assert_eq!(planted.rings.len(), 6);
    check_strongest(&lake, &planted);
    for ring in &planted.rings {
        assert!(found.contains(ring), "{ring:?} is not among {found:?}");
    }
    check_found(
        &flagged(&lake, "provider", "dumping"),
        &planted.dumpers,
        "dumping",
    );
    check_found(&flagged(&lake, "provider", "spam"), &planted.spam, "spam");
    let guilty: BTreeSet<String> = planted
        .rings
        .into_iter()
        .flatten()
        .chain(planted.dumpers)
        .chain(planted.spam)
        .collect();
    let all = lake.query("SELECT provider_id FROM silver.providers").len();
    let wrongly: Vec<String> = ["collusion", "dumping", "spam", "conduct"]
        .iter()
        .flat_map(|family| flagged(&lake, "provider", family))
        .filter(|provider| !guilty.contains(provider))
        .collect();
    assert!(wrongly.len() * 100 <= all - guilty.len(), "{wrongly:?}");
}

#[test]
fn prices_are_learnt_without_what_rings_and_spam_accounts_ask() {
    let lake = Lake::published();
    let [count] = &lake.query(
        "SELECT count(*) AS tainted, count(DISTINCT o.deal_id) AS projects
         FROM gold.price_observations o WHERE o.is_tainted",
    )[..] else {
        panic!("one row")
    };
    assert!(count["tainted"].as_i64().unwrap() > 100, "{count}");
    let of_ring = lake.query(
        "SELECT c.deal_id FROM gold.comparables c
         INNER JOIN gold.price_observations o
           ON o.tenant = c.tenant AND o.deal_id = c.deal_id AND o.is_tainted AND o.is_agreed",
    );
    assert!(of_ring.is_empty(), "a tainted price is nobody's comparable");
}
