//! `GET /api/autocomplete?q=&limit=&tenant=`: what somebody who types may mean.

use std::ops::Range;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use suggest::{Kind, Query};

use crate::{
    ApiError,
    edge::Arrival,
    node::Answering,
    parameters::{Parameters, required},
};

/// Suggestions where the caller names no limit.
const LIMIT_DEFAULT: usize = 10;
/// Suggestions at most.
const LIMIT_MAX: usize = 50;
/// Characters typed at most.
const TEXT_LIMIT: usize = 200;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    request_id: &'a str,
    snapshot_id: &'a str,
    suggestions: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    text: String,
    kind: &'static str,
    /// The concept, glossary node or company; a past query has none.
    id: Option<String>,
    /// The thing's preferred name: a concept's label where `text` is a synonym.
    label: String,
    /// Labels from the Métier down.
    path: Vec<String>,
    /// Typing errors forgiven.
    edits: u8,
    /// What was typed, as characters (Unicode code points) of `text`: from, and up to without.
    highlights: Vec<Range<usize>>,
}

/// Answers suggestions, best first. This takes a fraction of a millisecond and needs no permit: it must not wait for searches.
pub(crate) async fn get(
    Answering(serving): Answering,
    arrival: Arrival,
    request: HttpRequest,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let typed = required("q", parameters.take_text("q", TEXT_LIMIT)?)?;
    let limit = parameters.take_limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let tenant = required("tenant", parameters.take_tenant(&request)?)?;
    parameters.take_language()?;
    parameters.finish()?;
    let query = Query {
        text: &typed,
        tenant: tenant.as_str(),
        limit,
    };
    let found = serving.reference().suggestions()?.suggest(&query);
    Ok(HttpResponse::Ok().json(Answer {
        request_id: &arrival.request_id,
        snapshot_id: serving.id().as_str(),
        suggestions: found.into_iter().map(Shown::from).collect(),
    }))
}

impl From<suggest::Suggestion> for Shown {
    fn from(found: suggest::Suggestion) -> Self {
        let characters = |bytes: usize| found.text[..bytes].chars().count();
        let shown = |span: &Range<usize>| characters(span.start)..characters(span.end);
        Self {
            kind: found.kind.as_str(),
            id: (found.kind != Kind::Query).then_some(found.id),
            label: found.label,
            path: found.path,
            edits: found.edits,
            highlights: found.spans.iter().map(shown).collect(),
            text: found.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn highlights_are_counted_in_characters() {
        let text = "Tôlé inox".to_owned();
        let (start, end) = (text.find("inox").unwrap(), text.len());
        let shown = Shown::from(suggest::Suggestion {
            text,
            kind: Kind::Query,
            id: "tole inox".to_owned(),
            label: String::new(),
            path: Vec::new(),
            edits: 0,
            weight: 0,
            spans: vec![0..start - 1, start..end],
        });
        assert_eq!((shown.highlights, shown.id), (vec![0..4, 5..9], None));
    }
}
