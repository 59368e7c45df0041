//! For whom a caller may ask.

use std::{collections::BTreeSet, str::FromStr};

use schemas::{SchemaError, Tenant};
use serde::{Deserialize, Serialize};

/// How every tenant is written.
const EVERY: &str = "*";

/// The tenants that a key or a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub enum Tenants {
    /// One: requests need not name it.
    One(Tenant),
    /// Several: a request says which.
    Several(BTreeSet<Tenant>),
    /// Every one, `*`: for operators and support.
    Every,
}

impl Tenants {
    /// Returns the tenant, where there is only one.
    #[must_use]
    pub fn only(&self) -> Option<&Tenant> {
        match self {
            Self::One(tenant) => Some(tenant),
            Self::Several(_) | Self::Every => None,
        }
    }

    /// Says whether a tenant is among them.
    #[must_use]
    pub fn has(&self, tenant: &Tenant) -> bool {
        match self {
            Self::One(one) => one == tenant,
            Self::Several(several) => several.contains(tenant),
            Self::Every => true,
        }
    }

    /// Returns their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.clone().into()
    }
}

impl From<Tenant> for Tenants {
    fn from(tenant: Tenant) -> Self {
        Self::One(tenant)
    }
}

impl TryFrom<Vec<String>> for Tenants {
    type Error = SchemaError;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        if names.len() == 1 && names[0] == EVERY {
            return Ok(Self::Every);
        }
        let tenants = names.iter().map(|name| name.parse());
        let mut tenants: BTreeSet<Tenant> = tenants.collect::<Result<_, _>>()?;
        if tenants.len() > 1 {
            return Ok(Self::Several(tenants));
        }
        tenants
            .pop_first()
            .map(Self::One)
            .ok_or(SchemaError::Malformed {
                what: "list of tenants",
                value: "[]".to_owned(),
                expected: "one tenant or more, or \"*\" for every one",
            })
    }
}

impl From<Tenants> for Vec<String> {
    fn from(tenants: Tenants) -> Self {
        match tenants {
            Tenants::One(tenant) => vec![tenant.into()],
            Tenants::Several(tenants) => tenants.into_iter().map(String::from).collect(),
            Tenants::Every => vec![EVERY.to_owned()],
        }
    }
}

/// Reads names between commas.
impl FromStr for Tenants {
    type Err = SchemaError;

    fn from_str(names: &str) -> Result<Self, Self::Err> {
        let names = names.split(',').map(|name| name.trim().to_owned());
        names
            .filter(|name| !name.is_empty())
            .collect::<Vec<_>>()
            .try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_one_tenant_several_or_every_one() {
        let read = |names: &str| names.parse::<Tenants>();
        let (a, b) = ("tenant_a".parse().unwrap(), "tenant_b".parse().unwrap());
        assert_eq!(read("tenant_a").unwrap().only(), Some(&a));
        assert_eq!(read("tenant_a,tenant_a").unwrap().only(), Some(&a));
        let several = read("tenant_b, tenant_a").unwrap();
        assert!(several.has(&a) && several.has(&b) && several.only().is_none());
        assert_eq!(several.names(), ["tenant_a", "tenant_b"]);
        assert!(read("*").unwrap().has(&b));
        assert!(!read("tenant_a").unwrap().has(&b));
    }

    #[test]
    fn a_list_that_stands_for_nobody_or_hides_a_star_is_refused() {
        for bad in ["", " , ", "nord", "tenant_a,*", "**"] {
            assert!(bad.parse::<Tenants>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<Tenants>("[]").is_err());
    }
}
