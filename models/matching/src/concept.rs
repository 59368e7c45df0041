//! Concepts as a collection's payloads describe them.

use serde::Serialize;
use serde_json::Value;

use crate::payload::{list, object, text, texts};

/// A concept as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConceptRef {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// Labels from the trade down to it.
    pub path: Vec<String>,
}

/// What is known of a concept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConceptCard {
    /// Its label.
    pub label: Option<String>,
    /// Labels from the trade down to it.
    pub path: Vec<String>,
    /// Other names, in any language.
    pub names: Vec<String>,
}

impl ConceptCard {
    /// Reads a concept's payload.
    #[must_use]
    pub fn parse(payload: &str) -> Self {
        let value = object(payload);
        let mut names = texts(&value, "synonyms");
        names.extend(text(&value, "label_en"));
        names.extend(text(&value, "label_de"));
        Self {
            label: text(&value, "label"),
            path: texts(&value, "path"),
            names,
        }
    }
}

impl ConceptRef {
    /// Reads a concept from its document: its title stands for a label that the payload lacks.
    #[must_use]
    pub fn of(id: String, title: String, payload: &str) -> Self {
        let card = ConceptCard::parse(payload);
        Self {
            id,
            label: card.label.unwrap_or(title),
            path: card.path,
        }
    }

    /// Reads the concepts that the payload of another document lists.
    #[must_use]
    pub fn listed(value: &Value) -> Vec<Self> {
        let concept = |value: &Value| {
            let (id, label) = (text(value, "id")?, text(value, "label")?);
            Some(Self {
                id,
                label,
                path: texts(value, "path"),
            })
        };
        let items = list(value.get("concepts"));
        items.iter().filter_map(concept).collect()
    }
}
