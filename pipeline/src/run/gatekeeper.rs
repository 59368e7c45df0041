//! Judges each table before anything is made of it, and lets an earlier artefact stand in where the table's policy says so.

use std::{collections::BTreeMap, fmt};

use anyhow::{Error, Result, anyhow};
use lake::{JobRecord, JobState, Ledger, RunId, RunState, store_failure};
use quality::{Audited, Counts, Measured, judge};
use schemas::{Action, CarriedOver, Contract, GateReading, OnFailure, Slot, TableName, Verdict};

use crate::{artefact::Artefact, context::Context, jobs::Job};

/// What tonight's tables are compared with: those of the run that announced the snapshot, as far as the slot may know of it.
pub(crate) struct Gatekeeper {
    announced: Option<(RunId, Slot)>,
    jobs: BTreeMap<String, JobRecord>,
}

/// A gate or rule whose action is to fail the job found the table out of bounds.
#[derive(Debug)]
pub(crate) struct TableRefused(Vec<String>);

impl fmt::Display for TableRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by its gates: {}", self.0.join("; "))
    }
}

impl std::error::Error for TableRefused {}

impl Gatekeeper {
    /// Finds the newest run for this slot or an earlier one that announced a snapshot.
    pub(crate) async fn open(ledger: &Ledger, slot: Slot) -> Result<Self> {
        for run in ledger.runs().await?.into_iter().rev() {
            let Some(ended) = ledger.ended(&run).await? else {
                continue;
            };
            let has_announced = ended.state == RunState::Succeeded && ended.snapshot.is_some();
            if has_announced && ended.slot <= slot {
                return Ok(Self {
                    jobs: ledger.jobs(&run).await?,
                    announced: Some((run, ended.slot)),
                });
            }
        }
        Ok(Self {
            announced: None,
            jobs: BTreeMap::new(),
        })
    }

    /// Lets a job's output pass, or an earlier one in its place, or neither; writes what it saw into the job's record.
    pub(crate) async fn pass(
        &self,
        context: &Context,
        job: &dyn Job,
        outcome: Result<Artefact>,
        record: &mut JobRecord,
    ) -> Result<Result<Artefact>> {
        let Ok(table) = job.writes().parse::<TableName>() else {
            return Ok(outcome);
        };
        let contract = context.contract(&table)?;
        let failure = match outcome {
            Ok(mut made) => {
                made.gates = self.judged(context, &contract, &made).await?;
                let is_unchanged = self.fingerprint(&made.name) == Some(made.fingerprint.as_str());
                // Of a table that did not change there is nothing new to tell but what is wrong with it.
                let is_told = |one: &&GateReading| !is_unchanged || one.verdict > Verdict::Passed;
                record.gates = made.gates.iter().filter(is_told).cloned().collect();
                let refused = made.gates.iter().filter(|one| one.demands(Action::FailJob));
                let refused: Vec<String> = refused.map(said).collect();
                if refused.is_empty() {
                    return Ok(Ok(made));
                }
                Error::new(TableRefused(refused))
            }
            Err(error) => error,
        };
        // A store that failed may work again: nothing is known against tonight's table.
        if contract.on_failure != OnFailure::CarryOver || store_failure(failure.as_ref()).is_some()
        {
            return Ok(Err(failure));
        }
        Ok(match self.carried(context, &contract, &failure).await? {
            Ok(artefact) => {
                record.state = JobState::CarriedOver;
                record.reason = format!("{failure:#}");
                record.carried_over.clone_from(&artefact.carried_over);
                Ok(artefact)
            }
            Err(why) => Err(failure.context(why)),
        })
    }

    async fn judged(
        &self,
        context: &Context,
        contract: &Contract,
        made: &Artefact,
    ) -> Result<Vec<GateReading>> {
        let before = match self.fingerprint(&made.name) {
            Some(fingerprint) => Artefact::recorded(&context.lake, &made.name, fingerprint).await?,
            None => None,
        };
        let (was, is) = (before.as_ref().map(counts), counts(made));
        let before = before.as_ref().zip(was.as_ref());
        Ok(judge(&Audited {
            contract,
            now: Measured {
                counts: &is,
                profile: made.profile.as_deref(),
            },
            before: before.map(|(before, counts)| Measured {
                counts,
                profile: before.profile.as_deref(),
            }),
            slot: context.slot,
        }))
    }

    /// Returns the fingerprint of what the announced snapshot's run had for a table.
    fn fingerprint(&self, table: &str) -> Option<&str> {
        let record = self.jobs.get(table)?;
        let fingerprint = match &record.carried_over {
            Some(carried) => &carried.fingerprint,
            None => &record.fingerprint,
        };
        Some(fingerprint.as_str()).filter(|fingerprint| !fingerprint.is_empty())
    }

    /// Returns the artefact that stands in for a table, or why none can.
    async fn carried(
        &self,
        context: &Context,
        contract: &Contract,
        failure: &Error,
    ) -> Result<Result<Artefact, String>> {
        let name = contract.table.to_string();
        let (Some((run, _)), Some(fingerprint)) = (&self.announced, self.fingerprint(&name)) else {
            return Ok(Err(format!(
                "{name} has nothing to carry over: no earlier run announced it"
            )));
        };
        let before = self
            .jobs
            .get(&name)
            .and_then(|job| job.carried_over.as_ref());
        let since = before.map_or(context.slot, |before| before.since);
        let nights = (context.slot.day() - since.day()).num_days().max(0) + 1;
        let nights = u32::try_from(nights).unwrap_or(u32::MAX);
        if let Some(most) = contract.carry_over_max.filter(|most| nights > *most) {
            return Ok(Err(format!(
                "{name} was carried over since {since}, and its contract allows {most} nights (carry_over_max)"
            )));
        }
        let Some(mut artefact) = Artefact::find(&context.lake, &name, fingerprint).await? else {
            return Ok(Err(format!(
                "{name} has nothing to carry over: that of run {run} is gone"
            )));
        };
        artefact.carried_over = Some(CarriedOver {
            since,
            nights,
            run: before.map_or_else(|| run.to_string(), |before| before.run.clone()),
            fingerprint: fingerprint.to_owned(),
            reason: format!("{failure:#}"),
        });
        artefact.notes.push(format!(
            "carried over: that of run {run} stands in, for {nights} night(s) since {since}"
        ));
        Ok(Ok(artefact))
    }
}

fn said(reading: &GateReading) -> String {
    format!("{}: {}", reading.name(), reading.detail)
}

fn counts(made: &Artefact) -> Counts {
    Counts {
        read: made.count("read"),
        rows: made.count("rows"),
        quarantined: made.count("quarantined"),
        superseded: made.count("superseded"),
        quarantined_by_rule: made.quarantined_by_rule.clone(),
        broken_by_rule: made.warned_by_rule.clone(),
    }
}

/// Says why tables must not be published, where a run makes no snapshot that would be refused in their place.
pub(crate) fn tables_refused<'a>(made: impl Iterator<Item = &'a Artefact>) -> Option<Error> {
    let refused: Vec<String> = made
        .flat_map(|made| &made.gates)
        .filter(|reading| reading.demands(Action::FailSnapshot))
        .map(said)
        .collect();
    (!refused.is_empty()).then(|| anyhow!("tables are not published: {}", refused.join("; ")))
}
