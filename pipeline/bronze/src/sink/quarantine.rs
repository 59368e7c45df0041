//! Quarantine: refused records with the rule, the place and the whole record as sent.

use schemas::{QUARANTINE_COLUMNS, TableName};

use super::ParquetFile;
use crate::{
    BronzeError, Ingest,
    mapping::Rejection,
    record::{Raw, Record},
    typing::Typed,
};

/// The quarantine file of one landing file.
pub(crate) struct Quarantine<'a> {
    file: ParquetFile,
    request: &'a Ingest<'a>,
    table: &'a TableName,
}

/// What is needed of a record after its body was used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'r> {
    line: u64,
    offset: Option<u64>,
    raw: Raw<'r>,
}

impl<'r> From<&Record<'r>> for Sent<'r> {
    fn from(record: &Record<'r>) -> Self {
        Self {
            line: record.line,
            offset: record.offset,
            raw: record.raw,
        }
    }
}

impl<'a> Quarantine<'a> {
    pub(crate) fn create(request: &'a Ingest<'a>) -> Result<Self, BronzeError> {
        let file =
            ParquetFile::create_with_bytes(request.rejected, QUARANTINE_COLUMNS, "raw_bytes")?;
        Ok(Self {
            file,
            request,
            table: &request.contract.table,
        })
    }

    pub(crate) fn push(
        &mut self,
        sent: Sent<'_>,
        rejection: &Rejection,
    ) -> Result<(), BronzeError> {
        let (raw, raw_bytes) = sent.raw.text_and_bytes();
        let text = |text: &'a str| Typed::Text(text.into());
        let optional = |text: &Option<String>| match text {
            Some(text) => Typed::Text(text.clone().into()),
            None => Typed::Null,
        };
        let row = [
            text(&self.table.name),
            text("bronze"),
            Typed::Text(rejection.rule.as_str().into()),
            optional(&rejection.column),
            optional(&rejection.value),
            Typed::Text(rejection.reason.as_str().into()),
            text(self.request.file),
            text(self.request.file_digest),
            integer(Some(sent.line)),
            integer(sent.offset),
            Typed::Text(raw),
            Typed::Day(self.request.slot.days_since_epoch()),
            raw_bytes.map_or(Typed::Null, Typed::Bytes),
        ];
        self.file.push(&row)
    }

    pub(crate) fn into_file(self) -> ParquetFile {
        self.file
    }
}

/// Stores a line number or offset.
pub(crate) fn integer(number: Option<u64>) -> Typed<'static> {
    let number = number.and_then(|number| i64::try_from(number).ok());
    number.map_or(Typed::Null, Typed::Int)
}
