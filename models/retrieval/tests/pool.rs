//! What weights are fitted on is what searches rank by.

#[path = "market/mod.rs"]
mod market;

use market::{Numbers, random_collection, random_query};
use proptest::prelude::*;
use retrieval::{Pooled, Query, Weights};

fn pool(collection: &retrieval::Collection, ask: &market::Ask) -> Vec<Pooled> {
    collection.pool(&Query {
        text: &ask.text,
        vector: ask.vector.as_deref(),
        tenant: ask.tenant,
        filters: &ask.filters,
        concept_relevance: &ask.relevance,
        limit: ask.limit,
        weights: &ask.weights,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_search_by_any_weights_ranks_the_pool_by_the_sum_of_weight_and_value(
        seed in 0_u64..500,
        has_vectors: bool,
        legs in prop::array::uniform5(0.01..1.0_f64),
    ) {
        let collection = random_collection(seed, 60, has_vectors);
        let mut ask = random_query(seed, 60);
        let pool = pool(&collection, &ask);
        ask.weights = Weights::default().with_legs(legs);
        prop_assert_eq!(ask.weights.legs(), legs);
        let hits = ask.of(&collection).hits;
        prop_assert_eq!(pool.len(), hits.len());
        prop_assert!(pool.is_sorted_by(|a, b| (&a.id, &a.tenant) < (&b.id, &b.tenant)));
        for hit in &hits {
            let pooled = pool.iter().find(|one| one.id == hit.id && one.tenant == hit.tenant).unwrap();
            let calibrated: Vec<f64> = hit.contributions.iter().map(|c| c.calibrated).collect();
            prop_assert_eq!(&pooled.legs[..], &calibrated[..]);
        }
        // Only proportions count: the shares of a query are the weights of the legs that it has, divided by their sum.
        let score = |pooled: &Pooled| pooled.legs.iter().zip(legs).map(|(v, w)| v * w).sum::<f64>();
        let scores: Vec<f64> = hits
            .iter()
            .map(|hit| score(pool.iter().find(|one| one.id == hit.id && one.tenant == hit.tenant).unwrap()))
            .collect();
        prop_assert!(scores.is_sorted_by(|a, b| a >= b || (a - b).abs() < 1e-9));
    }

    #[test]
    fn a_short_pool_has_the_best_by_its_weights_and_by_each_leg(seed in 0_u64..200, limit in 1_usize..8) {
        let collection = random_collection(seed, 60, true);
        let mut ask = random_query(Numbers(seed).below(1000) as u64, limit);
        let pool = pool(&collection, &ask);
        prop_assert!(pool.len() <= 5 * limit);
        let mut is_in = |weights: Weights| {
            ask.weights = weights;
            let hits = ask.of(&collection).hits;
            hits.iter().all(|hit| pool.iter().any(|one| one.id == hit.id && one.tenant == hit.tenant))
        };
        prop_assert!(is_in(Weights::default()));
        // The others count so little that they break ties alone, and ties may be broken otherwise: look at the first.
        let values: Vec<[f64; 5]> = pool.iter().map(|one| one.legs).collect();
        for leg in 0..4 {
            let mut legs = [1e-12; 5];
            legs[leg] = 1.0;
            ask.weights = Weights::default().with_legs(legs);
            ask.limit = 1;
            if let Some(first) = ask.of(&collection).hits.first() {
                let best = values.iter().map(|legs| legs[leg]).fold(0.0, f64::max);
                prop_assert!((first.contributions[leg].calibrated - best).abs() < 1e-9);
            }
        }
    }
}
