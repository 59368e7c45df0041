//! Fitting on cases: champion is the combination, challenger what is learned.

use likelihood::{Candidate, LikelihoodFit, LikelihoodModel, LikelihoodParams, LogisticParams};
use linfa::ParamGuard;
use serde::{Deserialize, Serialize};
use tabular::{Column, Direction, Fold, Table, TabularError, log_odds, require, training};

use crate::bids::Bids;
use crate::cases::card::{CaseCard, CaseVerdict, FoldMeasure, Measures, Split};
use crate::cases::model::CaseModel;
use crate::cases::params::CheckedCaseParams;
use crate::cases::splits::{by_firms, by_time};
use crate::detect::Detection;
use crate::features::{AuctionFeature, PairFeature};

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Two firms, the smaller number first.
    Pair([u32; 2]),
    /// An auction.
    Auction(u32),
}

/// A case that somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What it is about.
    pub subject: Subject,
    /// Whether collusion was confirmed; else it was cleared.
    pub is_confirmed: bool,
    /// When, in seconds.
    pub decided_at: i64,
}

/// Cases of one sort, as rows.
struct Cases {
    subject: &'static str,
    names: Vec<&'static str>,
    rows: Vec<Vec<f64>>,
    combination: Vec<f64>,
    firms: Vec<Vec<u32>>,
    targets: Vec<f64>,
    times: Vec<i64>,
    inputs: String,
}

/// Fits on cases of pairs and of auctions. A case about two firms that met too seldom to be measured is left out.
///
/// # Errors
/// `Invalid` where a case is about an auction that is not there, or a subject is decided twice and differently.
pub fn fit_cases(
    bids: &Bids,
    found: &Detection,
    verdicts: &[Verdict],
    params: &CheckedCaseParams,
) -> Result<CaseModel, TabularError> {
    let mut sorted = verdicts.to_vec();
    sorted.sort_by_key(|verdict| (verdict.subject, verdict.decided_at));
    let agree = |two: &[Verdict]| {
        two[0].subject != two[1].subject || two[0].is_confirmed == two[1].is_confirmed
    };
    require(
        sorted.windows(2).all(agree),
        "verdicts",
        "one subject is confirmed and cleared",
    )?;
    sorted.dedup_by_key(|verdict| verdict.subject);
    let inputs = digest(found, &sorted);
    let (pairs, pair_card) = learn(&pair_cases(found, &sorted, &inputs), params)?;
    let (auctions, auction_card) = learn(&auction_cases(bids, found, &sorted, &inputs)?, params)?;
    Ok(CaseModel {
        pairs,
        auctions,
        cards: vec![pair_card, auction_card],
    })
}

fn digest(found: &Detection, verdicts: &[Verdict]) -> String {
    let bytes = postcard::to_stdvec(&(&found.inputs, verdicts))
        .expect("plain numbers and texts can be written");
    blake3::hash(&bytes).to_hex().to_string()
}

impl Cases {
    fn new(subject: &'static str, names: Vec<&'static str>, inputs: &str) -> Self {
        Self {
            subject,
            names,
            rows: Vec::new(),
            combination: Vec::new(),
            firms: Vec::new(),
            targets: Vec::new(),
            times: Vec::new(),
            inputs: inputs.to_owned(),
        }
    }

    fn add(&mut self, verdict: &Verdict, features: &[f64], score: f64, firms: Vec<u32>) {
        self.rows.push(features.to_vec());
        self.combination
            .push(log_odds(score.clamp(1e-6, 1.0 - 1e-6)));
        self.firms.push(firms);
        self.targets.push(f64::from(u8::from(verdict.is_confirmed)));
        self.times.push(verdict.decided_at);
    }

    /// Fits what is learned, or the combination's calibration, and tells what it says of unseen cases.
    fn fit(
        &self,
        folds: &[Fold],
        is_learned: bool,
        seed: u64,
    ) -> Result<LikelihoodFit, TabularError> {
        let column = |(at, name): (usize, &&'static str)| {
            Column::numbers(name, self.rows.iter().map(|row| row[at]).collect())
        };
        let (columns, candidates) = if is_learned {
            let columns = self.names.iter().enumerate().map(column).collect();
            let logistic = Candidate::Logistic(LogisticParams::new(seed).ridge(0.01));
            (columns, vec![logistic, Candidate::boosted(seed)])
        } else {
            let columns = vec![Column::numbers("combination", self.combination.clone())];
            (
                columns,
                vec![Candidate::Logistic(LogisticParams::new(seed))],
            )
        };
        let data = training(Table::new(&columns)?, self.targets.clone(), None)?;
        let mut params = LikelihoodParams::new(candidates, folds.to_vec());
        if !is_learned {
            params = params.monotone("combination", Direction::Rising);
        }
        params.check()?.fit_with_unseen(&data)
    }
}

