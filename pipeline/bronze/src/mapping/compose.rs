//! Texts made of several source fields: joined, or the name of the first flag that is true.

use std::borrow::Cow;

use schemas::ColumnKind;

use super::{
    document::ColumnSource,
    field::{Field, is_empty},
};
use crate::{
    record::{Body, Cell, Fault},
    typing::{self, Typed},
};

/// Between joined texts where the mapping names nothing else.
const SEPARATOR: &str = "/";

/// How one value is made of several fields.
#[derive(Debug, Clone, Copy)]
pub(super) enum Composition<'a> {
    /// All texts with a separator between them. An empty one keeps its place, so that no two records of different fields
    /// are joined to one text; where all are empty there is no value.
    Join(&'a str),
    /// The name of the first field that holds `true`; where none does there is no value.
    FirstTrue(&'a [String]),
}

impl<'a> Composition<'a> {
    /// Returns how a column is made of several fields, where it is.
    pub(super) fn of(source: &'a ColumnSource) -> Option<Self> {
        if source.join.is_some() {
            return Some(Self::Join(source.separator.as_deref().unwrap_or(SEPARATOR)));
        }
        let flags = source.first_true.as_deref();
        flags.map(Self::FirstTrue)
    }

    /// Makes the value of a record. `fields` are in the order of the mapping.
    pub(super) fn read<'r>(self, fields: &[Field], body: &Body<'r>) -> Result<Cell<'r>, Fault>
    where
        'a: 'r,
    {
        match self {
            Self::Join(separator) => join(fields, separator, body),
            Self::FirstTrue(names) => first_true(fields, names, body),
        }
    }
}

fn join<'r>(fields: &[Field], separator: &str, body: &Body<'_>) -> Result<Cell<'r>, Fault> {
    let mut joined = String::new();
    let mut has_text = false;
    for (place, field) in fields.iter().enumerate() {
        if place > 0 {
            joined += separator;
        }
        let text = one_text(field, body)?;
        has_text |= !text.is_empty();
        joined += &text;
    }
    Ok(match has_text {
        true => Cell::Text(joined.into()),
        false => Cell::Null,
    })
}

fn first_true<'r>(
    fields: &[Field],
    names: &'r [String],
    body: &Body<'_>,
) -> Result<Cell<'r>, Fault> {
    for (field, name) in fields.iter().zip(names) {
        let text = one_text(field, body)?;
        let flag = typing::parse(ColumnKind::Bool, Cell::Text(text));
        match flag.map_err(|fault| named(field, fault))? {
            Typed::Bool(true) => return Ok(Cell::Text(name.as_str().into())),
            _ => continue,
        }
    }
    Ok(Cell::Null)
}

/// Reads a part. What a file's header does not have is no empty part: every value would be wrong in silence.
fn one_text<'r>(field: &Field, body: &Body<'r>) -> Result<Cow<'r, str>, Fault> {
    if let Field::Absent(name) = field {
        return Err(Fault::new("", format!("the file has no field {name}")));
    }
    let (cell, _) = field
        .read(body, ColumnKind::String)
        .map_err(|fault| named(field, fault))?;
    match cell {
        cell if is_empty(&cell) => Ok("".into()),
        Cell::Text(Cow::Borrowed(text)) => Ok(text.trim().into()),
        Cell::Text(Cow::Owned(text)) => Ok(text.trim().to_owned().into()),
        other => typing::parse(ColumnKind::String, other)
            .map(|_| Cow::default())
            .map_err(|fault| named(field, fault)),
    }
}

fn named(field: &Field, fault: Fault) -> Fault {
    let reason = format!("field {}: {}", field.name(), fault.reason);
    Fault::new(fault.value, reason)
}
