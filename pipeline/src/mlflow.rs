//! Cards as MLflow reads them: its file store, an experiment for each model and a run for each version.
//!
//! The layout is that of `mlflow.store.tracking.file_store`, read with MLflow 3.17, which wants `MLFLOW_ALLOW_FILE_STORE=true` for it.
//! Identifiers and times come from names, versions and slots: the same lake gives the same files, but for the folder's own path in `artifact_uri`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use chrono::{NaiveDate, NaiveTime};
use deals::{ModelCard, model_file};

use crate::{deal_models::Version, models::Models, plot::plot};

/// What MLflow calls a run that ended well, and a run that no notebook made.
const FINISHED: u8 = 3;
const SOURCE_LOCAL: u8 = 4;
/// The longest value of a parameter that MLflow takes.
const LONGEST_PARAM: usize = 6000;

/// Writes a run for every version below `<folder>/mlruns`; what is there under their names is replaced. Returns how many.
pub(crate) async fn export(models: &Models<'_>, folder: &Path) -> Result<usize> {
    let folder = std::path::absolute(folder)?.join("mlruns");
    let versions = models.versions().await?;
    for version in &versions {
        let card = models.card(version).await?;
        let model = models.registry().bytes(&card).await?;
        let experiment = Experiment::new(&folder, &card);
        let written = experiment
            .write()
            .and_then(|()| experiment.write_run(&card, version, &model));
        written.with_context(|| format!("cannot write {}", experiment.folder.display()))?;
    }
    Ok(versions.len())
}

/// The experiment of a model.
struct Experiment {
    id: String,
    name: String,
    folder: PathBuf,
}

impl Experiment {
    fn new(mlruns: &Path, card: &ModelCard) -> Self {
        let id = experiment_id(&card.name);
        Self {
            folder: mlruns.join(&id),
            id,
            name: card.name.clone(),
        }
    }

    fn write(&self) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let lines = [
            ("artifact_location", quoted(&address(&self.folder))),
            ("creation_time", "0".to_owned()),
            ("experiment_id", quoted(&self.id)),
            ("last_update_time", "0".to_owned()),
            ("lifecycle_stage", "active".to_owned()),
            ("name", quoted(&self.name)),
        ];
        Ok(fs::write(self.folder.join("meta.yaml"), yaml(&lines))?)
    }

    /// Writes a run beside its name, then under it: MLflow finds no half of one.
    fn write_run(&self, card: &ModelCard, version: &Version, model: &[u8]) -> Result<()> {
        let id = run_id(&card.name, &card.version);
        let (run, unfinished) = (
            self.folder.join(&id),
            self.folder.join(format!(".{id}.part")),
        );
        for old in [&unfinished, &run] {
            if old.exists() {
                fs::remove_dir_all(old)?;
            }
        }
        for part in ["params", "metrics", "tags", "artifacts"] {
            fs::create_dir_all(unfinished.join(part))?;
        }
        let at = millis(&card.slot);
        let run_name = format!("{} {}", card.name, card.version);
        let lines = [
            ("artifact_uri", quoted(&address(&run.join("artifacts")))),
            ("end_time", at.to_string()),
            ("entry_point_name", quoted("")),
            ("experiment_id", quoted(&self.id)),
            ("lifecycle_stage", "active".to_owned()),
            ("run_id", quoted(&id)),
            ("run_name", quoted(&run_name)),
            ("run_uuid", quoted(&id)),
            ("source_name", quoted("pipeline")),
            ("source_type", SOURCE_LOCAL.to_string()),
            ("source_version", quoted("")),
            ("start_time", at.to_string()),
            ("status", FINISHED.to_string()),
            ("tags", "[]".to_owned()),
            ("user_id", quoted("pipeline")),
        ];
        fs::write(unfinished.join("meta.yaml"), yaml(&lines))?;
        let write_all = |part: &str, values: Vec<(String, String)>| -> Result<()> {
            for (name, value) in values {
                let file = unfinished.join(part).join(name);
                if let Some(parent) = file.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(file, value)?;
            }
            Ok(())
        };
        write_all("params", params(card))?;
        write_all("metrics", metrics(card, at))?;
        write_all("tags", tags(card, version, &run_name))?;
        let artifacts = unfinished.join("artifacts");
        fs::write(
            artifacts.join("card.json"),
            serde_json::to_vec_pretty(card)?,
        )?;
        fs::write(artifacts.join(model_file(&card.name)), model)?;
        // A card of too few days has nothing to draw.
        if let Ok(svg) = plot(card) {
            fs::write(artifacts.join("plot.svg"), svg)?;
        }
        Ok(fs::rename(unfinished, run)?)
    }
}

