//! The closed list of signs, and what was found of one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Entity;

/// What a sign may be a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Bidders who agree instead of competing.
    Collusion,
    /// Prices that no cost explains.
    Dumping,
    /// Accounts and messages made in quantity.
    Spam,
    /// Behaviour that harms others: absences, cancellations, or simply unlike everybody's.
    Conduct,
}

impl Family {
    /// Returns the family's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collusion => "collusion",
            Self::Dumping => "dumping",
            Self::Spam => "spam",
            Self::Conduct => "conduct",
        }
    }
}

/// A sign of abuse: by itself weak. Signs of one [`Sign::source`] are one piece of evidence, however many are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// The texts of several accounts, or many of one, are the same but for a few words.
    AlikeTexts,
    /// Many acts within minutes.
    Burst,
    /// Accounts of one bank account, telephone, device or address.
    SharedIdentifiers,
    /// A way to be reached past the marketplace, inside a text.
    ContactInText,
    /// Many accounts that point to one site.
    SharedLink,
    /// Acts at once after its creation, and nobody's review.
    NewAccount,
    /// Bids below what nine such prices in ten exceed.
    BelowReference,
    /// Bids far below the lowest of the others, or below their trimmed mean.
    BelowOthers,
    /// Bids far below what the bidder itself usually asks.
    BelowOwnHistory,
    /// Is absent from what was booked more often than others.
    Absences,
    /// Cancels more often than others.
    Cancellations,
    /// Withdraws bids more often than others.
    Withdrawals,
    /// Is isolated by a forest on all that is known of how accounts behave.
    Unusual,
    /// The bids of an auction say that bidders agreed: its screens, weighed together.
    RiggedBids,
    /// Two bidders, or more, behave as those who agree do: who meets whom, who wins, who asks a little more.
    BidsTogether,
    /// Is of a ring of bidders that behave so.
    InRing,
    /// Its author, bidder or client is flagged.
    ByFlagged,
}

impl Sign {
    /// Every sign.
    pub const ALL: [Self; 17] = [
        Self::AlikeTexts,
        Self::Burst,
        Self::SharedIdentifiers,
        Self::ContactInText,
        Self::SharedLink,
        Self::NewAccount,
        Self::BelowReference,
        Self::BelowOthers,
        Self::BelowOwnHistory,
        Self::Absences,
        Self::Cancellations,
        Self::Withdrawals,
        Self::Unusual,
        Self::RiggedBids,
        Self::BidsTogether,
        Self::InRing,
        Self::ByFlagged,
    ];

    /// Returns the sign's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlikeTexts => "alike_texts",
            Self::Burst => "burst",
            Self::SharedIdentifiers => "shared_identifiers",
            Self::ContactInText => "contact_in_text",
            Self::SharedLink => "shared_link",
            Self::NewAccount => "new_account",
            Self::BelowReference => "below_reference",
            Self::BelowOthers => "below_others",
            Self::BelowOwnHistory => "below_own_history",
            Self::Absences => "absences",
            Self::Cancellations => "cancellations",
            Self::Withdrawals => "withdrawals",
            Self::Unusual => "unusual",
            Self::RiggedBids => "rigged_bids",
            Self::BidsTogether => "bids_together",
            Self::InRing => "in_ring",
            Self::ByFlagged => "by_flagged",
        }
    }

    /// Returns what it may be a sign of.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::AlikeTexts
            | Self::Burst
            | Self::SharedIdentifiers
            | Self::ContactInText
            | Self::SharedLink
            | Self::NewAccount => Family::Spam,
            Self::BelowReference | Self::BelowOthers | Self::BelowOwnHistory => Family::Dumping,
            Self::Absences
            | Self::Cancellations
            | Self::Withdrawals
            | Self::Unusual
            | Self::ByFlagged => Family::Conduct,
            Self::RiggedBids | Self::BidsTogether | Self::InRing => Family::Collusion,
        }
    }

    /// Returns where its evidence comes from: signs of one source may say the same thing twice.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::AlikeTexts | Self::ContactInText => "texts",
            Self::Burst | Self::NewAccount => "times",
            Self::SharedIdentifiers | Self::SharedLink => "identifiers",
            Self::BelowReference => "price model",
            Self::BelowOthers => "other bids",
            Self::BelowOwnHistory => "own history",
            Self::Absences | Self::Cancellations | Self::Withdrawals => "outcomes",
            Self::Unusual => "forest",
            Self::RiggedBids | Self::BidsTogether | Self::InRing => "collusion model",
            Self::ByFlagged => "case",
        }
    }

    /// Returns how often it is right where it is raised, before anything was decided: cautious guesses, which [`crate::Precisions`] replaces
    /// by what was confirmed and cleared.
    #[must_use]
    pub const fn prior(self) -> f64 {
        match self {
            Self::ContactInText => 0.2,
            Self::NewAccount | Self::Unusual => 0.25,
            Self::Withdrawals | Self::BelowOwnHistory | Self::Cancellations => 0.35,
            Self::AlikeTexts | Self::Burst | Self::SharedLink => 0.5,
            Self::BelowReference => 0.4,
            Self::SharedIdentifiers => 0.55,
            Self::BelowOthers | Self::Absences => 0.75,
            // These carry a probability of their own.
            Self::RiggedBids | Self::BidsTogether | Self::InRing | Self::ByFlagged => 1.0,
        }
    }
}

impl FromStr for Sign {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let all = Self::ALL.into_iter();
        all.into_iter().find(|sign| sign.as_str() == name).ok_or(())
    }
}

/// What was found of one sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// The sign.
    pub sign: Sign,
    /// What was measured, in the unit of the sign.
    pub value: f64,
    /// From where it is raised.
    pub threshold: f64,
    /// Share of the tenant's things of that kind that have less of it, in [0, 1]; none where it is not compared.
    pub percentile: Option<f64>,
    /// Whether it speaks for abuse.
    pub is_raised: bool,
    /// How many observations it rests on.
    pub support: u64,
    /// What shows it, strongest first.
    pub evidence: Vec<Entity>,
    /// More about it, as a name and a number: what the value alone does not tell.
    pub detail: Option<(String, f64)>,
}

/// Name of the detail that a share is held against.
pub(crate) const USUAL_SHARE: &str = "usual_share";

impl Signal {
    /// Returns the share of others that its own share is held against; none where it is no share.
    #[must_use]
    pub fn usual_share(&self) -> Option<f64> {
        let (name, share) = self.detail.as_ref()?;
        (name == USUAL_SHARE).then_some(*share)
    }
}
