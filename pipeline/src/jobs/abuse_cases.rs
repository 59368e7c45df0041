//! `gold.abuse_cases`: one case per thing that a sign speaks against or that people decided on.

use std::collections::BTreeMap;

use abuse::{Case, Entity, EntityKind, Family, Level, Sign, Signal};
use anyhow::Result;
use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;
use serde::Serialize;

use super::table_job::{Rows, contract};
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
    signs::{ACCOUNTS, DECISIONS, EVENTS, Signals, Tenants, Verdicts, accounts, read_signals},
};

const SIGNALS: &str = "gold.abuse_signals";
/// Tables that name things: table, kind, identifier, name.
const NAMES: [(&str, EntityKind, &str, &str); 4] = [
    (
        "silver.providers",
        EntityKind::Provider,
        "provider_id",
        "name",
    ),
    ("silver.clients", EntityKind::Client, "client_id", "name"),
    (
        "silver.projects",
        EntityKind::Project,
        "project_id",
        "title",
    ),
    (
        "silver.submissions",
        EntityKind::Submission,
        "submission_id",
        "name",
    ),
];

/// Judges every thing.
pub(super) struct AbuseCases;

#[derive(Serialize)]
struct CaseRow {
    tenant: String,
    entity_kind: &'static str,
    entity_id: String,
    case_id: String,
    score: f64,
    level: &'static str,
    is_flagged: bool,
    family: Option<&'static str>,
    signs: Vec<&'static str>,
    sources: Vec<&'static str>,
    source_chances: Vec<f64>,
    ring_id: Option<String>,
    evidence: Vec<String>,
    news: u64,
    verdict: Option<&'static str>,
    decided_at: Option<String>,
    name: Option<String>,
    day: Option<String>,
}

impl Rows for AbuseCases {
    const TABLE: &'static str = "abuse_cases";

    fn reads(&self) -> Vec<String> {
        let tables = NAMES.into_iter().map(|(table, ..)| table);
        let all = tables.chain([SIGNALS, DECISIONS, ACCOUNTS, EVENTS]);
        all.map(str::to_owned).collect()
    }

    fn depends_on(&self, _: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([(
            "code".to_owned(),
            abuse::RULES.to_owned(),
        )]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let mut signals = Signals::new();
            read_signals(context, inputs, SIGNALS, &mut signals).await?;
            let verdicts = Verdicts::read(context, inputs).await?;
            let tenants = accounts(context, inputs).await?;
            let families = add_acts_of_flagged(&mut signals, &verdicts, &tenants);
            let names = names(context, inputs).await?;
            let days = days(&tenants);
            let precisions = verdicts.precisions(&signals);
            let mut cases = Vec::new();
            for whose in verdicts.things(&signals) {
                let of = signals.get(whose).map_or(&[][..], Vec::as_slice);
                let decided = verdicts.of(&whose.0, &whose.1);
                if decided.is_none() && of.iter().all(|signal| !signal.is_raised) {
                    continue;
                }
                let case = verdicts.case(whose, &signals, &precisions);
                let row = CaseRow::new(whose, of, case, families.get(whose).copied());
                cases.push(CaseRow {
                    verdict: decided.map(|one| one.decision.verdict.as_str()),
                    decided_at: decided.map(|one| one.at.clone()),
                    name: names.get(whose).cloned(),
                    day: row.day(&days),
                    ..row
                });
            }
            cases.sort_by(|a, b| a.key().cmp(&b.key()));
            rows::batch(&contract::<Self>(context)?, &cases)
        })
    }
}

/// What a flagged account is flagged for is flagged too, and what of it is still open is worth watching. A ring's bids have signs of their own.
/// Returns what acts are a case of by their authors.
fn add_acts_of_flagged(
    signals: &mut Signals,
    verdicts: &Verdicts,
    tenants: &Tenants,
) -> BTreeMap<(String, Entity), Family> {
    let mut families = BTreeMap::new();
    let precisions = verdicts.precisions(signals);
    let mut added: Vec<((String, Entity), Signal)> = Vec::new();
    for ((tenant, kind), accounts) in tenants {
        for account in accounts {
            let author = (tenant.clone(), Entity::new(*kind, &account.id));
            let case = verdicts.case(&author, signals, &precisions);
            if !case.level.is_flagged() || case.family == Some(Family::Collusion) {
                continue;
            }
            for act in &account.events {
                let of = (tenant.clone(), Entity::new(act.kind.entity(), &act.id));
                let is_evidence = case.evidence.contains(&of.1);
                // What is done and shows nothing is not worth a word.
                if of == author || (act.is_settled && !is_evidence) {
                    continue;
                }
                let chance = match (case.level, is_evidence) {
                    (Level::Confirmed, true) => 1.0,
                    (_, true) => case.score,
                    // By a flagged account, but in no way like what it is flagged for.
                    (_, false) => case.score / 2.0,
                };
                families.extend(case.family.map(|family| (of.clone(), family)));
                added.push((
                    of,
                    Signal {
                        sign: Sign::ByFlagged,
                        value: chance,
                        threshold: 0.0,
                        percentile: None,
                        is_raised: true,
                        support: 1,
                        evidence: vec![author.1.clone()],
                        detail: None,
                    },
                ));
            }
        }
    }
    for (of, signal) in added {
        let own = signals.entry(of).or_default();
        if own.iter().all(|one| one.sign != Sign::ByFlagged) {
            own.push(signal);
        }
    }
    families
}

