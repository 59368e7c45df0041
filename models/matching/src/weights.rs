//! How much each leg counts: by section, and for one query.

use encoder::EncodedText;
use retrieval::Weights;
use serde_json::Value;

/// Reads the weights of a section from a manifest's fusion parameters: its own, else those given for all sections, else the defaults.
#[must_use]
pub fn section_weights(fusion: &Value, section: &str) -> Weights {
    let given = fusion.get(section).unwrap_or(fusion).clone();
    serde_json::from_value(given).unwrap_or_default()
}

/// Returns a section's weights for one query: its vector counts as much as the encoder knows the words.
#[must_use]
pub fn weights_of_query(weights: Weights, encoded: Option<&EncodedText>) -> Weights {
    match encoded {
        Some(encoded) => weights.with_fluency(encoded.fluency),
        None => weights,
    }
}

#[cfg(test)]
mod tests {
    use retrieval::Fusion;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_section_has_its_own_weights_or_those_of_all() {
        let by_section = json!({ "companies": { "lexical": 0.9 }, "offers": {} });
        assert_eq!(section_weights(&by_section, "companies").lexical, 0.9);
        assert_eq!(section_weights(&by_section, "offers"), Weights::default());
        assert_eq!(section_weights(&by_section, "concepts"), Weights::default());
        let by_rank = json!({ "offers": { "fusion": "reciprocal_rank" } });
        let fusion = |section| section_weights(&by_rank, section).fusion;
        assert_eq!(fusion("offers"), Fusion::ReciprocalRank);
        assert_eq!(fusion("companies"), Fusion::WeightedSum);
        let of_all = json!({ "lexical": 0.7 });
        assert_eq!(section_weights(&of_all, "companies").lexical, 0.7);
        assert_eq!(section_weights(&json!(3), "companies"), Weights::default());
    }

    #[test]
    fn a_vector_counts_as_much_as_its_words_are_known() {
        let weights = Weights::default();
        assert_eq!(weights_of_query(weights, None), weights);
        let encoded = |fluency| EncodedText {
            vector: vec![1.0],
            fluency,
        };
        let of = |fluency| weights_of_query(weights, Some(&encoded(fluency))).vector;
        assert_eq!(of(1.0), weights.vector);
        assert!(of(0.56) < 0.2 * weights.vector);
    }
}
