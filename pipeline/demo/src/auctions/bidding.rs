//! Who bids what: honest bids follow cost, planted ones follow their plan.

use crate::auctions::project::{Auction, Bid, Part};
use crate::calendar::{HOUR, MINUTE};
use crate::layout::{Tenant, roles};
use crate::random::Dice;
use crate::world::World;

/// The bids of an auction, in order of time.
pub(crate) fn bids(world: &World, auction: &Auction, dice: &mut Dice) -> Vec<Bid> {
    let ring = |range: std::ops::Range<u64>| -> Vec<u64> {
        range
            .map(|local| world.providers.index(auction.unit, local))
            .collect()
    };
    let planted = &world.market.planted;
    let mut bids = match auction.part {
        Part::Cover => {
            let members = ring(roles::COVER_RING);
            concerted(auction, (&members, 0), planted.cover_margin, dice)
        }
        Part::Rotation(turn) => {
            let members = ring(roles::ROTATION_RING);
            let turn = (turn % members.len() as u64) as usize;
            concerted(auction, (&members, turn), planted.rotation_margin, dice)
        }
        Part::Dumped => {
            let share = dice.uniform(planted.dumping_low, planted.dumping_high);
            let provider = world.providers.index(auction.unit, roles::DUMPER);
            let mut bids = honest(world, auction, 3, dice);
            bids.retain(|bid| bid.provider != provider);
            bids.push(bid(
                auction,
                provider,
                auction.fair_price_cents * share,
                0.5,
                dice,
            ));
            bids
        }
        Part::Painting | Part::OpenPainting => honest(world, auction, 2, dice),
        Part::Honest | Part::Spammed => {
            let count = 2 + dice.below(6) as usize;
            honest(world, auction, count, dice)
        }
    };
    if matches!(auction.part, Part::Cover | Part::Rotation(_)) && dice.chance(0.25) {
        // An outsider who cannot match what the client expects of the ring.
        let mut outsider = honest(world, auction, 1, dice);
        outsider.retain(|bid| bids.iter().all(|other| other.provider != bid.provider));
        let highest = bids
            .iter()
            .map(|bid| bid.price_cents)
            .max()
            .unwrap_or_default();
        for bid in &mut outsider {
            bid.price_cents = bid.price_cents.max(highest + highest / 50);
        }
        bids.append(&mut outsider);
    }
    if auction.part == Part::Spammed {
        bids.extend(spam(world, auction, dice));
    }
    bids.sort_by_key(|bid| (bid.submitted_at, bid.provider));
    bids
}

/// Number of the winning bid: price counts most, then quality.
pub(crate) fn winner(auction: &Auction, dice: &mut Dice) -> Option<usize> {
    let cost = |bid: &Bid, noise: f64| bid.price_cents as f64 * (1.3 - 0.3 * bid.quality) * noise;
    let is_eligible = |bid: &Bid| !bid.is_withdrawn && bid.quality > 0.15;
    match auction.part {
        Part::Honest | Part::Spammed | Part::Painting | Part::OpenPainting => auction
            .bids
            .iter()
            .enumerate()
            .filter(|(_, bid)| is_eligible(bid))
            .map(|(number, bid)| (number, cost(bid, (0.04 * dice.normal()).exp())))
            .min_by(|left, right| left.1.total_cmp(&right.1))
            .map(|(number, _)| number),
        // What is planted wins at the lowest price.
        _ => (0..auction.bids.len()).min_by_key(|number| auction.bids[*number].price_cents),
    }
}

/// Bids at cost plus noise, most of them from companies of the trade.
fn honest(world: &World, auction: &Auction, count: usize, dice: &mut Dice) -> Vec<Bid> {
    let trade = world.vocabulary.concepts[auction.concept].trade;
    let unit = dice.below(world.units);
    let specialists: Vec<u64> = world
        .companies_of_trade(trade, auction.tenant, unit)
        .into_iter()
        .filter_map(|company| world.provider_of_company(company))
        .collect();
    let locals = world.providers.locals(auction.tenant);
    let spam = roles::SPAM_PROVIDERS.end - roles::SPAM_PROVIDERS.start;
    let pool = (locals.end - locals.start).saturating_sub(spam) * world.units;
    let count = count.min(pool.max(1) as usize);
    let mut providers = dice.sample(&specialists, count.div_ceil(2));
    while providers.len() < count {
        let other = world.draw_provider(auction.tenant, dice);
        if !providers.contains(&other) {
            providers.push(other);
        }
    }
    providers
        .into_iter()
        .map(|index| {
            let provider = world.provider(index);
            let prices = &world.market.prices;
            let away = if provider.region == auction.region {
                0.0
            } else {
                prices.other_region
            };
            let price = auction.fair_price_cents
                * provider.cost_level
                * (1.0 + away)
                * (prices.noise * dice.normal()).exp();
            let quality = (provider.quality + 0.08 * dice.normal()).clamp(0.2, 1.0);
            let mut bid = bid(auction, provider.index, price, quality, dice);
            bid.is_withdrawn = auction.tenant == Tenant::Main && dice.chance(0.03);
            bid
        })
        .collect()
}

/// Bids agreed in a ring: one wins, the others ask a little more within the hour.
fn concerted(
    auction: &Auction,
    (members, turn): (&[u64], usize),
    margin: f64,
    dice: &mut Dice,
) -> Vec<Bid> {
    let price = auction.fair_price_cents * margin * (0.02 * dice.normal()).exp();
    let first = bid(auction, members[turn], price, 0.6, dice);
    let at = first.submitted_at;
    let mut bids = vec![first];
    for (place, member) in members.iter().enumerate() {
        if place != turn {
            let cover = price * dice.uniform(1.03, 1.1);
            let mut follower = bid(auction, *member, cover, 0.55, dice);
            follower.submitted_at = at + dice.between(-45, 45) * MINUTE;
            bids.push(follower);
        }
    }
    bids
}

/// Bids of the unit's spam accounts within ten minutes.
fn spam(world: &World, auction: &Auction, dice: &mut Dice) -> Vec<Bid> {
    let burst = world.spam_burst(auction.unit);
    roles::SPAM_PROVIDERS
        .map(|local| {
            let provider = world.providers.index(auction.unit, local);
            let price = auction.fair_price_cents * dice.uniform(0.5, 0.9);
            let mut spam = bid(auction, provider, price, 0.1, dice);
            spam.submitted_at = burst + dice.between(0, 600);
            spam
        })
        .collect()
}

fn bid(auction: &Auction, provider: u64, price: f64, quality: f64, dice: &mut Dice) -> Bid {
    let (from, until) = (
        auction.published_at + 4 * HOUR,
        auction.closes_at - 2 * HOUR,
    );
    Bid {
        provider,
        // Prices are given in whole euros.
        price_cents: ((price / 100.0).round() as i64).max(1) * 100,
        quality: (quality * 100.0).round() / 100.0,
        submitted_at: dice.between(from, until),
        is_withdrawn: false,
    }
}
