//! `gold.curation_proposals`: what the vocabulary may lack or have twice, and decisions on it.

use std::collections::BTreeMap;

use demo::Truth;
use marketlounge_tests::{Lake, Ran, truths};
use serde_json::{Value, json};

use super::small::{has_weights, small, text};

fn curation(lake: &Lake, arguments: &[&str]) -> Ran {
    let folder = lake.path().display().to_string();
    let mut all = vec!["--json", "curation", "--lake", &folder];
    all.extend(arguments);
    Ran::pipeline(&all, &[])
}

/// The proposals of one kind, by identifier.
fn proposals(lake: &Lake, kind: &str) -> BTreeMap<String, Value> {
    let listed = curation(lake, &["list", "--kind", kind]);
    assert!(listed.is_success(), "{}", listed.stderr);
    let named = |row: Value| (text(&row, "proposal_id").to_owned(), row);
    listed.json().into_iter().map(named).collect()
}

/// A demo market in which somebody delivers a concept that is there already, in other words.
fn with_duplicate() -> Lake {
    let lake = Lake::with_demo(1);
    let twin = json!({
        "concept_id": "zz-anodisations", "label": "Anodisations sulfuriques",
        "synonyms": ["anodisation", "oxydations anodiques", "anodisation dure"],
    });
    lake.land("concepts/twin", &[twin]);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    lake
}

