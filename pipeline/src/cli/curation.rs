//! `pipeline curation`.

use anyhow::Result;
use chrono::{DateTime, Utc};
use lake::Lake;
use serde_json::json;

use super::arguments::{Common, CurationAction, CurationArguments, Output, ProposalKind};
use crate::{
    curation::{Curation, Verdict},
    report::print_json,
};

pub(super) async fn curation(common: &Common, arguments: CurationArguments) -> Result<u8> {
    let lake = Lake::open_existing(&arguments.lake.lake)?;
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
