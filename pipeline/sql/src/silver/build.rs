//! A silver table from all its bronze rows.

use std::{collections::BTreeMap, path::Path};

use futures::TryStreamExt;
use quality::Profile;
use schemas::Contract;

use super::{query, refused::refuse_broken, sorted::Sorted};
use crate::{
    Segment, Select, Session, SqlError,
    output::{Output, Place},
    quarantine,
};

/// What to build a silver table from.
#[derive(Debug, Clone, Copy)]
pub struct SilverRequest<'a> {
    /// The silver table's contract.
    pub contract: &'a Contract,
    /// The contract of the bronze table it is one to one with.
    pub bronze: &'a Contract,
    /// How many rows that bronze table has.
    pub bronze_rows: u64,
    /// The SELECT.
    pub select: &'a Select,
    /// Rows of a segment, on average.
    pub segment_rows: u64,
    /// The folder to write the segments of kept rows to.
    pub kept: &'a Path,
    /// The Parquet file to write the refused rows to.
    pub quarantined: &'a Path,
}

/// What became of the bronze rows: `read = kept + superseded + quarantined`.
#[derive(Debug, Clone, PartialEq)]
pub struct SilverReport {
    /// Bronze rows.
    pub rows_read: u64,
    /// Rows of the silver table.
    pub rows_kept: u64,
    /// Rows that a later state of the same key replaces.
    pub rows_superseded: u64,
    /// Rows that break a rule.
    pub rows_quarantined: u64,
    /// Quarantined rows by the first rule they break.
    pub quarantined_by_rule: BTreeMap<String, u64>,
    /// Rows that break a rule whose action is to warn or to fail the snapshot.
    pub warned_by_rule: BTreeMap<String, u64>,
    /// The table's segments, in the order of the key.
    pub segments: Vec<Segment>,
    /// Digest of the silver table's content.
    pub digest: String,
    /// What the silver table looks like.
    pub profile: Profile,
}

impl Session {
    /// Builds a silver table.
    ///
    /// # Errors
    /// The SELECT fails, does not fit its contract, or is not one to one with its bronze table; or rows break a
    /// rule whose action is to fail the job.
    pub async fn build_silver(
        &self,
        request: &SilverRequest<'_>,
    ) -> Result<SilverReport, SqlError> {
        let contract = request.contract;
        let what = contract.table.to_string();
        let query = query::whole(contract, request.select);
        let mut stream = self.stream(&query, &what).await?;
        let place = Place::Segments {
            folder: request.kept,
            average_rows: request.segment_rows,
        };
        let mut output = Output::create(contract, place)?;
        let mut sorted = Sorted::of(contract);
        while let Some(batch) = stream.try_next().await.map_err(SqlError::engine(&what))? {
            let kept = sorted
                .add(contract, &batch)
                .map_err(SqlError::engine(&what))?;
            output.write(&kept)?;
        }
        request.one_to_one(sorted.rows)?;
        refuse_broken(contract, &sorted.warned)?;
        let kept = output.finish()?;
        let rows_kept = kept.rows;
        let rows_quarantined = sorted.refused.len() as u64;
        let refused = quarantine::rows(self, request.bronze, sorted.refused).await?;
        let quarantined_by_rule =
            quarantine::write(request.bronze, &[refused], request.quarantined)?;
        Ok(SilverReport {
            rows_read: sorted.rows,
            rows_kept,
            rows_superseded: sorted.rows - rows_kept - rows_quarantined,
            rows_quarantined,
            quarantined_by_rule,
            warned_by_rule: sorted.warned,
            digest: kept.digest,
            profile: kept.profile,
            segments: kept.segments,
        })
    }
}

impl SilverRequest<'_> {
    /// Fails where the SELECT gave another number of rows than it was given.
    pub(super) fn one_to_one(&self, staged: u64) -> Result<(), SqlError> {
        if staged == self.bronze_rows {
            return Ok(());
        }
        Err(SqlError::NotOneToOne {
            table: self.contract.table.clone(),
            bronze: self.bronze_rows,
            staged,
        })
    }
}
