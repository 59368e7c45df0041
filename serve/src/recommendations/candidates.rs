//! Companies to invite to bid on a project.

use deals::Kind;
use ranking::{CheckedWeights, Person, Prior, Ratings, Reference as Quantiles, Tally};
use schemas::Section;
use serde::Serialize;

use super::{
    Circle, KnownProvider, Score, best,
    book::ratings,
    meeting::quantiles,
    pairs::missing,
    words::{self, AskedOf},
};
use crate::{
    ApiError, Serving,
    answer::CompanyHit,
    deals::{DealBook, Known},
    documents::CompanyCard,
    request::SearchRequest,
    search::{Found, Question, search},
};

/// Companies that match best and are scored, whatever the limit.
pub(crate) const POOL: usize = 100;
/// Deliveries for which the usual share of them counts.
const USUAL_DELIVERIES: f64 = 10.0;

/// A project, and what candidates for it are scored with.
#[derive(Debug)]
pub(crate) struct Auction<'a> {
    pub(crate) id: &'a str,
    pub(crate) project: &'a Known,
    pub(crate) book: &'a DealBook,
    /// The tenant's providers, where it has any.
    pub(crate) circle: Option<&'a Circle>,
    pub(crate) weights: &'a CheckedWeights,
}

/// A company to invite to bid.
#[derive(Debug, Serialize)]
pub(crate) struct Candidate {
    rank: usize,
    /// Its account; none where it has none yet.
    provider_id: Option<String>,
    /// Whether it has a bid on the project already.
    is_bidding: bool,
    #[serde(flatten)]
    score: Score,
    /// The company as `POST /api/match` shows it; its score is the term `fit`.
    company: CompanyHit,
    bids: u32,
    wins: u32,
    reasons: Vec<String>,
}

/// What is worked out once per project.
struct Market {
    reference: Option<Quantiles>,
    /// The likelihood that the project is done.
    loc: Option<f64>,
}

impl Auction<'_> {
    /// What is looked for: the know-how asked for, then the title.
    pub(crate) fn text(&self) -> String {
        let words = [
            self.project.text("category_label"),
            self.project.text("title"),
        ];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        words.join(". ")
    }

    /// Ranks the companies that match the project, and tells how many were scored. `asked` is what `POST /api/match` would take.
    pub(crate) fn candidates(
        &self,
        serving: &Serving,
        asked: &SearchRequest,
        limit: usize,
    ) -> Result<(usize, Vec<Candidate>), ApiError> {
        let question = Question {
            section: Section::Companies,
            text: &asked.text,
            tenant: asked.tenant.as_str(),
            filters: &asked.filters,
            conditions: &asked.conditions,
            like: None,
            limit: POOL,
        };
        let found = search(serving, &question)?;
        let market = self.market();
        let mut scored = Vec::new();
        for (number, hit) in found.result.hits.iter().enumerate() {
            // An account is a tenant's own, and so is the company behind it.
            let own = self
                .circle
                .filter(|_| hit.tenant == asked.tenant.as_str())
                .map_or(&[][..], |circle| circle.accounts(&hit.id));
            let accounts: Vec<Option<&KnownProvider>> = if own.is_empty() {
                vec![None]
            } else {
                own.iter().map(Some).collect()
            };
            for account in accounts {
                let score =
                    Score::of(&self.read(&market, &found, (number, account)), self.weights)?;
                let name = account.map_or("", |one| one.provider_id.as_str());
                scored.push((
                    format!("{}\u{0}{}\u{0}{name}", hit.id, hit.tenant),
                    score,
                    (number, account),
                ));
            }
        }
        let considered = scored.len();
        let shown = best(scored, limit).into_iter().zip(1..);
        let shown = shown.map(|((_, score, (number, account)), rank)| {
            let about = AskedOf {
                account,
                project_loc: market.loc,
                language: asked.language,
            };
            let reasons = score
                .by_contribution()
                .into_iter()
                .flat_map(|part| words::candidate(part, &about))
                .collect();
            Candidate {
                rank,
                provider_id: account.map(|one| one.provider_id.clone()),
                is_bidding: account.is_some_and(|one| one.bid_on.iter().any(|on| on == self.id)),
                score,
                company: CompanyHit::new(number, &found, asked),
                bids: account.map_or(0, |one| one.bids),
                wins: account.map_or(0, |one| one.wins),
                reasons,
            }
        });
        Ok((considered, shown.collect()))
    }

    fn market(&self) -> Market {
        let facts = &self.project.facts;
        let (models, budget) = (self.book.models(), self.project.price_cents);
        Market {
            reference: quantiles(self.book, Kind::Project, facts),
            loc: models.probability(Kind::Project, &facts.values(), budget),
        }
    }

    /// What is known of a company: of one without an account, what is usual.
    fn read(
        &self,
        market: &Market,
        found: &Found,
        (number, account): (usize, Option<&KnownProvider>),
    ) -> Person {
        let hit = &found.result.hits[number];
        let card = CompanyCard::parse(&hit.payload);
        let prior = self
            .circle
            .map(|circle| circle.usual.providers)
            .unwrap_or_default();
        let (rating, reviews) = account.map_or((None, None), |one| (one.rating, one.reviews));
        let (asked_cents, reference) = self.price(market, account);
        let known = [
            account.is_some(),
            card.region.is_some(),
            !card.concepts.is_empty(),
            rating.is_some(),
            account.is_some_and(|one| one.price_to_reference.is_some()),
        ];
        Person {
            fit: Some(hit.score),
            ratings: Some(ratings(prior, rating, reviews)),
            prior,
            asked_cents,
            reference,
            bids_in_flight: account.map(|one| one.bids_in_flight),
            loc: self.loc(market, account),
            flags: account.filter(|one| one.marks > 0).map(|one| Tally {
                found: one.shared_marks,
                of: one.marks,
            }),
            missing: Some(missing(&known)),
            ..Person::default()
        }
    }

    /// What it would ask, if it asks as in closed auctions, against the project's reference price; without any, its hourly cost against the others'.
    /// The budget takes no part: where it is too low it is too low for everybody, and `loc` says so.
    fn price(
        &self,
        market: &Market,
        account: Option<&KnownProvider>,
    ) -> (Option<i64>, Option<Quantiles>) {
        let ratio = account.and_then(|one| one.price_to_reference);
        if let (Some(ratio), Some(reference)) = (ratio, market.reference) {
            let [_, usual, _] = reference.quantiles();
            let asked = (ratio * usual as f64).round() as i64;
            return (Some(asked), Some(reference));
        }
        let costs = self.circle.and_then(|circle| circle.usual.hourly_costs);
        let hourly = account.and_then(|one| one.hourly_cost_cents);
        (hourly.filter(|_| costs.is_some()), costs)
    }

    /// The likelihood that the project is done, times how much oftener than usual the company's were: its share is drawn to the usual one, which
    /// counts for ten deliveries.
    fn loc(&self, market: &Market, account: Option<&KnownProvider>) -> Option<f64> {
        let loc = market.loc?;
        let usual = self.circle.and_then(|circle| circle.usual.delivered_share);
        let usual = usual.filter(|usual| *usual > 0.0);
        let (Some(usual), Some(account)) = (usual, account) else {
            return Some(loc);
        };
        let prior = Prior {
            mean: usual,
            strength: USUAL_DELIVERIES,
        };
        let own = prior.shrink(Ratings {
            mean: account.delivered_share.unwrap_or(usual),
            count: account.deliveries,
        });
        Some((loc * own / usual).min(1.0))
    }
}
