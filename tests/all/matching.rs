//! Properties of every answer: contributions sum, a longer list begins with the shorter, filters lose nothing, and no
//! tenant sees another's companies.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use marketlounge_tests::{Lake, Node};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

/// A node on the published lake, and which of its companies are whose.
struct Market {
    node: Node,
    _lake: Arc<Lake>,
    in_region: BTreeSet<String>,
    visible: BTreeMap<&'static str, BTreeSet<String>>,
}

const REGION: &str = "Auvergne-Rhône-Alpes";
const TENANTS: [&str; 2] = ["tenant_demo", "tenant_nord"];

impl Market {
    fn open() -> Self {
        let lake = Lake::published();
        let companies = |condition: String| -> BTreeSet<String> {
            let sql = format!("SELECT company_id FROM gold.match_corpus WHERE {condition}");
            let text = |row: &Value| row["company_id"].as_str().unwrap().to_owned();
            lake.query(&sql).iter().map(text).collect()
        };
        let visible = |tenant| companies(format!("tenant IN ('{tenant}', 'tenant_public')"));
        let in_region = companies(format!("region = '{REGION}'"));
        let visible = TENANTS
            .into_iter()
            .map(|tenant| (tenant, visible(tenant)))
            .collect();
        Self {
            node: Node::ready(&lake),
            in_region,
            visible,
            _lake: lake,
        }
    }

    fn ask(&self, body: &Value) -> Value {
        let answer = self.node.post("/api/match", body);
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        answer.body
    }
}

fn check<S: Strategy>(strategy: S, test: impl Fn(&Market, S::Value) -> Result<(), TestCaseError>) {
    let market = Market::open();
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&strategy, |value| test(&market, value))
        .unwrap();
}

fn ids(answer: &Value) -> Vec<String> {
    let text = |company: &Value| company["company_id"].as_str().unwrap().to_owned();
    answer["shortlist"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect()
}

/// Queries made of the words that buyers use, and of words that nobody does.
fn queries() -> impl Strategy<Value = String> {
    let words = [
        "usinage",
        "tôlerie",
        "inox",
        "soudage",
        "TIG",
        "fraisage",
        "5 axes",
        "précision",
        "fonderie",
        "l'aluminium",
        "peinture",
        "contrôle",
        "dimensionnel",
        "électroérosion",
        "prototype",
        "série",
        "agroalimentaire",
        "zzzz",
        "Ø12",
        "316L",
        "de",
        "pour",
    ];
    let word = prop::sample::select(words.to_vec());
    prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "))
}

#[test]
fn contributions_sum_to_the_score_and_lists_are_prefixes() {
    check((queries(), 1_u32..20), |market, (query, limit)| {
        let ask =
            |limit| market.ask(&json!({ "query": query, "tenant": "tenant_demo", "limit": limit }));
        let (longer, shorter) = (ask(limit + 1), ask(limit));
        for company in longer["shortlist"].as_array().unwrap() {
            let values = company["contributions"].as_array().unwrap().iter();
            let sum: f64 = values.map(|c| c["value"].as_f64().unwrap()).sum();
            prop_assert!((sum - company["score"].as_f64().unwrap()).abs() <= 1e-6);
        }
        let (longer, shorter) = (ids(&longer), ids(&shorter));
        prop_assert!(longer.starts_with(&shorter), "{longer:?} {shorter:?}");
        prop_assert!(shorter.len() <= limit as usize);
        Ok(())
    });
}

#[test]
fn a_filtered_query_returns_as_many_as_match() {
    check((queries(), 1_u32..100), |market, (query, limit)| {
        let all = market.ask(&json!({ "query": query, "tenant": "tenant_demo", "limit": 100 }));
        let some = market.ask(&json!({
            "query": query, "tenant": "tenant_demo", "limit": limit, "filters": { "region": REGION },
        }));
        let matches = some["matches"].as_u64().unwrap();
        prop_assert_eq!(ids(&some).len() as u64, matches.min(u64::from(limit)));
        // Where the whole answer fits in one list, the filtered one is its part in the region, in the same order.
        if all["matches"].as_u64().unwrap() <= 100 {
            let is_inside = |id: &String| market.in_region.contains(id);
            let expected: Vec<_> = ids(&all).into_iter().filter(is_inside).collect();
            prop_assert_eq!(matches as usize, expected.len());
            prop_assert!(expected.starts_with(&ids(&some)));
        }
        Ok(())
    });
}

#[test]
fn no_tenant_sees_another_tenants_companies() {
    check(queries(), |market, query| {
        for tenant in TENANTS {
            let answer = market.ask(&json!({ "query": query, "tenant": tenant, "limit": 100 }));
            for id in ids(&answer) {
                prop_assert!(
                    market.visible[tenant].contains(&id),
                    "{id} is not {tenant}'s"
                );
            }
        }
        Ok(())
    });
}
