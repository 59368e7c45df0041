//! What people decided on models: which version is pinned, and which one they put in place.

use std::collections::BTreeMap;

use anyhow::Result;
use deals::{DealModels, Kind, ModelKind};
use lake::LocalFile;
use serde::{Deserialize, Serialize};

use super::{Registry, before, before_lines};
use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// The table of decisions.
pub(crate) const DECISIONS: &str = "silver.model_decisions";

/// A sort of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    /// From the next run on the version is the one in place, which challengers must beat.
    Promote,
    /// The version is served, whatever is fitted.
    Pin,
    /// The pin is taken out.
    Unpin,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    pub(crate) decision: Sort,
    /// RFC 3339 in UTC, so that text sorts as time.
    pub(crate) decided_at: String,
    #[serde(default)]
    pub(crate) note: Option<String>,
}

/// Decisions on models.
#[derive(Debug, Default)]
pub(crate) struct Decisions(Vec<Decision>);

impl Decisions {
    /// Reads the rows of a file of the table.
    pub(crate) fn of_files(files: &[LocalFile]) -> Result<Self> {
        let mut all = Vec::new();
        for file in files {
            for batch in rows::open(file.path())? {
                for row in Row::all(&batch?) {
                    all.push(serde_json::from_value(row.json().into())?);
                }
            }
        }
        Ok(Self(all))
    }

    /// Adds decisions.
    pub(crate) fn add(&mut self, more: Vec<Decision>) {
        self.0.extend(more);
    }

    /// Returns the version that is pinned, where one is.
    pub(crate) fn pinned(&self, name: &str) -> Option<&str> {
        let pin = self.latest(name, Sort::Pin)?;
        let unpin = self.latest(name, Sort::Unpin);
        let holds = unpin.is_none_or(|unpin| unpin.decided_at < pin.decided_at);
        pin.version.as_deref().filter(|_| holds)
    }

    /// Returns the latest promotion.
    pub(crate) fn promoted(&self, name: &str) -> Option<&Decision> {
        self.latest(name, Sort::Promote)
    }

    fn latest(&self, name: &str, sort: Sort) -> Option<&Decision> {
        let of_sort = |one: &&Decision| one.name == name && one.decision == sort;
        let all = self.0.iter().filter(of_sort);
        all.max_by(|a, b| a.decided_at.cmp(&b.decided_at))
    }
}

/// What keeps a model in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It is served, whatever is fitted.
    Pinned,
    /// It is served until a challenger beats it on rows that came after its data.
    Promoted,
}

/// The models that tonight's fits stand against.
#[derive(Debug, Default)]
pub(crate) struct InPlace {
    /// Those that were announced before the slot, or that people put in their place.
    pub(crate) models: DealModels,
    /// What people decided of them, by name.
    pub(crate) standings: BTreeMap<String, Standing>,
}

/// Reads the models in place of those that say one thing. A promotion is followed until a challenger has won: it is new to the
/// snapshot announced before, or that snapshot still serves what was promoted.
pub(crate) async fn in_place(
    context: &Context,
    inputs: &Inputs,
    says: ModelKind,
) -> Result<InPlace> {
    let mut models = before(context).await?;
    let mut standings = BTreeMap::new();
    let decisions = Decisions::of_files(&context.input_files(inputs, DECISIONS).await?)?;
    let known: Vec<Decision> = before_lines(context, DECISIONS).await?;
    let registry = Registry::new(&context.lake);
    for name in Kind::ALL.map(|kind| says.name(kind)) {
        let served = models.cards().into_iter().find(|card| card.name == name);
        let served = served.map(|card| card.version.clone());
        let promoted = decisions
            .promoted(&name)
            .filter(|promoted| !known.contains(promoted) || promoted.version == served);
        let (version, standing) = match (decisions.pinned(&name), promoted) {
            (Some(pinned), _) => (pinned, Standing::Pinned),
            (
                None,
                Some(Decision {
                    version: Some(version),
                    ..
                }),
            ) => (version.as_str(), Standing::Promoted),
            _ => continue,
        };
        if served.as_deref() != Some(version) {
            models.replace(registry.open(&name, version).await?);
        }
        standings.insert(name, standing);
    }
    Ok(InPlace { models, standings })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(decision: Sort, version: Option<&str>, at: &str) -> Decision {
        Decision {
            name: "price_project".to_owned(),
            version: version.map(str::to_owned),
            decision,
            decided_at: at.to_owned(),
            note: None,
        }
    }

    #[test]
    fn a_pin_holds_until_it_is_taken_out_and_may_be_set_again() {
        let mut all = vec![decided(Sort::Pin, Some("a"), "2026-11-21T10:00:00.000Z")];
        assert_eq!(Decisions(all.clone()).pinned("price_project"), Some("a"));
        assert_eq!(Decisions(all.clone()).pinned("price_intro"), None);
        all.push(decided(Sort::Unpin, None, "2026-11-21T11:00:00.000Z"));
        assert_eq!(Decisions(all.clone()).pinned("price_project"), None);
        all.push(decided(Sort::Pin, Some("b"), "2026-11-21T12:00:00.000Z"));
        assert_eq!(Decisions(all).pinned("price_project"), Some("b"));
    }

    #[test]
    fn the_latest_promotion_counts_whatever_the_order_of_rows() {
        let all = vec![
            decided(Sort::Promote, Some("b"), "2026-11-21T12:00:00.000Z"),
            decided(Sort::Promote, Some("a"), "2026-11-21T10:00:00.000Z"),
        ];
        let decisions = Decisions(all);
        let promoted = decisions.promoted("price_project").unwrap();
        assert_eq!(promoted.version.as_deref(), Some("b"));
    }
}
