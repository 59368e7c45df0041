//! Isolated customers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::SchemaError;

/// The tenant of open data, which every tenant may read.
pub const PUBLIC_TENANT: &str = "tenant_public";

/// An isolated customer, `^tenant_[a-zA-Z0-9_]+$`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// The pattern that every tenant's name matches.
    pub const PATTERN: &'static str = "^tenant_[a-zA-Z0-9_]+$";

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether this tenant may see a row of `owner`: its own rows and the public ones.
    #[must_use]
    pub fn may_see(&self, owner: &str) -> bool {
        owner == self.0 || owner == PUBLIC_TENANT
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tenant {
    type Err = SchemaError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let is_well_formed = value.strip_prefix("tenant_").is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        if is_well_formed {
            Ok(Self(value.to_owned()))
        } else {
            Err(SchemaError::Malformed {
                what: "tenant",
                value: value.to_owned(),
                expected: "tenant_ followed by letters, digits or underscores",
            })
        }
    }
}

impl TryFrom<String> for Tenant {
    type Error = SchemaError;

    fn try_from(value: String) -> Result<Self, Self::Error> {
        value.parse()
    }
}

impl From<Tenant> for String {
    fn from(value: Tenant) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_sees_its_own_rows_and_the_public_ones() {
        let tenant: Tenant = "tenant_demo".parse().unwrap();
        assert!(tenant.may_see("tenant_demo"));
        assert!(tenant.may_see(PUBLIC_TENANT));
        assert!(!tenant.may_see("tenant_demo2"));
        assert!(!tenant.may_see("tenant_nord"));
    }

    #[test]
    fn a_name_out_of_the_pattern_is_refused() {
        for bad in [
            "demo",
            "tenant_",
            "tenant_é",
            "tenant_a b",
            "Tenant_x",
            "tenant_a'--",
        ] {
            assert!(bad.parse::<Tenant>().is_err(), "{bad}");
        }
    }
}
