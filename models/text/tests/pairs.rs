//! Tables of texts that must mean the same, must not, or must give exactly these terms.

use text::{phrase_key, stems};

/// Pairs of a table: tab-separated, `#` opens a comment.
fn pairs(table: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once('\t').expect("two cells"))
        .collect()
}

#[test]
fn equal_texts_have_equal_keys() {
    let pairs = pairs(include_str!("equal.tsv"));
    assert!(pairs.len() >= 140, "only {} pairs", pairs.len());
    let differing: Vec<String> = pairs
        .iter()
        .filter(|(one, other)| phrase_key(one) != phrase_key(other) || phrase_key(one).is_empty())
        .map(|(one, other)| {
            format!(
                "{one} → {} / {other} → {}",
                phrase_key(one),
                phrase_key(other)
            )
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn different_texts_have_different_keys() {
    for (one, other) in pairs(include_str!("different.tsv")) {
        assert_ne!(phrase_key(one), phrase_key(other), "{one} / {other}");
    }
}

#[test]
fn texts_give_these_terms() {
    let differing: Vec<String> = pairs(include_str!("terms.tsv"))
        .into_iter()
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
