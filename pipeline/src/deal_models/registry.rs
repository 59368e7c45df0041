//! Every fit by its name and version, kept whatever became of it: `models/registry/<name>/<version>/`.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use deals::{CARDS_FILE, DealModels, ModelCard, PriceRules, RULES_FILE, model_file};
use lake::Lake;

/// The card's file name beside the model.
const CARD: &str = "card.json";

/// The fits that a lake keeps.
pub(crate) struct Registry<'a> {
    lake: &'a Lake,
}

impl<'a> Registry<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Keeps a fit; where its version is there already, it stays as it was first fitted.
    pub(crate) async fn keep(&self, card: &ModelCard, model: &[u8]) -> Result<()> {
        let folder = folder(&card.name, &card.version);
        let card_file = format!("{folder}/{CARD}");
        if self.lake.exists(&card_file).await? {
            return Ok(());
        }
        // The card comes last: a version that has one is whole.
        let model_file = format!("{folder}/{}", model_file(&card.name));
        self.lake.write(&model_file, model.to_vec()).await?;
        self.lake.create_json(&card_file, card).await?;
        Ok(())
    }

    /// Reads the card of a version; none where it is gone.
    pub(crate) async fn find(&self, name: &str, version: &str) -> Result<Option<ModelCard>> {
        let file = format!("{}/{CARD}", folder(name, version));
        Ok(self.lake.read_json(&file).await?)
    }

    /// Reads the card of a version.
    pub(crate) async fn card(&self, name: &str, version: &str) -> Result<ModelCard> {
        let file = format!("{}/{CARD}", folder(name, version));
        let card = self.find(name, version).await?;
        card.with_context(|| gone(name, version, &file))
    }

    /// Reads the bytes of a version; they are checked against its digest.
    pub(crate) async fn bytes(&self, card: &ModelCard) -> Result<Bytes> {
        let (name, version) = (&card.name, &card.version);
        let file = format!("{}/{}", folder(name, version), model_file(name));
        let bytes = self.lake.read(&file).await?;
        let bytes = bytes.with_context(|| gone(name, version, &file))?;
        if blake3::hash(&bytes).to_hex().as_str() != card.digest
            || !card.digest.starts_with(version.as_str())
        {
            bail!("{file} is damaged: {}", mend(name));
        }
        Ok(bytes)
    }

    /// Opens a version: models of which there is this one.
    pub(crate) async fn open(&self, name: &str, version: &str) -> Result<DealModels> {
        let card = self.card(name, version).await?;
        let bytes = self.bytes(&card).await?;
        let scratch = self.lake.scratch()?;
        let folder = scratch.path();
        std::fs::write(folder.join(model_file(name)), bytes)?;
        std::fs::write(folder.join(CARDS_FILE), serde_json::to_vec(&[card])?)?;
        let rules = serde_json::to_vec(&PriceRules::default())?;
        std::fs::write(folder.join(RULES_FILE), rules)?;
        Ok(DealModels::open(folder)?)
    }
}

fn folder(name: &str, version: &str) -> String {
    format!("models/registry/{name}/{version}")
}

fn gone(name: &str, version: &str, file: &str) -> String {
    format!(
        "version {version} of {name} is gone from the registry (no {file}): {}",
        mend(name)
    )
}

fn mend(name: &str) -> String {
    format!(
        "put it back from a copy of the lake, or decide otherwise: `pipeline models unpin {name}`, \
         or pin or promote another version that `pipeline models list` names"
    )
}
