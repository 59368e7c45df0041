//! A guided reverse auction: where a bid would stand, and what would help it.

use deals::bids::{Auction, BidFacts};
use serde::Serialize;

use super::{Bidder, LowAnswer, Ranker, Room, Scored};
use crate::{ApiError, deals::euros, language::Language};

/// Steps in which a price or delay that gains a place is looked for.
const STEPS: i64 = 64;
/// Prices are told in whole euros.
const EURO: i64 = 100;

/// A bid that somebody thinks of sending.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) price_cents: i64,
    pub(crate) delay_days: Option<i64>,
    pub(crate) provider: Option<String>,
    pub(crate) bidder: Option<Bidder>,
}

/// Where it would stand.
#[derive(Debug, Serialize)]
pub(crate) struct Guidance {
    /// Its rank by price among the bids that stand, itself counted; equal prices share the best rank.
    pub(crate) rank_by_price: usize,
    /// Its rank by score; of equal scores it comes last.
    pub(crate) rank_by_score: usize,
    /// Bids that would stand, itself counted.
    pub(crate) of: usize,
    /// The bid that it would take the place of: the provider's own.
    pub(crate) replaces: Option<String>,
    #[serde(flatten)]
    pub(crate) scored: Scored,
    /// What is not known of it, and was taken to be so.
    pub(crate) assumed: Vec<Assumed>,
    /// What would raise the score or gain a place, one at a time.
    pub(crate) levers: Vec<Lever>,
    pub(crate) abnormally_low: LowAnswer,
    #[serde(skip)]
    pub(crate) facts: BidFacts,
}

/// Something that the caller did not tell and that no bid of the provider in this auction tells.
#[derive(Debug, Serialize)]
pub(crate) struct Assumed {
    /// `quality` and `delay_days`: the median of the bids that stand; `is_same_region` and `has_activation`: 0, no.
    pub(crate) field: &'static str,
    pub(crate) value: f64,
}

/// One thing that the bidder could change, all others as they are.
#[derive(Debug, Serialize)]
pub(crate) struct Lever {
    /// `price_for_price_rank`, `price_for_score_rank`, `delay` or `know_how`.
    pub(crate) lever: &'static str,
    /// The value to offer: cents or days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<i64>,
    pub(crate) rank_by_price: usize,
    pub(crate) rank_by_score: usize,
    pub(crate) score: f64,
    pub(crate) score_gain: f64,
    /// Whether the bid would look abnormally low: a place may be dear.
    pub(crate) is_abnormally_low: bool,
    pub(crate) text: String,
}

/// An auction in which the bid that is thought of is the last.
struct Trial<'a> {
    auction: Auction,
    ids: Vec<&'a str>,
    ranker: Ranker<'a>,
    language: Language,
}

/// Where a bid stands.
struct Stand {
    by_price: usize,
    by_score: usize,
    scored: Scored,
}