fn params(card: &ModelCard) -> Vec<(String, String)> {
    let mut params = vec![
        ("champion".to_owned(), card.champion.clone()),
        ("seed".to_owned(), card.seed.to_string()),
        ("features".to_owned(), card.features.join(", ")),
        ("deals".to_owned(), card.deals.to_string()),
        ("rows".to_owned(), card.rows.to_string()),
    ];
    params.extend(
        card.params
            .iter()
            .map(|(name, value)| (key(name), value.clone())),
    );
    for (_, value) in &mut params {
        *value = value.chars().take(LONGEST_PARAM).collect();
    }
    params
}

/// The measures; those of folds, blocks of time and bins have one line for each, in order.
fn metrics(card: &ModelCard, at: i64) -> Vec<(String, String)> {
    let mut metrics: Vec<(String, Vec<f64>)> = Vec::new();
    let mut add = |name: String, value: f64| {
        let known = metrics.iter_mut().find(|(known, _)| *known == name);
        match known {
            Some((_, values)) => values.push(value),
            None => metrics.push((name, vec![value])),
        }
    };
    for (name, value) in &card.metrics {
        add(key(name), *value);
    }
    for (part, measured) in [("folds", &card.folds), ("by_time", &card.by_time)] {
        for (name, value) in measured.iter().flatten() {
            add(format!("{part}/{}", key(name)), *value);
        }
    }
    for bin in &card.reliability {
        add("reliability/said".to_owned(), bin.said);
        add("reliability/happened".to_owned(), bin.happened);
        add("reliability/rows".to_owned(), bin.rows as f64);
    }
    let lines = |values: Vec<f64>| {
        let finite = values
            .iter()
            .enumerate()
            .filter(|(_, value)| value.is_finite());
        finite
            .map(|(step, value)| format!("{at} {value} {step}\n"))
            .collect::<String>()
    };
    let written = metrics
        .into_iter()
        .map(|(name, values)| (name, lines(values)));
    written.filter(|(_, lines)| !lines.is_empty()).collect()
}

fn tags(card: &ModelCard, version: &Version, run_name: &str) -> Vec<(String, String)> {
    let own = [
        ("kind", version.kind.clone()),
        ("says", version.says.clone()),
        ("version", card.version.clone()),
        ("parent", card.parent.clone().unwrap_or_default()),
        ("verdict", version.verdict.clone()),
        ("is_served", version.is_served.to_string()),
        ("data_digest", card.data_digest.clone()),
        ("data_until", version.data_until.clone()),
        ("slot", card.slot.clone()),
    ];
    let own = own.map(|(name, value)| (format!("marketlounge.{name}"), value));
    let theirs = [
        ("mlflow.runName", run_name.to_owned()),
        ("mlflow.source.name", "pipeline".to_owned()),
        ("mlflow.source.type", "LOCAL".to_owned()),
        ("mlflow.note.content", card.sentence()),
    ];
    let theirs = theirs.map(|(name, value)| (name.to_owned(), value));
    own.into_iter().chain(theirs).collect()
}

/// A name in the characters that MLflow takes.
fn key(name: &str) -> String {
    let is_good = |ch: &char| ch.is_ascii_alphanumeric() || "_-. :".contains(*ch);
    name.chars().filter(is_good).collect()
}

/// Experiments are numbers of 18 digits, as MLflow makes them.
fn experiment_id(name: &str) -> String {
    let digest = blake3::hash(name.as_bytes());
    let start: [u8; 8] = std::array::from_fn(|at| digest.as_bytes()[at]);
    let number = u64::from_le_bytes(start) % 900_000_000_000_000_000;
    (number + 100_000_000_000_000_000).to_string()
}

fn run_id(name: &str, version: &str) -> String {
    let digest = blake3::hash(format!("{name}/{version}").as_bytes());
    digest.to_hex()[..32].to_owned()
}

/// The start of a slot, in milliseconds since 1970.
fn millis(slot: &str) -> i64 {
    let day: Option<NaiveDate> = slot.get(..10).and_then(|day| day.parse().ok());
    day.map_or(0, |day| {
        day.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
    })
}

fn address(path: &Path) -> String {
    let mut address = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

/// A JSON string is a YAML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn yaml(lines: &[(&str, String)]) -> String {
    lines
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_characters_that_mlflow_takes() {
        assert_eq!(
            key("loss of logistic, calibration none"),
            "loss of logistic calibration none"
        );
        assert_eq!(key("../coût"), "..cot");
        assert_eq!(address(Path::new("/tmp/à b")), "file:///tmp/%C3%A0%20b");
    }

    #[test]
    fn identifiers_and_times_come_from_names_and_slots() {
        let ids = ["price_project", "price_intro"].map(experiment_id);
        assert!(
            ids[0] != ids[1]
                && ids
                    .iter()
                    .all(|id| id.len() == 18 && id.parse::<u64>().is_ok())
        );
        assert_ne!(run_id("price_project", "a"), run_id("price_intro", "a"));
        assert_eq!(millis("2026-11-20"), 1_795_132_800_000);
        assert_eq!(millis("soon"), 0);
    }
}
