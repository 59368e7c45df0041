//! What is found, with its evidence.

use serde::{Deserialize, Serialize};

use crate::benford::Benford;
use crate::screens::{Screen, Screens};

/// A kind of evidence; two signals of one family are not independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Who meets whom.
    Meeting,
    /// What is asked.
    Prices,
    /// Who wins.
    Wins,
    /// When bids are sent.
    Timing,
    /// Who wins where, or from whom.
    Sharing,
    /// What firms have in common.
    Identity,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Meeting,
        Self::Prices,
        Self::Wins,
        Self::Timing,
        Self::Sharing,
        Self::Identity,
    ];

    /// Returns whether it is conduct in bidding: meeting often, working in different places and having an address in common are not.
    #[must_use]
    pub fn is_conduct(self) -> bool {
        matches!(self, Self::Prices | Self::Wins | Self::Timing)
    }
}

/// A signal of a pair, a ring or an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Auctions shared over what chance expects within comparable auctions (hypergeometric).
    MeetsOften,
    /// Mean percentile, in the market, of how near the prices are: low is near.
    NearPrices,
    /// Correlation of log prices beyond their auctions' levels: one price follows the other.
    DependentPrices,
    /// The same of a group in which all meet often, by its least correlated pair.
    CoalitionPrices,
    /// Mean percentile, among losing bids of the market, of how near one bids over the other's winning bid: low is near.
    CoverBidding,
    /// Share of wins that change hands from one win to the next.
    AlternatingWins,
    /// Share of shared auctions that one wins, against what it wins without the other.
    WinsBeside,
    /// Share of shared auctions with bids close in time, against habit.
    CloseTimes,
    /// Share of wins that the territory's, or the buyer's, usual winner has.
    SharedOutMarket,
    /// Kinds of identifiers in common.
    SharedIdentifiers,
    /// Share of the members' wins that the most frequent winner has; one-sided for cover.
    OneWinner,
    /// Evenness of the members' wins: entropy over its largest value; one-sided for rotation.
    EvenWins,
    /// A screen of an auction's prices.
    Price(Screen),
    /// Members of one flagged ring that bid in the auction.
    RingBids,
}

impl SignalKind {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MeetsOften => "meets_often",
            Self::NearPrices => "near_prices",
            Self::DependentPrices => "dependent_prices",
            Self::CoalitionPrices => "coalition_prices",
            Self::CoverBidding => "cover_bidding",
            Self::AlternatingWins => "alternating_wins",
            Self::WinsBeside => "wins_beside",
            Self::CloseTimes => "close_times",
            Self::SharedOutMarket => "shared_out_market",
            Self::SharedIdentifiers => "shared_identifiers",
            Self::OneWinner => "one_winner",
            Self::EvenWins => "even_wins",
            Self::Price(screen) => screen.name(),
            Self::RingBids => "ring_bids",
        }
    }

    /// Returns the family that it is evidence of.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::MeetsOften | Self::RingBids => Family::Meeting,
            Self::NearPrices
            | Self::DependentPrices
            | Self::CoalitionPrices
            | Self::CoverBidding
            | Self::Price(_) => Family::Prices,
            Self::AlternatingWins | Self::WinsBeside | Self::OneWinner | Self::EvenWins => {
                Family::Wins
            }
            Self::CloseTimes => Family::Timing,
            Self::SharedOutMarket => Family::Sharing,
            Self::SharedIdentifiers => Family::Identity,
        }
    }
}

/// One signal, raised or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Which one.
    pub kind: SignalKind,
    /// What was measured.
    pub value: f64,
    /// How likely chance makes it as suspicious or more; for a screen, the share of the market's auctions as suspicious or more.
    pub chance: f64,
    /// The chance at or below which it is raised.
    pub threshold: f64,
    /// The share of what it is compared with (tested pairs; auctions of the market) that is less suspicious.
    pub percentile: f64,
    /// Whether it is raised.
    pub is_raised: bool,
    /// Observations behind it.
    pub support: u32,
    /// 95 % interval of the value, where it is a share of the support (Wilson).
    pub interval: Option<(f64, f64)>,
}

