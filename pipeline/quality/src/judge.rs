//! Gates: what a contract allows of a table, beside what the table looks like and looked like before.

use std::collections::BTreeMap;

use schemas::{
    Action, Check, Column, Contract, Gate, GateReading, Measure, Pii, Rule, Slot, Verdict, days,
};

use crate::{
    Profile,
    drift::{Distance, FEWEST, ks, psi_of_categories, psi_of_numbers},
};

/// Rows that became what, by rule where a rule did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Rows of the table.
    pub rows: u64,
    /// Rows refused.
    pub quarantined: u64,
    /// Rows that a later state of the same key replaced.
    pub superseded: u64,
    /// Rows refused, by the first rule that they break.
    pub quarantined_by_rule: BTreeMap<String, u64>,
    /// Rows that stay and break a rule, by rule.
    pub broken_by_rule: BTreeMap<String, u64>,
}

/// A table as it came out of one night.
#[derive(Debug, Clone)]
pub struct Measured<'a> {
    /// Its rows, counted.
    pub counts: &'a Counts,
    /// What it looks like; none where nobody looked.
    pub profile: Option<&'a Profile>,
}

/// What is judged.
#[derive(Debug, Clone)]
pub struct Audited<'a> {
    /// The table's contract.
    pub contract: &'a Contract,
    /// Tonight's table.
    pub now: Measured<'a>,
    /// The one that the announced snapshot's run made or kept; none where there is none.
    pub before: Option<Measured<'a>>,
    /// The slot of the run.
    pub slot: Slot,
}

/// Judges a table: every gate by column, then every rule that rows break.
#[must_use]
pub fn judge(audited: &Audited<'_>) -> Vec<GateReading> {
    let mut readings = Vec::new();
    for gate in &audited.contract.gates {
        if gate.measure.is_off() {
            continue;
        }
        match gate.measure.is_of_columns() {
            true => {
                let columns = columns(audited.contract, gate);
                readings.extend(columns.filter_map(|column| of_column(audited, gate, column)));
            }
            false => readings.push(of_table(audited, gate)),
        }
    }
    let rules = audited.contract.rules.iter();
    readings.extend(rules.filter_map(|rule| of_rule(audited, rule)));
    readings
}

/// Returns the columns that a gate measures: those that it names, else all that can be measured so and no other gate of the check names.
fn columns<'a>(contract: &'a Contract, gate: &'a Gate) -> impl Iterator<Item = &'a Column> {
    let named_elsewhere = move |column: &Column| {
        let same = |other: &&Gate| other.measure.name() == gate.measure.name();
        let mut others = contract.gates.iter().filter(same);
        others.any(|other| other.columns.contains(&column.name))
    };
    let is_measured = move |column: &&Column| match gate.columns.is_empty() {
        false => gate.columns.contains(&column.name),
        true if named_elsewhere(column) => false,
        true => match &gate.measure {
            Measure::NullShare { .. } => column.is_nullable,
            Measure::Drift { .. } => {
                column.pii == Pii::None
                    && (column.kind.is_number() || column.kind.is_category())
                    && !contract.key.contains(&column.name)
            }
            Measure::Freshness { .. } => {
                column.kind.is_time() && contract.latest_by.first() == Some(&column.name)
            }
            _ => false,
        },
    };
    contract.columns.iter().filter(is_measured)
}

/// What was measured, against what limit, and a sentence of it.
struct Found {
    value: Option<f64>,
    threshold: Option<f64>,
    is_within: Option<bool>,
    detail: String,
}

impl Found {
    fn untold(why: &str) -> Self {
        Self {
            value: None,
            threshold: None,
            is_within: None,
            detail: why.to_owned(),
        }
    }

    fn told(value: f64, threshold: f64, is_within: bool, detail: String) -> Self {
        Self {
            value: Some(value),
            threshold: Some(threshold),
            is_within: Some(is_within),
            detail,
        }
    }

    fn read(
        self,
        audited: &Audited<'_>,
        check: &str,
        column: Option<&str>,
        action: Action,
    ) -> GateReading {
        GateReading {
            table: audited.contract.table.to_string(),
            check: check.to_owned(),
            column: column.map(str::to_owned),
            value: self.value,
            threshold: self.threshold,
            verdict: match (self.is_within, action) {
                (None, _) => Verdict::Untold,
                (Some(true), _) => Verdict::Passed,
                // The rows are out of the table: the rule did what it is for.
                (Some(false), Action::Quarantine) => Verdict::Passed,
                (Some(false), Action::Warn) => Verdict::Warned,
                (Some(false), Action::FailJob | Action::FailSnapshot) => Verdict::Failed,
            },
            action,
            detail: self.detail,
        }
    }
}

