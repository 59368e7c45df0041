//! The second reading, from the models' folder to the answer: a tiny cross-encoder of random weights orders the best hits anew.

use marketlounge_tests::{Lake, Node};
use serde_json::{Value, json};

use crate::tiny::{Family, TinyModel};

/// Hits that are reranked.
const RERANKED: usize = 50;

fn ask(node: &Node, limit: usize) -> Value {
    let question =
        json!({ "query": "usinage de précision", "tenant": "tenant_demo", "limit": limit });
    let answer = node.post("/api/match", &question);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn shortlist(answer: &Value) -> &[Value] {
    answer["shortlist"].as_array().unwrap()
}

fn ids(hits: &[Value]) -> Vec<&str> {
    hits.iter()
        .filter_map(|hit| hit["company_id"].as_str())
        .collect()
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap()
}

/// Contributions sum to the score; the last one is the cross-encoder's, of the hits that were read only.
fn check_sums(hits: &[Value]) {
    for (place, hit) in hits.iter().enumerate() {
        let legs = hit["contributions"].as_array().unwrap();
        let sum: f64 = legs.iter().map(|leg| number(leg, "value")).sum();
        assert!((sum - number(hit, "score")).abs() < 1e-9, "{hit}");
        let leg = legs.last().unwrap();
        assert_eq!(leg["name"], "rerank", "{hit}");
        assert_eq!(leg["rank"].is_null(), place >= RERANKED, "{hit}");
        let product = number(leg, "weight") * number(leg, "calibrated");
        assert!((product - number(leg, "value")).abs() < 1e-9, "{leg}");
    }
    let falls = |pair: &[Value]| number(&pair[0], "score") >= number(&pair[1], "score") - 1e-12;
    assert!(hits.windows(2).all(falls));
}

#[test]
fn the_snapshot_s_cross_encoder_orders_the_best_hits_anew_and_its_absence_is_said() {
    let model = TinyModel::write_cross_encoder(Family::Bert, 5);
    let weights = model.path.parent().unwrap().display().to_string();
    let lake = Lake::with_demo(1);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let plain_snapshot = lake.announced();
    let named = [
        "--model",
        "none",
        "--weights",
        &weights,
        "--reranker",
        "tiny",
    ];
    let nightly = || {
        let ran = lake.run("nightly", &named, &[]);
        assert!(ran.is_success(), "{}", ran.stderr);
    };
    nightly();
    let snapshot = lake.announced();
    assert_ne!(
        snapshot, plain_snapshot,
        "another order is another snapshot"
    );
    nightly();
    assert_eq!(lake.announced(), snapshot);

    let node = Node::ready_with(&lake, &["--weights", "no-such-folder"]);
    let fused = ask(&node, 100);
    assert_eq!(fused["explain"]["rerank"]["reason"], "not_on_node");
    node.stop();
    let reading = ["--weights", &weights, "--rerank-budget-ms", "60000"];
    let node = Node::ready_with(&lake, &reading);
    let answer = ask(&node, 100);
    let rerank = &answer["explain"]["rerank"];
    assert_eq!(rerank["is_reranked"], true, "{rerank}");
    assert_eq!(answer["matches"], fused["matches"]);
    let (hits, before) = (shortlist(&answer), shortlist(&fused));
    assert!(
        hits.len() > RERANKED,
        "{} hits do not show where reading ends",
        hits.len()
    );
    check_sums(hits);
    assert_eq!(ids(&hits[RERANKED..]), ids(&before[RERANKED..]));
    let (mut first, mut best) = (ids(&hits[..RERANKED]), ids(&before[..RERANKED]));
    assert_ne!(first, best, "nothing was ordered anew");
    first.sort_unstable();
    best.sort_unstable();
    assert_eq!(first, best, "the hits read are the best of the fused order");
    for limit in [1, 7, 49, 50, 51, 60] {
        let longer = ask(&node, limit + 1);
        let shorter = ask(&node, limit);
        assert_eq!(shortlist(&shorter), &shortlist(&longer)[..limit]);
        assert_eq!(shortlist(&shorter), &hits[..limit]);
    }
    node.stop();

    // Another process gives the same answer again.
    let node = Node::ready_with(&lake, &reading);
    assert_eq!(shortlist(&ask(&node, 100)), hits);
    node.stop();
    nightly();
    let sql = "SELECT DISTINCT reranker FROM silver.queries \
               WHERE text = 'usinage de précision' AND snapshot_id = ";
    let logged = lake.query(&format!("{sql}'{}' ORDER BY 1", snapshot.unwrap()));
    let id = answer["explain"]["rerank"]["model"].as_str().unwrap();
    assert!(id.starts_with("tiny@"), "{id}");
    // The program leaves out what is null: the node without the model.
    assert_eq!(logged, [json!({ "reranker": id }), json!({})]);
}
