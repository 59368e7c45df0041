//! What each type takes, and what it refuses.

use std::borrow::Cow;

use schemas::ColumnKind;

use crate::{
    record::Cell,
    typing::{Typed, parse},
};

fn typed(kind: ColumnKind, text: &str) -> Option<Typed<'_>> {
    parse(kind, Cell::Text(Cow::Borrowed(text))).ok()
}

#[test]
fn integers_and_cents_are_whole_numbers() {
    for kind in [ColumnKind::Int, ColumnKind::Cents] {
        assert_eq!(typed(kind, " 12 "), Some(Typed::Int(12)));
        assert_eq!(
            typed(kind, "-9223372036854775808"),
            Some(Typed::Int(i64::MIN))
        );
        assert_eq!(typed(kind, "  "), Some(Typed::Null));
        for bad in [
            "12.0",
            "12,5",
            "1 200",
            "0x1f",
            "9223372036854775808",
            "douze",
        ] {
            assert_eq!(typed(kind, bad), None, "{bad}");
        }
    }
}

#[test]
fn floats_have_a_point_and_are_finite() {
    assert_eq!(typed(ColumnKind::Float, "12.5"), Some(Typed::Float(12.5)));
    assert_eq!(
        typed(ColumnKind::Float, "-1e3"),
        Some(Typed::Float(-1_000.0))
    );
    for bad in ["12,5", "NaN", "inf", "-infinity", "1e999", "1.2.3"] {
        assert_eq!(typed(ColumnKind::Float, bad), None, "{bad}");
    }
}

#[test]
fn booleans_are_written_in_three_ways() {
    for (text, value) in [
        ("true", true),
        ("FALSE", false),
        ("1", true),
        ("0", false),
        ("Oui", true),
        ("non", false),
    ] {
        assert_eq!(typed(ColumnKind::Bool, text), Some(Typed::Bool(value)));
    }
    assert_eq!(typed(ColumnKind::Bool, "vrai"), None);
}

#[test]
fn days_are_iso_and_exist() {
    assert_eq!(typed(ColumnKind::Date, "1970-01-02"), Some(Typed::Day(1)));
    assert_eq!(
        typed(ColumnKind::Date, "2024-02-29"),
        Some(Typed::Day(19_782))
    );
    for bad in [
        "2023-02-29",
        "31/12/2026",
        "2026-1-5",
        "20261231",
        "2026-11-20T10:00:00Z",
    ] {
        assert_eq!(typed(ColumnKind::Date, bad), None, "{bad}");
    }
}

#[test]
fn instants_are_rfc_3339_or_naive_utc_or_a_day() {
    let second = 1_000_000;
    for (text, micros) in [
        ("1970-01-01T00:00:01Z", second),
        ("1970-01-01T01:00:01+01:00", second),
        ("1970-01-01 00:00:01", second),
        ("1970-01-01T00:00:01", second),
        ("1970-01-01T00:00:01.250Z", second + 250_000),
        ("1970-01-01T00:00:01.1234567Z", second + 123_456),
        ("1969-12-31T22:30:01-0130", second),
        ("1970-01-01 00:00", 0),
        ("1970-01-02", 86_400 * second),
        ("1969-12-31T23:59:59Z", -second),
        ("1970-01-01 00:00:01 +00", second),
    ] {
        assert_eq!(
            typed(ColumnKind::Timestamp, text),
            Some(Typed::Instant(micros)),
            "{text}"
        );
    }
    for bad in [
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:61:00Z",
        "1970-01-01T00:00:01.Z",
        "1970-01-01T00:00:01+25:00",
        "1970-01-01x00:00:01",
        "1970-01-01T",
        "01/01/1970 00:00:00",
        "hier",
        "1970-01-0é",
    ] {
        assert_eq!(typed(ColumnKind::Timestamp, bad), None, "{bad}");
    }
}

#[test]
fn json_is_kept_as_sent_when_it_is_json() {
    let sent = " {\"a\": 1} ";
    assert_eq!(
        typed(ColumnKind::Json, sent),
        Some(Typed::Text(sent.into()))
    );
    assert_eq!(typed(ColumnKind::Json, "{a: 1}"), None);
}
