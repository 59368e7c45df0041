//! What the pipeline wrote beside each document of a collection, read tolerantly: an absent or odd field is an empty one.

use matching::{
    ConceptRef,
    payload::{list, object, text, texts},
};
use serde::Serialize;
use serde_json::Value;

/// What is known of a company.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct CompanyCard {
    /// Registered name.
    pub(crate) name: Option<String>,
    /// Town.
    pub(crate) city: Option<String>,
    /// Region.
    pub(crate) region: Option<String>,
    /// Activity code.
    pub(crate) naf: Option<String>,
    /// What it says of itself.
    pub(crate) description: Option<String>,
    /// Certifications.
    pub(crate) certifications: Vec<String>,
    /// Know-how.
    pub(crate) concepts: Vec<ConceptRef>,
}

/// What is known of an offer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OfferCard {
    /// Title.
    pub(crate) title: Option<String>,
    /// Full text.
    pub(crate) description: Option<String>,
    /// When it was first published.
    pub(crate) created_at: Option<String>,
    /// When it was last changed.
    pub(crate) updated_at: Option<String>,
    /// Employer.
    pub(crate) company_name: Option<String>,
    /// Place of work.
    pub(crate) place_label: Option<String>,
    /// Postal code of the place.
    pub(crate) postal_code: Option<String>,
    /// Region of the place.
    pub(crate) region: Option<String>,
    /// Occupation code.
    pub(crate) rome_code: Option<String>,
    /// Occupation.
    pub(crate) rome_label: Option<String>,
    /// Name of the job within its occupation.
    pub(crate) appellation: Option<String>,
    /// Contract code.
    pub(crate) contract_type: Option<String>,
    /// Contract in words.
    pub(crate) contract_label: Option<String>,
    /// Pay in words.
    pub(crate) salary_label: Option<String>,
    /// Least pay, in cents a year.
    pub(crate) salary_min_cents: Option<i64>,
    /// Most pay, in cents a year.
    pub(crate) salary_max_cents: Option<i64>,
    /// Skills asked for.
    pub(crate) competences: Vec<Competence>,
    /// Know-how found in it.
    pub(crate) concepts: Vec<ConceptRef>,
}

/// A skill that an offer asks for, in France Travail's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Competence {
    /// Code of the skill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Label of the skill.
    pub(crate) libelle: String,
    /// `E` required, `S` wished for.
    pub(crate) exigence: Option<String>,
}

impl CompanyCard {
    /// Reads a payload.
    pub(crate) fn parse(payload: &str) -> Self {
        let value = object(payload);
        Self {
            name: text(&value, "name"),
            city: text(&value, "city"),
            region: text(&value, "region"),
            naf: text(&value, "naf"),
            description: text(&value, "description"),
            certifications: texts(&value, "certifications"),
            concepts: ConceptRef::listed(&value),
        }
    }
}

impl OfferCard {
    /// Reads a payload.
    pub(crate) fn parse(payload: &str) -> Self {
        let value = object(payload);
        Self {
            title: text(&value, "title"),
            description: text(&value, "description"),
            created_at: text(&value, "created_at"),
            updated_at: text(&value, "updated_at"),
            company_name: text(&value, "company_name"),
            place_label: text(&value, "place_label"),
            postal_code: text(&value, "postal_code"),
            region: text(&value, "region"),
            rome_code: text(&value, "rome_code"),
            rome_label: text(&value, "rome_label"),
            appellation: text(&value, "appellation"),
            contract_type: text(&value, "contract_type"),
            contract_label: text(&value, "contract_label"),
            salary_label: text(&value, "salary_label"),
            salary_min_cents: value.get("salary_min_cents").and_then(Value::as_i64),
            salary_max_cents: value.get("salary_max_cents").and_then(Value::as_i64),
            competences: competences(value.get("competences")),
            concepts: ConceptRef::listed(&value),
        }
    }
}

/// Reads the skills that an offer asks for.
pub(crate) fn competences(value: Option<&Value>) -> Vec<Competence> {
    list(value).iter().filter_map(competence).collect()
}

fn competence(value: &Value) -> Option<Competence> {
    Some(Competence {
        code: text(value, "code"),
        libelle: text(value, "libelle")?,
        exigence: text(value, "exigence"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_takes_what_is_there_and_forgives_the_rest() {
        let card = CompanyCard::parse(
            r#"{"name": "Tôlerie Martin", "city": null, "naf": 3, "certifications": ["ISO 9001", 1],
                "concepts": [{"id": "c1", "label": "Pliage", "path": ["Tôlerie"]}, {"id": "c2"}, 7]}"#,
        );
        assert_eq!(card.name.as_deref(), Some("Tôlerie Martin"));
        assert_eq!((card.city, card.naf), (None, None));
        assert_eq!(card.certifications, ["ISO 9001"]);
        assert_eq!(card.concepts.len(), 1);
        assert_eq!(CompanyCard::parse("not JSON"), CompanyCard::default());
    }

    #[test]
    fn competences_are_read_from_an_array_or_from_its_text() {
        let as_text = r#"{"competences": "[{\"libelle\": \"Souder\", \"exigence\": \"E\"}]"}"#;
        let as_array = r#"{"competences": [{"libelle": "Souder", "exigence": "E"}]}"#;
        let competences = |payload| OfferCard::parse(payload).competences;
        assert_eq!(competences(as_text), competences(as_array));
        assert_eq!(competences(as_text)[0].exigence.as_deref(), Some("E"));
    }
}
