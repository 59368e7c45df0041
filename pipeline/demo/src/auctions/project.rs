//! One auction, derived from its number: project, planted part, bids and outcome.

use crate::auctions::bidding;
use crate::calendar::{self, DAY, HOUR};
use crate::geography;
use crate::layout::{Tenant, roles};
use crate::prices::Scope;
use crate::random::Dice;
use crate::world::World;

/// What is planted in an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Honest,
    /// The ring bids for cover; its first member wins.
    Cover,
    /// The ring's members win in turn; the number says whose turn it is.
    Rotation(u64),
    Dumped,
    Painting,
    /// As painting, and still open.
    OpenPainting,
    /// Honest, and spam accounts bid too.
    Spammed,
}

/// State of a project, as the landing file writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    Awarded,
    Done,
    Cancelled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Awarded => "awarded",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A project with its bids.
pub(crate) struct Auction {
    pub(crate) index: u64,
    pub(crate) unit: u64,
    pub(crate) part: Part,
    pub(crate) tenant: Tenant,
    pub(crate) client: u64,
    pub(crate) concept: usize,
    pub(crate) region: &'static str,
    pub(crate) size: f64,
    pub(crate) budget_cents: i64,
    pub(crate) fair_price_cents: f64,
    pub(crate) certifications: Vec<String>,
    pub(crate) published_at: i64,
    /// When bidding ends.
    pub(crate) closes_at: i64,
    pub(crate) deadline: chrono::NaiveDate,
    pub(crate) lead_days: i64,
    pub(crate) status: Status,
    pub(crate) bids: Vec<Bid>,
    /// Number of the winning bid.
    pub(crate) winner: Option<usize>,
}

/// A bid of an auction.
pub(crate) struct Bid {
    pub(crate) provider: u64,
    pub(crate) price_cents: i64,
    pub(crate) quality: f64,
    pub(crate) submitted_at: i64,
    pub(crate) is_withdrawn: bool,
}

pub(crate) fn project_id(index: u64) -> String {
    format!("PRJ-{index:07}")
}

impl Auction {
    pub(crate) fn bid_id(&self, number: usize) -> String {
        format!("OFF-{:07}-{number:02}", self.index)
    }
}

impl World {
    fn part_of_project(&self, index: u64) -> Part {
        match self.projects.local_of(index) {
            local if roles::COVER_PROJECTS.contains(&local) => Part::Cover,
            local if roles::ROTATION_PROJECTS.contains(&local) => {
                Part::Rotation(local - roles::ROTATION_PROJECTS.start)
            }
            local if roles::DUMPED_PROJECTS.contains(&local) => Part::Dumped,
            roles::PAINTING_PROJECT => Part::Painting,
            roles::OPEN_PAINTING_PROJECT => Part::OpenPainting,
            local if roles::SPAMMED_PROJECTS.contains(&local) => Part::Spammed,
            _ => Part::Honest,
        }
    }

    pub(crate) fn auction(&self, index: u64) -> Auction {
        let mut dice = self.dice("project", index);
        let unit = self.projects.unit_of(index);
        let tenant = self.projects.tenant_of(index);
        let part = self.part_of_project(index);
        let concept = self.category(part, unit, &mut dice);
        let region = match part {
            Part::Cover => self.region_of_ring(unit, roles::COVER_RING.start),
            Part::Rotation(_) => self.region_of_ring(unit, roles::ROTATION_RING.start),
            _ => geography::draw_city(&mut dice).region,
        };
        let size = self.size(part, concept, &mut dice);
        let certifications = match dice.below(3) {
            0 => dice.sample(&self.market.lists.certifications, 1),
            1 => dice.sample(&self.market.lists.certifications, 2),
            _ => Vec::new(),
        };
        let published_at = self.publication(part, unit, &mut dice);
        let closes_at = published_at + dice.between(10, 25) * DAY;
        let lead_days = dice.between(26, 120);
        let fair_price_cents = self.fair_price_cents(&Scope {
            concept,
            size,
            region,
            lead_days: lead_days as f64 - 20.0,
            certifications: certifications.len(),
        });
        let budget_share = match part {
            Part::Painting | Part::OpenPainting => self.market.planted.painting_budget_share,
            _ => self.budget_share(&mut dice),
        };
        let mut auction = Auction {
            index,
            unit,
            part,
            tenant,
            client: self.clients.draw(tenant, &mut dice),
            concept,
            region,
            size,
            budget_cents: (fair_price_cents * budget_share).round() as i64,
            fair_price_cents,
            certifications,
            published_at,
            closes_at,
            deadline: calendar::day_of(published_at + lead_days * DAY),
            lead_days,
            status: Status::Open,
            bids: Vec::new(),
            winner: None,
        };
        auction.bids = bidding::bids(self, &auction, &mut dice);
        self.conclude(&mut auction, &mut dice);
        auction
    }

