//! `data/experiment.toml`: what people are tried on, and how many of them.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use deals::ModelKind;
use serde::Deserialize;

/// Where an experiment is declared, in the project.
pub(crate) const FILE: &str = "data/experiment.toml";
/// Characters of a name.
const LONGEST: usize = 64;

/// An experiment as an operator declares it.
///
/// | setting | values | meaning |
/// |---|---|---|
/// | `name` | letters, digits, `-`, `_` | tells experiments apart; another name deals users anew |
/// | `share` | 0 to 1 | the share of users in arm B |
/// | `arm_b.search_weights` | `default`, `tuned` | weights that need no judgement, or those fitted last, whatever the gate said |
/// | `arm_b.prices`, `likelihoods`, `ranking` | `challenger` | the newest version that is not in place |
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    pub(crate) name: String,
    pub(crate) share: f64,
    pub(crate) arm_b: ArmB,
}

/// What arm B serves in the place of what is in place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArmB {
    #[serde(default)]
    pub(crate) search_weights: Option<SearchWeights>,
    #[serde(default)]
    prices: Option<Choice>,
    #[serde(default)]
    likelihoods: Option<Choice>,
    #[serde(default)]
    ranking: Option<Choice>,
}

/// Weights of the search that can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SearchWeights {
    /// Those that need no judgement.
    Default,
    /// Those fitted last.
    Tuned,
}

/// Models that can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Challenger,
}

impl Experiment {
    /// Reads a file; none where there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text)
                .with_context(|| format!("{} is no experiment", path.display()))
                .map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if read.name.is_empty() || read.name.len() > LONGEST || !read.name.chars().all(is_name) {
            bail!(
                "name is {:?}: write 1 to {LONGEST} letters, digits, hyphens or underscores",
                read.name
            );
        }
        if !(0.0..=1.0).contains(&read.share) {
            bail!("share is {}: write a number from 0 to 1", read.share);
        }
        if read.arm_b == ArmB::default() {
            bail!(
                "arm_b is empty: write search_weights = \"default\" or \"tuned\", or prices, likelihoods or ranking = \"challenger\""
            );
        }
        Ok(read)
    }
}

impl ArmB {
    /// Returns the models of which challengers are tried.
    pub(crate) fn challengers(self) -> impl Iterator<Item = ModelKind> {
        ModelKind::ALL.into_iter().filter(move |says| {
            let chosen = match says {
                ModelKind::Price => self.prices,
                ModelKind::Likelihood => self.likelihoods,
                ModelKind::Ranking => self.ranking,
            };
            chosen.is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"poids-2026\"\nshare = 0.5\n[arm_b]\nsearch_weights = \"tuned\"\nranking = \"challenger\"\n";

    #[test]
    fn an_experiment_is_read_as_it_is_written() {
        let read = Experiment::parse(GOOD).unwrap();
        assert_eq!((read.name.as_str(), read.share), ("poids-2026", 0.5));
        assert_eq!(read.arm_b.search_weights, Some(SearchWeights::Tuned));
        let challengers: Vec<_> = read.arm_b.challengers().collect();
        assert_eq!(challengers, [ModelKind::Ranking]);
    }

    #[test]
    fn no_file_is_no_experiment() {
        let folder = tempfile::tempdir().unwrap();
        let read = Experiment::read(&folder.path().join("experiment.toml")).unwrap();
        assert_eq!(read, None);
    }

    #[test]
    fn a_bad_setting_is_named_with_what_it_may_be() {
        for (good, bad, wanted) in [
            ("\"poids-2026\"", "\"poids 2026\"", ["name", "letters"]),
            ("\"poids-2026\"", "\"\"", ["name", "letters"]),
            ("0.5", "1.5", ["share", "0 to 1"]),
            ("0.5", "-0.1", ["share", "0 to 1"]),
            ("0.5", "nan", ["share", "0 to 1"]),
            ("0.5", "\"half\"", ["share", "f64"]),
            ("share = 0.5", "", ["share", "missing"]),
            (
                "\"tuned\"",
                "\"fitted\"",
                ["search_weights", "`default` or `tuned`"],
            ),
            ("\"challenger\"", "\"newest\"", ["ranking", "challenger"]),
            ("ranking", "rankings", ["rankings", "`ranking`"]),
            (
                "search_weights = \"tuned\"\nranking = \"challenger\"",
                "",
                ["arm_b", "search_weights"],
            ),
        ] {
            let error = Experiment::parse(&GOOD.replace(good, bad)).unwrap_err();
            let said = format!("{error:#}");
            assert!(
                wanted.iter().all(|part| said.contains(part)),
                "{bad}: {said}"
            );
        }
    }
}
