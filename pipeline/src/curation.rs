//! Proposals on the vocabulary, and decisions on them as files of the landing area.

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use lake::Lake;
use schemas::{Layer, PUBLIC_TENANT, TableName};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{published::read_rows, rows::Row};

/// A row of `gold.curation_proposals`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Proposal {
    pub(crate) proposal_id: String,
    pub(crate) kind: String,
    pub(crate) tenant: String,
    pub(crate) label: String,
    pub(crate) concept_id: Option<String>,
    pub(crate) other_concept_id: Option<String>,
    pub(crate) node_id: Option<String>,
    pub(crate) definition: Option<String>,
    pub(crate) weight: i64,
    pub(crate) evidence: String,
}

impl Proposal {
    fn read(row: Row<'_>) -> Self {
        let text = |column: &str| row.text(column).map(str::to_owned);
        Self {
            proposal_id: text("proposal_id").unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            tenant: text("tenant").unwrap_or_else(|| PUBLIC_TENANT.to_owned()),
            label: text("label").unwrap_or_default(),
            concept_id: text("concept_id"),
            other_concept_id: text("other_concept_id"),
            node_id: text("node_id"),
            definition: text("definition"),
            weight: row.integer("weight").unwrap_or(0),
            evidence: text("evidence").unwrap_or_default(),
        }
    }
}

/// What a curator says of a proposal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verdict {
    /// Whether it is accepted.
    pub(crate) is_accepted: bool,
    /// The new concept's label, where it is not the proposed one.
    pub(crate) label: Option<String>,
    /// The new concept's glossary node, where it is not the proposed one.
    pub(crate) node: Option<String>,
    /// Why.
    pub(crate) note: Option<String>,
}

/// The proposals of a lake.
pub(crate) struct Curation<'a> {
    lake: &'a Lake,
}

impl<'a> Curation<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Returns the proposals that are left to decide, by kind, heaviest first.
    pub(crate) async fn open_proposals(&self) -> Result<Vec<Proposal>> {
        let mut open = Vec::new();
        for proposal in self.published().await? {
            if !self.lake.exists(&decision(&proposal.proposal_id)).await? {
                open.push(proposal);
            }
        }
        open.sort_by_key(|proposal| {
            (
                proposal.kind.clone(),
                -proposal.weight,
                proposal.proposal_id.clone(),
            )
        });
        Ok(open)
    }

    /// Decides on a proposal; returns the decision as it landed.
    ///
    /// The concept lands before the decision: where this is interrupted, the same command again finishes it.
    pub(crate) async fn decide(
        &self,
        id: &str,
        verdict: &Verdict,
        at: DateTime<Utc>,
    ) -> Result<Value> {
        let proposal = self.proposal(id).await?;
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let concept = match verdict.is_accepted {
            true => self.concept(&proposal, verdict, &at).await?,
            false => None,
        };
        if let Some(concept) = &concept {
            let path = format!("landing/concepts/curation/{id}.json");
            self.lake.write_json(&path, &[concept]).await?;
        }
        let decided = json!({
            "proposal_id": id,
            "kind": proposal.kind,
            "decision": if verdict.is_accepted { "accepted" } else { "rejected" },
            "concept_id": concept.as_ref().map(|concept| concept["concept_id"].clone()),
            "note": verdict.note,
            "decided_at": at,
        });
        if !self.lake.create_json(&decision(id), &[&decided]).await? {
            bail!(already_decided(id));
        }
        Ok(decided)
    }

    /// Returns the concept that an accepted proposal becomes; none where two concepts are to be merged at their source.
    async fn concept(
        &self,
        proposal: &Proposal,
        verdict: &Verdict,
        at: &str,
    ) -> Result<Option<Value>> {
        if proposal.concept_id.is_some() {
            if verdict.label.is_some() || verdict.node.is_some() {
                bail!(
                    "{} is about two concepts that exist: it takes neither --label nor --node",
                    proposal.proposal_id
                );
            }
            return Ok(None);
        }
        let node = verdict.node.as_ref().or(proposal.node_id.as_ref());
        if let Some(node) = node
            && !self.has_node(node).await?
        {
            bail!(
                "{} cannot hang from {node}: gold.glossary has no such node",
                proposal.proposal_id
            );
        }
        let label = verdict.label.as_ref().unwrap_or(&proposal.label);
        let synonyms: Vec<&String> = [&proposal.label]
            .into_iter()
            .filter(|l| *l != label)
            .collect();
        Ok(Some(json!({
            "concept_id": format!("curation:{}", proposal.proposal_id),
            "node_id": node,
            "label": label,
            "synonyms": synonyms,
            "definition": proposal.definition,
            "status": "active",
            "updated_at": at,
        })))
    }

    async fn proposal(&self, id: &str) -> Result<Proposal> {
        let published = self.published().await?;
        let found = published.into_iter().find(|p| p.proposal_id == id);
        if self.is_decided(id).await? {
            bail!(already_decided(id));
        }
        found.with_context(|| {
            format!(
                "no proposal {id} is left to decide: `pipeline curation list` names those that are"
            )
        })
    }

    /// Says whether a decision landed. What cannot be an identifier is looked for nowhere.
    async fn is_decided(&self, id: &str) -> Result<bool> {
        let is_plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '-';
        Ok(id.chars().all(is_plain) && self.lake.exists(&decision(id)).await?)
    }

    async fn published(&self) -> Result<Vec<Proposal>> {
        self.read("curation_proposals", Proposal::read).await
    }

    async fn has_node(&self, node: &str) -> Result<bool> {
        let is_it = |row: Row<'_>| row.text("node_id") == Some(node);
        let found = self.read("glossary", is_it).await?;
        Ok(found.contains(&true))
    }

    async fn read<T>(&self, table: &str, read: impl Fn(Row<'_>) -> T) -> Result<Vec<T>> {
        let table = TableName::new(Layer::Gold, table);
        read_rows(self.lake, &table, |row| Ok(Some(read(row)))).await
    }
}

/// Where the decision on a proposal lands.
fn decision(id: &str) -> String {
    format!("landing/curation_decisions/{id}.json")
}

fn already_decided(id: &str) -> String {
    format!("{id} is decided already: {} says how", decision(id))
}
