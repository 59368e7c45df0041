//! The know-how vocabulary: trades, glossary nodes (Métier → Opération → Variante) and concepts.

use serde::Deserialize;

use crate::error::DemoError;

const FILES: [&str; 5] = [
    include_str!("../vocabulary/usinage.toml"),
    include_str!("../vocabulary/metal.toml"),
    include_str!("../vocabulary/surface.toml"),
    include_str!("../vocabulary/matieres.toml"),
    include_str!("../vocabulary/services.toml"),
];

/// Trades, nodes and concepts, in a fixed order.
pub(crate) struct Vocabulary {
    pub(crate) trades: Vec<Trade>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) concepts: Vec<Concept>,
    /// Concepts of each trade, by trade number.
    pub(crate) by_trade: Vec<Vec<usize>>,
}

/// A métier, with what makes its market: activities, jobs, unit and price.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    pub(crate) id: String,
    pub(crate) label: String,
    description: String,
    #[serde(default)]
    synonyms: Vec<String>,
    pub(crate) naf: Vec<String>,
    pub(crate) rome: String,
    pub(crate) rome_label: String,
    pub(crate) jobs: Vec<String>,
    pub(crate) unit: String,
    pub(crate) unit_price_cents: i64,
    /// Smallest and largest quantity of a project.
    pub(crate) sizes: [f64; 2],
    pub(crate) machines: Vec<String>,
    pub(crate) materials: Vec<String>,
    operation: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    id: String,
    label: String,
    description: String,
    #[serde(default)]
    variants: Vec<Variant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    id: String,
    label: String,
    description: String,
}

/// A glossary node; its id is the path from its trade.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) level: i64,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) synonyms: Vec<String>,
}

/// A know-how with its labels and definition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Concept {
    pub(crate) id: String,
    pub(crate) node: String,
    pub(crate) label: String,
    pub(crate) synonyms: Vec<String>,
    #[serde(rename = "en")]
    pub(crate) label_en: Option<String>,
    #[serde(rename = "de")]
    pub(crate) label_de: Option<String>,
    pub(crate) definition: String,
    /// Number of the trade whose node it is under.
    #[serde(skip)]
    pub(crate) trade: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    trade: Vec<Trade>,
    concept: Vec<Concept>,
}

impl Vocabulary {
    /// The vocabulary built into the crate.
    pub(crate) fn load() -> Result<Self, DemoError> {
        let (mut trades, mut concepts) = (Vec::new(), Vec::new());
        for text in FILES {
            let file: File = toml::from_str(text)
                .map_err(|error| DemoError::settings(format!("vocabulary: {error}")))?;
            trades.extend(file.trade);
            concepts.extend(file.concept);
        }
        let mut by_trade = vec![Vec::new(); trades.len()];
        for (number, concept) in concepts.iter_mut().enumerate() {
            let root = concept.node.split('.').next().unwrap_or_default();
            concept.trade = trades
                .iter()
                .position(|trade| trade.id == root)
                .ok_or_else(|| {
                    DemoError::settings(format!("concept {} has no trade", concept.id))
                })?;
            by_trade[concept.trade].push(number);
        }
        let nodes = trades.iter().flat_map(nodes_of).collect();
        Ok(Self {
            trades,
            nodes,
            concepts,
            by_trade,
        })
    }

    pub(crate) fn concept(&self, id: &str) -> Option<usize> {
        self.concepts.iter().position(|concept| concept.id == id)
    }
}

fn nodes_of(trade: &Trade) -> Vec<Node> {
    let mut nodes = vec![Node {
        id: trade.id.clone(),
        parent: None,
        level: 1,
        label: trade.label.clone(),
        description: trade.description.clone(),
        synonyms: trade.synonyms.clone(),
    }];
    for operation in &trade.operation {
        let id = format!("{}.{}", trade.id, operation.id);
        nodes.push(Node {
            id: id.clone(),
            parent: Some(trade.id.clone()),
            level: 2,
            label: operation.label.clone(),
            description: operation.description.clone(),
            synonyms: Vec::new(),
        });
        nodes.extend(operation.variants.iter().map(|variant| Node {
            id: format!("{id}.{}", variant.id),
            parent: Some(id.clone()),
            level: 3,
            label: variant.label.clone(),
            description: variant.description.clone(),
            synonyms: Vec::new(),
        }));
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_vocabulary_is_large_enough_and_closed() {
        let vocabulary = Vocabulary::load().unwrap();
        assert!(
            vocabulary.nodes.len() >= 60,
            "{} nodes",
            vocabulary.nodes.len()
        );
        assert!(
            vocabulary.concepts.len() >= 120,
            "{} concepts",
            vocabulary.concepts.len()
        );
        let ids: HashSet<&str> = vocabulary
            .nodes
            .iter()
            .map(|node| node.id.as_str())
            .collect();
        assert_eq!(ids.len(), vocabulary.nodes.len());
        for concept in &vocabulary.concepts {
            assert!(
                ids.contains(concept.node.as_str()),
                "{} is under no node",
                concept.id
            );
            assert!(concept.definition.ends_with('.') && !concept.synonyms.is_empty());
        }
        assert!(
            vocabulary
                .by_trade
                .iter()
                .all(|concepts| concepts.len() >= 3)
        );
    }

    #[test]
    fn a_term_names_one_concept_only() {
        let vocabulary = Vocabulary::load().unwrap();
        let mut seen = HashSet::new();
        for concept in &vocabulary.concepts {
            assert!(
                seen.insert(concept.label.to_lowercase()),
                "{}",
                concept.label
            );
            for synonym in &concept.synonyms {
                assert!(seen.insert(synonym.to_lowercase()), "{synonym}");
            }
        }
    }
}
