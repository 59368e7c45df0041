//! Fits price models on the splits of a benchmark, and writes what they predict: `fit_prices rows.csv splits.json out.json`.
//!
//! Columns of the rows are `number:<name>`, `category:<name>`, `time` and `target` (a price). A split has `name`, `train`, `test` and
//! `by_time`, which says whether its calibration folds are by time.

#[path = "../../../tests/peers/pricing/rows.rs"]
mod rows;

use std::error::Error;
use std::time::Instant;

use pricing::{
    BoostedParams, Candidate, GroupParams, LinearParams, PriceModel, PriceParams, Scale,
};
use serde_json::{Value, json};
use tabular::{Kind, Random, Training, folds, select, training};

const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];
const SEED: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [table, splits, out] = paths.as_slice() else {
        return Err("usage: fit_prices rows.csv splits.json out.json".into());
    };
    let (data, times) = rows::read(table, "time")?;
    let splits = rows::splits(splits)?;
    let mut all = Vec::new();
    for split in &splits {
        all.push(measure(split, &data, &times)?);
    }
    std::fs::write(out, serde_json::to_string(&all)?)?;
    Ok(())
}

fn candidates() -> Vec<Candidate> {
    let boosted = Candidate::Boosted(BoostedParams::new(&LEVELS, SEED));
    let linear = Candidate::Linear(LinearParams::new(&LEVELS, SEED));
    let groups = GroupParams::new(
        &LEVELS,
        &[&["cpv3"], &["cpv3", "cpv4"], &["cpv3", "cpv4", "cpv5"]],
    );
    vec![Candidate::Groups(groups), linear, boosted]
}

fn measure(split: &Value, data: &Training, times: &[i64]) -> Result<Value, Box<dyn Error>> {
    let (train, test) = (rows::rows_of(split, "train"), rows::rows_of(split, "test"));
    let known = select(data, &train);
    let logs = training(
        known.records.clone(),
        Scale::Logarithm.fitted(&tabular::targets(&known))?,
        None,
    )?;
    let rows: Vec<Vec<f64>> = test.iter().map(|row| data.records.row(*row)).collect();
    let mut found = Vec::new();
    for candidate in candidates() {
        let (start, before) = (Instant::now(), processor()?);
        let fitted = candidate.fit(&logs)?;
        let (seconds, busy) = (start.elapsed().as_secs_f64(), processor()? - before);
        let predicted: Vec<Vec<f64>> = rows.iter().map(|row| fitted.predict(row)).collect();
        found.push(json!({"name": candidate.name(), "seconds": seconds, "processor": busy, "log": predicted}));
    }
    let folds = if split["by_time"] == json!(true) {
        let times: Vec<i64> = train.iter().map(|row| times[*row]).collect();
        folds::by_time(&times, 4)?
    } else {
        folds::random(train.len(), 10, SEED)?
    };
    eprintln!("{}", split["name"]);
    let params = PriceParams::new(&LEVELS, candidates(), folds);
    let (start, before) = (Instant::now(), processor()?);
    let model = fit(&params, &known)?;
    let (seconds, busy) = (start.elapsed().as_secs_f64(), processor()? - before);
    let predicted: Vec<Vec<f64>> = rows.iter().map(|row| model.predict(row)).collect();
    Ok(json!({
        "split": split["name"],
        "candidates": found,
        "model": {"seconds": seconds, "processor": busy, "predicted": predicted, "report": model.report()},
        "bytes": tabular::to_bytes(&model)?.len(),
        "digest": tabular::digest(&model)?,
        "crossings": if split["by_time"] == json!(true) { Some(crossings(&model)) } else { None },
    }))
}

/// Seconds that all threads of this process have had of a processor: what a busy machine does not change.
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(')')
        .ok_or("no fields in /proc/self/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let sum: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(sum / 100.0)
}

fn fit(params: &PriceParams, data: &Training) -> Result<PriceModel, tabular::TabularError> {
    linfa::traits::Fit::fit(params, data)
}

/// Crossings among a million random rows: known and missing values, sensible and not.
fn crossings(model: &PriceModel) -> usize {
    let mut random = Random::new(SEED);
    let mut value = |kind: &Kind| match kind {
        _ if random.share() < 0.1 => f64::NAN,
        Kind::Number => (random.share() - 0.3) * 10_f64.powf(random.share() * 6.0),
        Kind::Category { levels } => random.below(levels.len() + 1) as f64,
    };
    let features = model.schema().features();
    let mut crosses = || {
        let row: Vec<f64> = features
            .iter()
            .map(|feature| value(&feature.kind))
            .collect();
        model.predict(&row).windows(2).any(|pair| pair[0] > pair[1])
    };
    (0..1_000_000).filter(|_| crosses()).count()
}
