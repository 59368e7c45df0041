//! Fits what a deal should cost.

use std::collections::BTreeMap;

use linfa::ParamGuard;
use pricing::{
    BoostedParams, Candidate, FoldMeasure, GroupParams, LinearParams, PriceModel, PriceParams,
    Scale, outliers,
};
use tabular::{
    Fold, Schema, TabularError, Training, folds, judge, metrics::mean_pinball, training,
};

use super::{
    BLOCKS, FOLDS, LEAST_DEALS, SEED,
    trial::{Previous, blank, compare, deals, gate, name, verdict},
};
use crate::{
    DealError, Kind,
    card::{ModelCard, ModelKind},
    rows::Rows,
};

/// The levels that are predicted, and the share of prices that lie from the first to the last.
pub(crate) const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];
const PROMISED: f64 = 0.8;
/// Robust deviations from the median beyond which a price is a slip of the keyboard.
const REACH: f64 = 6.0;
/// The category whose groups are calibrated by themselves.
const GROUP: &str = "family";
/// Least share of a constant's loss that a model spares.
const LEAST_SKILL: f64 = 0.05;

/// A fit with its card.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedPrice {
    /// The model; none where nothing could be fitted.
    pub model: Option<PriceModel>,
    /// Its card.
    pub card: ModelCard,
    /// Prices in cents at each level that were said of each row before it was learnt from.
    pub unseen: Vec<Option<Vec<f64>>>,
}

/// Fits the price of deals, and says whether it may take the place of `previous`.
///
/// # Errors
/// The rows contradict themselves: a price is not above 0.
pub fn fit_price(
    rows: &Rows,
    slot: &str,
    previous: Option<&Previous<PriceModel>>,
) -> Result<FittedPrice, DealError> {
    let card = blank(rows, ModelKind::Price, slot, previous.map(|p| &p.card));
    let of_model = card.name.clone();
    fitted(rows, card, previous).map_err(DealError::model(&of_model))
}

fn fitted(
    rows: &Rows,
    mut card: ModelCard,
    previous: Option<&Previous<PriceModel>>,
) -> Result<FittedPrice, TabularError> {
    if card.deals < LEAST_DEALS {
        return Ok(FittedPrice {
            model: None,
            card,
            unseen: vec![None; rows.observed.len()],
        });
    }
    let weights = weights(rows)?;
    let data = training(rows.columns.table()?, rows.targets(), Some(weights.clone()))?;
    let schema = data.records.schema().clone();
    let by_deal = folds::by_group(&rows.groups(), FOLDS, SEED)?;
    let fit = params(rows.kind, &schema, by_deal)
        .check()?
        .fit_with_unseen(&data)?;
    let report = fit.model.report();
    card.by_time = by_time(rows, &schema, &data)?;
    card.rows = weights.iter().filter(|weight| **weight > 0.0).count();
    card.deals = deals(rows, &weights);
    card.features = schema.names();
    card.champion = report.champion.clone();
    card.params = BTreeMap::from([
        ("levels".to_owned(), format!("{LEVELS:?}")),
        ("folds".to_owned(), format!("{FOLDS} by deal")),
        ("scale".to_owned(), "logarithm".to_owned()),
        ("outliers".to_owned(), format!("{REACH} robust deviations")),
    ]);
    card.folds = report.folds.iter().map(measures).collect();
    card.metrics = BTreeMap::from([
        ("loss".to_owned(), report.pinball),
        ("calibrated_loss".to_owned(), report.calibrated),
        ("constant_loss".to_owned(), report.constant),
        ("skill".to_owned(), report.skill()),
        (
            "coverage".to_owned(),
            report.coverage.first().map_or(f64::NAN, |all| all.share),
        ),
    ]);
    let candidates = report.candidates.iter();
    card.metrics
        .extend(candidates.map(|one| (format!("loss of {}", one.name), one.pinball)));
    name(&mut card, &fit.model)?;
    // As far as a share of so many deals may be off by chance, once in twenty.
    let chance = 1.645 * (PROMISED * (1.0 - PROMISED) / card.deals as f64).sqrt();
    let mut evidence = report.evidence(None, PROMISED);
    let losses = compared(rows, &weights, &fit.unseen, previous)?;
    compare(&mut card, &mut evidence, losses);
    card.verdict = verdict(judge(evidence, gate(LEAST_SKILL, chance, card.deals)));
    Ok(FittedPrice {
        model: Some(fit.model),
        card,
        unseen: fit.unseen,
    })
}