const NO_BEFORE: &str = "no earlier run announced this table: nothing to compare with";
const NO_PROFILE: &str =
    "the table was made before profiles were taken: the next time it is made tells";

fn of_table(audited: &Audited<'_>, gate: &Gate) -> GateReading {
    let now = audited.now.counts;
    let before = audited.before.as_ref().map(|before| before.counts);
    let found = match &gate.measure {
        Measure::RowCount {
            max_loss,
            max_gain,
            min,
        } => row_count(now, before, (*max_loss, *max_gain, *min)),
        Measure::QuarantineShare { max, max_change } => {
            let share = |counts: &Counts| part(counts.quarantined, counts.read);
            share_of_read(
                "refused",
                share(now),
                before.map(share),
                (*max, *max_change),
            )
        }
        Measure::DuplicateShare { max, max_change } => {
            let share = |counts: &Counts| part(counts.superseded, counts.read);
            let said = "replaced by a later state of their key";
            share_of_read(said, share(now), before.map(share), (*max, *max_change))
        }
        _ => Found::untold("this gate is of columns"),
    };
    found.read(audited, gate.measure.name(), None, gate.action)
}

fn row_count(
    now: &Counts,
    before: Option<&Counts>,
    (max_loss, max_gain, min): (Option<f64>, Option<f64>, Option<u64>),
) -> Found {
    let rows = now.rows;
    if let Some(min) = min.filter(|min| rows < *min) {
        let detail = format!("{rows} rows; at least {min} wanted");
        return Found::told(rows as f64, min as f64, false, detail);
    }
    let Some(before) = before.map(|before| before.rows) else {
        return match min {
            Some(min) => {
                let detail = format!("{rows} rows; at least {min} wanted");
                Found::told(rows as f64, min as f64, true, detail)
            }
            None => Found::untold(NO_BEFORE),
        };
    };
    if before < FEWEST {
        return Found::untold(&format!("{rows} rows after {before}: too few to tell"));
    }
    let change = (rows as f64 - before as f64) / before as f64;
    let (limit, is_within) = match (max_loss, max_gain) {
        (Some(loss), _) if change < 0.0 => (-loss, change >= -loss),
        (_, Some(gain)) if change > 0.0 => (gain, change <= gain),
        (Some(loss), _) => (-loss, true),
        (None, Some(gain)) => (gain, true),
        (None, None) => (-1.0, true),
    };
    let detail = format!(
        "{rows} rows after {before} ({:+.1} %; the limit is {:+.0} %)",
        100.0 * change,
        100.0 * limit
    );
    Found::told(change, limit, is_within, detail)
}

fn share_of_read(
    said: &str,
    now: Option<f64>,
    before: Option<Option<f64>>,
    limits: (Option<f64>, Option<f64>),
) -> Found {
    match now {
        Some(now) => share(
            &format!("of the rows read were {said}"),
            now,
            before.flatten(),
            limits,
        ),
        None => Found::untold("it read no rows"),
    }
}

fn part(of: u64, all: u64) -> Option<f64> {
    (all >= FEWEST).then(|| of as f64 / all as f64)
}

/// A share against its largest value, and against its largest growth.
fn share(
    said: &str,
    now: f64,
    before: Option<f64>,
    (max, max_change): (Option<f64>, Option<f64>),
) -> Found {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let grown = before
        .zip(max_change)
        .map(|(before, change)| (before, before + change));
    let limit = match (max, grown) {
        (Some(max), Some((_, grown))) => max.min(grown),
        (Some(max), None) => max,
        (None, Some((_, grown))) => grown,
        (None, None) => return Found::untold(NO_BEFORE),
    };
    let limit = limit.min(1.0);
    let after = before.map_or_else(String::new, |before| format!(" after {}", percent(before)));
    let detail = format!(
        "{} {said}{after}; the limit is {}",
        percent(now),
        percent(limit)
    );
    Found::told(now, limit, now <= limit, detail)
}

fn of_column(audited: &Audited<'_>, gate: &Gate, column: &Column) -> Option<GateReading> {
    let found = match audited.now.profile {
        None => Found::untold(NO_PROFILE),
        Some(now) => {
            let before = audited.before.as_ref().and_then(|before| before.profile);
            match &gate.measure {
                Measure::NullShare { max, max_change } => {
                    null_share(now, before, &column.name, (*max, *max_change))
                }
                Measure::Drift { max_psi, max_ks } => {
                    let found = drift(now, before, &column.name, (*max_psi, *max_ks));
                    // A default looks at every column that may hold categories: of free text there is nothing to say.
                    match found {
                        Some(found) => found,
                        None if gate.columns.is_empty() => return None,
                        None => Found::untold("too many different values to be counted one by one"),
                    }
                }
                Measure::Freshness { max_age } => {
                    let age = max_age.as_deref().unwrap_or(&audited.contract.freshness);
                    freshness(now, &column.name, age, audited.slot)
                }
                _ => Found::untold("this gate is of the table"),
            }
        }
    };
    Some(found.read(
        audited,
        gate.measure.name(),
        Some(&column.name),
        gate.action,
    ))
}

