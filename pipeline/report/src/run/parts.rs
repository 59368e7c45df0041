//! The tables of a run's report.

use super::view::{Job, RunView, State};
use crate::html::{bytes, count, esc, state, table, time};

/// How many jobs are told as slow.
const SLOWEST: usize = 10;

fn code(text: &str) -> String {
    format!("<code>{}</code>", esc(text))
}

/// Which jobs ran, and why; those that were skipped are folded.
pub(super) fn ran(view: &RunView) -> String {
    let row = |job: &Job| {
        vec![
            code(&job.job),
            state(job.state.class(), job.state.word()),
            time(job.elapsed_ms),
            count(job.count("rows")),
            esc(&job.reason),
        ]
    };
    let heads = ["Job", "End", "#Time", "#Rows", "Why"];
    let (skipped, ran): (Vec<&Job>, Vec<&Job>) = view
        .jobs
        .iter()
        .partition(|job| job.state == State::Skipped);
    let mut out = String::new();
    if ran.is_empty() {
        out.push_str("<p>Nothing ran: nothing that a job depends on had changed.</p>");
    } else {
        let rows: Vec<_> = ran.into_iter().map(row).collect();
        out.push_str(&table(
            "Jobs that ran, failed or were blocked, in order",
            &heads,
            &rows,
        ));
    }
    if !skipped.is_empty() {
        let rows: Vec<_> = skipped.iter().map(|job| row(job)).collect();
        let folded = table("Jobs whose output was already there", &heads, &rows);
        out.push_str(&format!(
            "<details><summary>{} skipped jobs</summary>{folded}</details>",
            skipped.len()
        ));
    }
    out
}

/// Nothing is lost: read = bronze + quarantined, bronze = kept + superseded + quarantined.
pub(super) fn conserved(view: &RunView) -> String {
    let sum = |is_whole: bool| match is_whole {
        true => state("passed", "✓ adds up"),
        false => state("failed", "✗ does not add up"),
    };
    let is_told = |job: &&Job| matches!(job.state, State::Made | State::Skipped);
    let of = |layer: &str| -> Vec<&Job> {
        let jobs = view.jobs.iter().filter(|job| job.layer == layer);
        jobs.filter(is_told).collect()
    };
    let bronze = of("bronze").into_iter().map(|job| {
        let [read, rows, refused, other] =
            ["read", "rows", "quarantined", "not_selected"].map(|kind| job.count(kind));
        let is_whole = read == rows + refused + other;
        vec![
            code(&job.job),
            count(read),
            count(rows),
            count(refused),
            count(other),
            sum(is_whole),
        ]
    });
    let silver = of("silver").into_iter().map(|job| {
        let [read, kept, superseded, refused] =
            ["read", "rows", "superseded", "quarantined"].map(|kind| job.count(kind));
        let is_whole = read == kept + superseded + refused;
        vec![
            code(&job.job),
            count(read),
            count(kept),
            count(superseded),
            count(refused),
            sum(is_whole),
        ]
    });
    let (bronze, silver): (Vec<_>, Vec<_>) = (bronze.collect(), silver.collect());
    let mut out = String::new();
    if !bronze.is_empty() {
        let heads = [
            "Table",
            "#Read",
            "#Bronze",
            "#Quarantined",
            "#Not selected",
            "Sum",
        ];
        out.push_str(&table(
            "Landing to bronze: read = bronze + quarantined + not selected by a mapping",
            &heads,
            &bronze,
        ));
    }
    if !silver.is_empty() {
        let heads = [
            "Table",
            "#Bronze",
            "#Kept",
            "#Superseded",
            "#Quarantined",
            "Sum",
        ];
        out.push_str(&table(
            "Bronze to silver: bronze = kept + superseded + quarantined",
            &heads,
            &silver,
        ));
    }
    out
}

