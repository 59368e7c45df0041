//! What a search promises, on a small French market and on random collections.

#[path = "market/mod.rs"]
mod market;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use market::{Ask, market, random_collection, random_query};
use proptest::prelude::*;
use retrieval::{Collection, Filters, Fusion, Hit, SHARED_TENANT, Weights};

fn ids(collection: &Collection, text: &str) -> Vec<String> {
    Ask::text(text)
        .of(collection)
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect()
}

#[test]
fn french_queries_find_their_company_first_however_they_are_written() {
    let collection = Collection::in_memory(market(), None).unwrap();
    for (best, queries) in [
        (
            "usineur",
            &[
                "usinage de précision 5 axes",
                "USINAGES DE PRECISION CINQ AXES",
                "l’usinage précision 5-axes",
            ][..],
        ),
        (
            "tolier",
            &[
                "tôlerie inox pour l'agroalimentaire",
                "tolerie inox agro-alimentaire",
                "Tôleries INOX, l’agro alimentaire",
            ],
        ),
        (
            "soudeur",
            &["soudeur TIG", "soudeuses tig", "soudage T.I.G."],
        ),
        (
            "erodeur",
            &[
                "électro-érosion à fil",
                "electroerosion fil",
                "électro érosion",
            ],
        ),
        (
            "usineur",
            &[
                "pièces en EN AW-6082",
                "alu 6082",
                "tolérance ± 0,02 mm",
                "20 µm",
            ],
        ),
        ("tolier", &["304L", "inox 304 L", "ISO 3834"]),
    ] {
        for query in queries {
            assert_eq!(
                ids(&collection, query).first().map(String::as_str),
                Some(best),
                "{query}"
            );
        }
    }
}

#[test]
fn a_misspelt_word_is_found_by_its_parts() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let found = Ask::text("chodronnerie").of(&collection);
    assert_eq!(found.hits[0].id, "chaudronnier");
    assert_eq!(found.hits[0].contributions[0].raw, 0.0);
    assert!(found.hits[0].matched_terms.is_empty() && !found.is_weak);
}

#[test]
fn a_query_with_no_answer_says_so() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let found = Ask::text("xyzzy qwrtz").of(&collection);
    assert!(found.is_weak && found.is_lexical_only && found.hits.is_empty());
    let stop_words_only = Ask::text("pour les").of(&collection);
    assert!(!stop_words_only.is_weak && stop_words_only.matches == 0);
}

#[test]
fn matched_terms_are_shown_as_the_query_writes_them() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let found = Ask::text("Usinages de la Précision, cinq axes et forge").of(&collection);
    assert_eq!(
        found.hits[0].matched_terms,
        ["Usinages", "Précision", "cinq axes"]
    );
}

#[test]
fn activated_concepts_are_scored_and_shown_best_first() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let relevance = HashMap::from([
        ("c:tig".to_owned(), 0.9),
        ("c:mig".to_owned(), 1.0),
        ("c:nan".to_owned(), f32::NAN),
    ]);
    let found = Ask {
        relevance,
        ..Ask::text("assemblage")
    }
    .of(&collection);
    let hit = &found.hits[0];
    assert_eq!(hit.id, "soudeur");
    assert_eq!(
        hit.concepts
            .iter()
            .map(|c| c.id.as_str())
            .collect::<Vec<_>>(),
        ["c:tig", "c:mig"]
    );
    assert!((hit.contributions[3].raw - 0.9).abs() < 1e-6 && hit.concepts[0].is_claimed);
}

#[test]
fn filters_keep_scores_and_ignore_case_and_accents() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let all = Ask::text("atelier de soudure inox").of(&collection);
    let filters = Filters::default()
        .with("region", "BRETAGNE")
        .with("region", "occitanie");
    let some = Ask {
        filters,
        ..Ask::text("atelier de soudure inox")
    }
    .of(&collection);
    assert!(some.matches < all.matches && some.matches > 0 && some.eligible == 2);
    for hit in &some.hits {
        let same = all.hits.iter().find(|other| other.id == hit.id).unwrap();
        assert_eq!(hit.score.to_bits(), same.score.to_bits());
    }
    let unknown = Filters::default().with("couleur", "bleu");
    assert_eq!(
        Ask {
            filters: unknown,
            ..Ask::text("soudure")
        }
        .of(&collection)
        .eligible,
        0
    );
}