fn null_share(
    now: &Profile,
    before: Option<&Profile>,
    column: &str,
    limits: (Option<f64>, Option<f64>),
) -> Found {
    if now.rows < FEWEST {
        return Found::untold(&format!("{} rows: too few to tell", now.rows));
    }
    let before = before.filter(|before| before.rows >= FEWEST);
    let before = before.and_then(|before| before.null_share(column));
    match now.null_share(column) {
        Some(now) => share("have no value", now, before, limits),
        None => Found::untold(NO_PROFILE),
    }
}

/// How far a column moved; none where its values cannot be counted.
fn drift(
    now: &Profile,
    before: Option<&Profile>,
    column: &str,
    (max_psi, max_ks): (Option<f64>, Option<f64>),
) -> Option<Found> {
    let now = now.columns.get(column)?;
    if now.numbers.is_none() && now.values.is_none() {
        return None;
    }
    let Some(before) = before.and_then(|before| before.columns.get(column)) else {
        return Some(Found::untold(NO_BEFORE));
    };
    let distances: [(&str, Option<f64>, Option<Distance>); 2] =
        match (&before.numbers, &now.numbers) {
            (Some(before), Some(now)) => [
                ("PSI", max_psi, psi_of_numbers(before, now)),
                ("KS distance", max_ks, ks(before, now)),
            ],
            _ => {
                let psi = psi_of_categories(before.values.as_ref()?, now.values.as_ref()?);
                [("PSI", max_psi, psi), ("KS distance", None, None)]
            }
        };
    let mut worst: Option<Found> = None;
    for (name, limit, distance) in distances {
        let (Some(limit), Some(distance)) = (limit, distance) else {
            continue;
        };
        // A bound that chance passes is no bound.
        let bound = limit.max(distance.chance);
        let is_within = distance.value <= bound;
        let why = if bound > limit {
            " (what chance may do with so few values)"
        } else {
            ""
        };
        let detail = format!("{name} {:.3}; the limit is {bound:.3}{why}", distance.value);
        let found = Found::told(distance.value, bound, is_within, detail);
        if worst
            .as_ref()
            .is_none_or(|worst| worst.is_within == Some(true))
        {
            worst = Some(found);
        }
    }
    Some(worst.unwrap_or_else(|| Found::untold(&format!("fewer than {FEWEST} values on one side"))))
}

fn freshness(now: &Profile, column: &str, age: &str, slot: Slot) -> Found {
    let Some(limit) = days(age) else {
        return Found::untold("the contract's freshness is no age");
    };
    let today = slot.days_since_epoch();
    let found = now
        .columns
        .get(column)
        .and_then(|column| column.days.as_ref());
    let newest = found.and_then(|days| days.range(..=today).next_back());
    let Some((newest, _)) = newest else {
        let detail = "no day at or before the slot is among its newest".to_owned();
        return match now.rows {
            0 => Found::untold("it has no rows"),
            _ => Found {
                value: None,
                threshold: Some(limit),
                is_within: Some(false),
                detail,
            },
        };
    };
    let old = f64::from(today) - f64::from(*newest);
    let detail =
        format!("its newest day is {old:.0} days before the slot {slot}; the limit is {age}");
    Found::told(old, limit, old <= limit, detail)
}

/// The count of a rule; none where every row keeps it.
fn of_rule(audited: &Audited<'_>, rule: &Rule) -> Option<GateReading> {
    let counts = audited.now.counts;
    let of = |counts: &BTreeMap<String, u64>| counts.get(&rule.name).copied().unwrap_or(0);
    let broken = of(&counts.quarantined_by_rule) + of(&counts.broken_by_rule);
    let what = match rule.check {
        Check::Unique => "rows that share their key",
        Check::References { .. } => "rows that refer to nothing",
        _ => "rows that break it",
    };
    let became = match rule.action {
        Action::Quarantine => ", in quarantine",
        _ => "",
    };
    let detail = format!("{broken} {what}{became}");
    let found = Found::told(broken as f64, 0.0, broken == 0, detail);
    let check = format!("rule {}", rule.name);
    (broken > 0).then(|| found.read(audited, &check, None, rule.action))
}

#[cfg(test)]
#[path = "tests/judge.rs"]
mod tests;
