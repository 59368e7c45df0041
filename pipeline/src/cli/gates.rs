//! `pipeline gates`.

use anyhow::Result;
use clap::Args;
use lake::{Lake, Ledger};
use schemas::{GateReading, GateResult, Verdict};
use serde_json::json;
use snapshot::Reader;

use super::{
    arguments::{Common, LakeArguments, Output},
    runs,
};
use crate::report::print_json;

/// Show what the gates of a run read: every gate, its value, its threshold and its verdict.
///
/// Gates look at whole tables before anything is made of them: rows, empty columns, drift, freshness. Their limits are in `schemas/gates.toml` and
/// in each contract. `untold` is a gate that had nothing to compare with, or too few rows.
///
///   pipeline gates
///   pipeline gates silver.bids
///   pipeline gates --problems --run 2026-11-20.0001
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct GatesArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Only those of this table, such as `silver.bids`.
    table: Option<String>,
    /// The run, or `last`.
    #[arg(long, default_value = "last", value_name = "RUN")]
    run: String,
    /// Only those that warned or failed.
    #[arg(long)]
    problems: bool,
}

pub(super) async fn gates(common: &Common, arguments: GatesArguments) -> Result<u8> {
    let lake = Lake::open_existing(&arguments.lake.lake)?;
    let ledger = Ledger::new(lake.clone());
    let record = runs::find(&ledger, &arguments.run).await?;
    let output = common.output();
    let mut counts = [0_usize; 4];
    let mut carried = Vec::new();
    for (job, said) in ledger.jobs(&record.run).await? {
        if arguments.table.as_ref().is_some_and(|table| *table != job) {
            continue;
        }
        for reading in &said.gates {
            counts[reading.verdict as usize] += 1;
            if !arguments.problems || reading.verdict >= Verdict::Warned {
                tell(output, reading);
            }
        }
        carried.extend(said.carried_over.map(|over| (job, over)));
    }
    if let (None, Some(id)) = (&arguments.table, &record.snapshot) {
        let manifest = Reader::new(lake.store().clone()).manifest(id, None).await?;
        let is_of_table =
            |gate: &GateResult| gate.name.contains('.') && !gate.name.starts_with("row_count");
        for gate in manifest.gates.iter().filter(|gate| !is_of_table(gate)) {
            let is_told =
                !arguments.problems || gate.detail.starts_with("warning: ") || !gate.is_passed;
            counts[if gate.is_passed { 0 } else { 3 }] += 1;
            match output {
                Output::Json if is_told => print_json(&json!({ "snapshot": id, "gate": gate })),
                Output::Text if is_told => {
                    let state = if gate.is_passed { "passed" } else { "FAILED" };
                    println!(
                        "{state:7} {:48} {}",
                        format!("{} (snapshot)", gate.name),
                        gate.detail
                    );
                }
                _ => {}
            }
        }
    }
    for (job, over) in carried {
        match output {
            Output::Json => print_json(&json!({ "table": job, "carried_over": over })),
            Output::Text => println!(
                "kept    {job}: that of run {} stands in, for {} night(s) since {}: {}",
                over.run, over.nights, over.since, over.reason
            ),
        }
    }
    if output == Output::Text {
        let [passed, untold, warned, failed] = counts;
        println!(
            "run {}: {passed} passed, {untold} untold, {warned} warned, {failed} failed",
            record.run
        );
    }
    Ok(0)
}

fn tell(output: Output, reading: &GateReading) {
    if output == Output::Json {
        let mut told = json!(reading);
        told["name"] = json!(reading.name());
        return print_json(&told);
    }
    let state = match reading.verdict {
        Verdict::Passed => "passed",
        Verdict::Untold => "untold",
        Verdict::Warned => "warning",
        Verdict::Failed => "FAILED",
    };
    println!("{state:7} {:48} {}", reading.name(), reading.detail);
}
