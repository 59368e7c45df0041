//! What people found of cases.

use std::collections::{BTreeMap, BTreeSet};

use abuse::{Case, Decision, Entity, Precisions, Sign, Verdict, judge};
use anyhow::{Context as _, Result};

use super::Signals;
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// The table of decisions.
pub(crate) const DECISIONS: &str = "silver.case_decisions";

/// A decision, and when it was given.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    /// RFC 3339 in UTC.
    pub(crate) at: String,
}

/// How often each sign is right, by tenant.
#[derive(Debug)]
pub(crate) struct Learnt {
    none: Precisions,
    by_tenant: BTreeMap<String, Precisions>,
}

impl Learnt {
    /// Returns what a tenant's decisions taught.
    pub(crate) fn of(&self, tenant: &str) -> &Precisions {
        self.by_tenant.get(tenant).unwrap_or(&self.none)
    }

    /// Returns the tenants that decided anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Precisions)> {
        self.by_tenant
            .iter()
            .map(|(tenant, learnt)| (tenant.as_str(), learnt))
    }
}

/// Decisions by tenant and thing.
#[derive(Debug, Default)]
pub(crate) struct Verdicts(BTreeMap<(String, Entity), Decided>);

impl Verdicts {
    /// Reads every decision.
    pub(crate) async fn read(context: &Context, inputs: &Inputs) -> Result<Self> {
        let mut all = BTreeMap::new();
        for file in context.input_files(inputs, DECISIONS).await? {
            for batch in rows::open(file.path())? {
                for row in Row::all(&batch?) {
                    let (whose, decided) = decided(row)
                        .with_context(|| format!("{DECISIONS}: a row is no decision"))?;
                    all.insert(whose, decided);
                }
            }
        }
        Ok(Self(all))
    }

    /// Returns the decision on a thing.
    pub(crate) fn of(&self, tenant: &str, entity: &Entity) -> Option<&Decided> {
        self.0.get(&(tenant.to_owned(), entity.clone()))
    }

    /// Learns how often each sign is right for each tenant from what it decided, where its things still raise it.
    pub(crate) fn precisions(&self, signals: &Signals) -> Learnt {
        let mut decided: BTreeMap<&str, Vec<(Vec<Sign>, Verdict)>> = BTreeMap::new();
        for (whose, one) in &self.0 {
            let of = signals.get(whose).map_or(&[][..], Vec::as_slice);
            let raised = of.iter().filter(|signal| signal.is_raised);
            let signs = raised.map(|signal| signal.sign).collect();
            let of_tenant = decided.entry(&whose.0).or_default();
            of_tenant.push((signs, one.decision.verdict));
        }
        let learn = |(tenant, decided): (&str, Vec<(Vec<Sign>, Verdict)>)| {
            let decided = decided
                .iter()
                .map(|(signs, verdict)| (signs.as_slice(), *verdict));
            (tenant.to_owned(), Precisions::learn(decided))
        };
        Learnt {
            none: Precisions::default(),
            by_tenant: decided.into_iter().map(learn).collect(),
        }
    }

    /// Judges a thing by its signals, by what its tenant's decisions taught, and by what was decided of it.
    pub(crate) fn case(
        &self,
        whose: &(String, Entity),
        signals: &Signals,
        learnt: &Learnt,
    ) -> Case {
        let of = signals.get(whose).map_or(&[][..], Vec::as_slice);
        let decided = self.0.get(whose).map(|one| &one.decision);
        judge(of, learnt.of(&whose.0), decided)
    }

    /// Returns everything that has signals or was decided on.
    pub(crate) fn things<'a>(&'a self, signals: &'a Signals) -> BTreeSet<&'a (String, Entity)> {
        signals.keys().chain(self.0.keys()).collect()
    }

    /// Returns all decisions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&(String, Entity), &Decided)> {
        self.0.iter()
    }
}

fn decided(row: Row<'_>) -> Option<((String, Entity), Decided)> {
    let kind = row.text("entity_kind")?.parse().ok()?;
    let entity = Entity::new(kind, row.text("entity_id")?);
    let decision = Decision {
        verdict: row.text("verdict")?.parse().ok()?,
        evidence: row
            .texts("evidence")
            .into_iter()
            .map(str::to_owned)
            .collect(),
    };
    let at = row.json().get("decided_at")?.as_str()?.to_owned();
    Some((
        (row.text("tenant")?.to_owned(), entity),
        Decided { decision, at },
    ))
}