/// What is to be done about a finding.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    #[default]
    Quiet,
    /// Look again when there is more: evidence of one kind.
    Watched,
    /// A person should look: evidence of two kinds or more, one of them conduct in bidding, beyond chance.
    Flagged,
}

/// What was found of an auction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuctionFinding {
    /// The auction.
    pub auction: u32,
    /// Its screens.
    pub screens: Screens,
    /// The measures that models learn from, in the order of [`crate::AuctionFeature::ALL`]; higher is more suspicious, `NaN` where unknown.
    pub features: Vec<f64>,
    /// In [0, 1].
    pub score: f64,
    /// Flagged only by a ring that bid in it as it does elsewhere; watched for its prices alone.
    pub level: Level,
    /// Screens that are defined, and rings; empty where quiet.
    pub signals: Vec<Signal>,
    /// Places of the rings with two members or more in it.
    pub rings: Vec<u32>,
}

/// What was found of two firms that met often enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairFinding {
    /// The firms, the smaller number first.
    pub firms: [u32; 2],
    /// Auctions in which both bid.
    pub shared: u32,
    /// The measures that models learn from, in the order of [`crate::PairFeature::ALL`]; higher is more suspicious, `NaN` where unknown.
    pub features: Vec<f64>,
    /// 1 − the share of false discoveries at which two kinds of evidence are discovered; in [0, 1].
    pub score: f64,
    /// What to do.
    pub level: Level,
    /// All that can be said; empty where quiet.
    pub signals: Vec<Signal>,
    /// The shared auctions, by time; empty where quiet.
    pub auctions: Vec<u32>,
}

impl PairFinding {
    /// Returns the families with a raised signal.
    pub fn raised(&self) -> impl Iterator<Item = Family> {
        raised(&self.signals)
    }
}

pub(crate) fn raised(signals: &[Signal]) -> impl Iterator<Item = Family> {
    Family::ALL.into_iter().filter(|family| {
        let mut own = signals
            .iter()
            .filter(|signal| signal.kind.family() == *family);
        own.any(|signal| signal.is_raised)
    })
}

/// What was found of a firm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirmFinding {
    /// The firm.
    pub firm: u32,
    /// Its bids.
    pub bids: u32,
    /// Its wins.
    pub wins: u32,
    /// The score of its most suspicious pair; 0 where it met nobody often.
    pub score: f64,
    /// Flagged where it belongs to a ring.
    pub level: Level,
    /// Firms of its pairs that are watched or flagged.
    pub partners: Vec<u32>,
    /// Places of its rings.
    pub rings: Vec<u32>,
    /// The first digits of its prices, where that says anything.
    pub benford: Option<Benford>,
}

/// What a ring does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingKind {
    /// One member wins, the others bid above.
    Cover,
    /// Members win in turn.
    Rotation,
    /// Who wins goes by territory or buyer.
    Sharing,
    /// Members are one hand: identifiers in common, and bids at one time.
    OneHand,
    /// Bids are concerted; who wins says no more.
    Concerted,
}

/// A group of firms whose bids are concerted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    /// Its members, two or more, sorted.
    pub members: Vec<u32>,
    /// Places of the flagged pairs that make it.
    pub edges: Vec<u32>,
    /// What it does.
    pub kind: RingKind,
    /// The least score by which a member belongs to it.
    pub score: f64,
    /// Flagged, as its pairs are.
    pub level: Level,
    /// Wins of each member in the ring's auctions.
    pub wins: Vec<u32>,
    /// The strongest signal of each kind among its pairs, then those of the whole ring.
    pub signals: Vec<Signal>,
    /// Auctions in which half of the members bid, two at least and three at most; by time.
    pub auctions: Vec<u32>,
}
