//! `gold.model_versions`: every model version that was ever fitted, promoted or not.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use arrow::record_batch::RecordBatch;
use deals::ModelKind;
use futures::future::BoxFuture;

use super::{
    fit_models::artefact_of,
    table_job::{Rows, contract},
};
use crate::{
    context::{Context, Inputs},
    deal_models::{Fits, VERSIONS, Version, before_lines, before_table},
    rows,
};

const CODE: &str = "model_versions 1";

/// The versions that the snapshot announced before carries, and tonight's.
pub(super) struct ModelVersions;

impl Rows for ModelVersions {
    const TABLE: &'static str = "model_versions";

    fn reads(&self) -> Vec<String> {
        ModelKind::ALL.map(artefact_of).map(str::to_owned).to_vec()
    }

    fn depends_on(&self, context: &Context) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::from([
            ("code".to_owned(), CODE.to_owned()),
            (
                "versions before".to_owned(),
                before_table(context, VERSIONS),
            ),
        ]))
    }

    fn rows<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
    ) -> BoxFuture<'a, Result<RecordBatch>> {
        Box::pin(async move {
            let known: Vec<Version> = before_lines(context, VERSIONS).await?;
            let key = |row: &Version| (row.name.clone(), row.version.clone());
            // A version is its bytes: it stays as it was first fitted.
            let mut versions: BTreeMap<_, Version> =
                known.into_iter().map(|row| (key(&row), row)).collect();
            let mut served = BTreeSet::new();
            for says in ModelKind::ALL {
                let fits = Fits::read(context, inputs, artefact_of(says)).await?;
                let cards = fits.served.cards();
                served.extend(
                    cards
                        .iter()
                        .map(|card| (card.name.clone(), card.version.clone())),
                );
                for card in fits.fitted.iter().chain(cards) {
                    if let Some(row) = Version::of(card)? {
                        versions.entry(key(&row)).or_insert(row);
                    }
                }
            }
            for (key, row) in &mut versions {
                row.is_served = served.contains(key);
            }
            let rows: Vec<_> = versions.into_values().collect();
            rows::batch(&contract::<Self>(context)?, &rows)
        })
    }
}