/// The names of things that have one.
async fn names(context: &Context, inputs: &Inputs) -> Result<BTreeMap<(String, Entity), String>> {
    let mut names = BTreeMap::new();
    for (table, kind, id, name) in NAMES {
        let files = context.input_files(inputs, table).await?;
        for batch in rows::open_all(&files)? {
            for row in Row::all(&batch?) {
                if let (Some(tenant), Some(id), Some(name)) =
                    (row.text("tenant"), row.text(id), row.text(name))
                {
                    names.insert((tenant.to_owned(), Entity::new(kind, id)), name.to_owned());
                }
            }
        }
    }
    Ok(names)
}

/// Days of acts, since 1970-01-01.
fn days(tenants: &Tenants) -> BTreeMap<(String, Entity), i64> {
    let mut days = BTreeMap::new();
    for ((tenant, kind), accounts) in tenants {
        for account in accounts {
            for event in &account.events {
                let day = event.at.div_euclid(86_400);
                let act = Entity::new(event.kind.entity(), &event.id);
                days.insert((tenant.clone(), act), day);
                let own = (tenant.clone(), Entity::new(*kind, &account.id));
                let latest = days.entry(own).or_insert(day);
                *latest = day.max(*latest);
            }
        }
    }
    days
}

impl CaseRow {
    fn new(
        (tenant, entity): &(String, Entity),
        signals: &[Signal],
        case: Case,
        by_author: Option<Family>,
    ) -> Self {
        // What is a case by its author is of the author's family.
        let is_by_author = case.family == Some(Sign::ByFlagged.family());
        let family = by_author.filter(|_| is_by_author).or(case.family);
        let raised = signals.iter().filter(|signal| signal.is_raised);
        let mut signs: Vec<&'static str> =
            raised.clone().map(|signal| signal.sign.as_str()).collect();
        signs.sort_unstable();
        let rings = raised.flat_map(|signal| &signal.evidence);
        let ring = rings
            .into_iter()
            .find(|one| one.kind == EntityKind::Ring)
            .map(|ring| ring.id.clone());
        let own_ring = (entity.kind == EntityKind::Ring).then(|| entity.id.clone());
        Self {
            tenant: tenant.clone(),
            entity_kind: entity.kind.as_str(),
            entity_id: entity.id.clone(),
            case_id: case_id(tenant, entity),
            score: case.score,
            level: case.level.as_str(),
            is_flagged: case.level.is_flagged(),
            family: family.map(Family::as_str),
            signs,
            sources: case.sources.keys().copied().collect(),
            source_chances: case.sources.values().copied().collect(),
            ring_id: own_ring.or(ring),
            evidence: case.evidence.iter().map(Entity::to_string).collect(),
            news: case.news,
            verdict: None,
            decided_at: None,
            name: None,
            day: None,
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.tenant, self.entity_kind, &self.entity_id)
    }

    /// The day of the latest act that the case is about: of the evidence, else of the thing itself.
    fn day(&self, days: &BTreeMap<(String, Entity), i64>) -> Option<String> {
        let of = |text: &str| {
            let entity: Entity = text.parse().ok()?;
            days.get(&(self.tenant.clone(), entity)).copied()
        };
        let own = format!("{}:{}", self.entity_kind, self.entity_id);
        let latest = self.evidence.iter().filter_map(|one| of(one)).max();
        latest.or_else(|| of(&own)).map(rows::date_text)
    }
}

/// The same thing has the same case every night.
fn case_id(tenant: &str, entity: &Entity) -> String {
    let digest = blake3::hash(format!("{tenant}\n{entity}").as_bytes());
    digest.to_hex()[..12].to_owned()
}
