//! The documents nearest to a query speak for those near them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "market/mod.rs"]
mod market;

use std::collections::BTreeMap;

use market::{Ask, Numbers};
use retrieval::{Collection, Document, Field, Filters, Hit, SHARED_TENANT, Vectors, Weights};

const DIMENSION: usize = 32;
/// Axis of what is asked for, of what its neighbours are about, and of something else.
const ASKED: usize = 0;
const MEANT: usize = 1;
const OTHER: usize = 2;

/// A unit vector with these values on these axes.
fn vector(values: &[(usize, f32)]) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSION];
    for (axis, value) in values {
        vector[*axis] = *value;
    }
    unit(vector)
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.iter_mut().for_each(|value| *value /= norm);
    vector
}

fn document(id: &str, tenant: &str, text: &str) -> Document {
    Document {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        title: id.to_owned(),
        fields: vec![(Field::Description, text.to_owned())],
        facets: BTreeMap::from([("kind".to_owned(), vec![id[..4].to_owned()])]),
        ..Document::default()
    }
}

/// Three documents nearest to the query that are about `MEANT`; one that is too and one about `OTHER`, both as near to the query;
/// and many others.
fn documents(tenant_of_near: &str) -> (Vec<Document>, Vec<Option<Vec<f32>>>) {
    let mut documents = Vec::new();
    let mut rows = Vec::new();
    for at in 0..3 {
        documents.push(document(
            &format!("near{at}"),
            tenant_of_near,
            "pompe à vide",
        ));
        rows.push(Some(vector(&[(ASKED, 0.8), (MEANT, 0.55), (3 + at, 0.2)])));
    }
    for (id, axis) in [("both", MEANT), ("else", OTHER)] {
        documents.push(document(id, SHARED_TENANT, "pompe doseuse"));
        rows.push(Some(vector(&[(ASKED, 0.3), (axis, 0.9)])));
    }
    let mut numbers = Numbers(11);
    for at in 0..80 {
        documents.push(document(
            &format!("rest{at:02}"),
            SHARED_TENANT,
            "tôlerie fine",
        ));
        let noise = (0..DIMENSION).map(|axis| match axis {
            ASKED..=OTHER => 0.0,
            _ => numbers.below(2000) as f32 / 1000.0 - 1.0,
        });
        rows.push(Some(unit(noise.collect())));
    }
    (documents, rows)
}

fn collection((documents, rows): (Vec<Document>, Vec<Option<Vec<f32>>>)) -> Collection {
    let vectors = Vectors {
        model: "planted".to_owned(),
        dimension: DIMENSION,
        rows,
    };
    Collection::in_memory(documents, Some(vectors)).unwrap()
}

fn asked(text: &str) -> Ask {
    Ask {
        vector: Some(vector(&[(ASKED, 1.0)])),
        limit: 100,
        ..Ask::text(text)
    }
}

fn hit(ask: &Ask, collection: &Collection, id: &str) -> Option<Hit> {
    let mut hits = ask.of(collection).hits.into_iter();
    hits.find(|hit| hit.id == id)
}

fn score(ask: &Ask, collection: &Collection, id: &str) -> f64 {
    hit(ask, collection, id).map_or(0.0, |hit| hit.score)
}

#[test]
fn a_document_near_the_nearest_ones_is_found_before_one_as_near_to_the_query_alone() {
    let collection = collection(documents(SHARED_TENANT));
    let ask = asked("pompe");
    let (both, other) = (
        hit(&ask, &collection, "both"),
        hit(&ask, &collection, "else"),
    );
    let (both, other) = (both.unwrap(), other.unwrap());
    assert_eq!(both.contributions[2].raw, other.contributions[2].raw);
    assert!(both.contributions[2].calibrated > other.contributions[2].calibrated + 0.05);
    assert!(both.score > other.score);
    for hit in ask.of(&collection).hits {
        let sum: f64 = hit.contributions.iter().map(|leg| leg.value).sum();
        assert_eq!(sum, hit.score);
        assert!((0.0..=1.0).contains(&hit.contributions[2].calibrated));
    }
}

#[test]
fn neighbours_are_not_heard_where_words_do_not_agree_or_the_encoder_is_not_fluent() {
    let collection = collection(documents(SHARED_TENANT));
    let gap = |ask: &Ask| {
        let vector =
            |id| hit(ask, &collection, id).map_or(0.0, |hit| hit.contributions[2].calibrated);
        vector("both") - vector("else")
    };
    let fluent = gap(&asked("pompe"));
    let mut foreign = asked("pompe");
    foreign.weights = Weights::default().with_fluency(0.5);
    assert!(gap(&foreign) > 0.0 && gap(&foreign) < fluent / 10.0);
    // The nearest documents say nothing of dosing, and little of all this.
    assert_eq!(gap(&asked("doseuse")), 0.0);
    // A vector alone asks for what is near it.
    assert_eq!(gap(&asked("")), 0.0);
}

#[test]
fn neighbours_left_out_by_a_filter_are_heard_all_the_same() {
    let collection = collection(documents(SHARED_TENANT));
    let all = asked("pompe");
    let mut filtered = asked("pompe");
    filtered.filters = Filters::default().with("kind", "both").with("kind", "else");
    assert_eq!(filtered.of(&collection).hits.len(), 2);
    for id in ["both", "else"] {
        assert_eq!(
            score(&filtered, &collection, id),
            score(&all, &collection, id)
        );
    }
}

#[test]
fn neighbours_of_another_tenant_are_not_heard() {
    let ask = asked("pompe");
    let (mut alone, mut rows) = documents("tenant_other");
    let together = collection((alone.clone(), rows.clone()));
    alone.drain(..3);
    rows.drain(..3);
    let alone = collection((alone, rows));
    assert_eq!(ask.of(&together), ask.of(&alone));
    let own = collection(documents(ask.tenant));
    assert!(score(&ask, &own, "both") > score(&ask, &own, "else"));
}
