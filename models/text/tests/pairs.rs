//! Pairs of texts that must mean the same or must not (`pairs/*.tsv`), and texts that must give exactly these terms.

use std::path::Path;

use text::{phrase_key, stems};

/// Two texts, whether they mean the same, and what that shows.
struct Pair {
    left: String,
    right: String,
    is_same: bool,
    shows: String,
}

/// Cells of the lines of a tab-separated table; `#` opens a comment.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect()).collect()
}

fn pairs() -> Vec<Pair> {
    let folder = Path::new("tests/pairs");
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of pairs") {
        let path = entry.expect("an entry of the folder").path();
        let table = std::fs::read_to_string(path).expect("a table of pairs");
        for row in rows(&table) {
            let [left, right, relation, shows] = row[..] else {
                panic!("not four cells: {row:?}");
            };
            assert!(matches!(relation, "same" | "different"), "{row:?}");
            pairs.push(Pair {
                left: left.to_owned(),
                right: right.to_owned(),
                is_same: relation == "same",
                shows: shows.to_owned(),
            });
        }
    }
    pairs
}

#[test]
fn pairs_mean_the_same_or_do_not() {
    let pairs = pairs();
    let mut failures = Vec::new();
    for pair in &pairs {
        assert_ne!(pair.left, pair.right, "a text is always the same as itself");
        let (left, right) = (phrase_key(&pair.left), phrase_key(&pair.right));
        if (left == right) != pair.is_same || left.is_empty() {
            failures.push(format!(
                "{} → {left} / {} → {right} ({}, is_same {})",
                pair.left, pair.right, pair.shows, pair.is_same
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} pairs fail\n{}",
        failures.len(),
        pairs.len(),
        failures.join("\n")
    );
    assert!(pairs.len() >= 500, "only {} pairs", pairs.len());
}

#[test]
fn texts_give_these_terms() {
    let differing: Vec<String> = rows(include_str!("terms.tsv"))
        .into_iter()
        .map(|row| (row[0], row[1]))
        .filter(|(given, expected)| stems(given).join(" ") != *expected)
        .map(|(given, expected)| {
            format!("{given} → {} (wanted {expected})", stems(given).join(" "))
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn a_phrase_stops_at_the_end_of_a_sentence() {
    let phrases = text::phrases("Atelier de tournage. Fraisage de précision", 2);
    assert!(phrases.contains(&phrase_key("fraisage de précision")));
    assert!(!phrases.contains(&phrase_key("tournage fraisage")));
    assert_eq!(text::phrases("usinage usinage", 1), ["usinag"]);
    assert!(text::phrases("usinage", 0).is_empty());
}