    /// What a client announces of the fair price: most know what things cost, some ask for far too much.
    fn budget_share(&self, dice: &mut Dice) -> f64 {
        let prices = &self.market.prices;
        let usual = (prices.budget_noise * dice.normal()).exp() * 1.05;
        if dice.chance(prices.lowball_share) {
            return usual * dice.uniform(0.15, 0.6);
        }
        usual
    }

    fn category(&self, part: Part, unit: u64, dice: &mut Dice) -> usize {
        let trade = match part {
            Part::Painting | Part::OpenPainting => {
                let id = &self.market.planted.painting_concept;
                return self.vocabulary.concept(id).unwrap_or_default();
            }
            Part::Cover => self.trade_of_ring(unit, roles::COVER_RING.start),
            Part::Rotation(_) => self.trade_of_ring(unit, roles::ROTATION_RING.start),
            Part::Dumped => self.trade_of_ring(unit, roles::DUMPER),
            _ => dice.below(self.vocabulary.trades.len() as u64) as usize,
        };
        *dice.pick(&self.vocabulary.by_trade[trade])
    }

    fn size(&self, part: Part, concept: usize, dice: &mut Dice) -> f64 {
        if matches!(part, Part::Painting | Part::OpenPainting) {
            return self.market.planted.painting_size;
        }
        let [low, high] = self.vocabulary.trades[self.vocabulary.concepts[concept].trade].sizes;
        dice.uniform(low.ln(), high.ln()).exp().round().max(1.0)
    }

    fn publication(&self, part: Part, unit: u64, dice: &mut Dice) -> i64 {
        let hour = dice.between(8, 17) * HOUR + dice.between(0, HOUR - 1);
        match part {
            // Open while the spam accounts of the unit burst.
            Part::Spammed => self.spam_burst(unit) - dice.between(2, 7) * DAY - hour,
            Part::Honest => self.now - dice.between(2, self.market.history_days) * DAY + hour,
            // Bidding takes ten days at least.
            Part::OpenPainting => self.now - dice.between(2, 8) * DAY + hour,
            // Long closed, so that the planted outcome is there.
            _ => self.now - dice.between(40, self.market.history_days) * DAY + hour,
        }
    }

    /// Decides status and winner. Short deadlines, small budgets and few bids end in more
    /// cancellations, so that the likelihood of completion can be learned.
    fn conclude(&self, auction: &mut Auction, dice: &mut Dice) {
        if auction.closes_at >= self.now {
            return;
        }
        let winner = bidding::winner(auction, dice);
        let tension = auction.fair_price_cents / auction.budget_cents.max(1) as f64;
        let logit =
            -2.2 + 6.0 * (tension - 1.0) + 1.8 * (-(auction.lead_days as f64 - 26.0) / 15.0).exp()
                - 0.2 * (auction.bids.len() as f64 - 4.0);
        let is_cancelled = dice.chance(1.0 / (1.0 + (-logit).exp()));
        let can_cancel = matches!(auction.part, Part::Honest | Part::Spammed);
        match winner {
            Some(number) if auction.part != Part::Painting && !(can_cancel && is_cancelled) => {
                auction.winner = Some(number);
                let quality = auction.bids[number].quality;
                let is_old = auction.closes_at + 30 * DAY < self.now;
                let is_done = is_old && dice.chance(0.8 + 0.18 * quality);
                auction.status = if is_done {
                    Status::Done
                } else {
                    Status::Awarded
                };
            }
            _ => auction.status = Status::Cancelled,
        }
    }
}
