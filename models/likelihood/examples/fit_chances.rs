//! Fits likelihoods on the splits of a benchmark, and writes what they say: `fit_chances rows.csv splits.json out.json`.
//!
//! Columns of the rows are `number:<name>`, `category:<name>`, `group` (rows that are judged together) and `target` (0 or 1). The effect of
//! the number `price` falls.

#[path = "../../../tests/peers/pricing/rows.rs"]
mod rows;

use std::error::Error;
use std::time::Instant;

use likelihood::{AdditiveParams, Candidate, LikelihoodParams, LogisticParams};
use linfa::traits::Fit;
use serde_json::{Value, json};
use tabular::{Direction, Training, folds, select};

const SEED: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [table, splits, out] = paths.as_slice() else {
        return Err("usage: fit_chances rows.csv splits.json out.json".into());
    };
    let (data, groups) = rows::read(table, "group")?;
    let splits = rows::splits(splits)?;
    let all: Result<Vec<_>, _> = splits
        .iter()
        .map(|split| measure(split, &data, &groups))
        .collect();
    std::fs::write(out, serde_json::to_string(&all?)?)?;
    Ok(())
}

fn measure(split: &Value, data: &Training, groups: &[i64]) -> Result<Value, Box<dyn Error>> {
    let (train, test) = (rows::rows_of(split, "train"), rows::rows_of(split, "test"));
    let groups: Vec<i64> = train.iter().map(|row| groups[*row]).collect();
    let folds = folds::by_group(&groups, 5, SEED)?;
    let candidates = vec![
        Candidate::Logistic(LogisticParams::new(SEED)),
        Candidate::boosted(SEED),
        Candidate::Additive(AdditiveParams::new(SEED)),
    ];
    let mut found = Vec::new();
    let known = select(data, &train);
    let mut sets: Vec<(String, Vec<Candidate>)> = candidates
        .iter()
        .map(|one| (one.name().to_owned(), vec![one.clone()]))
        .collect();
    sets.push(("champion".to_owned(), candidates));
    for (name, candidates) in sets {
        let params = LikelihoodParams::new(candidates, folds.clone());
        let start = Instant::now();
        let model = params.monotone("price", Direction::Falling).fit(&known)?;
        let seconds = start.elapsed().as_secs_f64();
        let said: Vec<f64> = test
            .iter()
            .map(|row| model.predict(&data.records.row(*row)))
            .collect();
        found.push(json!({
            "name": name, "seconds": seconds, "said": said, "champion": model.report().champion,
            "bytes": tabular::to_bytes(&model)?.len(),
        }));
    }
    Ok(json!(found))
}
