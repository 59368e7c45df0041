//! What a silver table stands on, and whether new rows may be merged into it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use lake::last_made;
use quality::Profile;
use schemas::{Contract, TableName};
use sql::{Segment, may_merge};

use crate::{
    artefact::{Artefact, Basis, SegmentRecord},
    context::{Context, Inputs},
};

/// With more new rows than this share of all, building the whole table is as quick.
const LARGEST_SHARE: f64 = 0.3;

/// How many tables that it was merged into a table remembers.
const LONGEST_MEMORY: usize = 64;

/// A table to merge new rows into.
pub(super) struct Standing {
    pub(super) made: Artefact,
    pub(super) basis: Basis,
    pub(super) segments: Vec<Segment>,
    /// The bronze files that are not in it yet.
    pub(super) fresh: Vec<String>,
    pub(super) fresh_rows: u64,
    /// Whether a table that it refers to has grown since.
    pub(super) is_outgrown: bool,
}

impl Standing {
    /// Finds the table that was made last, where merging what came since into it gives what building it anew would give.
    pub(super) async fn find(
        context: &Context,
        contract: &Contract,
        made_by: &str,
        inputs: &Inputs,
        bronze: &Artefact,
    ) -> Result<Option<Self>> {
        if !may_merge(contract) {
            return Ok(None);
        }
        let table = &contract.table;
        let Some(made) = last(context, table).await? else {
            return Ok(None);
        };
        let Some(basis) = made.basis.clone().filter(|basis| basis.made_by == made_by) else {
            return Ok(None);
        };
        let files: BTreeSet<String> = bronze.files.iter().cloned().collect();
        let (rows, fresh_rows) = (
            bronze.count("rows"),
            bronze.count("rows").saturating_sub(basis.bronze_rows),
        );
        let has_lost_files = !basis.bronze.is_subset(&files);
        let has_much_more = fresh_rows as f64 > rows as f64 * LARGEST_SHARE;
        let Some(is_outgrown) = outgrown(contract, &basis, inputs)? else {
            return Ok(None);
        };
        if has_lost_files || has_much_more || made.files.len() != basis.segments.len() {
            return Ok(None);
        }
        let Some(segments) = segments(&made.files, &basis.segments) else {
            return Ok(None);
        };
        Ok(Some(Self {
            fresh: files.difference(&basis.bronze).cloned().collect(),
            fresh_rows,
            is_outgrown,
            segments,
            made,
            basis,
        }))
    }

    /// Returns the fingerprints of what a table made of this one is merged into.
    pub(super) fn grown_from(&self) -> Vec<String> {
        let mut all = self.basis.grown_from.clone();
        all.push(self.made.fingerprint.clone());
        let forgotten = all.len().saturating_sub(LONGEST_MEMORY);
        all.split_off(forgotten)
    }
}

/// Returns the version of a table that was made last and is whole.
async fn last(context: &Context, table: &TableName) -> Result<Option<Artefact>> {
    let noted = context.lake.read(&last_made(table)).await?;
    for fingerprint in String::from_utf8_lossy(&noted.unwrap_or_default()).lines() {
        let made = Artefact::find(&context.lake, &table.to_string(), fingerprint).await?;
        if made.is_some() {
            return Ok(made);
        }
    }
    Ok(None)
}

/// Notes the version of a table that is made, before its record says so, and after it the one that was whole before: where the run is
/// killed between the two, the next one stands on that.
pub(super) async fn note_last(
    context: &Context,
    table: &TableName,
    fingerprint: &str,
) -> Result<()> {
    let mut lines = vec![fingerprint.to_owned()];
    let before = last(context, table).await?.map(|made| made.fingerprint);
    lines.extend(before.filter(|before| before != fingerprint));
    let noted = lines.join("\n").into_bytes();
    Ok(context.lake.write(&last_made(table), noted).await?)
}

/// Says whether a table that the contract refers to has grown since; none where one is not the same table grown: it may have lost
/// keys, and rows that stand may refer to them.
fn outgrown(contract: &Contract, basis: &Basis, inputs: &Inputs) -> Result<Option<bool>> {
    let mut is_outgrown = false;
    for (table, fingerprint) in referred(contract, inputs)? {
        let made = inputs.get(&table).context("it was found above")?;
        let Some(before) = basis.refers_to.get(&table) else {
            return Ok(None);
        };
        if *before == fingerprint {
            continue;
        }
        let has_grown = |basis: &Basis| basis.grown_from.contains(before);
        if !made.basis.as_ref().is_some_and(has_grown) {
            return Ok(None);
        }
        is_outgrown = true;
    }
    Ok(Some(is_outgrown))
}

/// Returns the fingerprints of the tables that a contract refers to.
pub(super) fn referred(contract: &Contract, inputs: &Inputs) -> Result<BTreeMap<String, String>> {
    let tables: BTreeSet<&TableName> = contract.referenced_tables().collect();
    let fingerprint = |table: &TableName| {
        let name = table.to_string();
        let made = inputs
            .get(&name)
            .with_context(|| format!("{name} is not among the inputs"))?;
        Ok((name, made.fingerprint.clone()))
    };
    tables.into_iter().map(fingerprint).collect()
}

fn segments(files: &[String], records: &[SegmentRecord]) -> Option<Vec<Segment>> {
    let segment = |(file, record): (&String, &SegmentRecord)| {
        Some(Segment {
            file: file.into(),
            rows: record.rows,
            digest: record.digest.clone(),
            profile: Profile::clone(&record.profile),
            last_key: bytes(&record.last_key)?,
        })
    };
    files.iter().zip(records).map(segment).collect()
}

/// Returns segments as an artefact records them.
pub(super) fn records(segments: &[Segment]) -> Vec<SegmentRecord> {
    let record = |segment: &Segment| SegmentRecord {
        rows: segment.rows,
        digest: segment.digest.clone(),
        profile: Arc::new(segment.profile.clone()),
        last_key: hex(&segment.last_key),
    };
    segments.iter().map(record).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_hexadecimal() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&hex(&all)), Some(all));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("zz"), None);
    }
}
