//! Mappings: read from their files, or made for files that are already shaped as the contract says.

use std::path::{Component, Path};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use schemas::Catalog;

use super::{
    check::check,
    document::{CsvOptions, Document, JsonOptions, OneOrMany},
};
use crate::BronzeError;

/// Raised when records are read, mapped or typed differently: bronze made before is then made anew.
const READER_VERSION: u32 = 1;

/// How files of one shape become rows of one landing table.
#[derive(Debug, Clone)]
pub struct Mapping {
    name: String,
    document: Document,
    files: GlobSet,
}

impl Mapping {
    /// Makes the mapping of a table whose files lie in its own folder and name columns as its contract does.
    ///
    /// # Panics
    /// The table's name is not one that a contract can have.
    #[must_use]
    pub fn identity(table: &str) -> Self {
        let glob = format!("{table}/**/*.{{csv,json,jsonl,ndjson,parquet}}{{,.gz,.zst}}");
        let document = Document {
            description: None,
            table: table.to_owned(),
            files: OneOrMany::One(glob),
            format: None,
            csv: CsvOptions::default(),
            json: JsonOptions::default(),
            ignore: Default::default(),
            columns: Default::default(),
            keep: Vec::new(),
        };
        Self::new("identity".to_owned(), document).expect("table names hold no glob syntax")
    }

    /// Makes the mapping of a table's released rows: fixed ones, in the table's own shape, in the place of refused ones.
    ///
    /// # Panics
    /// The table's name is not one that a contract can have.
    #[must_use]
    pub fn released(table: &str) -> Self {
        let mut own = Self::identity(table);
        own.document.files = OneOrMany::One(format!("released/{table}/*.{{csv,jsonl}}"));
        Self::new("released".to_owned(), own.document).expect("table names hold no glob syntax")
    }

    /// Reads every mapping file of a set, in the order of their names.
    ///
    /// # Errors
    /// A file cannot be read, is not a mapping, or names a table or column that no landing contract has.
    pub fn load_set(dir: &Path, catalog: &Catalog) -> Result<Vec<Self>, BronzeError> {
        let list = || -> std::io::Result<Vec<_>> {
            std::fs::read_dir(dir)?
                .map(|entry| Ok(entry?.path()))
                .collect()
        };
        let mut paths = list().map_err(BronzeError::io("list", dir))?;
        paths.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        paths.sort();
        paths
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(path).map_err(BronzeError::io("read", path))?;
                Self::parse(&path.display().to_string(), &text, catalog)
            })
            .collect()
    }

    /// Reads a mapping from the text of its file.
    ///
    /// # Errors
    /// The text is not a mapping, or names a table or column that no landing contract has.
    pub fn parse(file: &str, text: &str, catalog: &Catalog) -> Result<Self, BronzeError> {
        let refuse = |reason: String| BronzeError::Mapping {
            file: file.to_owned(),
            reason,
        };
        let document: Document = toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
        check(&document, catalog).map_err(refuse)?;
        let name = Path::new(file).file_stem().unwrap_or_default();
        Self::new(name.to_string_lossy().into_owned(), document).map_err(refuse)
    }

    fn new(name: String, document: Document) -> Result<Self, String> {
        let mut files = GlobSetBuilder::new();
        for glob in document.files.as_slice() {
            let glob = GlobBuilder::new(glob)
                .literal_separator(true)
                .empty_alternates(true)
                .build()
                .map_err(|error| error.to_string())?;
            files.add(glob);
        }
        Ok(Self {
            name,
            document,
            files: files.build().map_err(|error| error.to_string())?,
        })
    }

    /// Returns the name of the mapping's file without its ending, or `identity`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the landing table that it feeds.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.document.table
    }

    /// Returns what the mapping's file says about its source, for people.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.document.description.as_deref()
    }

    /// Says whether a landing file, named relative to the landing root with `/`, is one of the mapping's. Hidden files, and
    /// those below hidden folders (names that begin with `.` or `_`), never are.
    #[must_use]
    pub fn matches(&self, relative_path: &str) -> bool {
        let is_visible = Path::new(relative_path)
            .components()
            .all(|part| match part {
                Component::Normal(name) => !name.to_string_lossy().starts_with(['.', '_']),
                _ => false,
            });
        is_visible && self.files.is_match(relative_path)
    }

    /// Returns the BLAKE3 digest, in hexadecimal, of all that decides how records become rows: comments and layout of the file
    /// do not count.
    #[must_use]
    pub fn digest(&self) -> String {
        let said = serde_json::to_vec(&(READER_VERSION, &self.document))
            .expect("a mapping holds only texts, numbers and sets of them");
        blake3::hash(&said).to_hex().to_string()
    }

    pub(crate) const fn document(&self) -> &Document {
        &self.document
    }

    /// Returns the source fields that feed a contract column, in the order of the mapping.
    pub(crate) fn fields_of<'m>(&'m self, column: &'m str) -> Vec<&'m str> {
        if self.document.columns.is_empty() {
            return vec![column];
        }
        let source = self.document.columns.get(column);
        source.map_or_else(Vec::new, |source| {
            source.fields().iter().map(String::as_str).collect()
        })
    }
}