#[test]
fn another_tenant_changes_nothing() {
    let mut with_other = market();
    let alone = Collection::in_memory(market(), None).unwrap();
    for number in 0..50 {
        let mut secret = market().remove(0);
        secret.id = format!("secret{number}");
        secret.tenant = "tenant_other".to_owned();
        with_other.push(secret);
    }
    let together = Collection::in_memory(with_other, None).unwrap();
    for tenant in ["tenant_a", SHARED_TENANT, "tenant_new"] {
        let ask = |collection| {
            Ask {
                tenant,
                ..Ask::text("usinage de précision soudage")
            }
            .of(collection)
        };
        assert_eq!(ask(&alone), ask(&together));
    }
    assert!(together.document("tenant_a", "secret1").is_none());
    assert!(together.document("tenant_other", "secret1").is_some());
    assert!(
        together
            .documents("tenant_a")
            .all(|document| document.tenant != "tenant_other")
    );
    let private = Ask {
        tenant: "tenant_a",
        ..Ask::text("forge libre")
    }
    .of(&together);
    assert_eq!(private.hits[0].id, "forgeron");
    assert!(ids(&together, "forge libre").is_empty());
}

#[test]
fn weights_that_are_no_numbers_are_off() {
    let collection = Collection::in_memory(market(), None).unwrap();
    let weights = Weights {
        lexical: f64::NAN,
        subword: -1.0,
        context: f64::INFINITY,
        ..Weights::default()
    };
    let found = Ask {
        weights,
        ..Ask::text("usinage")
    }
    .of(&collection);
    assert_eq!(found.matches, 0);
    let vector = Some(vec![f32::NAN; 8]);
    let found = Ask {
        vector,
        ..Ask::text("usinage")
    }
    .of(&collection);
    assert!(found.is_lexical_only && found.matches > 0);
}

#[test]
fn nearest_is_exact_filtered_and_the_tenants_own() {
    let collection = random_collection(11, 400, true);
    let vector = collection.vector("tenant_a", "d00001").unwrap().to_vec();
    let filters = Filters::default().with("region", "r1");
    let near = collection.nearest(&vector, "tenant_a", &Filters::default(), 25);
    assert_eq!(near[0].0, "d00001");
    assert!((near[0].1 - 1.0).abs() < 1e-5 && near.is_sorted_by(|a, b| a.1 >= b.1));
    assert_eq!(
        collection.nearest(&vector, "tenant_a", &Filters::default(), 10),
        near[..10]
    );
    for (id, cosine) in collection.nearest(&vector, "tenant_a", &filters, 400) {
        let other = collection.vector("tenant_a", &id).unwrap();
        let exact: f64 = vector
            .iter()
            .zip(other)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum();
        assert!((exact - f64::from(cosine)).abs() < 1e-5);
    }
    assert!(
        collection
            .nearest(&vector[1..], "tenant_a", &Filters::default(), 5)
            .is_empty()
    );
    assert!(
        collection
            .nearest(&vector, "tenant_a", &Filters::default(), 0)
            .is_empty()
    );
}

