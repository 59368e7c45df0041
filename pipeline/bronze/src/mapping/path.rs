//! Dotted paths into JSON: `lieuTravail.libelle`, `competences[].libelle`.

use serde_json::Value;

/// A path into a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// The text it was read from: a key of that very name wins over the steps.
    whole: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Each,
}

/// What a path leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Found<'v> {
    /// Nothing: a key is missing on the way.
    Absent,
    /// One value.
    One(&'v Value),
    /// The values below a list, in order; missing ones are left out.
    Many(Vec<&'v Value>),
}

impl Path {
    /// Reads a path; every text is one.
    pub(crate) fn parse(text: &str) -> Self {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, is_list) = part
                .strip_suffix("[]")
                .map_or((part, false), |key| (key, true));
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            if is_list {
                steps.push(Step::Each);
            }
        }
        Self {
            whole: text.to_owned(),
            steps,
        }
    }

    /// Returns the text that it was read from.
    pub(crate) fn as_str(&self) -> &str {
        &self.whole
    }

    /// Returns the top-level key that the path reads in an object that has `keys`.
    pub(crate) fn first_key(&self) -> &str {
        match self.steps.first() {
            Some(Step::Key(key)) => key,
            _ => &self.whole,
        }
    }

    /// Follows the path.
    pub(crate) fn find<'v>(&self, object: &'v Value) -> Found<'v> {
        if let Some(value) = object.get(&self.whole) {
            return Found::One(value);
        }
        if !self.steps.contains(&Step::Each) {
            let found = self
                .steps
                .iter()
                .try_fold(object, |value, step| match step {
                    Step::Key(key) => value.get(key),
                    Step::Each => None,
                });
            return found.map_or(Found::Absent, Found::One);
        }
        let mut found = Vec::new();
        match collect(object, &self.steps, &mut found) {
            true => Found::Many(found),
            false => Found::Absent,
        }
    }
}

/// Gathers the values below `value`; false where the list itself is missing.
fn collect<'v>(value: &'v Value, steps: &[Step], found: &mut Vec<&'v Value>) -> bool {
    match steps {
        [] => {
            found.push(value);
            true
        }
        [Step::Key(key), rest @ ..] => value.get(key).is_some_and(|v| collect(v, rest, found)),
        [Step::Each, rest @ ..] => match value.as_array() {
            Some(items) => {
                for item in items {
                    collect(item, rest, found);
                }
                true
            }
            None => false,
        },
    }
}