/// What each row counts: nothing where it is abuse or a slip of the keyboard.
fn weights(rows: &Rows) -> Result<Vec<f32>, TabularError> {
    let logs = Scale::Logarithm.fitted(&rows.targets())?;
    let slips = outliers(&logs, REACH);
    let kept = rows.observed.iter().zip(slips);
    Ok(kept
        .map(|(row, slip)| if slip { 0.0 } else { row.weight })
        .collect())
}

fn params(kind: Kind, schema: &Schema, folds: Vec<Fold>) -> PriceParams {
    let has = |name: &str| schema.position(name).is_ok();
    let groupings: Vec<&[&str]> = match kind {
        Kind::Project => vec![&["family"], &["category"], &["category", "region"]],
        Kind::Booking => vec![&["region"]],
        Kind::Intro => vec![&["region"], &["region", "sector"]],
    };
    let known: Vec<&[&str]> = groupings
        .into_iter()
        .filter(|names| names.iter().all(|name| has(name)))
        .collect();
    let mut candidates = Vec::new();
    if !known.is_empty() {
        candidates.push(Candidate::Groups(GroupParams::new(&LEVELS, &known)));
    }
    candidates.push(Candidate::Linear(LinearParams::new(&LEVELS, SEED)));
    // Smaller trees than those of thousands of rows, and categories that a few dozen deals tell of.
    let boosted = BoostedParams::new(&LEVELS, SEED);
    candidates.push(Candidate::Boosted(
        boosted.settings(|p| p.leaves(15).category_rows(30)),
    ));
    let params = PriceParams::new(&LEVELS, candidates, folds);
    if has(GROUP) {
        params.calibration_group(GROUP)
    } else {
        params
    }
}

/// Blocks of time, each judged by what was fitted on all before it; none where there are too few days.
fn by_time(
    rows: &Rows,
    schema: &Schema,
    data: &Training,
) -> Result<Vec<BTreeMap<String, f64>>, TabularError> {
    let Ok(blocks) = folds::by_time(&rows.days(), BLOCKS) else {
        return Ok(Vec::new());
    };
    let fit = params(rows.kind, schema, blocks)
        .check()?
        .fit_with_unseen(data)?;
    Ok(fit.model.report().folds.iter().map(measures).collect())
}

fn measures(fold: &FoldMeasure) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("rows".to_owned(), fold.rows as f64),
        ("loss".to_owned(), fold.calibrated),
        ("coverage".to_owned(), fold.coverage),
    ])
}

/// The losses of the fit and of the model in place on rows that neither had seen, on the scale that is fitted on.
fn compared(
    rows: &Rows,
    weights: &[f32],
    unseen: &[Option<Vec<f64>>],
    previous: Option<&Previous<PriceModel>>,
) -> Result<Option<[f64; 2]>, TabularError> {
    let Some(previous) = previous else {
        return Ok(None);
    };
    let Some(new) = previous.new_rows(rows, weights) else {
        return Ok(None);
    };
    let table = rows.columns.table_of(previous.model.schema())?;
    let logs = |prices: &[f64]| prices.iter().map(|price| price.ln()).collect::<Vec<f64>>();
    let (mut targets, mut challenger, mut champion) = (Vec::new(), Vec::new(), Vec::new());
    for place in new {
        if let Some(said) = &unseen[place] {
            targets.push(rows.observed[place].target.ln());
            challenger.push(logs(said));
            champion.push(logs(&previous.model.predict(&table.row(place))));
        }
    }
    let loss = |said: &[Vec<f64>]| mean_pinball(&LEVELS, &targets, said);
    Ok(Some([loss(&challenger), loss(&champion)]))
}
