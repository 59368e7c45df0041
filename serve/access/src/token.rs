//! JSON Web Tokens (RFC 7519) of issuers that the operator knows: signed with HS256 or EdDSA, checked offline.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Utc};
use ring::{hmac, signature};
use serde::Deserialize;

use crate::{Caller, LimitError, Limits, Refusal, Scope, Scopes, Tenants};

/// Characters of a token that are looked at.
const LONGEST: usize = 4096;
/// Seconds that clocks may differ.
const LEEWAY: f64 = 30.0;
/// Bytes that a shared secret has at least, as RFC 7518 (3.2) wants of HS256.
const SECRET_BYTES: usize = 32;
/// What comes before the 32 bytes of an Ed25519 public key in DER (RFC 8410).
const ED25519_DER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// How an issuer signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Algorithm {
    HS256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// The file of issuers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    audience: String,
    issuer: Vec<IssuerEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerEntry {
    kid: String,
    algorithm: Algorithm,
    key_file: PathBuf,
    iss: Option<String>,
    tenants: Tenants,
    scopes: Scopes,
    #[serde(default)]
    limits: Limits,
}

/// What verifies an issuer's signatures. It has no `Debug`: one of the two is a secret.
#[derive(Clone)]
enum Verifier {
    Hmac(hmac::Key),
    Ed25519([u8; 32]),
}

#[derive(Clone)]
struct Issuer {
    verifier: Verifier,
    iss: Option<String>,
    tenants: Tenants,
    scopes: Scopes,
    limits: Limits,
}

/// The issuers whose tokens a node takes.
#[derive(Clone)]
pub struct Issuers {
    audience: String,
    by_kid: BTreeMap<String, Issuer>,
}

