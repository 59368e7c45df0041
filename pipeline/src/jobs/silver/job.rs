//! The job of a silver table.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::Result;
use futures::future::BoxFuture;
use lake::{Scratch, quarantine_file, version};
use schemas::{Contract, Layer, TableName};
use sql::{Segment, Select, SilverMerge, SilverReport, SilverRequest};

use super::standing::{Standing, note_last, records, referred};
use crate::{
    artefact::{Artefact, Basis, fingerprint},
    context::{Context, Inputs},
    failpoint,
    jobs::{Job, bronze, reads, said_by},
};

/// Raise it when the meaning of silver changes for the same SQL and contract.
const CODE: &str = "silver 2";

/// Rows of a segment, on average: what one new row makes written again.
const SEGMENT_ROWS: u64 = 1 << 16;

/// Builds one silver table.
pub(in crate::jobs) struct Silver {
    contract: Contract,
    select: Select,
}

/// Where a table is written before it is committed.
struct Desk {
    _scratch: Scratch,
    kept: PathBuf,
    quarantined: PathBuf,
}

impl Silver {
    pub(in crate::jobs) fn new(contract: &Contract, select: Select) -> Self {
        Self {
            contract: contract.clone(),
            select,
        }
    }

    fn bronze(&self) -> TableName {
        TableName::new(Layer::Bronze, self.contract.table.name.clone())
    }

    /// Returns the digest of all that decides what becomes of a row, but the rows.
    fn made_by(&self) -> String {
        let mut parts = said_by(CODE, &self.select, &self.contract);
        parts.insert("segment rows".to_owned(), SEGMENT_ROWS.to_string());
        fingerprint(&parts)
    }

    /// Builds the table, by merging where that gives the same; with what it was merged into, where it was.
    async fn build(
        &self,
        context: &Context,
        inputs: &Inputs,
        desk: &Desk,
    ) -> Result<(SilverReport, Option<Standing>)> {
        let table = self.bronze();
        let bronze = context.input(inputs, &table.to_string())?;
        let contract = context.contract(&table)?;
        let request = SilverRequest {
            contract: &self.contract,
            bronze: &contract,
            bronze_rows: bronze.count("rows"),
            select: &self.select,
            segment_rows: SEGMENT_ROWS,
            kept: &desk.kept,
            quarantined: &desk.quarantined,
        };
        let made_by = self.made_by();
        let standing = Standing::find(context, &self.contract, &made_by, inputs, bronze).await?;
        if let Some(standing) = standing {
            let mut others = inputs.clone();
            others.remove(&table.to_string());
            let session = context.session(&others)?;
            let earlier = match standing.is_outgrown {
                true => Some(bronze::files_by_name(context, &table.name)?),
                false => None,
            };
            let merge = SilverMerge {
                request,
                store: context.lake.store(),
                standing: sql::Standing {
                    segments: &standing.segments,
                    quarantined: &standing.made.quarantine,
                    warned_by_rule: &standing.made.warned_by_rule,
                },
                fresh: &standing.fresh,
                fresh_rows: standing.fresh_rows,
                reconsider: earlier.as_ref(),
            };
            if let Some(report) = session.merge_silver(&merge).await? {
                return Ok((report, Some(standing)));
            }
        }
        let session = context.session(inputs)?;
        Ok((session.build_silver(&request).await?, None))
    }

    /// Moves the segments that were written into the lake; returns the files of all, in the order of the key.
    async fn commit(
        &self,
        context: &Context,
        desk: &Desk,
        segments: &[Segment],
        fingerprint: &str,
    ) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            if !segment.file.starts_with(&desk.kept) {
                files.push(segment.file.to_string_lossy().into_owned());
                continue;
            }
            let name = format!("{fingerprint}-{index:05}");
            let file = version(&self.contract.table, &name, "parquet");
            context.lake.commit(&segment.file, &file).await?;
            files.push(file);
        }
        Ok(files)
    }

    async fn run(&self, context: &Context, inputs: &Inputs, fingerprint: &str) -> Result<Artefact> {
        let table = &self.contract.table;
        let scratch = context.lake.scratch()?;
        let desk = Desk {
            kept: scratch.file("kept"),
            quarantined: scratch.file("quarantined"),
            _scratch: scratch,
        };
        std::fs::create_dir_all(&desk.kept)?;
        let (report, standing) = self.build(context, inputs, &desk).await?;
        failpoint::point("silver.before_commit");
        let files = self
            .commit(context, &desk, &report.segments, fingerprint)
            .await?;
        let mut quarantine = Vec::new();
        if report.rows_quarantined > 0 {
            quarantine.push(quarantine_file(Layer::Silver, &table.name, fingerprint));
            context
                .lake
                .commit(&desk.quarantined, &quarantine[0])
                .await?;
        }
        let bronze = context.input(inputs, &self.bronze().to_string())?;
        let mut rows = BTreeMap::from([
            ("read".to_owned(), report.rows_read),
            ("rows".to_owned(), report.rows_kept),
            ("superseded".to_owned(), report.rows_superseded),
            ("quarantined".to_owned(), report.rows_quarantined),
        ]);
        if let Some(standing) = &standing {
            rows.insert("merged".to_owned(), standing.fresh_rows);
        }
        let basis = Basis {
            made_by: self.made_by(),
            bronze: bronze.files.iter().cloned().collect(),
            bronze_rows: bronze.count("rows"),
            refers_to: referred(&self.contract, inputs)?,
            grown_from: standing.map(|s| s.grown_from()).unwrap_or_default(),
            segments: records(&report.segments),
        };
        let made = Artefact {
            name: self.name(),
            fingerprint: fingerprint.to_owned(),
            digest: report.digest,
            files,
            quarantine,
            rows,
            quarantined_by_rule: report.quarantined_by_rule,
            warned_by_rule: report.warned_by_rule,
            profile: Some(Arc::new(report.profile)),
            basis: Some(basis),
            ..Default::default()
        };
        note_last(context, table, fingerprint).await?;
        failpoint::point("silver.before_record");
        Ok(made)
    }
}

impl Job for Silver {
    fn name(&self) -> String {
        self.contract.table.to_string()
    }

    fn reads(&self) -> Vec<String> {
        let mut reads = reads(&self.select, &self.contract);
        reads.insert(self.bronze().to_string());
        reads.into_iter().collect()
    }

    fn writes(&self) -> String {
        self.name()
    }

    fn depends_on(&self, _context: &Context) -> Result<BTreeMap<String, String>> {
        Ok(said_by(CODE, &self.select, &self.contract))
    }

    fn make<'a>(
        &'a self,
        context: &'a Context,
        inputs: &'a Inputs,
        fingerprint: &'a str,
    ) -> BoxFuture<'a, Result<Artefact>> {
        Box::pin(self.run(context, inputs, fingerprint))
    }
}
