//! Match requests, in the order of time.

use crate::calendar::{self, DAY};
use crate::companies::company_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::geography;
use crate::know_how;
use crate::layout::Tenant;
use crate::names;
use crate::random::Dice;
use crate::record::Value;
use crate::world::World;

/// Companies in one answer, at most.
const ANSWER: usize = 10;

const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "acheteur-industriel/2.3",
    "curl/8.14.1",
];

/// A match request, derived from its number.
pub(crate) struct Query {
    pub(crate) request_id: String,
    pub(crate) tenant: Tenant,
    pub(crate) concept: usize,
    /// Companies of the answer, best first, each with whether it has the trade asked for.
    pub(crate) results: Vec<(u64, bool)>,
    pub(crate) asked_at: i64,
}

impl World {
    pub(crate) fn query(&self, index: u64) -> Query {
        let mut dice = self.dice("query", index);
        // Tenants are mixed in time: one query in ten, with the usual shares.
        let share = self.market.tenants.second_share;
        let tenant = if dice.chance(share) {
            Tenant::Second
        } else {
            Tenant::Main
        };
        let concept = self.popular_concept(&mut dice);
        let trade = self.vocabulary.concepts[concept].trade;
        let mut results: Vec<(u64, bool)> = Vec::with_capacity(ANSWER);
        let unit = dice.below(self.units);
        let found = self.companies_of_trade(trade, tenant, unit);
        results.extend(
            dice.sample(&found, ANSWER)
                .into_iter()
                .map(|company| (company, true)),
        );
        let wanted = ANSWER - dice.below(5) as usize;
        results.truncate(wanted);
        for _ in 0..2 * ANSWER {
            let other = self.companies.draw(tenant, &mut dice);
            if results.len() < wanted && results.iter().all(|(company, _)| *company != other) {
                results.push((other, false));
            }
        }
        let span = self.market.query_days * DAY;
        let (number, total) = (i128::from(index), i128::from(self.queries.total()));
        let step = (span / total as i64).max(1);
        let since = (i128::from(span) * number / total) as i64;
        Query {
            request_id: format!("req-{}{index:08x}", dice.hex(8)),
            tenant,
            concept,
            results,
            asked_at: self.now - span + since + dice.between(0, step - 1),
        }
    }

    /// Says whether a query asks for what no concept answers.
    pub(crate) fn is_unmet(&self, index: u64) -> bool {
        index % self.market.planted.unmet_every == 1
    }

    /// Demand is uneven: the n-th concept of a shuffled list is asked for about 1/n as often.
    fn popular_concept(&self, dice: &mut Dice) -> usize {
        let count = self.vocabulary.concepts.len() as u64;
        let rank = ((count as f64 + 1.0).powf(dice.unit()) - 1.0) as u64;
        // 89 is prime to the number of concepts unless that is a multiple of it.
        ((rank.min(count - 1) * 89 + self.seed % count) % count) as usize
    }
}

pub(crate) fn write_queries(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.queries.total() {
        let query = world.query(index);
        out.cells(cells(world, index, &query))?;
    }
    Ok(())
}

fn cells(world: &World, index: u64, query: &Query) -> Vec<Value> {
    let mut dice = world.dice("query-cells", index);
    let shares = &world.market.shares;
    let region = dice
        .chance(shares.region_filter)
        .then(|| geography::draw_city(&mut dice).region);
    let is_unmet = world.is_unmet(index);
    let text = match text(world, query.concept, region, &mut dice) {
        _ if is_unmet => world.market.planted.unmet_query.clone(),
        text => text,
    };
    let siblings = &world.vocabulary.by_trade[world.vocabulary.concepts[query.concept].trade];
    let mut matched = vec![world.vocabulary.concepts[query.concept].id.clone()];
    if dice.chance(0.3) {
        let sibling = *dice.pick(siblings);
        if sibling != query.concept {
            matched.push(world.vocabulary.concepts[sibling].id.clone());
        }
    }
    if is_unmet {
        matched.clear();
    }
    let mut score = dice.uniform(0.75, 0.98);
    let mut scores = Vec::with_capacity(query.results.len());
    for _ in &query.results {
        scores.push((score * 10_000.0).round() / 10_000.0);
        score *= dice.uniform(0.86, 0.99);
    }
    let day = calendar::day_of(query.asked_at);
    let visitor = dice.below(world.queries.total() / 12 + 1);
    vec![
        world.tenant_name(query.tenant).into(),
        query.request_id.as_str().into(),
        (if dice.chance(0.92) {
            "/api/match"
        } else {
            "/api/match/text"
        })
        .into(),
        text.into(),
        region.into(),
        matched.into(),
        query
            .results
            .iter()
            .map(|(company, _)| company_id(*company))
            .collect::<Vec<_>>()
            .into(),
        Value::Floats(scores),
        format!("demo-{}", day.format("%G-w%V")).into(),
        ((2500.0 * (0.6 * dice.normal()).exp()) as i64 + 400).into(),
        world.dice("visitor", visitor).hex(16).into(),
        (*dice.pick(AGENTS)).into(),
        Value::Moment(query.asked_at),
        day.into(),
    ]
}

fn text(world: &World, concept: usize, region: Option<&str>, dice: &mut Dice) -> String {
    let trade = &world.vocabulary.trades[world.vocabulary.concepts[concept].trade];
    let lists = &world.market.lists;
    let term = know_how::term(world, concept, dice);
    let text = match dice.below(8) {
        0 => format!("{term} {}", dice.pick(&trade.materials)),
        1 => format!("{term} pour le secteur {}", dice.pick(&lists.sectors)),
        2 => format!("cherche sous-traitant : {term}"),
        3 => format!("{term} {}", dice.pick(&lists.certifications)),
        4 => format!("{term}, {}", dice.pick(&lists.purposes)),
        5 => format!("{term} {}", dice.pick(&trade.machines)),
        _ => term,
    };
    let text = match region {
        Some(region) if dice.chance(0.5) => format!("{text} {region}"),
        _ => text,
    };
    // Some people type without accents or capitals.
    if dice.chance(0.15) {
        names::slug(&text).replace('-', " ")
    } else {
        text
    }
}