pub(super) fn gates(view: &RunView) -> String {
    if view.gates.is_empty() {
        return String::new();
    }
    let mut gates: Vec<_> = view.gates.iter().collect();
    // What refused comes first.
    gates.sort_by_key(|gate| gate.is_passed);
    let rows: Vec<_> = gates
        .into_iter()
        .map(|gate| {
            let said = match gate.is_passed {
                true => state("passed", "✓ passed"),
                false => state("refused", "✗ refused"),
            };
            vec![esc(&gate.name), said, esc(&gate.detail)]
        })
        .collect();
    table(
        "What the gates said of the snapshot",
        &["Gate", "Said", "Saw"],
        &rows,
    )
}

pub(super) fn refused(view: &RunView) -> String {
    let rows = |all: &[super::RuleRows]| -> Vec<Vec<String>> {
        let mut all: Vec<_> = all.iter().collect();
        all.sort_by(|a, b| {
            b.rows
                .cmp(&a.rows)
                .then_with(|| (&a.table, &a.rule).cmp(&(&b.table, &b.rule)))
        });
        all.iter()
            .map(|one| vec![code(&one.table), code(&one.rule), count(one.rows)])
            .collect()
    };
    let mut out = String::new();
    if !view.refused.is_empty() {
        out.push_str(&table(
            "Rows in quarantine, by table and rule",
            &["Table", "Rule", "#Rows"],
            &rows(&view.refused),
        ));
    }
    if !view.warned.is_empty() {
        out.push_str(&table(
            "Rows that break a rule and stay",
            &["Table", "Rule", "#Rows"],
            &rows(&view.warned),
        ));
    }
    out
}

pub(super) fn changes(view: &RunView) -> String {
    let Some(changes) = &view.changes else {
        return String::new();
    };
    if changes.is_empty() {
        return "<p>Nothing: every table has the content that the snapshot before had.</p>"
            .to_owned();
    }
    let number = |rows: Option<u64>| rows.map_or_else(|| "–".to_owned(), count);
    let rows: Vec<_> = changes
        .iter()
        .map(|change| {
            let by = match (change.before, change.now) {
                (Some(before), Some(now)) if now >= before => format!("+{}", count(now - before)),
                (Some(before), Some(now)) => format!("−{}", count(before - now)),
                (None, _) => "new".to_owned(),
                (_, None) => "gone".to_owned(),
            };
            vec![
                code(&change.table),
                number(change.before),
                number(change.now),
                by,
            ]
        })
        .collect();
    table(
        "Tables whose content is another than in the snapshot before; `pipeline snapshot diff` tells the keys",
        &["Table", "#Rows before", "#Rows now", "#By"],
        &rows,
    )
}

pub(super) fn slow(view: &RunView) -> String {
    let mut jobs: Vec<&Job> = view
        .jobs
        .iter()
        .filter(|job| job.state != State::Skipped)
        .collect();
    if jobs.is_empty() {
        return String::new();
    }
    jobs.sort_by(|a, b| {
        b.elapsed_ms
            .cmp(&a.elapsed_ms)
            .then_with(|| a.job.cmp(&b.job))
    });
    let total = view.elapsed_ms.max(1);
    let rows: Vec<_> = jobs
        .into_iter()
        .take(SLOWEST)
        .map(|job| {
            let share = format!("{:.1} %", job.elapsed_ms as f64 * 100.0 / total as f64);
            let memory = job.peak_memory_bytes.map_or_else(|| "–".to_owned(), bytes);
            vec![code(&job.job), time(job.elapsed_ms), share, memory]
        })
        .collect();
    table(
        "The slowest jobs. Those that run side by side share cores, and their shares of the run come to more than the whole; memory is the most that the \
         program had used when the job ended, with all that ran beside it",
        &["Job", "#Time", "#Of the run", "#Memory until then"],
        &rows,
    )
}

pub(super) fn notes(view: &RunView) -> String {
    let rows: Vec<_> = view
        .jobs
        .iter()
        .flat_map(|job| job.notes.iter().map(|note| vec![code(&job.job), esc(note)]))
        .collect();
    match rows.is_empty() {
        true => String::new(),
        false => table("What a person should know", &["Job", "Note"], &rows),
    }
}
