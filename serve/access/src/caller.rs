//! Who asks, once a credential was verified.

use chrono::{DateTime, Utc};
use schemas::Tenant;

use crate::{Limits, Scopes, Tenants};

/// Who asks: what a verified key or token says, and nothing that the request says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The key's prefix, or `token:` and the issuer's key id; none in development mode, where nobody is known.
    pub key_id: Option<String>,
    /// What people call the key.
    pub name: String,
    /// What limits and quotas are counted by: the same for a key and those that it was rotated to.
    pub account: String,
    /// For whom it may ask.
    pub tenants: Tenants,
    /// For what.
    pub scopes: Scopes,
    /// How much.
    pub limits: Limits,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why a request's tenant is not the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongTenant {
    /// The request names a tenant that the caller does not stand for.
    NotYours,
    /// The caller stands for several, and the request names none.
    SayWhich,
}

impl Caller {
    /// Returns the caller of a node without keys: nobody known, who may do all.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            key_id: None,
            name: "nobody known".to_owned(),
            account: String::new(),
            tenants: Tenants::Every,
            scopes: Scopes::all(),
            limits: Limits::default(),
            expires_at: None,
        }
    }

    /// Decides for whom a request asks: the caller's only tenant, whether the request names it or not; one of its tenants, which the
    /// request has to name; and of a caller that stands for every tenant the one named, or none.
    ///
    /// # Errors
    /// The request names another tenant, or has to name one.
    pub fn tenant(&self, named: Option<&Tenant>) -> Result<Option<Tenant>, WrongTenant> {
        match (&self.tenants, named) {
            (tenants, Some(named)) if !tenants.has(named) => Err(WrongTenant::NotYours),
            (Tenants::Several(_), None) => Err(WrongTenant::SayWhich),
            (Tenants::One(own), _) => Ok(Some(own.clone())),
            (_, named) => Ok(named.cloned()),
        }
    }
}

/// Why a credential is not accepted. Only who has the secret learns that a key expired or was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no key or token of this node: unknown, misspelt, or not signed by who it says. Get a valid one.
    #[error("the credential is not valid")]
    Invalid,
    /// Its time is over. Get a new one.
    #[error("the credential expired")]
    Expired,
    /// It was taken back. Get a new one.
    #[error("the credential was revoked")]
    Revoked,
    /// Its time has not come. Trying again then helps.
    #[error("the credential is not valid yet")]
    TooEarly,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(tenants: &str) -> Caller {
        let tenants = tenants.parse().unwrap();
        Caller {
            tenants,
            ..Caller::unknown()
        }
    }

    #[test]
    fn the_tenant_is_the_keys_whatever_a_request_names() {
        let (a, b): (Tenant, Tenant) = ("tenant_a".parse().unwrap(), "tenant_b".parse().unwrap());
        let one = caller("tenant_a");
        assert_eq!(one.tenant(None), Ok(Some(a.clone())));
        assert_eq!(one.tenant(Some(&a)), Ok(Some(a.clone())));
        assert_eq!(one.tenant(Some(&b)), Err(WrongTenant::NotYours));
        let public = schemas::PUBLIC_TENANT.parse().unwrap();
        assert_eq!(one.tenant(Some(&public)), Err(WrongTenant::NotYours));
        let several = caller("tenant_a,tenant_c");
        assert_eq!(several.tenant(None), Err(WrongTenant::SayWhich));
        assert_eq!(several.tenant(Some(&a)), Ok(Some(a)));
        assert_eq!(several.tenant(Some(&b)), Err(WrongTenant::NotYours));
        let every = caller("*");
        assert_eq!(every.tenant(None), Ok(None));
        assert_eq!(every.tenant(Some(&b)), Ok(Some(b)));
    }
}
