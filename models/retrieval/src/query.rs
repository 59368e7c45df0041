//! What a search asks.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::{document::Field, evidence::LEGS, fusion::Fusion};

/// Words per piece at which an encoder does not know the language of a query.
const FOREIGN: f64 = 0.6;
/// Words per piece at which it does.
const FLUENT: f64 = 0.9;

/// One search.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What the user wrote; may be empty when there is a vector.
    pub text: &'a str,
    /// Its embedding by the collection's encoder. One of another dimension, or with a value that is not finite, counts as
    /// none: check [`Collection::dimension`](crate::Collection::dimension) first to refuse it.
    pub vector: Option<&'a [f32]>,
    /// Who asks: sees its own documents and the shared ones.
    pub tenant: &'a str,
    /// Conditions that a document must meet before it is ranked.
    pub filters: &'a Filters,
    /// Relevance in [0, 1] of concepts to the query.
    pub concept_relevance: &'a HashMap<String, f32>,
    /// Most hits to return. It changes nothing else.
    pub limit: usize,
    /// How much each leg counts.
    pub weights: &'a Weights,
}

/// Conditions: a document passes when, for every facet named, it has one of the values (compared without case and accents), and
/// when it is among those admitted, where the caller names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Facet → accepted values. A facet with no value is no condition.
    pub facets: BTreeMap<String, Vec<String>>,
    /// Tenant → numbers of the documents admitted, counted from 0 in the order of
    /// [`Collection::every_document`](crate::Collection::every_document) within the tenant. A tenant that is not named has none.
    /// It is for conditions that are no facets, such as a distance, which the caller works out; none admits all.
    pub only: Option<BTreeMap<String, Vec<u32>>>,
}

impl Filters {
    /// Adds an accepted value.
    #[must_use]
    pub fn with(mut self, facet: &str, value: &str) -> Self {
        self.facets
            .entry(facet.to_owned())
            .or_default()
            .push(value.to_owned());
        self
    }

    /// The facets that are conditions, with their accepted values.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.facets.iter().filter(|(_, values)| !values.is_empty())
    }
}

/// Weights of the legs. Only their proportions count: they are divided by the sum over the legs that a query has, so that
/// scores stay in [0, 1]. A leg with weight 0, or below, or not finite, is off.
///
/// The defaults give words 3 : 1 between lexical and sub-word, and a fluent encoder as much as the words whole: an encoder that is
/// not fluent in the query's language must be given less, see [`Weights::with_fluency`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Weights {
    /// BM25F over French stems.
    pub lexical: f64,
    /// Cosine of character n-grams with the short texts.
    pub subword: f64,
    /// Cosine of embeddings against the background of the collection, for an encoder that knows every word.
    pub vector: f64,
    /// Best activated concept.
    pub concept: f64,
    /// Prior worth.
    pub context: f64,
    /// What a word counts in each field, for the lexical leg.
    pub fields: FieldWeights,
    /// How the legs make a score.
    pub fusion: Fusion,
    /// How much of the vector leg's value is what the query's nearest documents say, in [0, 0.5], for an encoder that knows every word.
    pub neighbours: f64,
}

/// How much an occurrence of a word counts in each field (the weights of BM25F). A field with weight 0, or below, or not
/// finite, is not searched for words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldWeights {
    /// Name of the thing.
    pub name: f64,
    /// Label of a concept that it has.
    pub label: f64,
    /// Synonym of such a label.
    pub synonym: f64,
    /// Free text.
    pub description: f64,
    /// Text that shows a concept.
    pub evidence: f64,
}

impl FieldWeights {
    /// Short texts count twice as much as long ones.
    pub const DEFAULT: Self = Self {
        name: 2.0,
        label: 2.0,
        synonym: 1.5,
        description: 1.0,
        evidence: 1.0,
    };

    /// The weight of a field.
    pub(crate) fn of(&self, field: Field) -> f64 {
        let weight = match field {
            Field::Name => self.name,
            Field::Label => self.label,
            Field::Synonym => self.synonym,
            Field::Description => self.description,
            Field::Evidence => self.evidence,
        };
        if weight.is_finite() {
            weight.max(0.0)
        } else {
            0.0
        }
    }
}

impl Default for FieldWeights {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Weights {
    /// The weights of the legs in the order of the contributions: lexical, sub-word, vector, concept, context.
    #[must_use]
    pub fn legs(&self) -> [f64; LEGS] {
        [
            self.lexical,
            self.subword,
            self.vector,
            self.concept,
            self.context,
        ]
    }

    /// The same with other weights of the legs, in that order.
    #[must_use]
    pub fn with_legs(self, legs: [f64; LEGS]) -> Self {
        let [lexical, subword, vector, concept, context] = legs;
        Self {
            lexical,
            subword,
            vector,
            concept,
            context,
            ..self
        }
    }

    /// The weights for one query whose words the encoder's vocabulary cuts into pieces: `fluency` is words per piece, in [0, 1].
    ///
    /// The vector leg keeps its weight from 0.9 on and a tenth of it up to 0.63: `vector × (fluency − 0.6) / 0.3`. Its neighbours are
    /// doubted twice, by the square: it may be wrong about who they are and about what is near them. An English encoder
    /// has 0.92 in English, where rare words alone fall in pieces, and 0.59 in French, where those whole are the ones that both
    /// languages share: each language is well within its end of the slope.
    /// Where the vectors come from without a text, leave the weights as they are.
    #[must_use]
    pub fn with_fluency(mut self, fluency: f64) -> Self {
        let trust = ((fluency - FOREIGN) / (FLUENT - FOREIGN)).clamp(0.1, 1.0);
        self.vector *= trust;
        self.neighbours *= trust * trust;
        self
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            lexical: 0.50,
            subword: 0.17,
            vector: 0.50,
            concept: 0.20,
            context: 0.05,
            fields: FieldWeights::DEFAULT,
            fusion: Fusion::WeightedSum,
            neighbours: 0.33,
        }
    }
}
