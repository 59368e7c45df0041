//! `gold.<table>`: the table's SELECT in the order of its key.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use futures::future::BoxFuture;
use lake::version;
use schemas::Contract;
use sql::{GoldRequest, Select};

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
};

/// Raise it when the meaning of gold changes for the same SQL and contract.
const CODE: &str = "gold 1";

/// Builds one gold table.
pub(super) struct Gold {
    contract: Contract,
    select: Select,
}

impl Gold {
    pub(super) fn new(contract: &Contract, select: Select) -> Self {
        Self {
            contract: contract.clone(),
            select,
        }
    }
}

impl Job for Gold {
    fn name(&self) -> String {
        self.contract.table.to_string()
    }

    fn reads(&self) -> Vec<String> {
        super::reads(&self.select, &self.contract)
            .into_iter()
            .collect()
    }

    fn writes(&self) -> String {
        self.name()
    }

    fn depends_on(&self, _context: &Context) -> Result<BTreeMap<String, String>> {
        Ok(super::said_by(CODE, &self.select, &self.contract))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(async move {
            let scratch = context.lake.scratch()?;
            let made = scratch.file("gold");
            let session = context.session(inputs)?;
            let (contract, select) = (&self.contract, &self.select);
            let report = session
                .build_gold(&GoldRequest {
                    contract,
                    select,
                    file: &made,
                })
                .await?;
            let file = version(&contract.table, fingerprint, "parquet");
            context.lake.commit(&made, &file).await?;
            Ok(Artefact {
                name: self.name(),
                fingerprint: fingerprint.to_owned(),
                digest: report.digest,
                files: vec![file],
                rows: BTreeMap::from([("rows".to_owned(), report.rows)]),
                warned_by_rule: report.broken_by_rule,
                profile: Some(Arc::new(report.profile)),
                ..Default::default()
            })
        })
    }
}
