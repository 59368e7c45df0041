//! From measures to evidence: what pairs that do nothing wrong differ by is learnt from the pairs themselves.

use crate::chance::{binomial_tail, chi_square_below, normal_tail};
use crate::findings::{Family, SignalKind};
use crate::graph::Activity;
use crate::pairs::measure::Raw;
use crate::pairs::prices::Moments;

/// Prices of a pair below which nothing is said of them.
pub(crate) const FEWEST_PRICES: u32 = 5;
/// Losing bids over the other's winning ones below which nothing is said of cover.
const FEWEST_COVERS: u32 = 4;
/// Pairs below which what is usual is taken from theory.
const FEWEST_PAIRS: usize = 20;

/// What innocent pairs differ by.
///
/// Firms of alike costs are always near each other: a pair's percentiles have something in common that is no agreement. How much is
/// estimated from pairs on the innocent side only, those *farther* apart than usual, so that rings do not hide themselves (in the spirit of
/// Efron, *Large-Scale Simultaneous Hypothesis Testing: The Choice of a Null Hypothesis*, J. American Statistical Association 99, 2004).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Null {
    /// Variance of a pair's mean percentile of gaps, beside that of chance.
    gap: f64,
    /// The same of a firm's mean percentile over another's winning bids.
    cover: f64,
    /// Mean variance of log ratios within pairs.
    ratio: f64,
    /// By how much the deviation of log variances is wider than in theory.
    scale: f64,
}

impl Null {
    /// Learns from the moments of pairs: gaps, log ratios, covers both ways.
    pub(crate) fn learn(pairs: &[[Moments; 4]]) -> Self {
        let covers = pairs.iter().flat_map(|pair| pair[2..].iter());
        let ratios: Vec<&Moments> = pairs
            .iter()
            .map(|pair| &pair[1])
            .filter(|m| m.n >= 3)
            .collect();
        let freedom: f64 = ratios.iter().map(|m| f64::from(m.n - 1)).sum();
        let sums = ratios
            .iter()
            .filter_map(|m| Some(m.variance()? * f64::from(m.n - 1)));
        let ratio = sums.sum::<f64>() / freedom.max(1.0);
        let mut wide: Vec<f64> = ratios
            .iter()
            .filter_map(|m| deviation(m, ratio))
            .filter(|z| *z < 0.0)
            .map(|z| z * z)
            .collect();
        wide.sort_by(f64::total_cmp);
        let scale = if wide.len() >= FEWEST_PAIRS {
            (wide.iter().sum::<f64>() / wide.len() as f64)
                .sqrt()
                .max(1.0)
        } else {
            1.0
        };
        Self {
            gap: common(pairs.iter().map(|pair| &pair[0])),
            cover: common(covers),
            ratio,
            scale,
        }
    }

    fn nearness(&self, moments: &Moments, common: f64, fewest: u32) -> Option<f64> {
        let mean = moments.mean().filter(|_| moments.n >= fewest)?;
        Some(-mean / (common + 1.0 / 12.0 / f64::from(moments.n)).sqrt())
    }

    /// The variance of log ratios over its usual value.
    pub(crate) fn share(&self, ratios: &Moments) -> Option<f64> {
        Some(ratios.variance().filter(|_| self.ratio > 0.0)? / self.ratio)
    }

    /// Draws such a share in by what innocent pairs differ by.
    pub(crate) fn drawn(&self, share: f64) -> f64 {
        share.powf(1.0 / self.scale)
    }

    /// How likely chance makes log ratios vary as little: χ² of their variance.
    fn dependence(&self, raw: &Raw) -> Option<f64> {
        let ratios = &raw.prices.ratios;
        let share = self.share(ratios).filter(|_| ratios.n >= FEWEST_PRICES)?;
        let freedom = ratios.n - 1;
        Some(chi_square_below(
            f64::from(freedom) * self.drawn(share),
            freedom,
        ))
    }

    /// The correlation that a pair's prices have beyond their auctions' levels: 1 − Var(ln a − ln b) over its usual value.
    fn correlation(&self, raw: &Raw) -> Option<f64> {
        let ratios = &raw.prices.ratios;
        let share = self.share(ratios).filter(|_| ratios.n >= FEWEST_PRICES)?;
        Some(1.0 - share)
    }
}

/// The mean product of a pair's percentiles, of pairs that are farther apart than usual; each counts once.
fn common<'a>(pairs: impl Iterator<Item = &'a Moments>) -> f64 {
    let innocent = pairs.filter(|m| m.sum >= 0.0).filter_map(Moments::product);
    let (mut n, mut sum) = (0, 0.0);
    for product in innocent {
        n += 1;
        sum += product;
    }
    // A hundredth where nothing can be learnt: a third of the deviation of one percentile.
    if n >= FEWEST_PAIRS {
        (sum / n as f64).max(0.0)
    } else {
        0.01
    }
}

