//! Fits how likely a deal is to come to its end.

use std::collections::BTreeMap;

use likelihood::{AdditiveParams, Candidate, LikelihoodModel, LikelihoodParams, LogisticParams};
use linfa::ParamGuard;
use tabular::{
    BoostParams, Fold, Loss, Schema, TabularError, Training, folds, judge,
    metrics::{calibration_error, log_loss},
    training,
};

use super::{
    BLOCKS, FOLDS, LEAST_DEALS, SEED,
    trial::{Previous, blank, compare, gate, name, verdict},
};
use crate::{
    DealError, Kind,
    card::{ModelCard, ModelKind},
    features::feature,
    rows::Rows,
};

/// Least share of a constant's loss that a model spares: outcomes are mostly luck.
const LEAST_SKILL: f64 = 0.01;
/// Bins of the calibration error.
const BINS: usize = 10;

/// A fit with its card.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedLikelihood {
    /// The model; none where nothing could be fitted.
    pub model: Option<LikelihoodModel>,
    /// Its card.
    pub card: ModelCard,
    /// The likelihood that was said of each row before it was learnt from.
    pub unseen: Vec<Option<f64>>,
}

/// Fits the likelihood of deals, and says whether it may take the place of `previous`.
///
/// # Errors
/// The rows contradict themselves.
pub fn fit_likelihood(
    rows: &Rows,
    slot: &str,
    previous: Option<&Previous<LikelihoodModel>>,
) -> Result<FittedLikelihood, DealError> {
    let card = blank(rows, ModelKind::Likelihood, slot, previous.map(|p| &p.card));
    let of_model = card.name.clone();
    fitted(rows, card, previous).map_err(DealError::model(&of_model))
}

fn fitted(
    rows: &Rows,
    mut card: ModelCard,
    previous: Option<&Previous<LikelihoodModel>>,
) -> Result<FittedLikelihood, TabularError> {
    let targets = rows.targets();
    let is_certain = targets.iter().all(|y| *y == targets[0]);
    if card.deals < LEAST_DEALS || is_certain {
        return Ok(FittedLikelihood {
            model: None,
            card,
            unseen: vec![None; rows.observed.len()],
        });
    }
    let weights: Vec<f32> = rows.observed.iter().map(|row| row.weight).collect();
    let data = training(rows.columns.table()?, targets, Some(weights.clone()))?;
    let schema = data.records.schema().clone();
    let by_deal = folds::by_group(&rows.groups(), FOLDS, SEED)?;
    let fit = params(rows.kind, &schema, by_deal)
        .check()?
        .fit_with_unseen(&data)?;
    let report = fit.model.report();
    card.by_time = by_time(rows, &schema, &data)?;
    card.features = schema.names();
    card.champion = format!(
        "{}, calibration {:?}",
        report.champion.name, report.champion.calibration
    )
    .to_lowercase();
    card.params = BTreeMap::from([("folds".to_owned(), format!("{FOLDS} by deal"))]);
    card.reliability.clone_from(&report.reliability);
    let mut evidence = report.evidence(None);
    card.metrics = BTreeMap::from([
        ("loss".to_owned(), report.champion.log_loss),
        ("constant_loss".to_owned(), report.constant),
        ("skill".to_owned(), evidence.skill),
        (
            "calibration_error".to_owned(),
            report.champion.calibration_error,
        ),
        ("brier".to_owned(), report.brier),
        ("base_rate".to_owned(), report.base_rate),
    ]);
    for one in &report.candidates {
        let name =
            format!("loss of {}, calibration {:?}", one.name, one.calibration).to_lowercase();
        // Candidates of one name differ by their settings: the best of them speaks for it.
        let least = card.metrics.entry(name).or_insert(f64::INFINITY);
        *least = least.min(one.log_loss);
    }
    name(&mut card, &fit.model)?;
    // The error that a right model has by chance: ten bins, each with the noise of its share of the deals.
    let spread = report.base_rate * (1.0 - report.base_rate);
    let chance = 0.8 * (BINS as f64 * spread / report.rows as f64).sqrt();
    let losses = compared(rows, &weights, &fit.unseen, previous)?;
    compare(&mut card, &mut evidence, losses);
    card.verdict = verdict(judge(evidence, gate(LEAST_SKILL, chance, card.deals)));
    Ok(FittedLikelihood {
        model: Some(fit.model),
        card,
        unseen: fit.unseen,
    })
}

fn params(kind: Kind, schema: &Schema, folds: Vec<Fold>) -> LikelihoodParams {
    // Shallow trees: outcomes are mostly luck, and a few hundred deals are many.
    let boosted = BoostParams::new(Loss::Logistic, SEED)
        .rounds(150)
        .leaves(6)
        .ridge(5.0);
    let candidates = vec![
        Candidate::Logistic(LogisticParams::new(SEED)),
        Candidate::Logistic(LogisticParams::new(SEED).ridge(0.03)),
        Candidate::Boosted(boosted),
        Candidate::Additive(AdditiveParams::new(SEED)),
    ];
    let held = schema.features().iter().filter_map(|of| {
        let direction = feature(kind, &of.name)?.direction?;
        Some((of.name.as_str(), direction))
    });
    held.fold(
        LikelihoodParams::new(candidates, folds),
        |params, (name, direction)| params.monotone(name, direction),
    )
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
    // The first block has nothing before it that could calibrate it.
    let Ok(fit) = params(rows.kind, schema, blocks.clone())
        .check()?
        .fit_with_unseen(data)
    else {
        return Ok(Vec::new());
    };
    let measured = blocks.iter().map(|block| {
        let said = block
            .test
            .iter()
            .filter_map(|row| Some((data.targets[*row], fit.unseen[*row]?)));
        let (targets, said): (Vec<f64>, Vec<f64>) = said.unzip();
        BTreeMap::from([
            ("rows".to_owned(), targets.len() as f64),
            ("loss".to_owned(), log_loss(&targets, &said)),
            (
                "calibration_error".to_owned(),
                calibration_error(&targets, &said, BINS),
            ),
        ])
    });
    Ok(measured.collect())
}

/// The losses of the fit and of the model in place on rows that neither had seen.
fn compared(
    rows: &Rows,
    weights: &[f32],
    unseen: &[Option<f64>],
    previous: Option<&Previous<LikelihoodModel>>,
) -> Result<Option<[f64; 2]>, TabularError> {
    let Some(previous) = previous else {
        return Ok(None);
    };
    let Some(new) = previous.new_rows(rows, weights) else {
        return Ok(None);
    };
    let table = rows.columns.table_of(previous.model.schema())?;
    let (mut targets, mut challenger, mut champion) = (Vec::new(), Vec::new(), Vec::new());
    for place in new {
        if let Some(said) = unseen[place] {
            targets.push(rows.observed[place].target);
            challenger.push(said);
            champion.push(previous.model.predict(&table.row(place)));
        }
    }
    Ok(Some([
        log_loss(&targets, &challenger),
        log_loss(&targets, &champion),
    ]))
}
