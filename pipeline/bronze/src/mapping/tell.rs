//! What a mapping does, told for people and for lineage.

use super::Mapping;

/// Where a mapping takes a contract column from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The contract column.
    pub column: String,
    /// The source's fields or paths; none where the value is the same on every row.
    pub fields: Vec<String>,
    /// What is done with them, in the words of the mapping's file; empty where they are taken as they are.
    pub steps: String,
}

impl Mapping {
    /// Returns the globs of the files that it takes, relative to the landing root.
    #[must_use]
    pub fn globs(&self) -> &[String] {
        self.document().files.as_slice()
    }

    /// Tells where each column comes from; `columns` are those of the contract, which a mapping without any of its own takes by name.
    #[must_use]
    pub fn told<'a>(&self, columns: impl IntoIterator<Item = &'a str>) -> Vec<Told> {
        let document = self.document();
        if document.columns.is_empty() {
            let same = columns.into_iter().map(|name| Told {
                column: name.to_owned(),
                fields: vec![name.to_owned()],
                steps: String::new(),
            });
            return same.collect();
        }
        let told = document.columns.iter().map(|(column, source)| {
            let mut steps = Vec::new();
            if let Some(constant) = &source.constant {
                steps.push(format!("constant {:?}", constant.0));
            }
            if source.join.is_some() {
                steps.push("join".to_owned());
            }
            if source.first_true.is_some() {
                steps.push("first_true".to_owned());
            } else if source
                .from
                .as_ref()
                .is_some_and(|from| from.as_slice().len() > 1)
            {
                steps.push("first not empty".to_owned());
            }
            if let Some(separator) = &source.split {
                steps.push(format!("split {separator:?}"));
            }
            if let Some(cast) = &source.cast {
                let cast = serde_json::to_value(cast).unwrap_or_default();
                steps.push(format!("cast {}", cast.as_str().unwrap_or_default()));
            }
            if let Some((first, last)) = source.slice {
                steps.push(format!("slice [{first}, {last}]"));
            }
            if !source.values.is_empty() {
                steps.push(format!("values ({})", source.values.len()));
            }
            if let Some(prefix) = &source.prefix {
                steps.push(format!("prefix {prefix:?}"));
            }
            if let Some(default) = &source.default {
                steps.push(format!("default {:?}", default.0));
            }
            Told {
                column: column.clone(),
                fields: source.fields().to_vec(),
                steps: steps.join(", "),
            }
        });
        told.collect()
    }
}
