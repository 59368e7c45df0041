//! Both arms of an experiment in one snapshot.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use deals::{DealModels, Kind, ModelCard, ModelKind};
use schemas::{Arm, ArmCard, ExperimentCard, GateResult, Section};

use super::{SectionWeights, deal_models::served};
use crate::{
    context::{Context, Inputs},
    deal_models::{Registry, VERSIONS, Version},
    experiment::{ArmB, Experiment},
    rows::{self, Row},
};

/// An experiment that a snapshot is to run.
#[derive(Debug)]
pub(crate) enum Arms {
    /// Arm B has all that it is to serve.
    Run {
        /// What the manifest says of it.
        card: ExperimentCard,
        /// The models of arm B that differ.
        challengers: Box<DealModels>,
    },
    /// Everybody is served the same.
    Wait {
        /// The experiment.
        name: String,
        /// What arm B lacks.
        lacks: Vec<String>,
    },
}

impl Arms {
    /// Takes what both arms serve; none where no experiment is declared.
    pub(crate) async fn prepare(
        context: &Context,
        inputs: &Inputs,
        weights: &SectionWeights,
    ) -> Result<Option<Self>> {
        let Some(Experiment { name, share, arm_b }) = context.project.experiment()? else {
            return Ok(None);
        };
        let in_place = served(context, inputs).await?;
        let (challengers, mut lacks) = challengers(context, inputs, arm_b, &in_place).await?;
        let fusion = arm_b.search_weights.and_then(|choice| {
            let tried = weights.tried(choice);
            if tried.is_none() {
                lacks.push(format!(
                    "search_weights: {choice:?} ones are in place, or too little is judged to fit any"
                ));
            }
            tried
        });
        if !lacks.is_empty() {
            return Ok(Some(Self::Wait { name, lacks }));
        }
        let mut tried = in_place.clone();
        tried.replace(challengers.clone());
        let arm = |models: &DealModels, fusion| ArmCard {
            models: versions(models),
            fusion,
        };
        let arms = [
            (Arm::A, arm(&in_place, None)),
            (Arm::B, arm(&tried, fusion)),
        ];
        Ok(Some(Self::Run {
            card: ExperimentCard {
                name,
                share,
                arms: arms.into(),
            },
            challengers: Box::new(challengers),
        }))
    }

    /// Returns what the manifest says of an experiment that runs.
    pub(crate) fn card(&self) -> Option<&ExperimentCard> {
        match self {
            Self::Run { card, .. } => Some(card),
            Self::Wait { .. } => None,
        }
    }

    /// Writes arm B's own models below `dir`.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        if let Self::Run { challengers, .. } = self
            && !challengers.cards().is_empty()
        {
            let folder = dir.join(Section::Challengers.as_str());
            std::fs::create_dir_all(&folder)?;
            challengers.save(&folder)?;
        }
        Ok(())
    }

    /// Says what became of it. An experiment refuses no snapshot.
    pub(crate) fn gate(&self) -> GateResult {
        let (name, detail) = match self {
            Self::Run { card, .. } => (&card.name, told(card)),
            Self::Wait { name, lacks } => (
                name,
                format!("waits, everybody is in arm A: {}", lacks.join("; ")),
            ),
        };
        GateResult {
            name: format!("experiment {name}"),
            is_passed: true,
            detail,
        }
    }
}

fn told(card: &ExperimentCard) -> String {
    let models = |arm: Arm| card.arms.get(&arm).map(|arm| &arm.models);
    let (a, b) = (models(Arm::A), models(Arm::B));
    let mut tried: Vec<String> = Vec::new();
    let has_fusion = card
        .arms
        .get(&Arm::B)
        .is_some_and(|arm| arm.fusion.is_some());
    tried.extend(has_fusion.then(|| "other search weights".to_owned()));
    for (name, version) in b.into_iter().flatten() {
        let in_place = a.and_then(|models| models.get(name));
        if in_place != Some(version) {
            let instead = in_place.map_or("none", String::as_str);
            tried.push(format!("{name} {version} for {instead}"));
        }
    }
    format!("{} of users are in arm B: {}", card.share, tried.join(", "))
}

fn versions(models: &DealModels) -> BTreeMap<String, String> {
    let cards = models.cards().into_iter();
    cards
        .map(|card| (card.name.clone(), card.version.clone()))
        .collect()
}

/// Opens the challengers that an arm is to serve, and says of which models there are none.
async fn challengers(
    context: &Context,
    inputs: &Inputs,
    arm_b: ArmB,
    in_place: &DealModels,
) -> Result<(DealModels, Vec<String>)> {
    let (mut models, mut lacks) = (DealModels::default(), Vec::new());
    models.rules = in_place.rules.clone();
    let in_place = versions(in_place);
    let registry = Registry::new(&context.lake);
    for says in arm_b.challengers() {
        let mut is_any = false;
        for name in Kind::ALL.map(|kind| says.name(kind)) {
            let but = in_place.get(&name).map(String::as_str);
            let newest = newest(context, inputs, &name, but).await?;
            if let Some(card) = newest {
                models.replace(registry.open(&name, &card.version).await?);
                is_any = true;
            }
        }
        if !is_any {
            lacks.push(format!("{}: no version but the one in place", field(says)));
        }
    }
    Ok((models, lacks))
}

/// How the file calls the models.
fn field(says: ModelKind) -> &'static str {
    match says {
        ModelKind::Price => "prices",
        ModelKind::Likelihood => "likelihoods",
        ModelKind::Ranking => "ranking",
    }
}

/// The version of a model that was fitted last, but one.
async fn newest(
    context: &Context,
    inputs: &Inputs,
    name: &str,
    but: Option<&str>,
) -> Result<Option<ModelCard>> {
    let registry = Registry::new(&context.lake);
    let mut cards = Vec::new();
    let file = context.input_file(inputs, VERSIONS).await?;
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let row: Version = serde_json::from_value(row.json().into())?;
            if row.name == name && Some(row.version.as_str()) != but {
                // One that was taken out of the registry cannot be tried.
                cards.extend(registry.find(name, &row.version).await?);
            }
        }
    }
    let place = |card: &ModelCard| (card.slot.clone(), card.data_until_day, card.version.clone());
    Ok(cards.into_iter().max_by_key(place))
}
