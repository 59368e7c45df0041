//! Fits likelihoods on the splits of a benchmark, and writes what they say: `fit_chances rows.csv splits.json out.json`.
//!
//! Columns of the rows are `number:<name>`, `category:<name>`, `group` (rows that are judged together) and `target` (0 or 1). The effect of
//! the number `price` falls.

use std::error::Error;
use std::time::Instant;

use likelihood::{Candidate, LikelihoodParams, LogisticParams};
use linfa::traits::Fit;
use serde_json::{Value, json};
use tabular::{Column, Direction, Table, Training, folds, select, training};

const SEED: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [rows, splits, out] = paths.as_slice() else {
        return Err("usage: fit_chances rows.csv splits.json out.json".into());
    };
    let (data, groups) = read(rows)?;
    let splits: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(splits)?)?;
    let all: Result<Vec<_>, _> = splits
        .iter()
        .map(|split| measure(split, &data, &groups))
        .collect();
    std::fs::write(out, serde_json::to_string(&all?)?)?;
    Ok(())
}

fn read(path: &str) -> Result<(Training, Vec<i64>), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let records: Vec<_> = reader.records().collect::<Result<_, _>>()?;
    let cells = |at: usize| {
        records
            .iter()
            .map(move |record| record.get(at).unwrap_or(""))
    };
    let (mut columns, mut targets, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for (at, header) in headers.iter().enumerate() {
        if let Some(name) = header.strip_prefix("number:") {
            let numbers = cells(at).map(|cell| cell.parse().unwrap_or(f64::NAN));
            columns.push(Column::numbers(name, numbers.collect()));
        } else if let Some(name) = header.strip_prefix("category:") {
            let labels = cells(at).map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
            columns.push(Column::labels(name, labels.collect()));
        } else if header == "target" {
            targets = cells(at).map(str::parse).collect::<Result<_, _>>()?;
        } else if header == "group" {
            groups = cells(at).map(str::parse).collect::<Result<_, _>>()?;
        }
    }
    Ok((training(Table::new(&columns)?, targets, None)?, groups))
}

fn rows_of(split: &Value, part: &str) -> Vec<usize> {
    let rows = split[part].as_array().into_iter().flatten();
    rows.filter_map(|row| Some(row.as_u64()? as usize))
        .collect()
}

fn measure(split: &Value, data: &Training, groups: &[i64]) -> Result<Value, Box<dyn Error>> {
    let (train, test) = (rows_of(split, "train"), rows_of(split, "test"));
    let groups: Vec<i64> = train.iter().map(|row| groups[*row]).collect();
    let folds = folds::by_group(&groups, 5, SEED)?;
    let candidates = vec![
        Candidate::Logistic(LogisticParams::new(SEED)),
        Candidate::boosted(SEED),
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