#[test]
fn many_threads_get_one_answer() {
    let collection = random_collection(5, 3000, true);
    let ask = random_query(3, 40);
    let expected = ask.of(&collection);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(ask.of(&collection), expected)));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn contributions_sum_to_the_score_and_scores_are_shares(seed in 0_u64..500, has_vectors: bool) {
        let collection = random_collection(seed, 60, has_vectors);
        for hit in random_query(seed, 100).of(&collection).hits {
            let sum: f64 = hit.contributions.iter().map(|c| c.value).sum();
            prop_assert_eq!(sum.to_bits(), hit.score.to_bits());
            prop_assert!((0.0..=1.0 + 1e-9).contains(&hit.score));
            let weights: f64 = hit.contributions.iter().map(|c| c.weight).sum();
            prop_assert!((weights - 1.0).abs() < 1e-9 && hit.contributions.len() == 5);
            for contribution in &hit.contributions {
                prop_assert!((0.0..=1.0).contains(&contribution.calibrated));
                prop_assert!((contribution.value - contribution.weight * contribution.calibrated).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_best_k_are_the_first_of_the_best_k_and_one(seed in 0_u64..500, limit in 0_usize..30) {
        let collection = random_collection(seed, 60, seed % 2 == 0);
        let short = random_query(seed, limit).of(&collection);
        let long = random_query(seed, limit + 1).of(&collection);
        prop_assert_eq!(&short.hits[..], &long.hits[..short.hits.len()]);
        prop_assert_eq!(short.matches, long.matches);
        prop_assert_eq!(short.hits.len(), limit.min(short.matches));
        let is_ordered = long.hits.is_sorted_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)).is_le()
        });
        prop_assert!(is_ordered);
    }

    #[test]
    fn a_filtered_query_loses_no_match(seed in 0_u64..500, region in 0_u32..4) {
        let collection = random_collection(seed, 80, true);
        let all = random_query(seed, 1000).of(&collection);
        let region = format!("r{region}");
        let mut ask = random_query(seed, 1000);
        ask.filters = Filters::default().with("region", &region);
        let filtered = ask.of(&collection);
        let wanted = format!("\"{region}\"");
        let kept: Vec<_> = all.hits.iter().filter(|hit| hit.payload.contains(&wanted)).collect();
        prop_assert_eq!(kept.len(), filtered.hits.len());
        for (one, other) in kept.into_iter().zip(&filtered.hits) {
            prop_assert_eq!(&one.id, &other.id);
            prop_assert_eq!(one.score.to_bits(), other.score.to_bits());
        }
    }

    #[test]
    fn documents_admitted_by_number_keep_their_scores(seed in 0_u64..500, every in 1_u32..6) {
        let collection = random_collection(seed, 80, true);
        let mut only: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut admitted = BTreeSet::new();
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        for document in collection.every_document() {
            let number = numbers.entry(document.tenant.clone()).or_default();
            if number.is_multiple_of(every) {
                only.entry(document.tenant.clone()).or_default().push(*number);
                admitted.insert((document.tenant, document.id));
            }
            *number += 1;
        }
        let all = random_query(seed, 1000).of(&collection);
        let mut ask = random_query(seed, 1000);
        ask.filters.only = Some(only);
        let filtered = ask.of(&collection);
        let is_admitted = |hit: &&Hit| admitted.contains(&(hit.tenant.clone(), hit.id.clone()));
        let kept: Vec<_> = all.hits.iter().filter(is_admitted).map(|hit| (&hit.id, hit.score.to_bits())).collect();
        let found: Vec<_> = filtered.hits.iter().map(|hit| (&hit.id, hit.score.to_bits())).collect();
        prop_assert_eq!(kept, found);
    }

    #[test]
    fn ranks_agree_with_raw_values(seed in 0_u64..200) {
        let collection = random_collection(seed, 60, true);
        let found = random_query(seed, 1000).of(&collection);
        for leg in 0..5 {
            for hit in &found.hits {
                let own = &hit.contributions[leg];
                let above = found.hits.iter().filter(|other| other.contributions[leg].raw > own.raw).count();
                prop_assert!(own.rank.is_none_or(|rank| rank as usize == above + 1));
            }
        }
    }

    #[test]
    fn fused_by_rank_a_score_is_the_sum_of_what_the_ranks_of_its_legs_give(seed in 0_u64..500, limit in 0_usize..30, has_vectors: bool) {
        let collection = random_collection(seed, 60, has_vectors);
        let by_value = random_query(seed, 1000).of(&collection);
        let ask = |limit| {
            let mut ask = random_query(seed, limit);
            ask.weights.fusion = Fusion::ReciprocalRank;
            ask.of(&collection)
        };
        let all = ask(1000);
        let is_ordered = all.hits.is_sorted_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)).is_le()
        });
        prop_assert!(is_ordered);
        prop_assert_eq!(all.matches, by_value.matches);
        for hit in &all.hits {
            let sum: f64 = hit.contributions.iter().map(|c| c.value).sum();
            prop_assert_eq!(sum.to_bits(), hit.score.to_bits());
            prop_assert!((0.0..=1.0 + 1e-9).contains(&hit.score));
            let same = by_value.hits.iter().find(|other| (&other.id, &other.tenant) == (&hit.id, &hit.tenant));
            for (one, other) in hit.contributions.iter().zip(&same.unwrap().contributions) {
                prop_assert_eq!((one.rank, one.raw, one.calibrated, one.weight), (other.rank, other.raw, other.calibrated, other.weight));
                let given = one.rank.map_or(0.0, |rank| one.weight * 61.0 / (60.0 + f64::from(rank)));
                prop_assert!((one.value - given).abs() < 1e-12);
            }
        }
        let short = ask(limit);
        prop_assert_eq!(&short.hits[..], &all.hits[..short.hits.len()]);
        prop_assert_eq!(short.hits.len(), limit.min(all.matches));
    }

    #[test]
    fn only_visible_documents_are_found(seed in 0_u64..500) {
        let collection = random_collection(seed, 60, true);
        let ask = random_query(seed, 1000);
        let vector = ask.vector.clone().unwrap_or_default();
        for hit in ask.of(&collection).hits {
            prop_assert!(hit.tenant == "tenant_a" || hit.tenant == SHARED_TENANT);
        }
        for (id, _) in collection.nearest(&vector, "tenant_a", &Filters::default(), 1000) {
            prop_assert!(collection.document("tenant_a", &id).is_some());
        }
    }

    #[test]
    fn no_text_panics(text: String, limit in 0_usize..5) {
        let collection = random_collection(1, 20, true);
        let ask = Ask { limit, ..Ask::text(&text) };
        prop_assert!(ask.of(&collection).hits.len() <= limit);
    }
}
