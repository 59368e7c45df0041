//! Reading Prometheus' text format, version 0.0.4, as far as nodes write it.

use std::collections::BTreeMap;

use crate::CanaryError;

/// One sample of a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    pub(crate) labels: BTreeMap<&'a str, String>,
    pub(crate) value: f64,
}

impl Sample<'_> {
    /// Returns a label's value, empty where it has none.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// Reads every sample.
pub(crate) fn samples(text: &str) -> Result<Vec<Sample<'_>>, CanaryError> {
    let lines = text.lines().map(str::trim);
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    told.map(|line| {
        sample(line).ok_or_else(|| CanaryError::Page {
            line: line.chars().take(80).collect(),
        })
    })
    .collect()
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let ends = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(ends);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    if name.is_empty() || !name.chars().all(is_plain) {
        return None;
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    // A time stamp may follow the value.
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        number => number.parse().ok()?,
    };
    Some(Sample {
        name,
        labels,
        value,
    })
}

/// Reads labels after their opening bracket, and returns what comes after the closing one.
fn labels(text: &str) -> Option<(BTreeMap<&str, String>, &str)> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (place, '"') => break place,
                (_, '\\') => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (_, other) => value.push(other),
            }
        };
        labels.insert(name.trim(), value);
        rest = &after[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_labels_that_hold_anything() {
        let page = "# HELP x X.\n# TYPE x counter\nx{route=\"/a/{id:.+}\",le=\"+Inf\"} 3\n\
                    x_sum 0.25 1700000000\n\nx{name=\"a\\\\b\\\"c\\nd, }\"} 0\n";
        let read = samples(page).unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(
            (read[0].label("route"), read[0].label("le")),
            ("/a/{id:.+}", "+Inf")
        );
        assert_eq!((read[1].name, read[1].value), ("x_sum", 0.25));
        assert_eq!(read[2].label("name"), "a\\b\"c\nd, }");
    }

    #[test]
    fn what_is_no_page_is_refused_by_its_line() {
        for bad in [
            "<html>",
            "x",
            "x{a=\"b\" 1",
            "x{a=\"b\"}",
            "x many",
            "{a=\"b\"} 1",
        ] {
            let said = samples(bad).unwrap_err().to_string();
            assert!(said.contains("no node's metrics"), "{bad}: {said}");
        }
    }
}