#[test]
fn what_the_vocabulary_lacks_or_has_twice_is_proposed_until_it_is_decided() {
    let lake = with_duplicate();
    // Planted: demand that no concept answers, of many callers of one tenant and of few of the other.
    let mut planted = BTreeMap::new();
    for truth in truths(&lake) {
        if let Truth::UnmetDemand {
            tenant,
            text,
            requests,
        } = truth
        {
            planted.insert(tenant, (text, requests.len() as u64));
        }
    }
    let (asked, times) = &planted["tenant_demo"];
    assert!(*times >= 5 && planted["tenant_nord"].1 < 5, "{planted:?}");
    let missing = proposals(&lake, "missing_concept");
    let told: Vec<_> = missing
        .values()
        .map(|row| {
            (
                text(row, "tenant"),
                text(row, "label"),
                row["weight"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("tenant_demo", asked.as_str(), *times)]);
    // Planted: a node without concept, and a concept that is there twice.
    let drafts = proposals(&lake, "draft_concept");
    let nodes: Vec<_> = drafts.values().map(|row| text(row, "node_id")).collect();
    assert_eq!(nodes, ["fraisage.cinq-axes.positionne"]);
    let duplicates = proposals(&lake, "near_duplicate");
    let pairs: Vec<_> = duplicates
        .values()
        .map(|row| [text(row, "concept_id"), text(row, "other_concept_id")])
        .collect();
    assert_eq!(pairs, [["anodisation", "zz-anodisations"]]);
    decide_all(&lake, [&missing, &drafts, &duplicates]);
    let ran = lake.nightly(&[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let left = lake.query("SELECT proposal_id, evidence FROM gold.curation_proposals");
    assert!(left.is_empty(), "{left:?}");
    let made = lake.query(
        "SELECT label, synonyms, node_id, path FROM gold.concepts WHERE concept_id LIKE 'curation:%' ORDER BY label",
    );
    let told: Vec<_> = made
        .iter()
        .map(|row| (text(row, "label"), text(row, "node_id")))
        .collect();
    let node = "fraisage.cinq-axes.positionne";
    assert_eq!(
        told,
        [("Fraisage 5 axes positionnés", node), ("Rotomoulage", "")]
    );
    assert_eq!(made[1]["synonyms"], json!([asked]));
    let decisions =
        lake.query("SELECT decision, note FROM silver.curation_decisions ORDER BY kind");
    let told: Vec<_> = decisions.iter().map(|row| text(row, "decision")).collect();
    assert_eq!(told, ["accepted", "accepted", "rejected"]);
    assert_eq!(decisions[2]["note"], "deux gammes");
}

/// Accepts the missing concept and the draft, rejects the duplicate; each can be decided once.
fn decide_all(lake: &Lake, of_kind: [&BTreeMap<String, Value>; 3]) {
    let [missing, draft, duplicate] = of_kind.map(|found| found.keys().next().unwrap().as_str());
    for (arguments, said) in [
        (
            vec!["accept", "missing-000000000000"],
            "missing-000000000000",
        ),
        (vec!["reject", "../../elsewhere"], "../../elsewhere"),
        (
            vec!["accept", missing, "--node", "no.such.node"],
            "no.such.node",
        ),
        (
            vec!["accept", duplicate, "--label", "Anodisation"],
            duplicate,
        ),
    ] {
        let refused = curation(lake, &arguments);
        assert_eq!(refused.code, Some(1), "{}", refused.stdout);
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    for arguments in [
        vec!["accept", missing, "--label", "Rotomoulage"],
        vec!["accept", draft],
        vec!["reject", duplicate, "--note", "deux gammes"],
    ] {
        let decided = curation(lake, &arguments);
        assert!(decided.is_success(), "{}", decided.stderr);
        assert_eq!(decided.json()[0]["proposal_id"], arguments[1]);
        let again = curation(lake, &["reject", arguments[1]]);
        assert_eq!(again.code, Some(1));
        assert!(again.stderr.contains(arguments[1]), "{}", again.stderr);
    }
    assert!(curation(lake, &["list"]).json().is_empty());
}

#[test]
fn concepts_of_nearly_the_same_vector_are_proposed_beside_those_of_the_same_words() {
    if !has_weights() {
        eprintln!("skipped: no encoder in models/weights (`make model`)");
        return;
    }
    let lake = Lake::empty();
    let labels = [
        ("event-1", "Organisation d'évènement"),
        ("event-2", "Organisation d'évènementiel"),
        ("gps-1", "Spécification géométrique du produit (GPS)"),
        ("gps-2", "Spécification Géométrique de Produits (GPS)"),
        // Of a series: as near to each other as the first two.
        ("hn-1", "Habilitation Nucléaire HN1"),
        ("hn-2", "Habilitation Nucléaire HN2"),
        ("forge", "Forge libre à chaud"),
    ];
    let concepts = labels.map(|(id, label)| json!({ "concept_id": id, "label": label }));
    lake.land("concepts/c", &concepts);
    let ran = lake.run("nightly", &[], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let near = lake.query("SELECT * FROM gold.concept_neighbours");
    let ids: Vec<_> = near.iter().map(|row| text(row, "concept_id")).collect();
    assert_eq!(ids, ["event-1", "gps-1", "hn-1"]);
    let told = |lake: &Lake| -> BTreeMap<String, String> {
        let row = |row: Value| {
            (
                text(&row, "concept_id").to_owned(),
                text(&row, "evidence").to_owned(),
            )
        };
        proposals(lake, "near_duplicate")
            .into_values()
            .map(row)
            .collect()
    };
    let both = told(&lake);
    assert_eq!(both.keys().collect::<Vec<_>>(), ["event-1", "gps-1"]);
    let vector = "» ont presque le même vecteur (cosinus 0,9";
    assert!(both["event-1"].contains(vector), "{both:?}");
    let (words, vector) = ("» partagent 4 mots sur 4 et ont presque", "(cosinus 0,9");
    let gps = &both["gps-1"];
    assert!(gps.contains(words) && gps.contains(vector), "{gps}");
    // Without vectors, words alone speak, and the run says so.
    let lexical = lake.nightly(&[]);
    assert!(lexical.stdout.contains("by their words only"));
    let by_words = told(&lake);
    assert_eq!(by_words.keys().collect::<Vec<_>>(), ["gps-1"]);
    assert!(by_words["gps-1"].ends_with("» partagent 4 mots sur 4"));
}

#[test]
fn too_few_callers_propose_nothing() {
    let lake = small();
    let ask = |file: &str, scopes: &[&str], callers: usize| {
        let rows: Vec<Value> = (0..callers)
            .map(|caller| {
                json!({
                    "tenant": "tenant_a", "request_id": format!("{file}-{caller}"), "endpoint": "/api/match",
                    "text": format!("galvanisation {file}"), "results": [], "ip_hash": format!("c{caller}"),
                    "caller_scope": scopes[caller % scopes.len()], "asked_at": "2026-11-10T10:00:00Z",
                })
            })
            .collect();
        lake.land(&format!("queries/{file}"), &rows);
    };
    ask("de cinq personnes", &["s1"], 5);
    ask("de quatre personnes", &["s1"], 4);
    // Five hashes of five processes may be one person.
    ask("de cinq processus", &["s1", "s2", "s3", "s4", "s5"], 5);
    ask("pour jean@exemple.fr", &["s1"], 5);
    assert!(lake.nightly(&[]).is_success());
    let labels: Vec<_> = proposals(&lake, "missing_concept")
        .values()
        .map(|row| text(row, "label").to_owned())
        .collect();
    assert_eq!(labels, ["galvanisation de cinq personnes"]);
    // The one table that texts leave the log by, for suggestions as for proposals.
    let asked = json!({
        "tenant": "tenant_a", "kind": "unmet", "key": "galvanisation de cinq personnes",
        "text": "galvanisation de cinq personnes", "callers": 5, "queries": 5,
        "first_day": "2026-11-10", "last_day": "2026-11-10",
    });
    assert_eq!(lake.query("SELECT * FROM gold.asked_texts"), [asked]);
}

#[test]
fn curation_without_a_run_says_what_to_run() {
    let lake = Lake::with_demo(1);
    let refused = curation(&lake, &["list"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("pipeline run"),
        "{}",
        refused.stderr
    );
}
