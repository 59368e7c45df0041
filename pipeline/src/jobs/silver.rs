//! `silver.<table>`: the table's SELECT, then its contract.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use futures::future::BoxFuture;
use lake::{quarantine_file, version};
use schemas::{Contract, Layer, TableName};
use sql::{Select, SilverRequest};

use super::Job;
use crate::{
    artefact::Artefact,
    context::{Context, Inputs},
    failpoint,
};

/// Raise it when the meaning of silver changes for the same SQL and contract.
const CODE: &str = "silver 1";

/// Builds one silver table.
pub(super) struct Silver {
    contract: Contract,
    select: Select,
}

impl Silver {
    pub(super) fn new(contract: &Contract, select: Select) -> Self {
        Self {
            contract: contract.clone(),
            select,
        }
    }

    fn bronze(&self) -> TableName {
        TableName::new(Layer::Bronze, self.contract.table.name.clone())
    }
}

impl Job for Silver {
    fn name(&self) -> String {
        self.contract.table.to_string()
    }

    fn reads(&self) -> Vec<String> {
        let mut reads = super::reads(&self.select, &self.contract);
        reads.insert(self.bronze().to_string());
        reads.into_iter().collect()
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
            let table = &self.contract.table;
            let bronze = self.bronze();
            let scratch = context.lake.scratch()?;
            let (kept, quarantined) = (scratch.file("kept"), scratch.file("quarantined"));
            let session = context.session(inputs)?;
            let request = SilverRequest {
                contract: &self.contract,
                bronze: &context.contract(&bronze)?,
                bronze_rows: context.input(inputs, &bronze.to_string())?.count("rows"),
                select: &self.select,
                slot: context.slot,
                kept: &kept,
                quarantined: &quarantined,
            };
            let report = session.build_silver(&request).await?;
            failpoint::point("silver.before_commit");
            let file = version(table, fingerprint, "parquet");
            context.lake.commit(&kept, &file).await?;
            let mut quarantine = Vec::new();
            if report.rows_quarantined > 0 {
                quarantine.push(quarantine_file(Layer::Silver, &table.name, fingerprint));
                context.lake.commit(&quarantined, &quarantine[0]).await?;
            }
            Ok(Artefact {
                name: self.name(),
                fingerprint: fingerprint.to_owned(),
                digest: report.digest,
                files: vec![file],
                quarantine,
                rows: BTreeMap::from([
                    ("read".to_owned(), report.rows_read),
                    ("rows".to_owned(), report.rows_kept),
                    ("superseded".to_owned(), report.rows_superseded),
                    ("quarantined".to_owned(), report.rows_quarantined),
                ]),
                quarantined_by_rule: report.quarantined_by_rule,
                warned_by_rule: report.warned_by_rule,
                profile: Some(Arc::new(report.profile)),
                ..Default::default()
            })
        })
    }
}