fn pair_cases(found: &Detection, verdicts: &[Verdict], inputs: &str) -> Cases {
    let names = PairFeature::ALL.map(PairFeature::name).to_vec();
    let mut cases = Cases::new("pair", names, inputs);
    for verdict in verdicts {
        if let Subject::Pair(firms) = verdict.subject
            && let Ok(at) = found.pairs.binary_search_by_key(&firms, |pair| pair.firms)
        {
            let pair = &found.pairs[at];
            cases.add(verdict, &pair.features, pair.score, firms.to_vec());
        }
    }
    cases
}

fn auction_cases(
    bids: &Bids,
    found: &Detection,
    verdicts: &[Verdict],
    inputs: &str,
) -> Result<Cases, TabularError> {
    let names = AuctionFeature::ALL.map(AuctionFeature::name).to_vec();
    let mut cases = Cases::new("auction", names, inputs);
    for verdict in verdicts {
        if let Subject::Auction(at) = verdict.subject {
            let auction = found.auctions.get(at as usize);
            let auction = auction
                .ok_or_else(|| TabularError::invalid("verdicts", "an auction is not there"))?;
            let firms = bids.of_auction(at).iter().map(|bid| bid.firm).collect();
            cases.add(verdict, &auction.features, auction.score, firms);
        }
    }
    Ok(cases)
}

fn learn(
    cases: &Cases,
    params: &CheckedCaseParams,
) -> Result<(Option<LikelihoodModel>, CaseCard), TabularError> {
    let confirmed = cases.targets.iter().filter(|y| **y > 0.5).count();
    let cleared = cases.targets.len() - confirmed;
    let mut card = CaseCard {
        subject: cases.subject.to_owned(),
        verdict: CaseVerdict::TooFew,
        confirmed,
        cleared,
        constant: None,
        combination: None,
        learned: None,
        folds: Vec::new(),
        inputs: cases.inputs.clone(),
    };
    if confirmed < params.fewest || cleared < params.fewest {
        return Ok((None, card));
    }
    let Some(folds) = by_firms(&cases.firms, &cases.targets, params.folds, params.seed) else {
        return Ok((None, card));
    };
    let (learned, measured) = contest(cases, &folds, Split::Firms, params, &mut card)?;
    card.constant = Some(learned.model.report().constant);
    let (combination, challenger) = measured;
    card.combination = Some(combination);
    card.learned = Some(challenger);
    let gains =
        |old: Measures, new: Measures| new.log_loss < old.log_loss * (1.0 - params.least_gain);
    let mut is_better = gains(combination, challenger);
    let later = by_time(&cases.times, &cases.targets, params.folds);
    // Calibration wants two folds or more.
    if let Some(folds) = later.filter(|folds| folds.len() >= 2) {
        let (_, (old, new)) = contest(cases, &folds, Split::Time, params, &mut card)?;
        is_better &= new.log_loss <= old.log_loss;
    }
    let skill = 1.0 - challenger.log_loss / learned.model.report().constant;
    card.verdict = if skill.is_nan() || skill < params.least_skill {
        CaseVerdict::LearntNothing
    } else if is_better {
        CaseVerdict::Learned
    } else {
        CaseVerdict::NoGain
    };
    let model = (card.verdict == CaseVerdict::Learned).then_some(learned.model);
    Ok((model, card))
}

/// Fits both on the same folds; writes each fold's measures, and returns what was learned and the measures of all judged cases.
fn contest(
    cases: &Cases,
    folds: &[Fold],
    split: Split,
    params: &CheckedCaseParams,
    card: &mut CaseCard,
) -> Result<(LikelihoodFit, (Measures, Measures)), TabularError> {
    let combination = cases.fit(folds, false, params.seed)?;
    let learned = cases.fit(folds, true, params.seed)?;
    let of = |rows: &[usize], fit: &LikelihoodFit| {
        let judged = rows
            .iter()
            .filter_map(|row| Some((cases.targets[*row], fit.unseen[*row]?)));
        let (targets, said): (Vec<f64>, Vec<f64>) = judged.unzip();
        Measures::new(&targets, &said)
    };
    for fold in folds {
        card.folds.push(FoldMeasure {
            split,
            learnt_from: fold.train.len(),
            judged: fold.test.len(),
            confirmed: fold
                .test
                .iter()
                .filter(|row| cases.targets[**row] > 0.5)
                .count(),
            combination: of(&fold.test, &combination),
            learned: of(&fold.test, &learned),
        });
    }
    let all: Vec<usize> = (0..cases.targets.len()).collect();
    let measured = (of(&all, &combination), of(&all, &learned));
    Ok((learned, measured))
}
