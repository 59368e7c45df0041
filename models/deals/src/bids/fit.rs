//! Fits a ranker of bids on auctions that were awarded, and lets it stand against GlobalScore.

use std::collections::BTreeMap;

use linfa::{ParamGuard, traits::Fit};
use ranking::{Candidate, ListwiseParams, RankModel, RankParams, Report, Verdict as Contest, ndcg};
use tabular::{
    Column, GateParams, Lists, Table, TabularError, folds, judge, lists, select_lists, training,
};

use super::{Auction, features, global_weights};
use crate::{
    DealError, Kind, Previous,
    card::{ModelCard, ModelKind, Verdict},
    fit::{FOLDS, Material, SEED, compare, name, verdict},
};

/// Awarded auctions below which nothing is fitted.
const LEAST_AUCTIONS: usize = 50;
/// Auctions that are new to the ranker in place below which it is not compared.
const LEAST_NEW: usize = 30;

/// The bids that a ranker is fitted on: those of awarded auctions that stood to the end.
#[derive(Debug, Clone, Default)]
pub struct RankingRows {
    /// A column per feature.
    columns: Vec<Vec<f64>>,
    formula: Vec<f64>,
    won: Vec<f64>,
    /// Which auction each row is of.
    auctions: Vec<usize>,
    /// The day of each auction.
    days: Vec<i64>,
    /// The auctions themselves, for a ranker of another schema.
    told: Vec<Auction>,
    data_digest: String,
}

/// A fit with its card.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedRanking {
    /// The ranker; none where the formula ranks.
    pub model: Option<RankModel>,
    /// Its card.
    pub card: ModelCard,
}

impl RankingRows {
    /// Starts without an auction; `data_digest` tells what they come from.
    #[must_use]
    pub fn new(data_digest: impl Into<String>) -> Self {
        Self {
            columns: vec![Vec::new(); features::features().len()],
            data_digest: data_digest.into(),
            ..Self::default()
        }
    }

    /// Adds an auction that was awarded to the bid at `won`, with the day since 1970-01-01 of its close. One in which fewer than two bids stand
    /// says nothing, and neither does one won by a bid that was withdrawn.
    ///
    /// # Errors
    /// A score could not be worked out.
    pub fn push(&mut self, auction: Auction, won: usize, day: i64) -> Result<(), DealError> {
        let standing: Vec<usize> = auction.standing().collect();
        if standing.len() < 2 || !standing.contains(&won) {
            return Ok(());
        }
        let model = ModelKind::Ranking.name(Kind::Project);
        self.add(&auction, &standing, won)
            .map_err(DealError::model(&model))?;
        self.days.push(day);
        self.told.push(auction);
        Ok(())
    }

    fn add(
        &mut self,
        auction: &Auction,
        standing: &[usize],
        won: usize,
    ) -> Result<(), TabularError> {
        let weights = global_weights(&[])?;
        for at in standing {
            let values = features::values(auction, *at);
            let columns = self.columns.iter_mut().zip(values);
            columns.for_each(|(column, value)| column.push(value));
            self.formula.push(auction.global(*at, &weights)?.score);
            self.won.push(f64::from(u8::from(*at == won)));
            self.auctions.push(self.days.len());
        }
        Ok(())
    }

    fn table(&self) -> Result<Table, TabularError> {
        let named = features::features().iter().zip(&self.columns);
        let known = named.filter(|(_, column)| column.iter().any(|value| value.is_finite()));
        let columns: Vec<Column> = known
            .map(|(feature, column)| Column::numbers(feature.name, column.clone()))
            .collect();
        Table::new(&columns)
    }

    /// Rows of auctions by their day.
    fn rows(&self, wanted: impl Fn(i64) -> bool) -> Vec<usize> {
        let rows = self.auctions.iter().enumerate();
        rows.filter(|(_, auction)| wanted(self.days[**auction]))
            .map(|(row, _)| row)
            .collect()
    }
}

/// Fits a ranker of bids and says whether it may take the formula's place, and that of `previous`. It is served only where it is better than the
/// formula beyond chance.
///
/// # Errors
/// The rows contradict themselves.
pub fn fit_ranking(
    rows: &RankingRows,
    slot: &str,
    previous: Option<&Previous<RankModel>>,
) -> Result<FittedRanking, DealError> {
    let material = Material {
        kind: Kind::Project,
        says: ModelKind::Ranking,
        data_digest: &rows.data_digest,
        data_until_day: rows.days.iter().copied().max().unwrap_or(0),
        rows: rows.won.len(),
        deals: rows.days.len(),
        wanted: LEAST_AUCTIONS,
    };
    let card = material.card(slot, previous.map(|one| &one.card));
    let of_model = card.name.clone();
    fitted(rows, card, previous).map_err(DealError::model(&of_model))
}

