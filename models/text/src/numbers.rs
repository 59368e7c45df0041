//! Numbers as written in French: decimal commas, thousands apart by spaces; exact decimal arithmetic on their digits.

use crate::grades::is_stainless;
use crate::scan::View;

/// A number read from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// Digits with a point: `1200`, `0.02`, `01000`.
    pub(crate) digits: String,
    /// Index after the number.
    pub(crate) end: usize,
}

/// Reads the number at `at`.
pub(crate) fn number(view: &View<'_>, at: usize) -> Option<Number> {
    let is_digit = |ch: char| ch.is_ascii_digit();
    let mut end = view.run(at, is_digit);
    if end == at {
        return None;
    }
    let mut digits = view.text(at, end);
    if end - at <= 3 && !digits.starts_with('0') && !is_stainless(&digits) {
        while view.at(end) == Some(' ') && view.run(end + 1, is_digit) == end + 4 {
            digits.push_str(&view.text(end + 1, end + 4));
            end += 4;
        }
    }
    // `1,2,3` and `12.05.2024` are lists, not decimals.
    let is_in_list =
        at >= 2 && view.is(at - 1, |ch| ch == ',' || ch == '.') && view.is(at - 2, is_digit);
    if !is_in_list && view.is(end, |ch| ch == ',' || ch == '.') {
        let fraction_end = view.run(end + 1, is_digit);
        let is_list = view.is(fraction_end, |ch| ch == ',' || ch == '.')
            && view.is(fraction_end + 1, is_digit);
        if fraction_end > end + 1 && !is_list {
            digits = format!("{digits}.{}", view.text(end + 1, fraction_end));
            end = fraction_end;
        }
    }
    Some(Number { digits, end })
}

/// `digits` × 10^`power`, without needless zeros.
///
/// `scaled("20", -3)` is `0.02`.
pub(crate) fn scaled(digits: &str, power: i32) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all: String = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 + power;
    if point <= 0 {
        all.insert_str(0, &"0".repeat((1 - point) as usize));
        point = 1;
    }
    while (all.len() as i32) < point {
        all.push('0');
    }
    let (whole, fraction) = all.split_at(point as usize);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// The number that a folded word spells, from two to nine (`un` is an article).
pub(crate) fn spelled(word: &str) -> Option<&'static str> {
    Some(match word {
        "deux" => "2",
        "trois" => "3",
        "quatre" => "4",
        "cinq" => "5",
        "six" => "6",
        "sept" => "7",
        "huit" => "8",
        "neuf" => "9",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn a_decimal_point_moves_exactly() {
        for (digits, power, expected) in [
            ("20", -3, "0.02"),
            ("0.020", 0, "0.02"),
            ("1.5", 3, "1500"),
            ("12.0", 0, "12"),
            ("007", 0, "7"),
            ("0", -3, "0"),
            ("2500", -3, "2.5"),
        ] {
            assert_eq!(scaled(digits, power), expected);
        }
    }
}
