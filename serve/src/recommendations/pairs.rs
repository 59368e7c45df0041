//! A client and a person, either of whom may be recommended to the other.

use std::collections::BTreeMap;

use deals::Kind;
use matching::ConceptRef;
use ranking::{CheckedWeights, Person, Tally};
use schemas::{Section, Tenant};

use super::{Circle, Fit, KnownClient, KnownPerson, Meeting, Score, best_within, score::Scored};
use crate::{ApiError, Code, Serving, deals::DealBook, language::Language};

/// Deals that a share of failed ones is of at least: one of one says no more than one of five.
const FEWEST_DEALS: u32 = 5;
/// Concepts that a recommendation names at most.
const CONCEPTS: usize = 5;

/// What pairs are scored with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pairs<'a> {
    pub(crate) serving: &'a Serving,
    pub(crate) book: &'a DealBook,
    pub(crate) circle: &'a Circle,
    pub(crate) tenant: &'a Tenant,
    pub(crate) weights: &'a CheckedWeights,
    pub(crate) language: Language,
}

/// A client and a person, whichever of the two is recommended, and what they have in common.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    pub(super) client: &'a KnownClient,
    pub(super) person: &'a KnownPerson,
    pub(super) fit: Option<Fit>,
}

/// A pair by the id of who is recommended, with its score and what the two could do next.
pub(super) type Ranked<'a> = Scored<(Pair<'a>, Meeting)>;

impl<'a> Pairs<'a> {
    /// Opens what a tenant's pairs are scored with; nobody is known of a tenant that the snapshot lacks.
    pub(crate) fn open(
        serving: &'a Serving,
        tenant: &'a Tenant,
        weights: &'a CheckedWeights,
        language: Language,
    ) -> Result<Option<Self>, ApiError> {
        let (book, people) = (serving.deals()?, serving.reference().people()?);
        Ok(people.of(tenant.as_str()).map(|circle| Self {
            serving,
            book,
            circle,
            tenant,
            weights,
            language,
        }))
    }

    /// Ranks pairs by the id of who is recommended; `alone` adds what is known of that one alone. What the two could do next takes models, and is worked
    /// out only where the pair may be among the best.
    pub(super) fn rank(
        &self,
        pairs: impl Iterator<Item = (&'a String, Pair<'a>)>,
        limit: usize,
        alone: impl Fn(Person, &Pair<'_>) -> Person,
    ) -> Result<Vec<Ranked<'a>>, ApiError> {
        let score = |pair: &Pair<'_>, meeting: &Meeting| {
            Score::of(&alone(pair.read(meeting), pair), self.weights)
        };
        let bounded = pairs.map(|(id, pair)| {
            let bound = score(&pair, &Meeting::ideal())?.score;
            Ok((id.clone(), bound, pair))
        });
        let bounded: Vec<_> = bounded.collect::<Result<_, ApiError>>()?;
        best_within(bounded, limit, |pair| {
            let meeting = Meeting::of(self.book, self.circle, pair);
            Ok((score(pair, &meeting)?, meeting))
        })
    }

    /// The versions of the models that say prices and likelihoods of meetings.
    pub(crate) fn model_versions(&self) -> BTreeMap<String, String> {
        versions(self.book, &[Kind::Booking, Kind::Intro])
    }

    /// Concepts by their labels, as many as a recommendation names.
    pub(super) fn named(&self, ids: &[String]) -> Vec<ConceptRef> {
        let Ok(concepts) = self.serving.collection(Section::Concepts) else {
            return Vec::new();
        };
        let document = |id: &String| concepts.document(self.tenant.as_str(), id);
        let stored = ids.iter().take(CONCEPTS).filter_map(document);
        let named = stored.map(|stored| ConceptRef::of(stored.id, stored.title, &stored.payload));
        named.collect()
    }
}

impl<'a> Pair<'a> {
    pub(super) fn new(client: &'a KnownClient, person: &'a KnownPerson) -> Self {
        Self {
            client,
            person,
            fit: Fit::of(client, person),
        }
    }

    /// The terms that do not depend on which of the two is recommended.
    fn read(&self, meeting: &Meeting) -> Person {
        Person {
            fit: self.fit.as_ref().map(|fit| fit.share),
            asked_cents: meeting.asked_cents,
            reference: meeting.reference,
            budget_cents: meeting.budget_cents,
            loc: meeting.loc,
            ..Person::default()
        }
    }
}

/// The versions of the models of some kinds of deals, by name.
pub(crate) fn versions(book: &DealBook, kinds: &[Kind]) -> BTreeMap<String, String> {
    let cards = book.models().cards().into_iter();
    let used = cards.filter(|card| kinds.contains(&card.kind));
    used.map(|card| (card.name.clone(), card.version.clone()))
        .collect()
}

/// Failed deals as flags.
pub(super) fn failed(found: u32, of: u32) -> Tally {
    Tally {
        found,
        of: of.max(FEWEST_DEALS),
    }
}

/// Fields that are missing.
pub(super) fn missing(are_known: &[bool]) -> Tally {
    let missing = are_known.iter().filter(|known| !**known).count();
    Tally {
        found: missing as u32,
        of: are_known.len() as u32,
    }
}

/// Makes the error for somebody whom the tenant does not have, named by `field`.
pub(crate) fn unknown(field: &'static str, id: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("L'instantané servi n'a pas « {id} » ({field}) pour ce client."),
        format!("The snapshot served has no \"{id}\" ({field}) for this tenant."),
    )
    .at(field)
}
