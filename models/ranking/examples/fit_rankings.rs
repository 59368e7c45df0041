//! Fits rankers on the splits of a benchmark, and writes what they say: `fit_rankings rows.csv splits.json out.json`.
//!
//! Columns of the rows are `number:<name>`, `category:<name>`, `group` (the auction) and `target` (1 for the bid that won). Where there is a
//! number `price` (as a share of the reserve) its effect falls, and the formula is GlobalScore of the price; else it is PeopleScore of
//! `earlier_wins` among `earlier_bids`.

#[path = "../../../tests/peers/pricing/rows.rs"]
mod rows;

use std::error::Error;
use std::time::Instant;

use linfa::ParamGuard;
use linfa::traits::Fit;
use ranking::{
    Bid, Candidate, Formula, ListwiseParams, Person, Prior, RankModel, RankParams, Ratings,
    Reference, WeightParams,
};
use serde_json::{Value, json};
use tabular::metrics::weighted_quantile;
use tabular::{Direction, Lists, Table, TabularError, folds, lists, select_lists};

const SEED: u64 = 20;
/// Prices are shares of the reserve; as cents they are whole.
const CENTS: f64 = 1e8;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [table, splits, out] = paths.as_slice() else {
        return Err("usage: fit_rankings rows.csv splits.json out.json".into());
    };
    let (data, groups) = rows::read(table, "group")?;
    let groups = groups.iter().map(|group| *group as usize).collect();
    let data = lists(data, groups)?;
    let all: Result<Vec<_>, _> = rows::splits(splits)?
        .iter()
        .map(|split| measure(split, &data))
        .collect();
    std::fs::write(out, serde_json::to_string(&all?)?)?;
    Ok(())
}

fn measure(split: &Value, data: &Lists) -> Result<Value, Box<dyn Error>> {
    let (train, test) = (rows::rows_of(split, "train"), rows::rows_of(split, "test"));
    let table = data.records.table();
    let formula = formula(table, &train, data)?;
    let known = select_lists(data, &train);
    let mine: Vec<f64> = train.iter().map(|row| formula[*row]).collect();
    let said: Vec<f64> = test.iter().map(|row| formula[*row]).collect();
    let mut found = vec![json!({ "name": "formula", "seconds": 0.0, "said": said })];
    let candidates = vec![
        Candidate::Listwise(ListwiseParams::new(SEED)),
        Candidate::boosted(SEED),
    ];
    let priced = table.schema().position("price").is_ok();
    let folds = folds::by_group(known.records.groups(), 5, SEED)?;
    let fit = |candidates: Vec<Candidate>, least: f64| -> Result<RankModel, TabularError> {
        let params = RankParams::new(SEED, candidates, folds.clone(), mine.clone());
        let params = if priced {
            params.monotone("price", Direction::Falling)
        } else {
            params
        };
        params.least_gain(least).fit(&known)
    };
    let start = Instant::now();
    let model = fit(candidates.clone(), 0.005)?;
    let seconds = start.elapsed().as_secs_f64();
    let said: Vec<f64> = match model.learned() {
        Some(scorer) => test
            .iter()
            .map(|row| scorer.predict(&table.row(*row)))
            .collect(),
        None => said,
    };
    let bytes = tabular::to_bytes(&model)?.len();
    found.push(json!({
        "name": "contest", "seconds": seconds, "said": said, "report": model.report(), "bytes": bytes,
    }));
    for candidate in candidates {
        let name = candidate.name();
        let start = Instant::now();
        let scorer = candidate.fit(
            &known,
            if priced {
                &[("price", Direction::Falling)]
            } else {
                &[]
            },
        )?;
        let seconds = start.elapsed().as_secs_f64();
        let said: Vec<f64> = test
            .iter()
            .map(|row| scorer.predict(&table.row(*row)))
            .collect();
        found.push(json!({ "name": name, "seconds": seconds, "said": said }));
    }
    Ok(json!(found))
}

/// The formula's score of every row; what it takes for usual is of the training rows.
fn formula(table: &Table, train: &[usize], data: &Lists) -> Result<Vec<f64>, Box<dyn Error>> {
    if let Ok(place) = table.schema().position("price") {
        let prices = table.column(place);
        let known: Vec<f64> = train.iter().map(|row| prices[*row]).collect();
        let ones = vec![1.0; known.len()];
        let at = |level| weighted_quantile(level, &known, &ones).map_or(0, cents);
        let reference = Reference::new(at(0.1), at(0.5), at(0.9));
        let weights = WeightParams::new(Formula::Global).check()?;
        let score = |price: &f64| {
            let bid = Bid {
                price_cents: Some(cents(*price)),
                reference,
                ..Bid::default()
            };
            weights.score(&bid.read()).map(|found| found.score)
        };
        return Ok(prices.iter().map(score).collect::<Result<_, _>>()?);
    }
    let column = |name| {
        table
            .schema()
            .position(name)
            .map(|place| table.column(place))
    };
    let (wins, bids) = (column("earlier_wins")?, column("earlier_bids")?);
    let won: f64 = train.iter().map(|row| data.targets[*row]).sum();
    let prior = Prior {
        mean: won / train.len() as f64,
        strength: 10.0,
    };
    let weights = WeightParams::new(Formula::People).check()?;
    let score = |(wins, bids): (&f64, &f64)| {
        let ratings = Ratings {
            mean: if *bids > 0.0 { wins / bids } else { 0.0 },
            count: *bids as u32,
        };
        let person = Person {
            ratings: Some(ratings),
            prior,
            ..Person::default()
        };
        weights.score(&person.read()).map(|found| found.score)
    };
    Ok(wins.iter().zip(bids).map(score).collect::<Result<_, _>>()?)
}

fn cents(share: f64) -> i64 {
    (share * CENTS) as i64
}
