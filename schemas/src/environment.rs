//! Environments of a lake.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::SchemaError;

/// The name by which people may call the lake's own pointers.
const PRODUCTION: &str = "prod";

/// A set of pointers beside the lake's own: what is announced and published there, and the runs that did it. Artefacts are shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Environment(String);

impl Environment {
    /// Where the environments of a lake are, relative to it.
    pub const FOLDER: &'static str = "env";

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the folder of its pointers, relative to the lake.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{}/{}", Self::FOLDER, self.0)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Environment {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let is_well_formed = value.starts_with(|c: char| c.is_ascii_lowercase())
            && value.len() <= 40
            && value.chars().all(is_letter)
            && value != PRODUCTION;
        match is_well_formed {
            true => Ok(Self(value.to_owned())),
            false => Err(SchemaError::Malformed {
                what: "environment",
                value: value.to_owned(),
                expected: "a small letter, then small letters, digits, - or _ (without one, or in `prod`, the lake's own pointers move: leave it out)",
            }),
        }
    }
}

impl TryFrom<String> for Environment {
    type Error = SchemaError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<Environment> for String {
    fn from(value: Environment) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_has_a_plain_name_and_a_folder() {
        let dev: Environment = "dev-2".parse().unwrap();
        assert_eq!(dev.folder(), "env/dev-2");
        for bad in [
            "",
            "prod",
            "Dev",
            "../x",
            "a/b",
            "-a",
            "2a",
            &"a".repeat(41),
        ] {
            assert!(bad.parse::<Environment>().is_err(), "{bad}");
        }
    }
}
