//! Nominating documents and scoring all of them give the same answers.

#[path = "../tests/market/mod.rs"]
mod market;

use std::collections::BTreeMap;

use market::{Ask, random_collection, random_documents, random_query};
use proptest::prelude::*;

use crate::admission::Way;
use crate::collection::Collection;
use crate::query::{FieldWeights, Filters, Weights};
use crate::reach::Reach;
use crate::result::SearchResult;

/// Nominates from the first document on, all that there are.
const WIDE: Reach = Reach {
    exhaustive: 0,
    listed: usize::MAX,
    few: 0,
    depth: usize::MAX / 8,
    postings: usize::MAX / 8,
    grams: usize::MAX / 8,
};
/// Nominates few, after few postings, by lists where there are vectors.
const NARROW: Reach = Reach {
    exhaustive: 0,
    listed: 20,
    few: 4,
    depth: 12,
    postings: 20,
    grams: 40,
};

fn nominating(seed: u64, count: usize, has_vectors: bool, reach: Reach) -> Collection {
    let (documents, vectors) = random_documents(seed, count);
    Collection::in_memory_within(documents, has_vectors.then_some(vectors), reach).unwrap()
}

fn with_fields(mut ask: Ask, seed: u64) -> Ask {
    if seed.is_multiple_of(3) {
        let fields = FieldWeights {
            description: 0.0,
            ..FieldWeights::DEFAULT
        };
        ask.weights = Weights {
            fields,
            ..Weights::default()
        };
    }
    ask
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nominating_all_is_scoring_all(seed in 0_u64..500, has_vectors: bool, region in 0_u32..5) {
        let (one, other) = (random_collection(seed, 90, has_vectors), nominating(seed, 90, has_vectors, WIDE));
        let mut ask = with_fields(random_query(seed, 30), seed);
        if region < 4 {
            ask.filters = Filters::default().with("region", &format!("r{region}"));
        }
        let (mut one, mut other) = (ask.of(&one), ask.of(&other));
        let ways = |result: &SearchResult| result.admission.scans.iter().map(|scan| scan.way).collect::<Vec<_>>();
        prop_assert!(ways(&one).iter().all(|way| *way == Way::EveryDocument));
        prop_assert!(ways(&other).iter().all(|way| matches!(way, Way::Nominated | Way::EveryAdmitted)));
        // They look at documents in different ways, and see the same.
        one.admission.scans.clear();
        other.admission.scans.clear();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_score_does_not_depend_on_who_was_nominated(seed in 0_u64..500) {
        let reach = Reach { listed: usize::MAX, ..NARROW };
        let (all, some) = (random_collection(seed, 150, true), nominating(seed, 150, true, reach));
        let wide = with_fields(random_query(seed, 1000), seed).of(&all);
        let found = with_fields(random_query(seed, 10), seed).of(&some);
        for hit in &found.hits {
            let same = wide.hits.iter().find(|other| other.id == hit.id);
            prop_assert_eq!(same.map(|same| same.score.to_bits()), Some(hit.score.to_bits()));
        }
        prop_assert_eq!(found.is_weak, wide.is_weak);
        prop_assert!(found.matches <= wide.matches);
    }

    #[test]
    fn the_best_k_are_the_first_of_the_best_k_and_one(seed in 0_u64..500, limit in 0_usize..12) {
        let collection = nominating(seed, 150, seed % 2 == 0, NARROW);
        let short = with_fields(random_query(seed, limit), seed).of(&collection);
        let long = with_fields(random_query(seed, limit + 1), seed).of(&collection);
        prop_assert_eq!(&short.hits[..], &long.hits[..short.hits.len()]);
        prop_assert_eq!(short.matches, long.matches);
        prop_assert_eq!(short.hits.len(), limit.min(short.matches));
    }

    #[test]
    fn a_filter_keeps_scores_and_fills_the_page(seed in 0_u64..500, region in 0_u32..4) {
        let collection = nominating(seed, 150, true, NARROW);
        let region = format!("r{region}");
        let all = random_query(seed, 12).of(&collection);
        let mut ask = random_query(seed, 12);
        ask.filters = Filters::default().with("region", &region);
        let filtered = ask.of(&collection);
        prop_assert_eq!(filtered.hits.len(), filtered.matches.min(12));
        let wanted = format!("\"{region}\"");
        for hit in &filtered.hits {
            prop_assert!(hit.payload.contains(&wanted));
            let same = all.hits.iter().find(|other| other.id == hit.id);
            prop_assert!(same.is_none_or(|same| same.score.to_bits() == hit.score.to_bits()));
        }
    }
}

#[test]
fn nominating_all_is_scoring_all_in_several_windows() {
    let (one, other) = (
        random_collection(3, 50_000, false),
        nominating(3, 50_000, false, WIDE),
    );
    for seed in 0..6 {
        let ask = with_fields(random_query(seed, 100), seed);
        let (mut one, mut other) = (ask.of(&one), ask.of(&other));
        one.admission.scans.clear();
        other.admission.scans.clear();
        assert_eq!(one, other);
    }
}

#[test]
fn a_filter_says_what_it_admits_and_how_the_rest_was_looked_at() {
    let collection = nominating(9, 400, true, NARROW);
    let mut ask = random_query(9, 10);
    let scans = |ask: &Ask| ask.of(&collection).admission.scans;
    for scan in scans(&ask) {
        assert_eq!((scan.way, scan.eligible), (Way::Nominated, scan.documents));
        assert!(scan.scored < scan.documents, "{scan:?}");
    }
    // All of the shared documents' first three, and of one region.
    let few: BTreeMap<_, _> = [("tenant_public".to_owned(), vec![0, 1, 2])].into();
    ask.filters = Filters {
        only: Some(few),
        ..Filters::default().with("region", "R1").with("region", "r2")
    };
    let admission = ask.of(&collection).admission;
    let counted = |region: &str| {
        let wanted = format!("\"{region}\"");
        let seen = collection.documents(ask.tenant);
        seen.filter(|document| document.payload.contains(&wanted))
            .count()
    };
    let [region, numbered] = &admission.conditions[..] else {
        panic!("{admission:?}");
    };
    assert_eq!(region.facet.as_deref(), Some("region"));
    assert_eq!(region.values, ["R1", "r2"]);
    assert_eq!(region.admits, counted("r1") + counted("r2"));
    assert_eq!((numbered.facet.as_deref(), numbered.admits), (None, 3));
    for scan in admission.scans {
        assert_eq!((scan.way, scan.scored), (Way::EveryAdmitted, scan.eligible));
        assert!(scan.eligible <= 3);
    }
}

#[test]
fn another_tenant_changes_nothing_in_large_parts() {
    let (mut documents, mut vectors) = random_documents(7, 300);
    let together =
        Collection::in_memory_within(documents.clone(), Some(vectors.clone()), NARROW).unwrap();
    let mut rows = std::mem::take(&mut vectors.rows).into_iter();
    let is_other = |document: &crate::Document| document.tenant == "tenant_other";
    vectors.rows = documents
        .iter()
        .zip(&mut rows)
        .filter(|(document, _)| !is_other(document))
        .map(|(_, row)| row)
        .collect();
    documents.retain(|document| !is_other(document));
    let alone = Collection::in_memory_within(documents, Some(vectors), NARROW).unwrap();
    for seed in 0..40 {
        let ask = random_query(seed, 10);
        assert_eq!(ask.of(&alone), ask.of(&together));
    }
}

#[test]
fn many_threads_get_one_answer_from_large_parts() {
    let collection = nominating(
        5,
        2000,
        true,
        Reach {
            depth: 50,
            postings: 500,
            grams: 500,
            ..NARROW
        },
    );
    let ask = random_query(3, 40);
    let expected = ask.of(&collection);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(ask.of(&collection), expected)));
        }
    });
}
