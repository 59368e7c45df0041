//! What a caller may ask for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A group of endpoints. None of them holds another: `admin` gives nothing but the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Shortlists: companies for a query, offers for a text or a vector, offers like one.
    Match,
    /// What there is: suggestions, concepts, the glossary, offers by id.
    Catalogue,
    /// What is asked for against who can.
    Market,
    /// Prices, quotes, likelihoods of a deal as it is told.
    Prices,
    /// A project's bids, likelihood and guidance.
    Auctions,
    /// Whom to book, meet, invite or win.
    Recommendations,
    /// What speaks against somebody, with the evidence.
    Abuse,
    /// How the node does, over all tenants: for operators.
    Operate,
    /// The administration of a tenant.
    Admin,
}

impl Scope {
    /// All scopes, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Match,
        Self::Catalogue,
        Self::Market,
        Self::Prices,
        Self::Auctions,
        Self::Recommendations,
        Self::Abuse,
        Self::Operate,
        Self::Admin,
    ];

    /// Returns the name as it is written in keys, tokens and problems.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Catalogue => "catalogue",
            Self::Market => "market",
            Self::Prices => "prices",
            Self::Auctions => "auctions",
            Self::Recommendations => "recommendations",
            Self::Abuse => "abuse",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope. Write one of those that the message lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no scope; the scopes are {all}", all = all_names())]
pub struct UnknownScope(pub String);

fn all_names() -> String {
    Scope::ALL.map(Scope::as_str).join(", ")
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|scope| scope.as_str() == name);
        named.ok_or_else(|| UnknownScope(name.to_owned()))
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(u16);

impl Scopes {
    /// Returns the set of all.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into()
    }

    /// Says whether a scope is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & Self::bit(scope) != 0
    }

    /// Returns those that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Says whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Iterates over them in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    const fn bit(scope: Scope) -> u16 {
        1 << scope as u16
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let bits = scopes.into_iter().map(Self::bit);
        Self(bits.fold(0, |all, bit| all | bit))
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_a_name_of_its_own_and_is_read_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            let alone = Scopes::from([scope]);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [scope]);
        }
        let error = "root".parse::<Scope>().unwrap_err().to_string();
        assert!(
            error.contains("\"root\"") && error.contains("catalogue"),
            "{error}"
        );
    }

    #[test]
    fn admin_gives_nothing_but_admin() {
        let admin = Scopes::from([Scope::Admin]);
        assert!(
            Scope::ALL
                .iter()
                .all(|scope| admin.has(*scope) == (*scope == Scope::Admin))
        );
    }

    #[test]
    fn a_set_is_written_as_a_list_of_names() {
        let scopes = Scopes::from([Scope::Prices, Scope::Match]);
        let text = serde_json::to_string(&scopes).unwrap();
        assert_eq!(text, r#"["match","prices"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(&text).unwrap(), scopes);
        assert!(serde_json::from_str::<Scopes>(r#"["root"]"#).is_err());
    }
}
