//! What auctions tell of abuse, bid by bid.

use abuse::{Entity, EntityKind};
use serde::Serialize;

use super::{AbuseBook, CaseRow, SignalAnswer, family_label};
use crate::language::Language;

/// Signs of abuse of a bid, its bidder and its project.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Abuse {
    pub(crate) flags: Vec<AbuseFlag>,
}

/// A flag: something to look into, never a verdict.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AbuseFlag {
    /// What it may be: `collusion`, `dumping`, `spam`, `conduct`.
    pub(crate) kind: String,
    /// What is flagged, as `kind:id`: more at `/api/abuse/{kind}/{id}`.
    pub(crate) entity: String,
    /// Confidence that it is abuse, in [0, 1].
    pub(crate) score: f64,
    /// `flag`, or `confirmed` where someone looked.
    pub(crate) level: String,
    /// What was seen, in a sentence.
    pub(crate) evidence: String,
    /// The table that says so.
    pub(crate) source: &'static str,
}

impl Abuse {
    /// What is flagged of a bid: itself, its bidder, its project.
    pub(crate) fn of_bid(
        book: &AbuseBook,
        tenant: &str,
        names: [(EntityKind, &str); 3],
        language: Language,
    ) -> Self {
        let flags = names.into_iter().filter_map(|(kind, id)| {
            let entity = Entity::new(kind, id);
            let case = book.case(tenant, &entity).filter(|case| case.is_flagged)?;
            Some(flag(book, tenant, &entity, case, language))
        });
        Self {
            flags: flags.collect(),
        }
    }
}

fn flag(
    book: &AbuseBook,
    tenant: &str,
    entity: &Entity,
    case: &CaseRow,
    language: Language,
) -> AbuseFlag {
    let raised = book.signals(tenant, entity).iter();
    let raised = raised.filter(|signal| signal.is_raised);
    let told: Vec<String> = raised
        .map(|signal| SignalAnswer::new(entity.kind, signal, language).text)
        .collect();
    let family = case.family.clone().unwrap_or_else(|| "conduct".to_owned());
    AbuseFlag {
        evidence: match told.is_empty() {
            true => family_label(&family, language).to_owned(),
            false => told.join(" "),
        },
        kind: family,
        entity: entity.to_string(),
        score: case.score,
        level: case.level.clone(),
        source: "gold.abuse_cases",
    }
}
