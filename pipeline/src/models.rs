//! The models of a lake as people look at them, and decisions on them as files of the landing area.

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use deals::ModelCard;
use lake::Lake;
use schemas::{Layer, TableName};
use serde::de::DeserializeOwned;

use crate::{
    arm_comparison::ArmWeek,
    deal_models::{Decision, Decisions, Registry, Sort, Version},
    published::{published, read_table},
};

/// Where decisions land.
const LANDING: &str = "landing/model_decisions";

/// The models of a lake.
pub(crate) struct Models<'a> {
    lake: &'a Lake,
}

impl<'a> Models<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Returns every version that was fitted, by name and version.
    pub(crate) async fn versions(&self) -> Result<Vec<Version>> {
        self.gold("model_versions").await
    }

    /// Returns what users of experiments did, by tenant, experiment, arm and week.
    pub(crate) async fn arm_weeks(&self) -> Result<Vec<ArmWeek>> {
        self.gold("arm_conversion").await
    }

    /// Returns what was decided: what the last run knew, and what landed since.
    pub(crate) async fn decisions(&self) -> Result<Decisions> {
        let mut decisions =
            match published(self.lake, &TableName::new(Layer::Silver, "model_decisions")).await? {
                Some(files) => Decisions::of_files(&files)?,
                None => Decisions::default(),
            };
        for entry in self.lake.list(LANDING).await? {
            // What landed otherwise than by these commands is told by the next run.
            let landed: Result<Option<Vec<Decision>>, _> = self.lake.read_json(&entry.path).await;
            decisions.add(landed.ok().flatten().unwrap_or_default());
        }
        Ok(decisions)
    }

    /// Finds a version by its digits, the first of them where they name one version only, or the served one by its model's name.
    pub(crate) async fn find(&self, named: &str) -> Result<Version> {
        let versions = self.versions().await?;
        let is_it =
            |one: &&Version| (one.name == named && one.is_served) || one.version.starts_with(named);
        let mut found = versions.iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.clone()),
            (Some(one), Some(other)) => bail!(
                "{named} may be {} of {} or {} of {}: say more digits",
                one.version,
                one.name,
                other.version,
                other.name
            ),
            (None, _) if versions.iter().any(|one| one.name == named) => {
                bail!("no version of {named} is served: name one that `pipeline models list` shows")
            }
            (None, _) => {
                bail!("no model or version is called {named}: `pipeline models list` shows them")
            }
        }
    }

    /// Reads the card of a version.
    pub(crate) async fn card(&self, version: &Version) -> Result<ModelCard> {
        self.registry().card(&version.name, &version.version).await
    }

    /// Returns the fits that are kept.
    pub(crate) fn registry(&self) -> Registry<'a> {
        Registry::new(self.lake)
    }

    /// Decides on a version; returns the decision as it landed. Its bytes must be there, for the next run takes them.
    pub(crate) async fn decide(
        &self,
        sort: Sort,
        version: &Version,
        note: Option<String>,
        at: DateTime<Utc>,
    ) -> Result<Decision> {
        let card = self.card(version).await?;
        self.registry().bytes(&card).await?;
        let decision = Decision {
            name: version.name.clone(),
            version: Some(version.version.clone()),
            decision: sort,
            decided_at: instant(at),
            note,
        };
        self.land(decision).await
    }

    /// Takes out the pin of a model; returns the decision as it landed.
    pub(crate) async fn unpin(
        &self,
        name: &str,
        note: Option<String>,
        at: DateTime<Utc>,
    ) -> Result<Decision> {
        if self.decisions().await?.pinned(name).is_none() {
            bail!("no version of {name} is pinned: `pipeline models list` shows which are");
        }
        let decision = Decision {
            name: name.to_owned(),
            version: None,
            decision: Sort::Unpin,
            decided_at: instant(at),
            note,
        };
        self.land(decision).await
    }

    async fn land(&self, decision: Decision) -> Result<Decision> {
        let at = decision.decided_at.replace(':', "-");
        let path = format!("{LANDING}/{}_{at}.json", decision.name);
        if !self.lake.create_json(&path, &[&decision]).await? {
            bail!(
                "{path} is there already: somebody decided at the same moment, look and decide again"
            );
        }
        Ok(decision)
    }

    /// Reads the rows of a published gold table.
    async fn gold<T: DeserializeOwned>(&self, table: &str) -> Result<Vec<T>> {
        read_table(self.lake, &TableName::new(Layer::Gold, table), |_| true).await
    }
}

/// An instant as tables tell it: in UTC, to the millisecond.
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
