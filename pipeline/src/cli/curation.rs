//! `pipeline curation`.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::arguments::{Common, LakeArguments, Output};
use crate::{
    curation::{Curation, Verdict},
    report::print_json,
};

/// What to do with curation proposals.
#[derive(Debug, Args)]
pub(crate) struct CurationArguments {
    #[command(flatten)]
    pub(crate) lake: LakeArguments,
    #[command(subcommand)]
    pub(crate) action: CurationAction,
}

/// Actions on curation proposals. A decision is a file of the landing area: the next run reads it, and the proposal does
/// not come back.
#[derive(Debug, Subcommand)]
pub(crate) enum CurationAction {
    /// List the proposals of `gold.curation_proposals` that are left to decide, with their evidence.
    List {
        /// Only proposals of this kind.
        #[arg(long, value_name = "KIND")]
        kind: Option<ProposalKind>,
    },
    /// Accept a proposal. A missing concept or a draft lands as a concept, which the next run takes in. A near-duplicate
    /// is only recorded: its owner merges the two concepts where they come from.
    Accept {
        /// The proposal, as `pipeline curation list` names it.
        id: String,
        /// The new concept's preferred label. The proposed one becomes a synonym; it is the label unless this is said.
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
        /// The glossary node that the new concept hangs from. A draft has one; a missing concept hangs nowhere unless
        /// this is said.
        #[arg(long, value_name = "NODE")]
        node: Option<String>,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Reject a proposal: it is not made again.
    Reject {
        /// The proposal, as `pipeline curation list` names it.
        id: String,
        /// Why, for whoever asks later.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
}

/// Kinds of proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum ProposalKind {
    /// A frequent query that reaches no concept.
    MissingConcept,
    /// Two concepts of nearly the same words.
    NearDuplicate,
    /// A glossary node without concept.
    DraftConcept,
}

impl ProposalKind {
    /// Returns the kind as the table writes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::MissingConcept => "missing_concept",
            Self::NearDuplicate => "near_duplicate",
            Self::DraftConcept => "draft_concept",
        }
    }
}

pub(super) async fn curation(common: &Common, arguments: CurationArguments) -> Result<u8> {
    let lake = arguments.lake.open_existing()?;
    let curation = Curation::new(&lake);
    let (id, verdict) = match arguments.action {
        CurationAction::List { kind } => return list(common, &curation, kind).await,
        CurationAction::Accept {
            id,
            label,
            node,
            note,
        } => {
            let is_accepted = true;
            let verdict = Verdict {
                is_accepted,
                label,
                node,
                note,
            };
            (id, verdict)
        }
        CurationAction::Reject { id, note } => {
            let verdict = Verdict {
                note,
                ..Verdict::default()
            };
            (id, verdict)
        }
    };
    let decided = curation.decide(&id, &verdict, now()).await?;
    match (common.output(), decided["concept_id"].as_str()) {
        (Output::Json, _) => print_json(&decided),
        (Output::Text, Some(concept)) => {
            println!("{id} is accepted: concept {concept} landed, the next run takes it in");
        }
        (Output::Text, None) if verdict.is_accepted => {
            println!("{id} is accepted: merge the two concepts where they come from");
        }
        (Output::Text, None) => println!("{id} is rejected: it is not proposed again"),
    }
    Ok(0)
}

async fn list(common: &Common, curation: &Curation<'_>, kind: Option<ProposalKind>) -> Result<u8> {
    let mut proposals = curation.open_proposals().await?;
    proposals.retain(|proposal| kind.is_none_or(|kind| kind.as_str() == proposal.kind));
    if proposals.is_empty() && common.output() == Output::Text {
        println!("nothing is left to decide");
    }
    for proposal in proposals {
        match common.output() {
            Output::Json => print_json(&json!(proposal)),
            Output::Text => println!(
                "{:23} {:16} {}\n{:40} {} ({})",
                proposal.proposal_id,
                proposal.kind,
                proposal.label,
                "",
                proposal.evidence,
                proposal.tenant
            ),
        }
    }
    Ok(0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
