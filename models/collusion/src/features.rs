//! What models of cases see of a pair and of an auction: each feature is named once, here.

use serde::{Deserialize, Serialize};

use crate::findings::SignalKind;
use crate::pairs::{Judged, Raw};
use crate::screens::Screen;

/// What is seen of a pair; higher is more suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairFeature {
    /// ln of shared auctions.
    Shared,
    /// ln of shared auctions over those expected by chance.
    Lift,
    /// −log₁₀ of the chance of as many meetings, 12 at most.
    MeetingEvidence,
    /// Half less the mean percentile of the prices' distance.
    Nearness,
    /// Correlation of log prices beyond the auctions' levels.
    Dependence,
    /// The same of the least correlated pair of a group in which all meet often.
    CoalitionDependence,
    /// Half less the mean percentile over the other's winning bids, of the one that bids nearer.
    CoverNearness,
    /// Mean percentile of suspicion of the shared auctions' variation coefficient, less half.
    Variation,
    /// Mean percentile of the lowest price over its reference, less half.
    PriceLevel,
    /// Share of shared auctions with bids close in time.
    CloseShare,
    /// −log₁₀ of the chance of as many close bids, 12 at most.
    TimingEvidence,
    /// Share of wins that change hands.
    Alternation,
    /// −log₁₀ of the chance of as many wins beside the other, 12 at most.
    BesideEvidence,
    /// Share of shared auctions that one of the two wins.
    WinShare,
    /// Share of wins of the usual winner of their territory or buyer.
    Purity,
    /// Kinds of identifiers in common.
    Identifiers,
}

impl PairFeature {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Shared,
        Self::Lift,
        Self::MeetingEvidence,
        Self::Nearness,
        Self::Dependence,
        Self::CoalitionDependence,
        Self::CoverNearness,
        Self::Variation,
        Self::PriceLevel,
        Self::CloseShare,
        Self::TimingEvidence,
        Self::Alternation,
        Self::BesideEvidence,
        Self::WinShare,
        Self::Purity,
        Self::Identifiers,
    ];

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared_log",
            Self::Lift => "lift_log",
            Self::MeetingEvidence => "meeting_evidence",
            Self::Nearness => "nearness",
            Self::Dependence => "dependence",
            Self::CoalitionDependence => "coalition_dependence",
            Self::CoverNearness => "cover_nearness",
            Self::Variation => "variation_suspicion",
            Self::PriceLevel => "price_level",
            Self::CloseShare => "close_share",
            Self::TimingEvidence => "timing_evidence",
            Self::Alternation => "alternation_share",
            Self::BesideEvidence => "beside_evidence",
            Self::WinShare => "win_share",
            Self::Purity => "purity_share",
            Self::Identifiers => "identifiers",
        }
    }
}

/// What is seen of an auction; higher is more suspicious. Screens are the share of the market's auctions that are less suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuctionFeature {
    /// A screen.
    Screen(Screen),
    /// Prices that stand.
    Prices,
    /// Percentile of the lowest price over the reference.
    PriceLevel,
    /// Score of the most suspicious pair that bids.
    PairScore,
}

impl AuctionFeature {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Screen(Screen::VariationCoefficient),
        Self::Screen(Screen::Spread),
        Self::Screen(Screen::Difference),
        Self::Screen(Screen::RelativeDistance),
        Self::Screen(Screen::NormalisedDistance),
        Self::Screen(Screen::AlternativeDistance),
        Self::Screen(Screen::Skewness),
        Self::Screen(Screen::Kurtosis),
        Self::Screen(Screen::Uniformity),
        Self::Prices,
        Self::PriceLevel,
        Self::PairScore,
    ];

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Screen(screen) => screen.name(),
            Self::Prices => "prices",
            Self::PriceLevel => "price_level",
            Self::PairScore => "pair_score",
        }
    }
}

/// Returns the features of a pair.
pub(crate) fn of_pair(raw: &Raw, signals: &[Judged]) -> Vec<f64> {
    let of = |kind: SignalKind| signals.iter().find(|signal| signal.kind == kind);
    let evidence = |kind| of(kind).map(|signal| (-signal.chance.log10()).clamp(0.0, 12.0));
    let value = |kind| of(kind).map(|signal| signal.value);
    let won = f64::from(raw.wins.wins[0] + raw.wins.wins[1]);
    let all = PairFeature::ALL.map(|feature| match feature {
        PairFeature::Shared => Some(f64::from(raw.shared).ln()),
        PairFeature::Lift => value(SignalKind::MeetsOften).map(f64::ln),
        PairFeature::MeetingEvidence => evidence(SignalKind::MeetsOften),
        PairFeature::Nearness => value(SignalKind::NearPrices).map(|mean| 0.5 - mean),
        PairFeature::Dependence => value(SignalKind::DependentPrices),
        PairFeature::CoalitionDependence => value(SignalKind::CoalitionPrices),
        PairFeature::CoverNearness => value(SignalKind::CoverBidding).map(|mean| 0.5 - mean),
        PairFeature::Variation => raw.prices.variation.mean(),
        PairFeature::PriceLevel => raw.prices.levels.mean(),
        PairFeature::CloseShare => value(SignalKind::CloseTimes),
        PairFeature::TimingEvidence => evidence(SignalKind::CloseTimes),
        PairFeature::Alternation => value(SignalKind::AlternatingWins),
        PairFeature::BesideEvidence => evidence(SignalKind::WinsBeside),
        PairFeature::WinShare => (raw.wins.decided > 0).then(|| won / f64::from(raw.wins.decided)),
        PairFeature::Purity => value(SignalKind::SharedOutMarket),
        PairFeature::Identifiers => value(SignalKind::SharedIdentifiers),
    });
    all.map(|value| value.unwrap_or(f64::NAN)).to_vec()
}
