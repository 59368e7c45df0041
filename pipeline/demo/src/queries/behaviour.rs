//! Clicks on answers, feedback, and what candidates did with offers.

use crate::calendar::{DAY, HOUR, MINUTE};
use crate::companies::company_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::layout::Tenant;
use crate::offers::offer_id;
use crate::profiles::candidate_id;
use crate::queries::log::Query;
use crate::record::Value;
use crate::world::World;

/// A click on an answer.
struct Click {
    /// From 1.
    rank: i64,
    company: u64,
    is_relevant: bool,
    at: i64,
}

impl World {
    /// Clicks of a query, by the position-based model (Craswell et al. 2008): the chance is
    /// attraction × 1 / rank^0.7.
    fn clicks(&self, index: u64, query: &Query) -> Vec<Click> {
        let mut dice = self.dice("clicks", index);
        let mut clicks = Vec::new();
        for (place, &(company, is_relevant)) in query.results.iter().enumerate() {
            let attraction = if is_relevant { 0.42 } else { 0.07 };
            let rank = place as i64 + 1;
            if dice.chance(attraction / (rank as f64).powf(0.7)) {
                let at = query.asked_at + rank * dice.between(3, 20);
                clicks.push(Click {
                    rank,
                    company,
                    is_relevant,
                    at,
                });
            }
        }
        clicks
    }
}

pub(crate) fn write_feedback(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.queries.total() {
        let query = world.query(index);
        let mut dice = world.dice("feedback", index);
        for click in world.clicks(index, &query) {
            let opinion = match click.is_relevant {
                true if dice.chance(0.2) => Some("contacted"),
                true if dice.chance(0.25) => Some("relevant"),
                false if dice.chance(0.5) => Some("irrelevant"),
                _ => None,
            };
            let kinds = [Some("clicked"), opinion];
            for (number, kind) in kinds.into_iter().flatten().enumerate() {
                out.cells(vec![
                    world.tenant_name(query.tenant).into(),
                    format!("FB-{index:08}-{:02}-{number}", click.rank).into(),
                    query.request_id.as_str().into(),
                    company_id(click.company).into(),
                    kind.into(),
                    click.rank.into(),
                    Value::Moment(click.at + number as i64 * 4 * MINUTE),
                ])?;
            }
        }
    }
    Ok(())
}

pub(crate) fn write_interactions(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.queries.total() {
        let query = world.query(index);
        for click in world.clicks(index, &query) {
            out.cells(vec![
                world.tenant_name(query.tenant).into(),
                format!("ITX-Q{index:08}-{:02}", click.rank).into(),
                format!("USR-{:06}", index / 4).into(),
                "clicked".into(),
                Value::Null,
                Value::Null,
                company_id(click.company).into(),
                query.request_id.as_str().into(),
                click.rank.into(),
                Value::Moment(click.at),
            ])?;
        }
    }
    for index in 0..world.candidates.total() {
        write_candidate(world, index, out)?;
    }
    Ok(())
}

/// What a candidate did with offers: each step of the way is taken less often than the one before,
/// and more often when the trade is the candidate's.
fn write_candidate(world: &World, index: u64, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    let candidate = world.candidate(index);
    let mut dice = world.dice("candidate-steps", index);
    let trades = world.vocabulary.trades.len() as u64;
    for visit in 0..4 + dice.below(5) {
        let tenant = if dice.chance(0.3) {
            candidate.tenant
        } else {
            Tenant::Public
        };
        let mut offer = world.offers.draw(tenant, &mut dice);
        if dice.chance(0.5) {
            // Looks for its own trade: the nearest offer of it, if of the same tenant.
            let own = offer - offer % trades + candidate.trade as u64;
            if own < world.offers.total() && world.offers.tenant_of(own) == tenant {
                offer = own;
            }
        }
        let is_match = world.trade_of_offer(offer) == candidate.trade;
        let chances = if is_match {
            [0.5, 0.6, 0.5, 0.5]
        } else {
            [0.08, 0.2, 0.1, 0.05]
        };
        let mut at = world.now - dice.between(1, 80) * DAY + dice.between(0, DAY - 1);
        let steps = ["viewed", "saved", "applied", "interview", "hired"];
        for (number, kind) in steps.into_iter().enumerate() {
            if number > 0 && !dice.chance(chances[number - 1]) {
                break;
            }
            out.cells(vec![
                world.tenant_name(candidate.tenant).into(),
                format!("ITX-C{index:07}-{visit:02}-{number}").into(),
                format!("CAN-{index:07}").into(),
                kind.into(),
                candidate_id(index).into(),
                offer_id(offer).into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Moment(at),
            ])?;
            at += dice.between(1, 30) * HOUR;
        }
    }
    Ok(())
}
