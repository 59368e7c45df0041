//! Whether an answer was reranked, and why not.

use serde::Serialize;

use crate::language::Language;

/// What became of the second reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// The best hits are in the order of the sum.
    Reranked,
    /// The snapshot names no cross-encoder.
    NoReranker,
    /// The snapshot names one that this node lacks.
    NotOnNode,
    /// The node is told not to.
    SwitchedOff,
    /// The question is a document, not a query.
    NotAQuery,
    /// There is nothing to order.
    NoHits,
    /// The budget was spent before all hits were read.
    OverBudget,
    /// The cross-encoder failed; the log says how.
    Failed,
}

impl Outcome {
    /// Says it in a sentence.
    pub(crate) fn detail(self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::Reranked => (
                "Les meilleurs résultats ont été relus avec la demande et reclassés.",
                "The best hits were read together with the request and ordered anew.",
            ),
            Self::NoReranker => (
                "Pas de relecture : l'instantané a été publié sans modèle de relecture.",
                "No second reading: the snapshot was published without a cross-encoder.",
            ),
            Self::NotOnNode => (
                "Pas de relecture : ce nœud n'a pas le modèle de relecture de l'instantané.",
                "No second reading: this node lacks the snapshot's cross-encoder.",
            ),
            Self::SwitchedOff => (
                "Pas de relecture : ce nœud est réglé pour ne pas relire.",
                "No second reading: this node is told not to.",
            ),
            Self::NotAQuery => (
                "Pas de relecture : la demande est une fiche, et non une phrase.",
                "No second reading: the request is a document, not a query.",
            ),
            Self::NoHits => (
                "Pas de relecture : il n'y a aucun résultat à classer.",
                "No second reading: there is no hit to order.",
            ),
            Self::OverBudget => (
                "Pas de relecture : le temps accordé n'a pas suffi pour tous les résultats à relire.",
                "No second reading: the time given was not enough for all hits to be read.",
            ),
            Self::Failed => (
                "Pas de relecture : le modèle de relecture a échoué.",
                "No second reading: the cross-encoder failed.",
            ),
        };
        language.pick(french, english)
    }

    /// Whether the hits are in the order of the sum.
    pub(crate) fn is_reranked(self) -> bool {
        self == Self::Reranked
    }

    /// Whether the same question may come to another outcome at once.
    pub(crate) fn is_passing(self) -> bool {
        matches!(self, Self::OverBudget | Self::Failed)
    }
}
