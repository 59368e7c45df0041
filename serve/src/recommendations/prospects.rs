//! Clients whose needs fit a person.

use matching::ConceptRef;
use ranking::{Person, Term};
use serde::Serialize;

use super::{
    Fit, KnownClient, KnownPerson, Meeting, Pairs, Score, TermShare,
    book::record,
    pairs::{Pair, failed, missing},
    words::{self, plural},
};
use crate::{ApiError, deals::percent};

/// A client to win.
#[derive(Debug, Serialize)]
pub(crate) struct Prospect {
    rank: usize,
    client_id: String,
    #[serde(flatten)]
    score: Score,
    sector: Option<String>,
    region: Option<String>,
    /// Know-how that the client asks for and the person has, most asked for first.
    concepts: Vec<ConceptRef>,
    /// Trades of both.
    families: Vec<String>,
    open_projects: u32,
    /// What to do next.
    next: Meeting,
    reasons: Vec<String>,
}

impl<'a> Pairs<'a> {
    /// Ranks the tenant's clients for one of its people.
    pub(crate) fn prospects_for(
        &self,
        person: &'a KnownPerson,
        limit: usize,
    ) -> Result<Vec<Prospect>, ApiError> {
        let clients = self.circle.clients.iter();
        let pairs = clients.map(|(id, client)| (id, Pair::new(client, person)));
        let best = self.rank(pairs, limit, |of_pair, pair| {
            self.read_client(of_pair, pair.client)
        })?;
        let shown = best
            .into_iter()
            .zip(1..)
            .map(|((client_id, score, (pair, next)), rank)| {
                let client = pair.client;
                let (concepts, families) = match &pair.fit {
                    Some(fit) => (self.named(&fit.concepts), fit.families.clone()),
                    None => (Vec::new(), Vec::new()),
                };
                let told = |part: &TermShare| {
                    self.told_of_client(part, client, &next, (pair.fit.as_ref(), &concepts))
                };
                let reasons = score.by_contribution().into_iter().flat_map(told).collect();
                Prospect {
                    rank,
                    client_id,
                    score,
                    sector: client.sector.clone(),
                    region: client.region.clone(),
                    concepts,
                    families,
                    open_projects: client.open_projects,
                    next,
                    reasons,
                }
            });
        Ok(shown.collect())
    }

    /// Adds what is known of the client alone. Nobody rates clients: how many of its bookings were held stands for it.
    fn read_client(&self, of_pair: Person, client: &KnownClient) -> Person {
        let prior = self.circle.usual.clients;
        let known = [
            client.projects > 0,
            client.region.is_some(),
            client.sector.is_some(),
            client.most_hour_cents.is_some(),
        ];
        Person {
            ratings: Some(record(prior, client.held_share, client.bookings)),
            prior,
            open_projects: Some(client.open_projects),
            flags: Some(failed(not_done(client), client.settled_projects)),
            missing: Some(missing(&known)),
            ..of_pair
        }
    }

    fn told_of_client(
        &self,
        part: &TermShare,
        client: &KnownClient,
        meeting: &Meeting,
        (fit, concepts): (Option<&Fit>, &[ConceptRef]),
    ) -> Vec<String> {
        let language = self.language;
        match part.term {
            Term::Fit => fit
                .map(|fit| words::fit_of_client(fit, concepts, language))
                .into_iter()
                .collect(),
            Term::Reputation => {
                let usual = percent(part.share("usual_rating_share").unwrap_or(0.0), language);
                let told = client.held_share.map(|held| {
                    let (held, of) = (percent(held, language), client.bookings);
                    language.pick(
                        format!(
                            "{held} de ses {of} rendez-vous ont été tenus ; l'usage est de {usual}."
                        ),
                        format!("{held} of its {of} meetings were held; {usual} is usual."),
                    )
                });
                vec![told.unwrap_or_else(|| {
                    language.pick(
                        format!("Aucun rendez-vous passé : compté comme l'usage ({usual} tenus)."),
                        format!("No past meeting: taken to be as is usual ({usual} held)."),
                    )
                })]
            }
            Term::PriceAlignment => words::meeting_price(part, meeting.kind, language),
            Term::Availability => {
                let open = client.open_projects;
                vec![language.pick(
                    format!(
                        "{open} projet{0} ouvert{0} en ce moment.",
                        plural(open, "s")
                    ),
                    format!("{open} project{} open now.", plural(open, "s")),
                )]
            }
            Term::Loc => words::meeting_loc(meeting, language),
            Term::Risk => {
                let (failed, of) = (not_done(client), client.settled_projects);
                let failures = (failed > 0).then(|| {
                    language.pick(
                        format!("{failed} de ses {of} projets échus n'ont pas abouti."),
                        format!("{failed} of its {of} settled projects did not come to their end."),
                    )
                });
                words::risk(part, failures, language)
            }
            _ => Vec::new(),
        }
    }
}

/// Settled projects that were not done.
fn not_done(client: &KnownClient) -> u32 {
    let lost = 1.0 - client.done_share.unwrap_or(1.0);
    (lost * f64::from(client.settled_projects)).round() as u32
}
