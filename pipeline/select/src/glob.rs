//! Values that may be globs.

use globset::{GlobBuilder, GlobMatcher};

/// A value of a selector: a text, or a glob over texts.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    text: String,
    glob: Option<GlobMatcher>,
}

impl Pattern {
    /// Reads a pattern; `*` does not go past a `/`, `**` does. The error says what is wrong with the glob.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let is_glob = text.contains(['*', '?', '[', '{']);
        let glob = is_glob.then(|| {
            let built = GlobBuilder::new(text).literal_separator(true).build();
            built.map(|glob| glob.compile_matcher())
        });
        Ok(Self {
            text: text.to_owned(),
            glob: glob
                .transpose()
                .map_err(|error| format!("`{text}` is no glob: {}", error.kind()))?,
        })
    }

    /// Returns it as written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_glob(&self) -> bool {
        self.glob.is_some()
    }

    pub(crate) fn matches(&self, value: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(value),
            None => self.text == value,
        }
    }

    /// Says whether a file is the one named, or lies in a folder that is.
    pub(crate) fn holds(&self, file: &str) -> bool {
        let places = file
            .char_indices()
            .filter(|(_, letter)| *letter == '/')
            .map(|(place, _)| &file[..place]);
        let wanted = self.text.trim_end_matches('/');
        let is = |path: &str| match &self.glob {
            Some(glob) => glob.is_match(path),
            None => wanted == path || wanted == ".",
        };
        is(file) || places.into_iter().any(is)
    }
}
