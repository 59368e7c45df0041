//! Fields: where a value lies in a record, and the cell that it makes there.

use std::borrow::Cow;

use schemas::ColumnKind;
use serde_json::Value;

use super::path::{Found, Path};
use crate::record::{Body, Cell, Fault};

/// A field of the source, by its place in the header (CSV) or its name (Parquet), or by a path (JSON, nested Parquet).
#[derive(Debug)]
pub(super) enum Field {
    Header(usize, String),
    Path(Path),
    /// A field that the file's header does not name.
    Absent(String),
}

impl Field {
    /// Finds a field by the name that a mapping gives it; JSON has no header.
    pub(super) fn new(name: &str, header: Option<&[String]>) -> Self {
        let path = Path::parse(name);
        match header {
            None => Self::Path(path),
            Some(names) => match names.iter().position(|known| known == name) {
                Some(index) => Self::Header(index, name.to_owned()),
                None if names.iter().any(|known| known == path.first_key()) => Self::Path(path),
                None => Self::Absent(name.to_owned()),
            },
        }
    }

    /// Returns the name that the mapping gives it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Header(_, name) | Self::Absent(name) => name,
            Self::Path(path) => path.as_str(),
        }
    }

    /// Reads the field, and says whether the record has it at all.
    pub(super) fn read<'r>(
        &self,
        body: &Body<'r>,
        kind: ColumnKind,
    ) -> Result<(Cell<'r>, bool), Fault> {
        match (self, body) {
            (Self::Header(index, _), Body::Cells(cells)) => {
                let text = cells.get(*index).unwrap_or_default();
                Ok((Cell::Text(text.into()), true))
            }
            (Self::Header(_, name), Body::Object(row)) => {
                let value = row.get(name).unwrap_or(&Value::Null);
                Ok((from_json(value, kind)?, true))
            }
            (Self::Path(path), Body::Object(object)) => match path.find(object) {
                Found::Absent => Ok((Cell::Null, false)),
                Found::One(value) => Ok((from_json(value, kind)?, true)),
                Found::Many(values) => Ok((list_of(&values, kind)?, true)),
            },
            _ => Ok((Cell::Null, false)),
        }
    }

    /// Reads the field as one text; anything else counts as empty.
    pub(super) fn text<'r>(&self, body: &Body<'r>) -> Cow<'r, str> {
        match self.read(body, ColumnKind::String) {
            Ok((Cell::Text(text), _)) => text,
            _ => "".into(),
        }
    }
}

/// Makes a list of a text where the column is one: at the mapping's separator, or at `|` in CSV.
pub(super) fn split_list<'r>(
    cell: Cell<'r>,
    kind: ColumnKind,
    body: &Body<'_>,
    separator: Option<&str>,
) -> Cell<'r> {
    let separator = match (kind, separator, body) {
        (ColumnKind::Strings | ColumnKind::Floats, Some(separator), _) => separator,
        (ColumnKind::Strings | ColumnKind::Floats, None, Body::Cells(_)) => "|",
        _ => return cell,
    };
    let split = |text: &str| -> Vec<Cow<'r, str>> {
        let items = text.split(separator).map(str::trim);
        let items = items.filter(|item| !item.is_empty());
        items.map(|item| Cow::Owned(item.to_owned())).collect()
    };
    match cell {
        Cell::Text(text) if text.trim().is_empty() => Cell::Null,
        Cell::Text(Cow::Borrowed(text)) => Cell::List(
            text.split(separator)
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(Cow::Borrowed)
                .collect(),
        ),
        Cell::Text(Cow::Owned(text)) => Cell::List(split(&text)),
        other => other,
    }
}

pub(super) fn is_empty(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) => text.trim().is_empty(),
        Cell::List(items) => items.is_empty(),
        Cell::Json(_) => false,
    }
}

fn from_json(value: &Value, kind: ColumnKind) -> Result<Cell<'_>, Fault> {
    match (value, kind) {
        (Value::Null, _) => Ok(Cell::Null),
        (Value::Array(_) | Value::Object(_), ColumnKind::Json) => Ok(Cell::Json(value.to_string())),
        (Value::Array(items), _) => list_of(&items.iter().collect::<Vec<_>>(), kind),
        (Value::Object(_), _) => Ok(Cell::Json(value.to_string())),
        _ => Ok(Cell::Text(scalar_text(value))),
    }
}

fn list_of<'v>(values: &[&'v Value], kind: ColumnKind) -> Result<Cell<'v>, Fault> {
    let whole = || serde_json::to_string(values).unwrap_or_default();
    if kind == ColumnKind::Json {
        return Ok(Cell::Json(whole()));
    }
    let mut items = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Value::Null if kind == ColumnKind::Floats => {
                return Err(Fault::new(whole(), "a null is not a decimal number"));
            }
            Value::Null => {}
            Value::Array(_) | Value::Object(_) => {
                return Err(Fault::new(
                    whole(),
                    "a list of objects or lists where one of values is expected",
                ));
            }
            scalar => items.push(scalar_text(scalar)),
        }
    }
    Ok(Cell::List(items))
}

fn scalar_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}