fn fitted(
    rows: &RankingRows,
    mut card: ModelCard,
    previous: Option<&Previous<RankModel>>,
) -> Result<FittedRanking, TabularError> {
    if rows.days.len() < LEAST_AUCTIONS {
        return Ok(FittedRanking { model: None, card });
    }
    let data = training(rows.table()?, rows.won.clone(), None)?;
    let data = lists(data, rows.auctions.clone())?;
    let by_auction = folds::by_group(&rows.auctions, FOLDS, SEED)?;
    let params = RankParams::new(SEED, candidates(), by_auction, rows.formula.clone());
    let held = directions(&data);
    let params = held
        .iter()
        .fold(params, |params, (name, way)| params.monotone(name, *way));
    let model = params.fewest_lists(LEAST_AUCTIONS).check()?.fit(&data)?;
    let report = model.report();
    tell(&mut card, &data, report);
    let mut evidence = report.evidence(None);
    let losses = compared(rows, &data, report, previous)?;
    compare(&mut card, &mut evidence, losses);
    if report.verdict != Contest::Learned {
        card.verdict = Verdict::Formula {
            because: report.verdict,
        };
        return Ok(FittedRanking { model: None, card });
    }
    name(&mut card, &model)?;
    card.verdict = verdict(judge(evidence, GateParams::default()));
    Ok(FittedRanking {
        model: Some(model),
        card,
    })
}

fn candidates() -> Vec<Candidate> {
    vec![
        Candidate::Listwise(ListwiseParams::new(SEED)),
        Candidate::boosted(SEED),
    ]
}

/// The directions of the features that the data has.
fn directions(data: &Lists) -> Vec<(&'static str, tabular::Direction)> {
    let schema = data.records.table().schema();
    let known = features::features()
        .iter()
        .filter(|of| schema.position(of.name).is_ok());
    known
        .filter_map(|of| Some((of.name, of.direction?)))
        .collect()
}

/// The losses (1 − NDCG@5) of the champion's sort, fitted on auctions that the ranker in place had learnt from, and of that ranker, on those
/// that came after; none where they are too few.
fn compared(
    rows: &RankingRows,
    data: &Lists,
    report: &Report,
    previous: Option<&Previous<RankModel>>,
) -> Result<Option<[f64; 2]>, TabularError> {
    let Some(previous) = previous else {
        return Ok(None);
    };
    let until = previous.card.data_until_day;
    let (old, new) = (rows.rows(|day| day <= until), rows.rows(|day| day > until));
    let count = rows.days.iter().filter(|day| **day > until).count();
    let candidate = candidates()
        .into_iter()
        .find(|one| one.name() == report.champion.name);
    let (Some(candidate), true) = (candidate, count >= LEAST_NEW && !old.is_empty()) else {
        return Ok(None);
    };
    let challenger = candidate.fit(&select_lists(data, &old), &directions(data))?;
    let mut said = vec![0.0; rows.won.len()];
    let table = data.records.table();
    new.iter()
        .for_each(|row| said[*row] = challenger.predict(&table.row(*row)));
    let mut before = rows.formula.clone();
    if previous.model.learned().is_some() {
        let mut first = 0;
        for auction in &rows.told {
            for (place, at) in auction.standing().enumerate() {
                let found = auction.learned(at, &previous.model);
                before[first + place] = found.map_or(0.0, |found| found.score);
            }
            first += auction.standing().count();
        }
    }
    let loss = |scores: &[f64]| {
        let by_auction = new.chunk_by(|a, b| rows.auctions[*a] == rows.auctions[*b]);
        let each = by_auction.map(|of| {
            let pick = |all: &[f64]| of.iter().map(|row| all[*row]).collect::<Vec<_>>();
            1.0 - ndcg(&pick(scores), &pick(&rows.won))
        });
        each.sum::<f64>() / count as f64
    };
    Ok(Some([loss(&said), loss(&before)]))
}

/// Writes what was measured onto the card.
fn tell(card: &mut ModelCard, data: &Lists, report: &Report) {
    card.features = data.records.table().schema().names();
    card.champion.clone_from(&report.champion.name);
    card.params = BTreeMap::from([("folds".to_owned(), format!("{FOLDS} by auction"))]);
    let measure = |name: &str, value: f64| (name.to_owned(), value);
    card.metrics = BTreeMap::from([
        measure("ndcg_5", report.champion.ndcg_5),
        measure("formula_ndcg_5", report.formula),
        measure("random_ndcg_5", report.random),
        measure("gain", report.gain),
        measure("gain_low", report.interval.0),
        measure("gain_high", report.interval.1),
        measure("chance", report.chance),
        measure("lists", report.lists as f64),
        measure("skill", report.evidence(None).skill),
    ]);
    let each = report.candidates.iter();
    card.metrics
        .extend(each.map(|one| (format!("ndcg_5 of {}", one.name), one.ndcg_5)));
    let folds = report.folds.iter().map(|fold| {
        BTreeMap::from([
            measure("lists", fold.lists as f64),
            measure("formula_ndcg_5", fold.formula),
            measure("ndcg_5", fold.learned),
        ])
    });
    card.folds = folds.collect();
}