impl Trial<'_> {
    fn at(&self) -> usize {
        self.auction.bids.len() - 1
    }

    /// Where the bid would stand, with something of it changed.
    fn stand(&self, change: impl Fn(&mut BidFacts)) -> Result<(Auction, Stand), ApiError> {
        let (mut auction, at) = (self.auction.clone(), self.at());
        change(&mut auction.bids[at]);
        let scored = self.ranker.score_all(&auction, self.language)?;
        let scores: Vec<f64> = scored.iter().map(|one| one.score).collect();
        // Of equal scores what stands already comes first.
        let order = auction.ranked(&scores, |other| (other == at, self.ids.get(other)));
        let place = order.iter().position(|other| *other == at).unwrap_or(0);
        let price = auction.bids[at].price_cents;
        let lower = auction
            .standing()
            .filter(|other| auction.bids[*other].price_cents < price);
        let by_price = 1 + lower.count();
        let scored = scored
            .into_iter()
            .next_back()
            .ok_or_else(ApiError::internal)?;
        Ok((
            auction,
            Stand {
                by_price,
                by_score: place + 1,
                scored,
            },
        ))
    }

    fn lever(
        &self,
        now: &Stand,
        lever: &'static str,
        value: Option<i64>,
        change: impl Fn(&mut BidFacts),
    ) -> Result<Lever, ApiError> {
        let (auction, then) = self.stand(change)?;
        let low = auction.low(self.at()).is_flagged();
        let mut told = Lever {
            lever,
            value,
            rank_by_price: then.by_price,
            rank_by_score: then.by_score,
            score: then.scored.score,
            score_gain: then.scored.score - now.scored.score,
            is_abnormally_low: low,
            text: String::new(),
        };
        told.text = text(&told, self.language);
        Ok(told)
    }

    /// The highest whole-euro price below the bid's that gains a place by score, where one does.
    fn price_for_score(&self, now: &Stand) -> Result<Option<i64>, ApiError> {
        let price = self.auction.bids[self.at()].price_cents;
        let gains = |cents: i64| -> Result<bool, ApiError> {
            Ok(self.stand(|bid| bid.price_cents = cents)?.1.by_score < now.by_score)
        };
        let step = (price / STEPS).max(EURO);
        let mut high = price;
        while high > EURO {
            let mut low = (high - step).max(EURO);
            if gains(low)? {
                // The place is gained somewhere from `low` on, and not at `high`.
                while high - low > EURO {
                    let middle = (low + high) / 2;
                    if gains(middle)? {
                        low = middle
                    } else {
                        high = middle
                    }
                }
                let whole = low / EURO * EURO;
                return Ok(Some(if whole >= EURO && gains(whole)? {
                    whole
                } else {
                    low
                }));
            }
            high = low;
        }
        Ok(None)
    }

    /// The longest delay below the bid's that gains a place by score; else the longest that gains as much as any shorter one.
    fn delay(&self, now: &Stand) -> Result<Option<i64>, ApiError> {
        let Some(delay) = self.auction.bids[self.at()].delay_days else {
            return Ok(None);
        };
        let step = (delay / STEPS).max(1);
        let mut best = None;
        for less in 1..=delay / step {
            let days = delay - less * step;
            let (_, then) = self.stand(|bid| bid.delay_days = Some(days))?;
            if then.by_score < now.by_score {
                return Ok(Some(days));
            }
            let (score, known) = (
                then.scored.score,
                best.map_or(now.scored.score, |(_, score)| score),
            );
            if score > known {
                best = Some((days, score));
            }
        }
        Ok(best.map(|(days, _)| days))
    }
}

