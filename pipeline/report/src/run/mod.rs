//! The report of a run: one page.

mod drift;
mod parts;
mod pictures;
mod view;

use std::fmt::Write as _;

pub use view::{Bar, Drift, Gate, Job, RuleRows, RunView, State, TableChange};

use crate::{
    graph,
    html::{bytes, count, esc, page, prose, state, time},
};

/// Writes the report of a run.
#[must_use]
pub fn render(view: &RunView) -> String {
    let mut body = String::new();
    head(view, &mut body);
    let parts: [(&str, &str, String); 10] = [
        ("jobs", "Jobs", pictures::jobs(view)),
        ("time", "Time", pictures::time_line(view)),
        ("ran", "What ran, and why", parts::ran(view)),
        ("rows", "Rows conserved", parts::conserved(view)),
        ("gates", "Gates", parts::gates(view)),
        ("quarantine", "Refused rows", parts::refused(view)),
        (
            "changes",
            "What changed in the snapshot",
            parts::changes(view),
        ),
        ("drift", "Drift", drift::drift(view)),
        ("slow", "Slow jobs and memory", parts::slow(view)),
        ("notes", "Notes", parts::notes(view)),
    ];
    body.push_str("<nav class=\"page\" aria-label=\"Parts\">");
    for (id, name, _) in parts.iter().filter(|(_, _, part)| !part.is_empty()) {
        let _ = write!(body, "<a href=\"#{id}\">{name}</a>");
    }
    body.push_str("</nav>\n<main>\n");
    for (id, name, part) in parts.iter().filter(|(_, _, part)| !part.is_empty()) {
        let _ = write!(
            body,
            "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{name}</h2>\n{part}</section>\n"
        );
    }
    let _ = write!(
        body,
        "</main>\n<footer class=\"soft small\"><p>Made by pipeline {} from the ledger of <code>{}</code>.</p></footer>",
        esc(&view.version),
        esc(&view.lake)
    );
    page(
        "en",
        &format!("{} {}", view.dag, view.run),
        &body,
        graph::SCRIPT,
    )
}

fn head(view: &RunView, body: &mut String) {
    let _ = write!(
        body,
        "<header><p class=\"soft small\">Run of <strong>{}</strong> for slot {}</p><h1>{} {}</h1>",
        esc(&view.dag),
        esc(&view.slot),
        esc(&view.run),
        state(view.state.class(), view.state.word())
    );
    if !view.description.is_empty() {
        let _ = write!(body, "<p>{}</p>", prose(&view.description));
    }
    let jobs = |wanted: State| view.jobs.iter().filter(|job| job.state == wanted).count() as u64;
    let memory = view
        .peak_memory_bytes
        .map_or_else(|| "not known".to_owned(), bytes);
    let refused: u64 = view.refused.iter().map(|one| one.rows).sum();
    let mut facts = vec![
        ("Started", esc(&view.started_at)),
        ("Took", time(view.elapsed_ms)),
        ("Jobs made", count(jobs(State::Made))),
        ("Jobs skipped", count(jobs(State::Skipped))),
        (
            "Jobs failed",
            count(jobs(State::Failed) + jobs(State::Blocked)),
        ),
        ("Rows refused", count(refused)),
        ("Peak memory", memory),
    ];
    if let Some(snapshot) = &view.snapshot {
        facts.push(("Snapshot", format!("<code>{}</code>", esc(snapshot))));
    }
    body.push_str("<dl class=\"facts\">");
    for (name, value) in facts {
        let size = if value.len() > 12 {
            " class=\"small\""
        } else {
            ""
        };
        let _ = write!(body, "<div><dt>{name}</dt><dd{size}>{value}</dd></div>");
    }
    body.push_str("</dl>");
    let failed = view.jobs.iter().filter(|job| job.state == State::Failed);
    for job in failed {
        let _ = write!(
            body,
            "<p>{} <strong>{}</strong>: {}</p>",
            state("failed", "failed"),
            esc(&job.job),
            esc(&job.reason)
        );
    }
    body.push_str("</header>\n");
}
