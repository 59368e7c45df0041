//! A market of honest firms, with what a test plants in it. It knows nothing of the demo market.

use collusion::{Auction, Bid, Bids, Firm};
use tabular::Random;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A market in the making.
pub(crate) struct Market {
    pub(crate) bids: Vec<Bid>,
    pub(crate) auctions: Vec<Auction>,
    pub(crate) firms: Vec<Firm>,
    costs: Vec<f64>,
    random: Random,
}

/// How a ring bids in an auction.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Place of the member that wins.
    pub(crate) winner: usize,
    /// What the winner asks over the usual price.
    pub(crate) margin: f64,
    /// By how much the others ask more, from and to.
    pub(crate) above: (f64, f64),
    /// Within how many seconds they bid; none where times are their own.
    pub(crate) within: Option<i64>,
}

impl Market {
    /// A market of `firms`, each with its own costs, without auctions.
    pub(crate) fn new(firms: u32, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let costs = (0..firms).map(|_| 0.85 + 0.35 * random.share()).collect();
        let known = (0..u64::from(firms)).map(|firm| Firm {
            bank: Some(firm * 7 + 1),
            address: Some(firm * 11 + 5),
            ..Firm::default()
        });
        Self {
            bids: Vec::new(),
            auctions: Vec::new(),
            firms: known.collect(),
            costs,
            random,
        }
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.random.share()).sum::<f64>() - 6.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.random.below(end)
    }

    /// `count` firms of a range.
    pub(crate) fn draw(&mut self, range: std::ops::Range<u32>, count: usize) -> Vec<u32> {
        let all = self.random.sample(range.len(), count);
        all.into_iter().map(|at| range.start + at as u32).collect()
    }

    fn open(&mut self, market: u32) -> (u32, f64, i64) {
        let auction = self.auctions.len() as u32;
        let price = 1e6 * (4.0 * self.random.share()).exp();
        let closes_at = self.random.below(700) as i64 * DAY;
        let buyer = self.random.below(20) as u32;
        let reference = price * (0.2 * self.normal()).exp();
        self.auctions.push(Auction {
            market,
            territory: Some(market % 3),
            buyer: Some(buyer),
            closes_at: Some(closes_at),
            reference_cents: Some(reference as i64),
        });
        (auction, price, closes_at)
    }

    fn bid(&mut self, auction: u32, firm: u32, price: f64, at: i64) {
        self.bids.push(Bid {
            auction,
            firm,
            price_cents: price.round() as i64,
            submitted_at: Some(at),
            is_winner: false,
            is_withdrawn: false,
        });
    }

    fn award(&mut self, auction: u32) {
        let own = self.bids.iter().enumerate();
        let own = own.filter(|(_, bid)| bid.auction == auction && !bid.is_withdrawn);
        if let Some((at, _)) = own.min_by_key(|(_, bid)| bid.price_cents) {
            self.bids[at].is_winner = true;
        }
    }

    /// An auction in which `bidders` bid their costs with a noise, each at its own time; 3 in 100 bids are withdrawn.
    pub(crate) fn honest(&mut self, market: u32, bidders: &[u32], noise: f64) -> u32 {
        let (auction, price, closes_at) = self.open(market);
        for firm in bidders {
            let cost = self.costs[*firm as usize];
            let asked = price * cost * (noise * self.normal()).exp();
            let early = self.random.below(12 * DAY as usize) as i64;
            self.bid(auction, *firm, asked, closes_at - early);
            let withdrawn = self.random.below(100) < 3;
            if let Some(last) = self.bids.last_mut() {
                last.is_withdrawn = withdrawn;
            }
        }
        self.award(auction);
        auction
    }

    /// An auction in which members of a ring bid as planned.
    pub(crate) fn rigged(&mut self, market: u32, members: &[u32], plan: Plan) -> u32 {
        let (auction, price, closes_at) = self.open(market);
        let base = price * plan.margin * (0.03 * self.normal()).exp();
        let start = closes_at - self.random.below(12 * DAY as usize) as i64;
        for (place, firm) in members.iter().enumerate() {
            let (low, high) = plan.above;
            let over = 1.0 + low + (high - low) * self.random.share();
            let asked = if place == plan.winner {
                base
            } else {
                base * over
            };
            let at = match plan.within {
                Some(seconds) => start + self.random.below(seconds as usize) as i64,
                None => closes_at - self.random.below(12 * DAY as usize) as i64,
            };
            self.bid(auction, *firm, asked, at);
        }
        self.award(auction);
        auction
    }

    /// `count` auctions of two to seven bidders of a range, over eight markets.
    pub(crate) fn background(&mut self, range: std::ops::Range<u32>, count: usize) {
        for at in 0..count {
            let bidders = 2 + self.below(6);
            let bidders = self.draw(range.clone(), bidders);
            self.honest(at as u32 % 8, &bidders, 0.08);
        }
    }

    pub(crate) fn finish(self) -> Bids {
        Bids::new(self.bids, self.auctions, self.firms).expect("bids name what is there")
    }
}
