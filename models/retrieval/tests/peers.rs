//! The legs that need no encoder against the peers' figures of `../shared/data/README.md`.

#[path = "judged/mod.rs"]
mod judged;

use judged::{OFF, Set};
use retrieval::Weights;

#[test]
fn default_weights_without_an_encoder_beat_the_best_peer_in_french() {
    // NDCG@10 and Recall@20 of the better of stemmed BM25 and character n-grams.
    for (name, ndcg, recall) in [
        ("ft_offer_to_rome", 0.383, 0.674),
        ("decp_objet_to_cpv", 0.186, 0.338),
    ] {
        let Some(folder) = judged::folder(name) else {
            continue;
        };
        let set = Set::read(&folder, None).unwrap();
        let found = set.measure(&set.ranks_by_fluency(&Weights::default()));
        println!(
            "{name}: {} queries, NDCG@10 {:.3}, Recall@20 {:.3}",
            set.judged(),
            found.0,
            found.1
        );
        assert!(found.0 > ndcg && found.1 > recall, "{name}: {found:?}");
        let lexical = set.measure(&set.ranks(&Weights {
            lexical: 1.0,
            ..OFF
        }));
        assert!(
            lexical.0 < found.0,
            "{name}: sub-words add nothing to {lexical:?}"
        );
    }
}
