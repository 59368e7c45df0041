//! What the cross-encoder reads: the query, and a short text of each hit.

use matching::ConceptRef;
use retrieval::Hit;
use schemas::Section;

use crate::{
    documents::{CompanyCard, OfferCard},
    reasons::is_telling,
};

/// Characters of a query that are read: more than any model takes.
const QUERY_CHARACTERS: usize = 1000;
/// Characters of a hit that are read: some 75 tokens, a third of what models take, for time grows with them.
const HIT_CHARACTERS: usize = 300;
/// Concepts that a text names at most.
const CONCEPTS: usize = 3;

/// Returns the part of a query that is read.
pub(super) fn query(text: &str) -> &str {
    cut(text, QUERY_CHARACTERS)
}

/// Returns what is read of a hit: its title, the concepts that link it to the query, what shows the best of them, and how its
/// description begins.
pub(super) fn hit(section: Section, hit: &Hit) -> String {
    let (names, concepts, description) = match section {
        Section::Offers => {
            let card = OfferCard::parse(&hit.payload);
            (card.appellation, card.concepts, card.description)
        }
        _ => {
            let card = CompanyCard::parse(&hit.payload);
            (None, card.concepts, card.description)
        }
    };
    let label = |id: &str| concepts.iter().find(|known: &&ConceptRef| known.id == id);
    let mut parts = vec![hit.title.clone()];
    parts.extend(names);
    let linked = hit.concepts.iter().take(CONCEPTS);
    parts.extend(linked.filter_map(|concept| Some(label(&concept.id)?.label.clone())));
    if let Some(best) = hit.concepts.first() {
        let label = label(&best.id).map_or("", |known| &known.label);
        parts.extend(Some(best.evidence.clone()).filter(|text| is_telling(text, label)));
    }
    parts.extend(description);
    cut(&parts.join(". "), HIT_CHARACTERS).to_owned()
}

/// Cuts a text after so many characters.
fn cut(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use retrieval::HitConcept;

    use super::*;

    fn found(payload: &str, evidence: &str) -> Hit {
        Hit {
            id: "e1".to_owned(),
            tenant: "tenant_public".to_owned(),
            title: "Martin".to_owned(),
            score: 0.0,
            contributions: Vec::new(),
            matched_terms: Vec::new(),
            concepts: vec![HitConcept {
                id: "c1".to_owned(),
                value: 0.9,
                relevance: 0.9,
                strength: 1.0,
                is_claimed: true,
                evidence: evidence.to_owned(),
            }],
            payload: payload.to_owned(),
        }
    }

    #[test]
    fn a_text_says_what_links_the_hit_to_the_query_before_it_describes_it() {
        let payload = r#"{"concepts": [{"id": "c0", "label": "Peinture"}, {"id": "c1", "label": "Tournage"}],
                          "description": "Atelier familial.", "appellation": "Tourneur"}"#;
        let of = |section, evidence| hit(section, &found(payload, evidence));
        assert_eq!(
            of(Section::Companies, "tours jusqu'à Ø 400"),
            "Martin. Tournage. tours jusqu'à Ø 400. Atelier familial."
        );
        assert_eq!(
            of(Section::Companies, "Déclaré par l'entreprise"),
            "Martin. Tournage. Atelier familial."
        );
        assert_eq!(
            of(Section::Offers, ""),
            "Martin. Tourneur. Tournage. Atelier familial."
        );
        assert_eq!(hit(Section::Offers, &found("not JSON", "")), "Martin");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "é".repeat(5000);
        assert_eq!(query(&long).chars().count(), QUERY_CHARACTERS);
        assert_eq!(query("soudeur"), "soudeur");
        let payload = serde_json::json!({ "description": long }).to_string();
        let read = hit(Section::Companies, &found(&payload, ""));
        assert_eq!(read.chars().count(), HIT_CHARACTERS);
    }
}
