//! `pipeline cases pairs` and `pipeline cases auctions`.

use std::num::NonZeroUsize;

use anyhow::Result;
use clap::Args;
use lake::Lake;
use serde_json::json;

use super::arguments::Output;
use crate::{
    findings::{Auction, Bid, Bidder, Findings, Pair, Shown, Signal, Strongest},
    report::print_json,
};

/// Auctions of a pair that are printed; `--json` has them all.
const SHOWN: usize = 5;

/// Which findings are printed.
#[derive(Debug, Args)]
pub(crate) struct StrongestArguments {
    /// Only this tenant's.
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// So many at most, the strongest first.
    #[arg(long, value_name = "COUNT", default_value = "10")]
    limit: NonZeroUsize,
}

impl From<StrongestArguments> for Strongest {
    fn from(arguments: StrongestArguments) -> Self {
        Self {
            tenant: arguments.tenant,
            limit: arguments.limit.get(),
        }
    }
}

pub(super) async fn pairs(output: Output, lake: &Lake, wanted: StrongestArguments) -> Result<()> {
    let found = Findings::new(lake).pairs(&wanted.into()).await?;
    for pair in &found {
        match output {
            Output::Json => print_json(&json!(pair)),
            Output::Text => tell_pair(pair),
        }
    }
    if output == Output::Text && found.is_empty() {
        println!("no pair of bidders is watched or flagged");
    }
    Ok(())
}

pub(super) async fn auctions(
    output: Output,
    lake: &Lake,
    wanted: StrongestArguments,
) -> Result<()> {
    let found = Findings::new(lake).auctions(&wanted.into()).await?;
    for auction in &found {
        match output {
            Output::Json => print_json(&json!(auction)),
            Output::Text => tell_auction(auction),
        }
    }
    if output == Output::Text && found.is_empty() {
        println!("no auction is watched or flagged");
    }
    Ok(())
}

fn tell_pair(pair: &Pair) {
    let [one, other] = &pair.bidders;
    println!(
        "{:.6}  {:8} {} + {}, {} shared auctions{} ({})",
        pair.score,
        pair.level,
        called(one),
        called(other),
        pair.shared,
        pair.ring_id
            .as_ref()
            .map_or_else(String::new, |id| format!(", ring {id}")),
        pair.tenant
    );
    pair.signals.iter().for_each(tell_signal);
    // The latest are what somebody can still ask about.
    let left_out = pair.auctions.len().saturating_sub(SHOWN);
    if left_out > 0 {
        println!("    {left_out} earlier auctions, in --json");
    }
    for auction in &pair.auctions[left_out..] {
        println!("    {}", heading(auction));
        let own = auction.bids.iter();
        own.filter(|bid| bid.is_suspect || bid.status == "won")
            .for_each(|bid| tell_bid(bid, auction.budget_cents));
    }
    println!();
}

fn tell_auction(auction: &Auction) {
    println!(
        "{:.6}  {:8} {} ({}{})",
        auction.score,
        auction.level,
        heading(&auction.shown),
        auction
            .market
            .as_ref()
            .map_or_else(String::new, |market| format!("{market}, ")),
        auction.tenant
    );
    if !auction.ring_ids.is_empty() {
        println!("    rings {}", auction.ring_ids.join(", "));
    }
    auction.signals.iter().for_each(tell_signal);
    let budget = auction.shown.budget_cents;
    let bids = auction.shown.bids.iter();
    bids.for_each(|bid| tell_bid(bid, budget));
    println!();
}

fn called(bidder: &Bidder) -> String {
    match &bidder.name {
        Some(name) => format!("{name} [{}]", bidder.provider_id),
        None => bidder.provider_id.clone(),
    }
}

fn heading(auction: &Shown) -> String {
    let title = auction.title.as_deref().unwrap_or_default();
    let day = auction.day.as_deref().unwrap_or("no day");
    format!("{day} {} \"{title}\"", auction.project_id)
}

fn tell_signal(signal: &Signal) {
    let mark = if signal.is_raised { "raised" } else { "–" };
    let threshold = match signal.threshold {
        bound if bound > 0.0 => format!("raised at {bound:.1e} or below"),
        _ => "none of all pairs is raised".to_owned(),
    };
    println!(
        "    {mark:7} {:21} {:>9.4}, chance {:.1e} ({threshold}), of {}",
        signal.signal, signal.value, signal.chance, signal.support
    );
}

fn tell_bid(bid: &Bid, budget_cents: Option<i64>) {
    let mark = if bid.is_suspect { "*" } else { " " };
    let share = budget_cents.filter(|budget| *budget > 0).map(|budget| {
        let share = bid.price_cents as f64 / budget as f64;
        format!(", {:.2} % of the budget", 100.0 * share)
    });
    println!(
        "      {mark} {:>14} cents{}  {:9} {}",
        bid.price_cents,
        share.unwrap_or_default(),
        bid.status,
        called(&bid.bidder)
    );
}
