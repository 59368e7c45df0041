//! The cases and signals of a snapshot, by the thing that they are about.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use abuse::{Entity, EntityKind};
use schemas::Manifest;
use serde::Deserialize;

use super::rings::{PairRow, RingEdge, RingRow};
use crate::reference::{ReferenceError, lines};

/// A row of `gold.abuse_cases`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CaseRow {
    tenant: String,
    entity_kind: EntityKind,
    entity_id: String,
    pub(crate) case_id: String,
    pub(crate) score: f64,
    pub(crate) level: String,
    pub(crate) is_flagged: bool,
    #[serde(default)]
    pub(crate) family: Option<String>,
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
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SignalRow {
    tenant: String,
    entity_kind: EntityKind,
    entity_id: String,
    pub(crate) sign: String,
    pub(crate) family: String,
    pub(crate) value: f64,
    pub(crate) threshold: f64,
    #[serde(default)]
    pub(crate) percentile: Option<f64>,
    pub(crate) is_raised: bool,
    pub(crate) support: i64,
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    #[serde(default)]
    pub(crate) detail: Option<String>,
    #[serde(default)]
    pub(crate) detail_value: Option<f64>,
    pub(crate) said_by: String,
}

/// A row of `gold.entities`.
#[derive(Debug, Deserialize)]
struct EntityRow {
    tenant: String,
    entity_kind: EntityKind,
    entity_id: String,
}

/// Whose thing it is, and which.
type Key = (String, Entity);

/// What a node knows of abuse.
#[derive(Debug, Default)]
pub(crate) struct AbuseBook {
    cases: HashMap<Key, CaseRow>,
    signals: HashMap<Key, Vec<SignalRow>>,
    rings: HashMap<(String, String), RingRow>,
    edges: HashMap<(String, String), Vec<RingEdge>>,
    /// Digests of everything that can be asked about: of a million things they take a tenth of their names.
    known: HashSet<u64>,
}

impl AbuseBook {
    /// Opens what a verified snapshot has; none where it has no such section.
    pub(crate) fn open(dir: &Path, manifest: &Manifest) -> Result<Option<Self>, ReferenceError> {
        let Some(cases) = lines::<CaseRow>(dir, manifest, "abuse/abuse_cases.jsonl")? else {
            return Ok(None);
        };
        let mut book = Self::default();
        for case in cases {
            let key = key(&case.tenant, case.entity_kind, &case.entity_id);
            book.cases.insert(key, case);
        }
        let signals = lines::<SignalRow>(dir, manifest, "abuse/abuse_signals.jsonl")?;
        for signal in signals.unwrap_or_default() {
            let key = key(&signal.tenant, signal.entity_kind, &signal.entity_id);
            book.signals.entry(key).or_default().push(signal);
        }
        let rings = lines::<RingRow>(dir, manifest, "abuse/collusion_rings.jsonl")?;
        for ring in rings.unwrap_or_default() {
            let key = (ring.tenant.clone(), ring.ring_id.clone());
            book.rings.insert(key, ring);
        }
        let pairs = lines::<PairRow>(dir, manifest, "abuse/collusion_pairs.jsonl")?;
        for pair in pairs.unwrap_or_default() {
            if let Some(ring) = &pair.ring_id {
                let key = (pair.tenant.clone(), ring.clone());
                book.edges.entry(key).or_default().push(pair.edge());
            }
        }
        let entities = lines::<EntityRow>(dir, manifest, "abuse/entities.jsonl")?;
        let known = entities.unwrap_or_default().into_iter();
        book.known = known
            .map(|one| digest(&one.tenant, &Entity::new(one.entity_kind, one.entity_id)))
            .collect();
        Ok(Some(book))
    }

    /// Says whether a tenant has a thing.
    pub(crate) fn is_known(&self, tenant: &str, entity: &Entity) -> bool {
        self.known.contains(&digest(tenant, entity))
    }

    /// The case of a tenant's thing; none where no sign speaks against it.
    pub(crate) fn case(&self, tenant: &str, entity: &Entity) -> Option<&CaseRow> {
        self.cases.get(&(tenant.to_owned(), entity.clone()))
    }

    /// A tenant's ring.
    pub(crate) fn ring(&self, tenant: &str, id: &str) -> Option<&RingRow> {
        self.rings.get(&(tenant.to_owned(), id.to_owned()))
    }

    /// Who met whom in a tenant's ring.
    pub(crate) fn edges(&self, tenant: &str, id: &str) -> Vec<RingEdge> {
        let edges = self.edges.get(&(tenant.to_owned(), id.to_owned()));
        edges.cloned().unwrap_or_default()
    }

    /// What was looked for, raised or not.
    pub(crate) fn signals(&self, tenant: &str, entity: &Entity) -> &[SignalRow] {
        let key = (tenant.to_owned(), entity.clone());
        self.signals.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn key(tenant: &str, kind: EntityKind, id: &str) -> Key {
    (tenant.to_owned(), Entity::new(kind, id))
}

fn digest(tenant: &str, entity: &Entity) -> u64 {
    let digest = blake3::hash(format!("{tenant}\n{entity}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}
