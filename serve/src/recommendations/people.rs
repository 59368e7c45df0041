//! People whom a client should book or meet.

use matching::ConceptRef;
use ranking::{Person, Term};
use serde::Serialize;

use super::{
    Fit, KnownClient, KnownPerson, Meeting, Pairs, Score, TermShare,
    book::ratings,
    pairs::{Pair, failed, missing},
    words::{self, plural},
};
use crate::ApiError;

/// Days in which open slots count.
const WITHIN_DAYS: u32 = 30;

/// Somebody to book or to meet.
#[derive(Debug, Serialize)]
pub(crate) struct Recommended {
    rank: usize,
    person_id: String,
    #[serde(flatten)]
    score: Score,
    region: Option<String>,
    /// Know-how that the client asks for and the person has, most asked for first.
    concepts: Vec<ConceptRef>,
    /// Trades of both.
    families: Vec<String>,
    /// What to do next.
    next: Meeting,
    reasons: Vec<String>,
}

impl<'a> Pairs<'a> {
    /// Ranks the tenant's people for one of its clients.
    pub(crate) fn people_for(
        &self,
        client: &'a KnownClient,
        limit: usize,
    ) -> Result<Vec<Recommended>, ApiError> {
        let people = self.circle.people.iter();
        let pairs = people.map(|(id, person)| (id, Pair::new(client, person)));
        let best = self.rank(pairs, limit, |of_pair, pair| {
            self.read(of_pair, pair.person)
        })?;
        let shown = best
            .into_iter()
            .zip(1..)
            .map(|((person_id, score, (pair, next)), rank)| {
                let (concepts, families) = match &pair.fit {
                    Some(fit) => (self.named(&fit.concepts), fit.families.clone()),
                    None => (Vec::new(), Vec::new()),
                };
                let told = |part: &TermShare| {
                    self.told(part, pair.person, &next, (pair.fit.as_ref(), &concepts))
                };
                let reasons = score.by_contribution().into_iter().flat_map(told).collect();
                Recommended {
                    rank,
                    person_id,
                    score,
                    region: pair.person.region.clone(),
                    concepts,
                    families,
                    next,
                    reasons,
                }
            });
        Ok(shown.collect())
    }

    /// Adds what is known of the person alone.
    fn read(&self, of_pair: Person, person: &KnownPerson) -> Person {
        let prior = self.circle.usual.people;
        let known = [
            !person.concepts.is_empty(),
            person.region.is_some(),
            person.day_rate_cents.is_some(),
            person.rating.is_some(),
        ];
        Person {
            ratings: Some(ratings(prior, person.rating, person.reviews)),
            prior,
            open_slots: Some(person.open_slots),
            within_days: WITHIN_DAYS,
            flags: Some(failed(person.no_shows, person.bookings)),
            missing: Some(missing(&known)),
            ..of_pair
        }
    }

    /// Why a term is what it is.
    fn told(
        &self,
        part: &TermShare,
        person: &KnownPerson,
        meeting: &Meeting,
        (fit, concepts): (Option<&Fit>, &[ConceptRef]),
    ) -> Vec<String> {
        let language = self.language;
        match part.term {
            Term::Fit => fit
                .map(|fit| words::fit_of_person(fit, concepts, language))
                .into_iter()
                .collect(),
            Term::Reputation => vec![words::reputation(part, language)],
            Term::PriceAlignment => words::meeting_price(part, meeting.kind, language),
            Term::Availability => vec![match person.open_slots {
                0 => language.pick(
                    format!("Aucun créneau libre dans les {WITHIN_DAYS} jours : demandez une mise en relation."),
                    format!("No open slot within {WITHIN_DAYS} days: ask for an introduction."),
                ),
                open => language.pick(
                    format!(
                        "{open} créneau{} libre{} dans les {WITHIN_DAYS} jours.",
                        plural(open, "x"),
                        plural(open, "s")
                    ),
                    format!("{open} open slot{} within {WITHIN_DAYS} days.", plural(open, "s")),
                ),
            }],
            Term::Loc => words::meeting_loc(meeting, language),
            Term::Risk => {
                let (missed, of) = (person.no_shows, person.bookings);
                let absences = (missed > 0).then(|| {
                    language.pick(
                        format!("N'est pas venu à {missed} rendez-vous sur {of}."),
                        format!("Did not come to {missed} of {of} meetings."),
                    )
                });
                words::risk(part, absences, language)
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ranking::{Formula, ParamGuard as _, Prior, Ratings, WeightParams};

    use super::*;

    #[test]
    fn two_reviews_of_five_do_not_beat_two_hundred_of_four_point_seven() {
        let usual: Vec<Ratings> = (0..40)
            .filter_map(|at| Ratings::of_stars(3.4 + 0.03 * f64::from(at), 5.0, 10 + at))
            .collect();
        let prior = Prior::estimate(&usual, Prior::default());
        let weights = WeightParams::new(Formula::People).check().unwrap();
        let score = |rating: f64, reviews: u32| {
            let person = Person {
                fit: Some(0.5),
                ratings: Some(ratings(prior, Some(rating), Some(reviews))),
                prior,
                ..Person::default()
            };
            Score::of(&person, &weights).unwrap().score
        };
        assert!(score(4.7, 200) > score(5.0, 2));
        assert!(score(5.0, 200) > score(4.7, 200));
        // Who has no review is as good as is usual: better than known bad ones, no better than known good ones.
        assert!(score(4.7, 200) > score(0.0, 0) && score(0.0, 0) > score(2.0, 200));
    }

    #[test]
    fn one_meeting_missed_of_one_weighs_no_more_than_one_of_five() {
        assert_eq!(failed(1, 1), failed(1, 5));
        assert_eq!(failed(2, 8).share(), Some(0.25));
        assert_eq!(missing(&[true, false, true, true]).share(), Some(0.25));
    }
}
