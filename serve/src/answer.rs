//! What the two text searches answer.

use matching::ConceptRef;
use retrieval::{Contribution, Hit};
use schemas::Arm;
use serde::Serialize;

use crate::{
    Serving,
    documents::{CompanyCard, OfferCard},
    explain::Explain,
    offers::{Met, SkillFit, skill_fit},
    reasons::{Facts, Subject, reasons},
    request::SearchRequest,
    search::Found,
};

/// Concepts that a hit names at most.
const CONCEPTS: usize = 10;

/// The answer to a search.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<T> {
    pub(crate) request_id: String,
    pub(crate) snapshot_id: String,
    /// The arm that answers, where the snapshot runs an experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arm: Option<Arm>,
    pub(crate) mode: Mode,
    pub(crate) shortlist: Vec<T>,
    /// Documents that match, whatever the limit.
    pub(crate) matches: usize,
    pub(crate) explain: Explain,
}

/// Whether vectors took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    Hybrid,
    LexicalOnly,
}

/// What one leg adds to a score: `value = weight × calibrated`, or by `rank` where the snapshot's fusion says so; the values sum to
/// the score.
#[derive(Debug, Serialize)]
pub(crate) struct Share {
    name: &'static str,
    rank: Option<u32>,
    raw: f64,
    calibrated: f64,
    weight: f64,
    value: f64,
}

/// A company of the shortlist.
#[derive(Debug, Serialize)]
pub(crate) struct CompanyHit {
    company_id: String,
    name: String,
    score: f64,
    city: Option<String>,
    region: Option<String>,
    concepts: Vec<ConceptRef>,
    contributions: Vec<Share>,
    reasons: Vec<String>,
}

/// What an offer pays.
#[derive(Debug, Serialize)]
struct Salary {
    /// As published.
    label: String,
    /// Least gross pay of a year of full time, in cents; none where the text does not say.
    min_cents: Option<i64>,
    /// Most gross pay of a year of full time, in cents.
    max_cents: Option<i64>,
}

/// An offer of the shortlist.
#[derive(Debug, Serialize)]
pub(crate) struct OfferHit {
    offer_id: String,
    title: String,
    score: f64,
    company: Option<String>,
    place: Option<String>,
    /// Kilometres from the place asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
    contract: Option<String>,
    salary: Option<Salary>,
    /// Which of its skills the caller has, where the caller gave some.
    #[serde(skip_serializing_if = "Option::is_none")]
    skills: Option<SkillFit>,
    concepts: Vec<ConceptRef>,
    contributions: Vec<Share>,
    reasons: Vec<String>,
}

impl CompanyHit {
    pub(crate) fn new(number: usize, found: &Found, request: &SearchRequest) -> Self {
        let hit = &found.result.hits[number];
        let card = CompanyCard::parse(&hit.payload);
        let (concepts, reasons) =
            explain_hit(Subject::Company, hit, &card.concepts, found, request);
        Self {
            company_id: hit.id.clone(),
            name: card.name.unwrap_or_else(|| hit.title.clone()),
            score: hit.score,
            city: card.city,
            region: card.region,
            concepts,
            contributions: hit.contributions.iter().map(Share::from).collect(),
            reasons,
        }
    }
}

impl OfferHit {
    pub(crate) fn new(number: usize, found: &Found, request: &SearchRequest) -> Self {
        let hit = &found.result.hits[number];
        let card = OfferCard::parse(&hit.payload);
        let (concepts, mut reasons) =
            explain_hit(Subject::Offer, hit, &card.concepts, found, request);
        let distance_km = found.km.get(number).copied().flatten();
        let skills = skill_fit(&request.conditions.skills, &card.competences);
        let met = Met {
            conditions: &request.conditions,
            distance_km,
            skills: skills.as_ref(),
            language: request.language,
        };
        reasons.extend(met.reasons());
        let (min_cents, max_cents) = (card.salary_min_cents, card.salary_max_cents);
        let salary = card.salary_label.map(|label| Salary {
            label,
            min_cents,
            max_cents,
        });
        Self {
            offer_id: hit.id.clone(),
            title: card.title.unwrap_or_else(|| hit.title.clone()),
            score: hit.score,
            company: card.company_name,
            place: card.place_label,
            distance_km,
            contract: card.contract_type,
            salary,
            skills,
            concepts,
            contributions: hit.contributions.iter().map(Share::from).collect(),
            reasons,
        }
    }
}

impl From<&Contribution> for Share {
    fn from(leg: &Contribution) -> Self {
        Self {
            name: leg.name,
            rank: leg.rank,
            raw: leg.raw,
            calibrated: leg.calibrated,
            weight: leg.weight,
            value: leg.value,
        }
    }
}

/// Names the concepts that link a hit to the query, and says why it was found.
fn explain_hit(
    subject: Subject,
    hit: &Hit,
    own: &[ConceptRef],
    found: &Found,
    request: &SearchRequest,
) -> (Vec<ConceptRef>, Vec<String>) {
    let by_own_label = |id: &str| own.iter().find(|concept| concept.id == id).cloned();
    let by_query_label = |id: &str| {
        let mut about = found.concepts.iter();
        let about = about.find(|about| about.concept.id == id)?;
        Some(about.concept.clone())
    };
    let linked: Vec<ConceptRef> = hit
        .concepts
        .iter()
        .filter_map(|concept| by_own_label(&concept.id).or_else(|| by_query_label(&concept.id)))
        .take(CONCEPTS)
        .collect();
    let facts = Facts {
        subject,
        hit,
        concepts: &linked,
        filters: &request.filters,
        language: request.language,
    };
    let reasons = reasons(&facts);
    (linked, reasons)
}

impl<T> Answer<T> {
    /// Assembles the answer to a request.
    pub(crate) fn new(
        request_id: String,
        serving: &Serving,
        request: &SearchRequest,
        found: &Found,
        hit: fn(usize, &Found, &SearchRequest) -> T,
    ) -> Self {
        let result = &found.result;
        let mode = if result.is_lexical_only {
            Mode::LexicalOnly
        } else {
            Mode::Hybrid
        };
        Self {
            request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            mode,
            shortlist: (0..result.hits.len())
                .map(|number| hit(number, found, request))
                .collect(),
            matches: result.matches,
            explain: Explain::new(serving, request, found),
        }
    }
}
