//! What a caller tells of a deal, checked field by field.

use chrono::NaiveDate;
use deals::{Facts, Feature, Form, Kind, PRICE_TO_REFERENCE, Purpose, features};
use schemas::{REGIONS, Section, Tenant};
use serde_json::Value;

use super::DealBook;
use crate::{
    ApiError, Serving,
    body::{Fields, invalid, missing, wrong_type},
};

/// The dearest deal that is asked about: a billion euros.
const MOST_CENTS: f64 = 1e11;
/// Values that a refusal lists at most.
const LISTED: usize = 200;

/// A deal as a caller tells of it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    pub(crate) facts: Facts,
    /// The price that is asked about: of a project, the budget.
    pub(crate) price_cents: Option<f64>,
}

/// Whose question it is and what it is answered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) serving: &'a Serving,
    pub(crate) book: &'a DealBook,
    pub(crate) tenant: &'a Tenant,
}

/// How a deal is named that the snapshot knows, and how its price is called.
const fn names(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Project => ("project_id", "budget_cents"),
        Kind::Booking => ("slot_id", "price_cents"),
        Kind::Intro => ("intro_id", "price_cents"),
    }
}

/// What must be told of a deal that the snapshot does not know: without it a price means nothing.
const fn needed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Project => &["category", "size"],
        Kind::Booking => &["hours", "day_rate_cents"],
        Kind::Intro => &["day_rate_cents"],
    }
}

/// Reads a kind of deal.
pub(crate) fn read_kind(fields: &mut Fields) -> Result<Kind, ApiError> {
    let text = fields.take_text("kind")?.ok_or_else(|| missing("kind"))?;
    text.parse().map_err(|_| {
        invalid(
            "kind",
            "Les sortes d'affaires sont : project, booking, intro.".to_owned(),
            "The kinds of deals are: project, booking, intro.".to_owned(),
        )
    })
}

impl<'a> Subject<'a> {
    /// Takes what a snapshot knows of deals, for a tenant.
    pub(crate) fn open(serving: &'a Serving, tenant: &'a Tenant) -> Result<Self, ApiError> {
        Ok(Self {
            serving,
            book: serving.deals()?,
            tenant,
        })
    }

    /// Reads what is told of a deal: its name, where the snapshot knows it, and whatever else, which has the last word.
    pub(crate) fn read(&self, kind: Kind, fields: &mut Fields) -> Result<Question, ApiError> {
        let (id, price) = names(kind);
        let named = fields.take_text(id)?;
        let known = named
            .as_deref()
            .map(|name| self.known(kind, id, name))
            .transpose()?;
        let mut question = Question {
            kind,
            facts: known.map(|known| known.facts.clone()).unwrap_or_default(),
            price_cents: known.and_then(|known| known.price_cents),
        };
        for feature in features(kind)
            .iter()
            .filter(|feature| feature.name != PRICE_TO_REFERENCE)
        {
            match feature.form {
                Form::Label => {
                    if let Some(label) = fields.take_text(feature.name)? {
                        let label = self.label(kind, feature, label)?;
                        question.facts.set_label(feature.name, label);
                    }
                }
                Form::Number(low, high) => {
                    if let Some(number) = number(fields, feature.name, (low, high))? {
                        question.facts.set_number(feature.name, number);
                    }
                }
                Form::Positive(high) => {
                    if let Some(number) = number(fields, feature.name, (f64::MIN_POSITIVE, high))? {
                        question.facts.set_number(feature.name, number);
                    }
                }
            }
        }
        if let Some(cents) = number(fields, price, (1.0, MOST_CENTS))? {
            question.price_cents = Some(cents);
        }
        if kind == Kind::Project {
            self.complete_project(fields, &mut question.facts)?;
        }
        let is_told = |name: &&str| {
            question.facts.number(name).is_some() || question.facts.label(name).is_some()
        };
        match needed(kind)
            .iter()
            .find(|name| known.is_none() && !is_told(name))
        {
            Some(name) => Err(missing(name)),
            None => Ok(question),
        }
    }

