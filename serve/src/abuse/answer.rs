//! A case as it is answered: what it comes to, each sign with its evidence, and sentences.

use abuse::{Entity, EntityKind};
use serde::Serialize;

use super::{
    AbuseBook,
    book::SignalRow,
    words::{advice, family_label, level_sentence, sign_label, sign_sentence, source_label},
};
use crate::language::Language;

/// What the signs of a thing come to.
#[derive(Debug, Serialize)]
pub(crate) struct CaseAnswer {
    /// Confidence that it is abuse, in [0, 1]: 1 − Π (1 − chance) over the sources; a probability only as far as the signs' precisions were
    /// learnt from decided cases.
    score: f64,
    /// `none`, `cleared`, `watch`, `flag` or `confirmed`.
    level: String,
    is_flagged: bool,
    /// What it is most likely a case of.
    family: Option<String>,
    /// Name of the thing, where it has one.
    name: Option<String>,
    case_id: Option<String>,
    /// The ring that it belongs to, where it does: more at `/api/abuse/rings/{id}`.
    ring_id: Option<String>,
    /// What a person found, and when.
    verdict: Option<String>,
    decided_at: Option<String>,
    /// Pieces of evidence that came after.
    news: i64,
    /// Day of the latest act that it is about.
    day: Option<String>,
    sources: Vec<SourceAnswer>,
    signals: Vec<SignalAnswer>,
    reasons: Vec<String>,
    advice: Vec<String>,
}

/// An independent source of evidence.
#[derive(Debug, Serialize)]
struct SourceAnswer {
    source: String,
    label: String,
    /// Chance that it alone is right.
    chance: f64,
}

/// What was found of one sign.
#[derive(Debug, Serialize)]
pub(crate) struct SignalAnswer {
    sign: String,
    label: String,
    family: String,
    value: f64,
    threshold: f64,
    /// Share of the tenant's things of that kind that have less of it.
    percentile: Option<f64>,
    pub(crate) is_raised: bool,
    /// Observations that it rests on.
    support: i64,
    /// What shows it: things of the same tenant.
    evidence: Vec<Shown>,
    pub(crate) text: String,
    said_by: String,
}

/// A piece of evidence.
#[derive(Debug, Serialize)]
struct Shown {
    kind: String,
    id: String,
}

fn shown(one: &str) -> Option<Shown> {
    let entity: Entity = one.parse().ok()?;
    Some(Shown {
        kind: entity.kind.to_string(),
        id: entity.id,
    })
}

impl SignalAnswer {
    pub(crate) fn new(kind: EntityKind, row: &SignalRow, language: Language) -> Self {
        Self {
            label: sign_label(&row.sign, language).to_owned(),
            text: sign_sentence(kind, row, language),
            sign: row.sign.clone(),
            family: row.family.clone(),
            value: row.value,
            threshold: row.threshold,
            percentile: row.percentile,
            is_raised: row.is_raised,
            support: row.support,
            evidence: row.evidence.iter().filter_map(|one| shown(one)).collect(),
            said_by: row.said_by.clone(),
        }
    }
}

impl CaseAnswer {
    /// Tells what the snapshot knows of a thing that it has.
    pub(crate) fn new(book: &AbuseBook, tenant: &str, entity: &Entity, language: Language) -> Self {
        let case = book.case(tenant, entity);
        let mut signals: Vec<SignalAnswer> = book
            .signals(tenant, entity)
            .iter()
            .map(|row| SignalAnswer::new(entity.kind, row, language))
            .collect();
        signals.sort_by_key(|signal| !signal.is_raised);
        let level = case.map_or_else(|| "none".to_owned(), |case| case.level.clone());
        let family = case.and_then(|case| case.family.clone());
        let score = case.map_or(0.0, |case| case.score);
        let sources: Vec<SourceAnswer> = case
            .into_iter()
            .flat_map(|case| case.sources.iter().zip(&case.source_chances))
            .map(|(source, chance)| SourceAnswer {
                source: source.clone(),
                label: source_label(source, language).to_owned(),
                chance: *chance,
            })
            .collect();
        let mut reasons = vec![level_sentence(
            &level,
            family
                .as_deref()
                .map(|family| family_label(family, language)),
            score,
            language,
        )];
        let raised = signals.iter().filter(|signal| signal.is_raised);
        reasons.extend(raised.map(|signal| signal.text.clone()));
        if sources.iter().any(|source| source.source == "case") {
            let author = case.and_then(|case| {
                let authors = case.evidence.iter().filter_map(|one| shown(one));
                authors
                    .into_iter()
                    .find(|one| matches!(one.kind.as_str(), "provider" | "client" | "person"))
            });
            reasons.extend(author.map(|author| {
                language.pick(
                    format!("Son auteur, {}, est lui-même signalé.", author.id),
                    format!("Its author, {}, is flagged itself.", author.id),
                )
            }));
        }
        Self {
            score,
            is_flagged: case.is_some_and(|case| case.is_flagged),
            name: case.and_then(|case| case.name.clone()),
            case_id: case.map(|case| case.case_id.clone()),
            ring_id: case.and_then(|case| case.ring_id.clone()),
            verdict: case.and_then(|case| case.verdict.clone()),
            decided_at: case.and_then(|case| case.decided_at.clone()),
            news: case.map_or(0, |case| case.news),
            day: case.and_then(|case| case.day.clone()),
            advice: advice(&level, family.as_deref(), language),
            level,
            family,
            sources,
            signals,
            reasons,
        }
    }
}
