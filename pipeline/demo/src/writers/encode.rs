//! Text encodings of a row, and the ways in which a planted row breaks them.

use std::fmt::Write as _;

use crate::calendar;
use crate::record::{Record, Value};
use crate::tables::Table;

/// Faults that are not in a value but in the bytes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A CSV row without its last two cells.
    MissingCells,
    /// A CSV row with one cell too many.
    ExtraCell,
    /// A JSON object cut in the middle.
    CutJson,
    /// A lone Latin-1 byte in the text of this column.
    InvalidByte(&'static str),
}

const MARK: &str = "@@octet@@";

/// Appends the header of a CSV file.
pub(crate) fn csv_header(table: &Table, out: &mut String) {
    for (number, (name, _)) in table.columns.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(name);
    }
    out.push('\n');
}

/// Appends a CSV row; lists are separated by `|`, nulls are empty.
pub(crate) fn csv_row(record: &Record, out: &mut String) {
    let Record::Cells(cells) = record else { return };
    csv_cells(cells, out);
    out.push('\n');
}

/// Appends a JSON object without a line end; nulls are left out.
pub(crate) fn json_object(table: &Table, record: &Record, out: &mut String) {
    let cells = match record {
        Record::Nested(object) => {
            let _ = write!(out, "{object}");
            return;
        }
        Record::Cells(cells) => cells,
    };
    out.push('{');
    let mut is_first = true;
    for ((name, _), value) in table.columns.iter().zip(cells) {
        if *value == Value::Null {
            continue;
        }
        if !is_first {
            out.push(',');
        }
        is_first = false;
        let _ = write!(out, "\"{name}\":");
        json_value(value, out);
    }
    out.push('}');
}

/// The bytes of a row broken by `fault`, line end included.
pub(crate) fn encode_fault(table: &Table, record: &Record, fault: Fault, is_csv: bool) -> Vec<u8> {
    let mut broken = record.clone();
    match (&mut broken, fault) {
        (Record::Cells(cells), Fault::MissingCells) => cells.truncate(cells.len() - 2),
        (Record::Cells(cells), Fault::ExtraCell) => cells.push("de trop".into()),
        (Record::Cells(cells), Fault::InvalidByte(column)) => {
            if let Some(place) = table.position(column) {
                cells[place] = MARK.into();
            }
        }
        (Record::Nested(object), Fault::InvalidByte(column)) => object[column] = MARK.into(),
        _ => {}
    }
    let mut text = String::new();
    if is_csv {
        csv_row(&broken, &mut text);
    } else {
        json_object(table, &broken, &mut text);
        if fault == Fault::CutJson {
            let mut cut = text.len() * 3 / 5;
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            text.truncate(cut);
        }
        text.push('\n');
    }
    match text.split_once(MARK) {
        None => text.into_bytes(),
        Some((before, after)) => {
            [before.as_bytes(), b"pi\xE8ce usin\xE9e", after.as_bytes()].concat()
        }
    }
}

fn csv_cells(cells: &[Value], out: &mut String) {
    for (number, value) in cells.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        match value {
            Value::Text(text) => csv_text(text, out),
            Value::Texts(texts) => csv_text(&texts.join("|"), out),
            other => plain(other, out),
        }
    }
}

fn csv_text(text: &str, out: &mut String) {
    if !text.contains(['"', ',', '\n', '\r']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// A value as bare text.
pub(crate) fn plain(value: &Value, out: &mut String) {
    let written = match value {
        Value::Null => Ok(()),
        Value::Text(text) => out.write_str(text),
        Value::Int(number) => write!(out, "{number}"),
        Value::Float(number) => write!(out, "{number}"),
        Value::Moment(moment) => out.write_str(&calendar::rfc3339(*moment)),
        Value::Day(day) => write!(out, "{day}"),
        Value::Texts(texts) => out.write_str(&texts.join("|")),
        Value::Floats(numbers) => {
            let texts: Vec<String> = numbers.iter().map(f64::to_string).collect();
            out.write_str(&texts.join("|"))
        }
    };
    debug_assert!(written.is_ok(), "a String takes any text");
}

fn json_value(value: &Value, out: &mut String) {
    match value {
        Value::Text(text) => json_text(text, out),
        Value::Moment(_) | Value::Day(_) => {
            out.push('"');
            plain(value, out);
            out.push('"');
        }
        Value::Texts(texts) => {
            out.push('[');
            for (number, text) in texts.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                json_text(text, out);
            }
            out.push(']');
        }
        Value::Floats(numbers) => {
            let texts: Vec<String> = numbers.iter().map(f64::to_string).collect();
            let _ = write!(out, "[{}]", texts.join(","));
        }
        Value::Null => out.push_str("null"),
        Value::Int(_) | Value::Float(_) => plain(value, out),
    }
}

fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::GLOSSARY_NODES;

    fn row() -> Record {
        Record::Cells(vec![
            "a".into(),
            Value::Null,
            2.into(),
            "un \"mot\", deux\nlignes".into(),
            Value::Null,
            Value::Texts(vec!["x".into(), "y".into()]),
            "fr".into(),
        ])
    }

    #[test]
    fn a_csv_row_is_read_back_by_a_csv_reader() {
        let mut text = String::new();
        csv_header(&GLOSSARY_NODES, &mut text);
        csv_row(&row(), &mut text);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[3], "un \"mot\", deux\nlignes");
        assert_eq!(&record[5], "x|y");
        assert_eq!(&record[1], "");
    }

    #[test]
    fn a_json_object_leaves_nulls_out() {
        let mut text = String::new();
        json_object(&GLOSSARY_NODES, &row(), &mut text);
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["level"], 2);
        assert_eq!(object["label"], "un \"mot\", deux\nlignes");
        assert_eq!(object["synonyms"], serde_json::json!(["x", "y"]));
        assert!(object.get("parent_id").is_none());
    }

    #[test]
    fn each_fault_breaks_its_row() {
        let encode = |fault, is_csv| encode_fault(&GLOSSARY_NODES, &row(), fault, is_csv);
        let bytes = encode(Fault::InvalidByte("label"), false);
        assert!(std::str::from_utf8(&bytes).is_err());
        assert!(String::from_utf8_lossy(&bytes).starts_with("{\"node_id\""));
        assert!(
            serde_json::from_slice::<serde_json::Value>(&encode(Fault::CutJson, false)).is_err()
        );
        let commas = |bytes: Vec<u8>| bytes.iter().filter(|byte| **byte == b',').count();
        assert_eq!(
            commas(encode(Fault::MissingCells, true)) + 3,
            commas(encode(Fault::ExtraCell, true))
        );
    }
}
