//! The cases of a lake as people look at them, and decisions on them as files of the landing area.

use abuse::{Entity, Verdict};
use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use lake::Lake;
use schemas::{Layer, TableName};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{published::read_table, rows::Row};

/// Where decisions land.
const LANDING: &str = "landing/case_decisions";

/// A row of `gold.abuse_cases`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) tenant: String,
    pub(crate) entity_kind: String,
    pub(crate) entity_id: String,
    pub(crate) case_id: String,
    pub(crate) score: f64,
    pub(crate) level: String,
    pub(crate) is_flagged: bool,
    #[serde(default)]
    pub(crate) family: Option<String>,
    #[serde(default)]
    pub(crate) signs: Vec<String>,
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    #[serde(default)]
    pub(crate) source_chances: Vec<f64>,
    #[serde(default)]
    pub(crate) ring_id: Option<String>,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    #[serde(default)]
    pub(crate) news: i64,
    #[serde(default)]
    pub(crate) verdict: Option<String>,
    #[serde(default)]
    pub(crate) decided_at: Option<String>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) day: Option<String>,
}

/// A row of `gold.abuse_signals`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sign {
    tenant: String,
    entity_kind: String,
    entity_id: String,
    pub(crate) sign: String,
    pub(crate) value: f64,
    pub(crate) threshold: f64,
    #[serde(default)]
    pub(crate) percentile: Option<f64>,
    pub(crate) is_raised: bool,
    pub(crate) support: i64,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    pub(crate) said_by: String,
}

/// A row of `gold.collusion_rings`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ring {
    tenant: String,
    pub(crate) ring_id: String,
    pub(crate) kind: String,
    pub(crate) score: f64,
    pub(crate) provider_ids: Vec<String>,
    pub(crate) provider_names: Vec<String>,
    pub(crate) wins: Vec<f64>,
    #[serde(default)]
    pub(crate) signals: Vec<String>,
    #[serde(default)]
    pub(crate) values: Vec<f64>,
    #[serde(default)]
    pub(crate) chances: Vec<f64>,
    #[serde(default)]
    pub(crate) raised: Vec<String>,
    #[serde(default)]
    pub(crate) project_ids: Vec<String>,
}

/// A row of `gold.collusion_pairs`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pair {
    tenant: String,
    pub(crate) provider_a: String,
    pub(crate) provider_b: String,
    pub(crate) shared: i64,
    pub(crate) score: f64,
    #[serde(default)]
    pub(crate) ring_id: Option<String>,
}

/// A decision as it lands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Decided {
    pub(crate) tenant: String,
    pub(crate) entity_kind: String,
    pub(crate) entity_id: String,
    pub(crate) verdict: Verdict,
    evidence: Vec<String>,
    decided_at: String,
    decided_by: Option<String>,
    note: Option<String>,
}

/// Who decides what, and why.
#[derive(Debug, Clone)]
pub(crate) struct Ruling {
    pub(crate) verdict: Verdict,
    pub(crate) by: Option<String>,
    pub(crate) note: Option<String>,
}

/// The cases of a lake.
pub(crate) struct Cases<'a> {
    lake: &'a Lake,
}

