//! The models that a node answers with, in a folder.

use std::{collections::BTreeMap, fs, path::Path};

use likelihood::LikelihoodModel;
use pricing::PriceModel;
use ranking::RankModel;
use serde::{Serialize, de::DeserializeOwned};
use tabular::{Stored, from_bytes, to_bytes};

use crate::{
    DealError, Kind, PriceRules, RULES_FILE,
    card::{ModelCard, ModelKind},
    features::Purpose,
    fit::Previous,
};

/// The cards' file name beside the models.
pub const CARDS_FILE: &str = "cards.json";

/// A model with its card.
type Carded<M> = BTreeMap<Kind, Previous<M>>;

/// Models by kind of deal: those that could be learnt.
#[derive(Debug, Clone, Default)]
pub struct DealModels {
    /// What deals should cost.
    pub prices: Carded<PriceModel>,
    /// How likely they are to come to their end.
    pub likelihoods: Carded<LikelihoodModel>,
    /// Which bid comes first, where that was learnt better than the formula says it.
    pub rankings: Carded<RankModel>,
    /// Bounds that are applied after.
    pub rules: PriceRules,
}

impl DealModels {
    /// Opens the folder that [`Self::save`] wrote; every model's bytes are checked against its digest.
    ///
    /// # Errors
    /// A file is missing or damaged.
    pub fn open(folder: &Path) -> Result<Self, DealError> {
        let cards: Vec<ModelCard> = read_json(folder, CARDS_FILE)?;
        let mut models = Self {
            rules: read_json(folder, RULES_FILE)?,
            ..Self::default()
        };
        for card in cards {
            match card.says {
                ModelKind::Price => {
                    models.prices.insert(card.kind, read_model(folder, card)?);
                }
                ModelKind::Likelihood => {
                    models
                        .likelihoods
                        .insert(card.kind, read_model(folder, card)?);
                }
                ModelKind::Ranking => {
                    models.rankings.insert(card.kind, read_model(folder, card)?);
                }
            }
        }
        Ok(models)
    }

    /// Writes the models, their cards and the rules into a folder.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), DealError> {
        for one in self.prices.values() {
            write_model(folder, one)?;
        }
        for one in self.likelihoods.values() {
            write_model(folder, one)?;
        }
        for one in self.rankings.values() {
            write_model(folder, one)?;
        }
        write_json(folder, CARDS_FILE, &self.cards())?;
        write_json(folder, RULES_FILE, &self.rules)
    }

    /// Returns the labels of a feature that the model of this purpose has seen, sorted.
    #[must_use]
    pub fn labels(&self, kind: Kind, purpose: Purpose, feature: &str) -> Vec<&str> {
        let schema = match purpose {
            Purpose::Price => self.prices.get(&kind).map(|one| one.model.schema()),
            Purpose::Likelihood => self.likelihoods.get(&kind).map(|one| one.model.schema()),
        };
        let features = schema.into_iter().flat_map(tabular::Schema::features);
        let found = features
            .filter(|of| of.name == feature)
            .filter_map(|of| match &of.kind {
                tabular::Kind::Category { levels } => Some(levels),
                tabular::Kind::Number => None,
            });
        found.flatten().map(String::as_str).collect()
    }

    /// Puts the models of `other` in the place of ours of the same name; the rules stay.
    pub fn replace(&mut self, other: Self) {
        self.prices.extend(other.prices);
        self.likelihoods.extend(other.likelihoods);
        self.rankings.extend(other.rankings);
    }

    /// Returns the cards, by the models' names.
    #[must_use]
    pub fn cards(&self) -> Vec<&ModelCard> {
        let prices = self.prices.values().map(|one| &one.card);
        let mut cards: Vec<_> = prices
            .chain(self.likelihoods.values().map(|one| &one.card))
            .chain(self.rankings.values().map(|one| &one.card))
            .collect();
        cards.sort_by(|a, b| a.name.cmp(&b.name));
        cards
    }
}

/// Returns the name of a model's file.
#[must_use]
pub fn model_file(name: &str) -> String {
    format!("{name}.model")
}

fn read_model<M: Stored + DeserializeOwned>(
    folder: &Path,
    card: ModelCard,
) -> Result<Previous<M>, DealError> {
    let file = model_file(&card.name);
    let bytes = fs::read(folder.join(&file)).map_err(DealError::io(file))?;
    let model = from_bytes(&bytes).map_err(DealError::model(&card.name))?;
    Ok(Previous { model, card })
}

fn write_model<M: Stored + Serialize>(folder: &Path, one: &Previous<M>) -> Result<(), DealError> {
    let file = model_file(&one.card.name);
    let bytes = to_bytes(&one.model).map_err(DealError::model(&one.card.name))?;
    fs::write(folder.join(&file), bytes).map_err(DealError::io(file))
}

fn read_json<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<T, DealError> {
    let bytes = fs::read(folder.join(file)).map_err(DealError::io(file))?;
    serde_json::from_slice(&bytes).map_err(|source| DealError::Malformed {
        file: file.to_owned(),
        source,
    })
}

fn write_json(folder: &Path, file: &str, value: &impl Serialize) -> Result<(), DealError> {
    let bytes = serde_json::to_vec_pretty(value).map_err(|source| DealError::Malformed {
        file: file.to_owned(),
        source,
    })?;
    fs::write(folder.join(file), bytes).map_err(DealError::io(file))
}
