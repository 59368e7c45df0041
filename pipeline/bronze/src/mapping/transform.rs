//! The steps between a source field and a contract column: cast, slice, values, prefix.

use std::borrow::Cow;

use super::document::ColumnSource;
use crate::record::{Cell, Fault};

impl ColumnSource {
    /// Applies the steps to a value, or to each item of a list.
    pub(super) fn transform<'r>(&self, cell: Cell<'r>) -> Result<Cell<'r>, Fault> {
        match cell {
            Cell::Text(text) if text.trim().is_empty() => Ok(Cell::Null),
            Cell::Text(text) => self.transform_text(text).map(Cell::Text),
            Cell::List(items) => items
                .into_iter()
                .map(|item| self.transform_text(item))
                .collect::<Result<_, _>>()
                .map(Cell::List),
            other => Ok(other),
        }
    }

    fn transform_text<'r>(&self, text: Cow<'r, str>) -> Result<Cow<'r, str>, Fault> {
        let mut text = match self.cast {
            None => text,
            Some(cast) => {
                let sent = text.clone();
                cast.apply(text).ok_or_else(|| {
                    let reason = format!("{sent:?} cannot be cast by {}", cast.name());
                    Fault::new(sent, reason)
                })?
            }
        };
        if let Some((from, to)) = self.slice {
            let length = to.saturating_sub(from);
            text = Cow::Owned(text.chars().skip(from).take(length).collect());
        }
        if let Some(replacement) = self.values.get(&*text) {
            text = Cow::Owned(replacement.clone());
        }
        Ok(match &self.prefix {
            Some(prefix) if !text.is_empty() => Cow::Owned(format!("{prefix}{text}")),
            _ => text,
        })
    }
}