/// Works out where a bid would stand and what would help it.
pub(crate) fn guide(
    room: &Room<'_>,
    ranker: Ranker<'_>,
    asked: &Asked,
    language: Language,
) -> Result<Guidance, ApiError> {
    let mut rows = room.in_time();
    let mut auction = room.auction.clone();
    let own = rows
        .iter()
        .position(|row| Some(&row.provider_id) == asked.provider.as_ref() && !row.is_withdrawn);
    let replaced = own.map(|at| (auction.bids.remove(at), rows.remove(at).bid_id.clone()));
    let bidder = asked.bidder.as_ref();
    let known = replaced
        .as_ref()
        .map(|(facts, _)| *facts)
        .unwrap_or(BidFacts {
            earlier_bids: Some(bidder.map_or(0, |bidder| bidder.bids)),
            earlier_wins: Some(bidder.map_or(0, |bidder| bidder.wins)),
            is_flagged: room.is_flagged_bidder(asked.provider.as_deref()),
            ..BidFacts::default()
        });
    let facts = BidFacts {
        price_cents: asked.price_cents,
        delay_days: asked.delay_days.or(known.delay_days),
        own: bidder.and_then(|bidder| bidder.own).or(known.own),
        ..known
    };
    let (facts, assumed) = assume(&auction, facts);
    auction.bids.push(facts);
    let ids = rows.iter().map(|row| row.bid_id.as_str()).collect();
    let trial = Trial {
        auction,
        ids,
        ranker,
        language,
    };
    let (auction, now) = trial.stand(|_| ())?;
    let mut levers = Vec::new();
    let lower = auction.standing().map(|at| auction.bids[at].price_cents);
    let next = lower.filter(|price| *price < facts.price_cents).max();
    if let Some(next) = next.filter(|next| *next > EURO) {
        let cents = (next - 1) / EURO * EURO;
        levers.push(
            trial.lever(&now, "price_for_price_rank", Some(cents), |bid| {
                bid.price_cents = cents
            })?,
        );
    }
    if now.by_score > 1
        && let Some(cents) = trial.price_for_score(&now)?
    {
        let lever = trial.lever(&now, "price_for_score_rank", Some(cents), |bid| {
            bid.price_cents = cents;
        })?;
        levers.push(lever);
    }
    if let Some(days) = trial.delay(&now)? {
        levers.push(trial.lever(&now, "delay", Some(days), |bid| bid.delay_days = Some(days))?);
    }
    if facts.has_activation != Some(true) {
        let lever = trial.lever(&now, "know_how", None, |bid| {
            bid.has_activation = Some(true)
        })?;
        levers.extend((lever.score_gain > 0.0).then_some(lever));
    }
    Ok(Guidance {
        rank_by_price: now.by_price,
        rank_by_score: now.by_score,
        of: auction.standing().count(),
        replaces: replaced.map(|(_, id)| id),
        abnormally_low: LowAnswer::new(&auction.low(trial.at()), facts.price_cents, language),
        scored: now.scored,
        assumed,
        levers,
        facts,
    })
}

/// Fills in what is not known of the bid. Rankers learnt from bids of which all this is known: a gap would stand for something else to them.
fn assume(auction: &Auction, mut facts: BidFacts) -> (BidFacts, Vec<Assumed>) {
    let standing = || auction.standing().map(|at| &auction.bids[at]);
    let mut assumed = Vec::new();
    let mut told = |field, value| assumed.push(Assumed { field, value });
    if facts.quality.is_none() {
        facts.quality = median(standing().filter_map(|bid| bid.quality));
        facts
            .quality
            .into_iter()
            .for_each(|value| told("quality", value));
    }
    if facts.delay_days.is_none() {
        let days = median(standing().filter_map(|bid| Some(bid.delay_days? as f64)));
        facts.delay_days = days.map(|days| days.round() as i64);
        facts
            .delay_days
            .into_iter()
            .for_each(|days| told("delay_days", days as f64));
    }
    for (field, claim) in [
        ("is_same_region", &mut facts.is_same_region),
        ("has_activation", &mut facts.has_activation),
    ] {
        if claim.is_none() {
            *claim = Some(false);
            told(field, 0.0);
        }
    }
    (facts, assumed)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.get(values.len() / 2)?;
    let below = values[(values.len() - 1) / 2];
    Some(f64::midpoint(below, *middle))
}

fn text(lever: &Lever, language: Language) -> String {
    let (price, score) = (lever.rank_by_price, lever.rank_by_score);
    let ranks = language.pick(
        format!("rang {score} au score, {price} au prix"),
        format!("rank {score} by score, {price} by price"),
    );
    let value = lever.value.unwrap_or(0);
    let mut text = match lever.lever {
        "delay" => language.pick(
            format!("Avec un délai de {value} jours : {ranks}."),
            format!("With a delay of {value} days: {ranks}."),
        ),
        "know_how" => language.pick(
            format!("En déclarant le savoir-faire demandé dans votre fiche : {ranks}."),
            format!("With the know-how claimed in your profile: {ranks}."),
        ),
        _ => {
            let price = euros(value, language);
            language.pick(
                format!("À {price} : {ranks}."),
                format!("At {price}: {ranks}."),
            )
        }
    };
    if lever.is_abnormally_low {
        text.push_str(language.pick(
            " L'offre paraîtrait anormalement basse.",
            " The bid would look abnormally low.",
        ));
    }
    text
}