/// By how many deviations the log variance of a pair's log ratios is below the usual one; the moments of log χ² are those of its
/// series (digamma and trigamma of half the degrees of freedom).
fn deviation(moments: &Moments, usual: f64) -> Option<f64> {
    let freedom = f64::from(moments.n) - 1.0;
    let variance = moments.variance().filter(|_| usual > 0.0)?;
    // Prices of one ratio throughout have no logarithm; a millionth of what is usual is as telling.
    let log = (variance / usual).max(1e-6).ln();
    let middle = -1.0 / freedom - 1.0 / (3.0 * freedom * freedom);
    let spread = 2.0 / freedom + 2.0 / freedom.powi(2) + 4.0 / (3.0 * freedom.powi(3));
    Some((middle - log) / spread.sqrt())
}

/// A measure with how likely it is by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Judged {
    pub(crate) kind: SignalKind,
    pub(crate) value: f64,
    pub(crate) support: u32,
    /// Hits where the value is a share of the support.
    pub(crate) hits: Option<u32>,
    pub(crate) chance: f64,
}

/// Returns all that can be said of a pair.
pub(crate) fn judge(raw: &Raw, null: &Null, activity: &Activity) -> Vec<Judged> {
    let mut signals = Vec::new();
    let mut push = |kind, value, support, hits, chance: f64| {
        let chance = chance.clamp(0.0, 1.0);
        signals.push(Judged {
            kind,
            value,
            support,
            hits,
            chance,
        });
    };
    let lift = f64::from(raw.shared) / raw.expected.max(1e-9);
    push(SignalKind::MeetsOften, lift, raw.shared, None, raw.meeting);
    let prices = &raw.prices;
    if let (Some(z), Some(mean)) = (
        null.nearness(&prices.gaps, null.gap, FEWEST_PRICES),
        prices.gaps.mean(),
    ) {
        push(
            SignalKind::NearPrices,
            0.5 + mean,
            prices.gaps.n,
            None,
            normal_tail(z),
        );
    }
    if let (Some(chance), Some(value)) = (null.dependence(raw), null.correlation(raw)) {
        push(
            SignalKind::DependentPrices,
            value,
            prices.ratios.n,
            None,
            chance,
        );
    }
    let near = |moments: &Moments| null.nearness(moments, null.cover, FEWEST_COVERS);
    let [one, other] = [near(&prices.covers[0]), near(&prices.covers[1])];
    let stronger = if one.unwrap_or(f64::MIN) >= other.unwrap_or(f64::MIN) {
        0
    } else {
        1
    };
    let covers = &prices.covers[stronger];
    if let (Some(z), Some(mean)) = ([one, other][stronger], covers.mean()) {
        push(
            SignalKind::CoverBidding,
            0.5 + mean,
            covers.n,
            None,
            2.0 * normal_tail(z),
        );
    }
    let wins = &raw.wins;
    if let Some(chance) = wins.alternation {
        let decided = wins.wins[0] + wins.wins[1];
        let share = f64::from(wins.runs - 1) / f64::from(decided - 1);
        push(
            SignalKind::AlternatingWins,
            share,
            decided - 1,
            Some(wins.runs - 1),
            chance,
        );
    }
    let beside = wins.beside.iter().zip(wins.wins);
    let beside = beside.filter_map(|(chance, won)| Some(((*chance)?, won)));
    if let Some((chance, won)) = beside.min_by(|a, b| a.0.total_cmp(&b.0)) {
        let share = f64::from(won) / f64::from(wins.decided);
        push(
            SignalKind::WinsBeside,
            share,
            wins.decided,
            Some(won),
            2.0 * chance,
        );
    }
    let timing = &raw.timing;
    if timing.known > 0 {
        let (known, close) = (timing.known as usize, timing.close as usize);
        let chance = binomial_tail(known, close, timing.usual, activity.logs());
        let share = f64::from(timing.close) / f64::from(timing.known);
        push(
            SignalKind::CloseTimes,
            share,
            timing.known,
            Some(timing.close),
            chance,
        );
    }
    if let (Some(chance), Some(purity)) = (raw.sharing.chance, raw.sharing.purity) {
        push(
            SignalKind::SharedOutMarket,
            purity,
            raw.sharing.decided,
            None,
            chance,
        );
    }
    if let Some(chance) = raw.identity.chance {
        let kinds = raw.identity.kinds.iter().filter(|shared| **shared).count() as u32;
        let known = raw.identity.known;
        push(
            SignalKind::SharedIdentifiers,
            f64::from(kinds),
            known,
            Some(kinds),
            chance,
        );
    }
    signals
}

/// Returns how likely each family is by chance: its least likely signal, all of the family counted; none where nothing can be said.
pub(crate) fn families(signals: &[Judged]) -> [Option<f64>; Family::ALL.len()] {
    Family::ALL.map(|family| {
        let own = signals
            .iter()
            .filter(|signal| signal.kind.family() == family);
        let (mut least, mut tests) = (1.0_f64, 0.0);
        for signal in own {
            least = least.min(signal.chance);
            tests += 1.0;
        }
        (tests > 0.0).then(|| (least * tests).min(1.0))
    })
}