    /// A deal that the snapshot knows, by the name that field `id` gives.
    pub(crate) fn known(
        &self,
        kind: Kind,
        id: &'static str,
        name: &str,
    ) -> Result<&super::Known, ApiError> {
        let found = self.book.known(kind, self.tenant.as_str(), name);
        found.ok_or_else(|| {
            ApiError::new(
                crate::Code::NotFound,
                format!("L'instantané servi n'a pas « {name} » ({id}) pour ce client."),
                format!("The snapshot served has no \"{name}\" ({id}) for this tenant."),
            )
            .at(id)
        })
    }

    /// A label that means something: a region of France, a concept of the snapshot, or a value that the model has seen.
    fn label(&self, kind: Kind, feature: &Feature, label: String) -> Result<String, ApiError> {
        if feature.name == "region" {
            let folded = text::fold(label.trim());
            let region = REGIONS
                .into_iter()
                .find(|region| text::fold(region) == folded);
            return region
                .map(str::to_owned)
                .ok_or_else(|| refused(feature.name, &REGIONS));
        }
        let concepts = self.serving.collection(Section::Concepts).ok();
        let is_concept =
            |id: &str| concepts.is_some_and(|all| all.document(self.tenant.as_str(), id).is_some());
        let known = self
            .book
            .models()
            .labels(kind, Purpose::Price, feature.name);
        if known.iter().any(|level| *level == label)
            || (feature.name == "category" && is_concept(&label))
        {
            return Ok(label);
        }
        Err(refused(feature.name, &known))
    }

    /// What follows from the rest: days from a deadline, the season from the snapshot's day, the family from the category.
    fn complete_project(&self, fields: &mut Fields, facts: &mut Facts) -> Result<(), ApiError> {
        let today = self.serving.slot().day();
        if let Some(text) = fields.take_text("deadline")? {
            let day: Option<NaiveDate> = text.parse().ok();
            let days = day.map(|day| (day - today).num_days());
            let days = days.filter(|days| (0..=1825).contains(days)).ok_or_else(|| {
                invalid(
                    "deadline",
                    format!("L'échéance est un jour comme 2026-12-31, du {today} à cinq ans plus tard."),
                    format!("The deadline is a day such as 2026-12-31, from {today} to five years later."),
                )
            })?;
            facts.set_number("lead_days", days as f64);
        }
        if facts.number("month").is_none() {
            facts.set_number("month", f64::from(chrono::Datelike::month(&today)));
        }
        if facts.label("family").is_none()
            && let Some(family) = facts
                .label("category")
                .and_then(|category| self.family(category))
        {
            facts.set_label("family", family);
        }
        Ok(())
    }

    /// The top of a concept's glossary path.
    fn family(&self, category: &str) -> Option<String> {
        let concepts = self.serving.collection(Section::Concepts).ok()?;
        let stored = concepts.document(self.tenant.as_str(), category)?;
        let payload: Value = serde_json::from_str(&stored.payload).ok()?;
        payload["path"].get(0)?.as_str().map(str::to_owned)
    }
}

/// A number of a body within bounds.
pub(crate) fn number(
    fields: &mut Fields,
    name: &'static str,
    (low, high): (f64, f64),
) -> Result<Option<f64>, ApiError> {
    let Some(value) = fields.take(name) else {
        return Ok(None);
    };
    let number = match value {
        Value::Bool(claim) => Some(f64::from(u8::from(claim))),
        value => value.as_f64(),
    };
    let number = number.ok_or_else(|| wrong_type(name, "un nombre", "a number"))?;
    if (low..=high).contains(&number) {
        return Ok(Some(number));
    }
    let (french, english) = if low == f64::MIN_POSITIVE {
        (
            format!("« {name} » est un nombre au-dessus de 0, jusqu'à {high}."),
            format!("\"{name}\" is a number above 0, up to {high}."),
        )
    } else {
        (
            format!("« {name} » va de {low} à {high}."),
            format!("\"{name}\" goes from {low} to {high}."),
        )
    };
    Err(invalid(name, french, english))
}

/// Makes the error for a label that means nothing, with those that do.
fn refused<S: AsRef<str>>(name: &str, known: &[S]) -> ApiError {
    let listed: Vec<&str> = known.iter().take(LISTED).map(AsRef::as_ref).collect();
    let more = if known.len() > LISTED { " …" } else { "" };
    let all = format!("{}{more}", listed.join(", "));
    invalid(
        name,
        format!("Les valeurs de « {name} » sont : {all}."),
        format!("The values of \"{name}\" are: {all}."),
    )
}
