//! Prometheus' text format, version 0.0.4.

use std::fmt::Display;

/// The media type of a page.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What the numbers of a family are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// They rise, and begin again at 0 with the process.
    Counter,
    /// They rise and fall.
    Gauge,
    /// Counts by upper bound, their number and their sum.
    Histogram,
}

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Page(String);

/// A family of it, whose samples follow.
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Page {
    /// Begins a family. `help` is one line.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let head = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
        self.0.push_str(&head);
        Family {
            text: &mut self.0,
            name,
        }
    }

    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// Writes a sample.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.sample_of("", labels, value);
    }

    /// Writes a sample of a histogram's part: `_bucket`, `_sum` or `_count`.
    pub(super) fn sample_of(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        self.text.push_str(part);
        for (place, (label, text)) in labels.iter().enumerate() {
            self.text.push(if place == 0 { '{' } else { ',' });
            self.text.push_str(label);
            self.text.push_str("=\"");
            self.text.push_str(&escaped(text));
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        self.text.push_str(&format!(" {value}\n"));
    }
}

/// Writes a label's value as the format wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_samples_are_written_as_prometheus_reads_them() {
        let mut page = Page::default();
        page.family("node_ready", Kind::Gauge, "Whether it is.")
            .sample(&[], 1);
        let mut seconds = page.family("seconds", Kind::Histogram, "How long.");
        seconds.sample_of("_bucket", &[("route", "/a/{id:.+}"), ("le", "0.5")], 3);
        seconds.sample_of("_sum", &[("route", "/a/{id:.+}")], 0.25);
        assert_eq!(
            page.into_text(),
            "# HELP node_ready Whether it is.\n# TYPE node_ready gauge\nnode_ready 1\n\
             # HELP seconds How long.\n# TYPE seconds histogram\n\
             seconds_bucket{route=\"/a/{id:.+}\",le=\"0.5\"} 3\nseconds_sum{route=\"/a/{id:.+}\"} 0.25\n"
        );
    }

    #[test]
    fn a_value_of_a_label_cannot_break_out() {
        let mut page = Page::default();
        page.family("x", Kind::Counter, "X.")
            .sample(&[("name", "a\\b\"c\nd")], 0);
        let text = page.into_text();
        assert!(text.ends_with("x{name=\"a\\\\b\\\"c\\nd\"} 0\n"), "{text}");
    }
}
