//! Signals as rows of a table, and back.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use abuse::{Entity, Sign, Signal};
use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// A signal, whose it is, and what says so.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) tenant: String,
    pub(crate) of: Entity,
    pub(crate) signal: Signal,
    /// The rule or model that says so, with its version.
    pub(crate) said_by: String,
}

/// Signals by tenant and thing.
pub(crate) type Signals = BTreeMap<(String, Entity), Vec<Signal>>;

/// A row of a table of signals.
#[derive(Debug, Serialize)]
pub(crate) struct SignalRow {
    tenant: String,
    entity_kind: &'static str,
    entity_id: String,
    sign: &'static str,
    family: &'static str,
    value: f64,
    threshold: f64,
    percentile: Option<f64>,
    is_raised: bool,
    support: u64,
    evidence: Vec<String>,
    detail: Option<String>,
    detail_value: Option<f64>,
    said_by: String,
}

/// Makes one signal of those of one sign about one thing, as of a bidder in two rings: the strongest, with what any of them shows.
pub(crate) fn united(found: Vec<Found>) -> Vec<Found> {
    let mut by_thing: BTreeMap<(String, Entity, &'static str), Found> = BTreeMap::new();
    for one in found {
        let key = (one.tenant.clone(), one.of.clone(), one.signal.sign.as_str());
        match by_thing.entry(key) {
            Entry::Vacant(place) => {
                place.insert(one);
            }
            Entry::Occupied(mut place) => {
                let (stronger, weaker) = match one.signal.value > place.get().signal.value {
                    true => (one, place.get().clone()),
                    false => (place.get().clone(), one),
                };
                place.insert(with_evidence_of(stronger, weaker));
            }
        }
    }
    by_thing.into_values().collect()
}

fn with_evidence_of(mut one: Found, other: Found) -> Found {
    let evidence = &mut one.signal.evidence;
    let known: BTreeSet<Entity> = evidence.iter().cloned().collect();
    let news = other.signal.evidence.into_iter();
    evidence.extend(news.filter(|piece| !known.contains(piece)));
    one.signal.support = evidence.len() as u64;
    one
}

/// Makes rows of signals, in the order of the table's key.
pub(crate) fn signal_rows(found: Vec<Found>) -> Vec<SignalRow> {
    let mut rows: Vec<SignalRow> = found
        .into_iter()
        .map(|one| {
            let (detail, detail_value) = one.signal.detail.unzip();
            SignalRow {
                tenant: one.tenant,
                entity_kind: one.of.kind.as_str(),
                entity_id: one.of.id,
                sign: one.signal.sign.as_str(),
                family: one.signal.sign.family().as_str(),
                value: one.signal.value,
                threshold: one.signal.threshold,
                percentile: one.signal.percentile,
                is_raised: one.signal.is_raised,
                support: one.signal.support,
                evidence: one.signal.evidence.iter().map(Entity::to_string).collect(),
                detail,
                detail_value,
                said_by: one.said_by,
            }
        })
        .collect();
    rows.sort_by(|a, b| key(a).cmp(&key(b)));
    rows
}

fn key(row: &SignalRow) -> (&str, &str, &str, &str) {
    (&row.tenant, row.entity_kind, &row.entity_id, row.sign)
}

/// Adds the signals of a table to others.
pub(crate) async fn read_signals(
    context: &Context,
    inputs: &Inputs,
    table: &str,
    signals: &mut Signals,
) -> Result<()> {
    let file = context.input_file(inputs, table).await?;
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let (tenant, of, signal) =
                signal(row).with_context(|| format!("{table}: a row is no signal"))?;
            signals.entry((tenant, of)).or_default().push(signal);
        }
    }
    Ok(())
}

fn signal(row: Row<'_>) -> Option<(String, Entity, Signal)> {
    let kind = row.text("entity_kind")?.parse().ok()?;
    let of = Entity::new(kind, row.text("entity_id")?);
    let sign: Sign = row.text("sign")?.parse().ok()?;
    let evidence = row.texts("evidence").into_iter();
    let detail = row.text("detail").zip(row.number("detail_value"));
    let signal = Signal {
        sign,
        value: row.number("value")?,
        threshold: row.number("threshold")?,
        percentile: row.number("percentile"),
        is_raised: row.claim("is_raised")?,
        support: u64::try_from(row.integer("support")?).ok()?,
        evidence: evidence.filter_map(|one| one.parse().ok()).collect(),
        detail: detail.map(|(name, value)| (name.to_owned(), value)),
    };
    Some((row.text("tenant")?.to_owned(), of, signal))
}

#[cfg(test)]
mod tests {
    use abuse::EntityKind;

    use super::*;

    fn found(of: &str, sign: Sign, value: f64, evidence: &[&str]) -> Found {
        let evidence = evidence.iter().map(|one| one.parse().unwrap());
        let evidence: Vec<Entity> = evidence.collect();
        Found {
            tenant: "tenant_demo".to_owned(),
            of: Entity::new(EntityKind::Provider, of),
            said_by: "test".to_owned(),
            signal: Signal {
                sign,
                value,
                threshold: 0.0,
                percentile: None,
                is_raised: true,
                support: evidence.len() as u64,
                evidence,
                detail: None,
            },
        }
    }

    #[test]
    fn a_bidder_in_two_rings_has_one_signal_with_the_evidence_of_both() {
        let united = united(vec![
            found("a", Sign::InRing, 0.98, &["ring:one", "project:p"]),
            found("b", Sign::InRing, 0.98, &["ring:one"]),
            found(
                "a",
                Sign::InRing,
                0.99,
                &["ring:two", "project:p", "project:q"],
            ),
            found("a", Sign::RiggedBids, 0.5, &["ring:one"]),
        ]);
        let told: Vec<_> = united
            .iter()
            .map(|one| (one.of.id.as_str(), one.signal.sign, one.signal.value))
            .collect();
        assert_eq!(told.len(), 3);
        assert!(told.contains(&("a", Sign::InRing, 0.99)), "{told:?}");
        let both = united.iter().find(|one| one.signal.value == 0.99).unwrap();
        let evidence: Vec<_> = both.signal.evidence.iter().map(Entity::to_string).collect();
        assert_eq!(evidence, ["ring:two", "project:p", "project:q", "ring:one"]);
        assert_eq!(both.signal.support, 4);
    }
}