impl<'a> Cases<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Returns every case, the most serious first.
    pub(crate) async fn all(&self) -> Result<Vec<Case>> {
        let mut cases: Vec<Case> = self.read("abuse_cases", |_| true).await?;
        cases.sort_by(|a, b| {
            let place = |case: &Case| (!case.is_flagged, case.level.clone(), case.rank());
            place(a)
                .cmp(&place(b))
                .then(b.score.total_cmp(&a.score))
                .then((&a.tenant, &a.case_id).cmp(&(&b.tenant, &b.case_id)))
        });
        Ok(cases)
    }

    /// Finds a case by its name, the first letters of it where they name one only, or by what it is about, as `kind:id`.
    pub(crate) async fn find(&self, named: &str, tenant: Option<&str>) -> Result<Case> {
        let is_it = |case: &Case| {
            let is_entity = format!("{}:{}", case.entity_kind, case.entity_id) == named;
            (is_entity || case.case_id.starts_with(named))
                && tenant.is_none_or(|tenant| tenant == case.tenant)
        };
        let mut found = self.all().await?.into_iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(one), Some(other)) => bail!(
                "{named} may be {} of {} or {} of {}: say more letters, or --tenant",
                one.case_id,
                one.tenant,
                other.case_id,
                other.tenant
            ),
            (None, _) => bail!(
                "no case is called {named}, and nothing of that name has one: `pipeline cases list --all` shows them"
            ),
        }
    }

    /// Returns what was looked for of the thing that a case is about.
    pub(crate) async fn signs(&self, case: &Case) -> Result<Vec<Sign>> {
        let is_of = |row: Row<'_>| {
            row.text("tenant") == Some(&case.tenant)
                && row.text("entity_kind") == Some(&case.entity_kind)
                && row.text("entity_id") == Some(&case.entity_id)
        };
        let mut signs: Vec<Sign> = self.read("abuse_signals", is_of).await?;
        signs.sort_by_key(|sign| !sign.is_raised);
        Ok(signs)
    }

    /// Returns the ring of a case, with its pairs.
    pub(crate) async fn ring(&self, case: &Case) -> Result<Option<(Ring, Vec<Pair>)>> {
        let Some(id) = &case.ring_id else {
            return Ok(None);
        };
        let is_it = |row: Row<'_>| {
            row.text("tenant") == Some(&case.tenant) && row.text("ring_id") == Some(id)
        };
        let rings: Vec<Ring> = self.read("collusion_rings", is_it).await?;
        let pairs = self.read("collusion_pairs", is_it).await?;
        Ok(rings.into_iter().next().map(|ring| (ring, pairs)))
    }

    /// Decides on a case; returns the decision as it landed, with the evidence that it was given on.
    pub(crate) async fn decide(
        &self,
        case: &Case,
        ruling: &Ruling,
        at: DateTime<Utc>,
    ) -> Result<Decided> {
        let decided = Decided {
            tenant: case.tenant.clone(),
            entity_kind: case.entity_kind.clone(),
            entity_id: case.entity_id.clone(),
            verdict: ruling.verdict,
            evidence: case.evidence.clone(),
            decided_at: at.to_rfc3339_opts(SecondsFormat::Millis, true),
            decided_by: ruling.by.clone(),
            note: ruling.note.clone(),
        };
        let instant = decided.decided_at.replace(':', "-");
        let path = format!("{LANDING}/{}_{instant}.json", case.case_id);
        if !self.lake.create_json(&path, &[&decided]).await? {
            bail!(
                "{path} is there already: somebody decided at the same moment, look and decide again"
            );
        }
        Ok(decided)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        table: &str,
        keep: impl Fn(Row<'_>) -> bool,
    ) -> Result<Vec<T>> {
        read_table(self.lake, &TableName::new(Layer::Gold, table), keep).await
    }
}

impl Case {
    /// Who does it comes before what is done.
    fn rank(&self) -> usize {
        let order = [
            "ring",
            "provider",
            "client",
            "person",
            "submission",
            "project",
        ];
        let place = order.iter().position(|kind| *kind == self.entity_kind);
        place.unwrap_or(order.len())
    }

    /// What it is about, as `kind:id`.
    pub(crate) fn entity(&self) -> String {
        format!("{}:{}", self.entity_kind, self.entity_id)
    }
}

/// The kinds of evidence, with how many pieces there are of each.
pub(crate) fn counted(evidence: &[String]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for one in evidence {
        if let Ok(entity) = one.parse::<Entity>() {
            *counts.entry(entity.kind.as_str()).or_insert(0) += 1;
        }
    }
    let told: Vec<String> = counts
        .into_iter()
        .map(|(kind, count)| format!("{count} {kind}{}", if count == 1 { "" } else { "s" }))
        .collect();
    told.join(", ")
}