/// Why a file of issuers is refused. Messages name files, never what is in them.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// It is no file of issuers. Mend it.
    #[error("the issuers cannot be read: {0}")]
    Toml(String),
    /// Two issuers have one key id. Rename one.
    #[error("two issuers have the kid {0}")]
    Twice(String),
    /// A key file cannot be read. Mend its path or rights.
    #[error("issuer {kid}: cannot read {file}: {source}")]
    Read {
        /// Whose.
        kid: String,
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A key is not one. Give another.
    #[error("issuer {kid}: {file}: {reason}")]
    Key {
        /// Whose.
        kid: String,
        /// The file.
        file: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Limits that make no sense.
    #[error("issuer {kid}: {source}")]
    Limits {
        /// Whose.
        kid: String,
        /// What is wrong.
        source: LimitError,
    },
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Audience,
    exp: f64,
    nbf: Option<f64>,
    tenant: schemas::Tenant,
    /// Names between blanks, as OAuth writes them (RFC 8693, 4.2).
    scope: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Issuers {
    /// Reads a file of issuers, and through `read` the key files that it names.
    ///
    /// # Errors
    /// The file or a key cannot be used.
    pub fn parse(
        text: &str,
        read: impl Fn(&Path) -> io::Result<Vec<u8>>,
    ) -> Result<Self, IssuerError> {
        let File { audience, issuer } =
            toml::from_str(text).map_err(|error| IssuerError::Toml(error.message().to_owned()))?;
        let mut by_kid = BTreeMap::new();
        for entry in issuer {
            let (kid, file) = (entry.kid, entry.key_file.display().to_string());
            entry.limits.check().map_err(|source| IssuerError::Limits {
                kid: kid.clone(),
                source,
            })?;
            let bytes = match read(&entry.key_file) {
                Ok(bytes) => bytes,
                Err(source) => return Err(IssuerError::Read { kid, file, source }),
            };
            let verifier = match verifier(entry.algorithm, &bytes) {
                Ok(verifier) => verifier,
                Err(reason) => return Err(IssuerError::Key { kid, file, reason }),
            };
            let issuer = Issuer {
                verifier,
                iss: entry.iss,
                tenants: entry.tenants,
                scopes: entry.scopes,
                limits: entry.limits,
            };
            if by_kid.insert(kid.clone(), issuer).is_some() {
                return Err(IssuerError::Twice(kid));
            }
        }
        Ok(Self { audience, by_kid })
    }

    /// Finds who sends a token: whoever its issuer says, within what the issuer may say.
    ///
    /// # Errors
    /// No issuer signed it, it is for somebody else, or its time is over or to come.
    pub fn authenticate(&self, token: &str, now: DateTime<Utc>) -> Result<Caller, Refusal> {
        let (signed, kid, issuer) = self.issuer_of(token).ok_or(Refusal::Invalid)?;
        let claims: Claims = object(signed).ok_or(Refusal::Invalid)?;
        let is_for_us = match &claims.aud {
            Audience::One(audience) => *audience == self.audience,
            Audience::Several(several) => several.contains(&self.audience),
        };
        let is_by_them = issuer.iss.is_none() || issuer.iss == claims.iss;
        let scopes: Option<Scopes> = claims
            .scope
            .split_whitespace()
            .map(|name| name.parse::<Scope>().ok())
            .collect::<Option<Vec<_>>>()
            .map(Scopes::from);
        let scopes =
            scopes.filter(|_| is_for_us && is_by_them && issuer.tenants.has(&claims.tenant));
        let scopes = scopes.ok_or(Refusal::Invalid)?.and(issuer.scopes);
        let seconds = now.timestamp_millis() as f64 / 1000.0;
        // Not `seconds >= …`: what cannot be compared is refused, too.
        let is_in_time = seconds < claims.exp + LEEWAY;
        if !is_in_time {
            return Err(Refusal::Expired);
        }
        if claims.nbf.is_some_and(|from| seconds + LEEWAY < from) {
            return Err(Refusal::TooEarly);
        }
        Ok(Caller {
            key_id: Some(format!("token:{kid}")),
            name: format!("a token of {kid}"),
            account: format!("token:{kid}"),
            tenants: claims.tenant.into(),
            scopes,
            limits: issuer.limits,
            expires_at: DateTime::from_timestamp(claims.exp as i64, 0),
        })
    }

    /// Returns a token's claims, as they are written, and its issuer, once the signature is verified.
    fn issuer_of<'a>(&self, token: &'a str) -> Option<(&'a str, &str, &Issuer)> {
        let (message, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        let (header, claims) = message.split_once('.')?;
        let header: Header = object(header).filter(|header: &Header| header.crit.is_none())?;
        let (kid, issuer) = match &header.kid {
            Some(kid) => self.by_kid.get_key_value(kid)?,
            // One that does not say whose it is can only be of an only issuer.
            None => self
                .by_kid
                .first_key_value()
                .filter(|_| self.by_kid.len() == 1)?,
        };
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        let is_signed = match (&issuer.verifier, header.alg) {
            (Verifier::Hmac(key), Algorithm::HS256) => {
                hmac::verify(key, message.as_bytes(), &signature).is_ok()
            }
            (Verifier::Ed25519(key), Algorithm::EdDsa) => {
                let key = signature::UnparsedPublicKey::new(&signature::ED25519, key);
                key.verify(message.as_bytes(), &signature).is_ok()
            }
            _ => false,
        };
        is_signed.then_some((claims, kid, issuer))
    }
}

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers")
            .field("kids", &self.by_kid.keys())
            .finish_non_exhaustive()
    }
}

/// Reads a base64 part as a JSON object.
fn object<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Makes a key of a file: a secret as it is, less the line's end, or an Ed25519 public key in PEM.
fn verifier(algorithm: Algorithm, bytes: &[u8]) -> Result<Verifier, &'static str> {
    match algorithm {
        Algorithm::HS256 => {
            let secret = bytes.trim_ascii_end();
            if secret.len() < SECRET_BYTES {
                return Err("a secret of HS256 has 32 bytes or more");
            }
            Ok(Verifier::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret)))
        }
        Algorithm::EdDsa => {
            let wanted = "not a PEM file with the public key of Ed25519";
            let text = std::str::from_utf8(bytes).map_err(|_| wanted)?;
            let body = text
                .trim()
                .strip_prefix("-----BEGIN PUBLIC KEY-----")
                .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"));
            let body: String = body.ok_or(wanted)?.split_whitespace().collect();
            let der = BASE64_STANDARD.decode(body).map_err(|_| wanted)?;
            let key = der
                .strip_prefix(&ED25519_DER[..])
                .and_then(|key| key.try_into().ok());
            key.map(Verifier::Ed25519).ok_or(wanted)
        }
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
