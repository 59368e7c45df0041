//! `fit_ranking`: which bid comes first, learnt from awarded auctions as they were known when bidding closed.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use deals::{
    Kind, ModelKind, Verdict,
    bids::{Auction, BidFacts, Own, RankingRows, fit_ranking},
};
use ranking::Reference;

use super::fit_models::Fit;
use crate::{
    context::{Context, Inputs},
    deal_models::{Fits, InPlace, in_place},
    rows::{self, Row},
};

/// The bids of every auction.
pub(super) const BIDS: &str = "gold.project_bids";

/// An auction of the table: its bids, who won, and its last day.
#[derive(Default)]
struct Told {
    auction: Auction,
    won: Option<usize>,
    day: i64,
}

/// Fits the ranker of bids; the formula ranks where it is no better.
pub(super) async fn fit(context: &Context, inputs: &Inputs) -> Result<Fits> {
    let digest = context.input(inputs, BIDS)?.digest.clone();
    let file = context.input_file(inputs, BIDS).await?;
    let mut auctions: BTreeMap<(String, String), Told> = BTreeMap::new();
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let is_settled = matches!(row.text("project_status"), Some("awarded" | "done"));
            if is_settled && row.claim("is_late") != Some(true) {
                let key = (text("tenant"), text("project_id"));
                auctions.entry(key).or_default().add(row);
            }
        }
    }
    let before = in_place(context, inputs, ModelKind::Ranking).await?;
    let slot = context.slot.to_string();
    tokio::task::spawn_blocking(move || fits(auctions, digest, &before, &slot)).await?
}

fn fits(
    auctions: BTreeMap<(String, String), Told>,
    digest: String,
    before: &InPlace,
    slot: &str,
) -> Result<Fits> {
    let mut rows = RankingRows::new(digest);
    for told in auctions.into_values() {
        if let Some(won) = told.won {
            rows.push(told.auction, won, told.day)?;
        }
    }
    let previous = before.models.rankings.get(&Kind::Project);
    let fitted = fit_ranking(&rows, slot, previous)?;
    let is_by_formula = matches!(
        fitted.card.verdict,
        Verdict::Formula { .. } | Verdict::TooFew { .. }
    );
    let is_decided = before.standings.contains_key(&fitted.card.name);
    let mut fits = Fits::default();
    let fit = Fit {
        model: fitted.model,
        card: fitted.card,
        unseen: HashMap::new(),
        previous: previous.cloned(),
    };
    let served = fit.choose(Kind::Project, before, &mut fits)?;
    // The formula has the last word, but for people: what was learnt before, of fewer auctions, does not outlive that.
    let served = served.filter(|_| is_decided || !is_by_formula);
    fits.served
        .rankings
        .extend(served.map(|served| (Kind::Project, served)));
    Ok(fits)
}

impl Told {
    fn add(&mut self, row: Row<'_>) {
        let cents = |column| row.integer(column).unwrap_or(0);
        let auction = &mut self.auction;
        auction.budget_cents = row.integer("budget_cents");
        auction.deadline_days = row.integer("deadline_days");
        auction.reference =
            Reference::new(cents("p10_cents"), cents("p50_cents"), cents("p90_cents"));
        if row.claim("is_won") == Some(true) {
            self.won = Some(auction.bids.len());
        }
        self.day = self.day.max(row.instant_day("submitted_at").unwrap_or(0));
        let own = row.number("own_price_to_reference");
        auction.bids.push(BidFacts {
            price_cents: cents("price_cents"),
            delay_days: row.integer("delay_days"),
            quality: row.number("quality"),
            is_same_region: row.claim("is_same_region"),
            has_activation: row.claim("has_activation"),
            earlier_bids: row.integer("earlier_bids"),
            earlier_wins: row.integer("earlier_wins"),
            own: own.map(|price_to_reference| Own {
                bids: cents("own_bids"),
                price_to_reference,
            }),
            is_withdrawn: row.claim("is_withdrawn") == Some(true),
            // What is flagged tonight was not known when the auction was decided.
            is_flagged: None,
        });
    }
}
