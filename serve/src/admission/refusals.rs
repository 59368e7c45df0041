//! What a caller that is not let in is told.

use access::{Refusal, Scope, WrongTenant};

use crate::{ApiError, Code, body::missing};

/// What `WWW-Authenticate` says where there is no credential.
const CHALLENGE: &str = "Bearer realm=\"marketlounge\"";

/// No credential came with the request.
pub(super) fn no_key() -> ApiError {
    ApiError::new(
        Code::MissingKey,
        "Cette adresse demande une clé : « Authorization: Bearer ml_… » ou « X-Api-Key: ml_… ».",
        "This address needs a key: \"Authorization: Bearer ml_…\" or \"X-Api-Key: ml_…\".",
    )
    .challenging(CHALLENGE)
}

/// More than one came, or something that is none.
pub(super) fn unclear() -> ApiError {
    let error = ApiError::new(
        Code::InvalidKey,
        "La requête doit porter une seule clé, sous « Authorization: Bearer » ou « X-Api-Key ».",
        "The request must bear one key, as \"Authorization: Bearer\" or \"X-Api-Key\".",
    );
    error.challenging(format!("{CHALLENGE}, error=\"invalid_request\""))
}

/// It is not accepted.
pub(super) fn refused(refusal: Refusal) -> ApiError {
    let error = match refusal {
        Refusal::Invalid => ApiError::new(
            Code::InvalidKey,
            "Cette clé n'est pas connue de ce nœud.",
            "This node does not know the key.",
        ),
        Refusal::Expired => ApiError::new(
            Code::ExpiredKey,
            "Cette clé a expiré ; demandez-en une autre.",
            "The key has expired; ask for another one.",
        ),
        Refusal::Revoked => ApiError::new(
            Code::RevokedKey,
            "Cette clé a été révoquée ; demandez-en une autre.",
            "The key was revoked; ask for another one.",
        ),
        Refusal::TooEarly => ApiError::new(
            Code::ExpiredKey,
            "Ce jeton n'est pas encore valable.",
            "The token is not valid yet.",
        ),
    };
    error.challenging(format!("{CHALLENGE}, error=\"invalid_token\""))
}

/// The keys could not be read since the node started: nobody can be told from anybody else.
pub(super) fn no_keys_read() -> ApiError {
    ApiError::new(
        Code::KeysUnavailable,
        "Ce nœud n'a pas encore pu lire ses clés ; réessayez dans quelques secondes.",
        "This node could not read its keys yet; try again in a few seconds.",
    )
    .retrying_after(5)
}

/// The key lacks the scope.
pub(super) fn no_scope(scope: Scope) -> ApiError {
    let error = ApiError::new(
        Code::MissingScope,
        format!("Cette clé n'a pas le droit « {scope} » que demande cette adresse."),
        format!("The key lacks the scope \"{scope}\" that this address needs."),
    );
    error.challenging(format!(
        "{CHALLENGE}, error=\"insufficient_scope\", scope=\"{scope}\""
    ))
}

/// The request names another tenant than the key's, or none where it has to. Whether there is such a tenant is not told.
pub(super) fn wrong_tenant(wrong: &WrongTenant) -> ApiError {
    match wrong {
        WrongTenant::NotYours => ApiError::new(
            Code::WrongTenant,
            "La requête nomme un client que sa clé ne représente pas.",
            "The request names a tenant that its key does not stand for.",
        )
        .at("tenant"),
        WrongTenant::SayWhich => missing("tenant"),
    }
}

/// A rate or a quota is used up.
pub(super) fn too_much(policy: &str, seconds: u64) -> ApiError {
    let error = if matches!(policy, "key" | "tenant") {
        ApiError::new(
            Code::RateLimited,
            format!("Trop de requêtes ; réessayez dans {seconds} s (limite « {policy} »)."),
            format!("Too many requests; try again in {seconds} s (limit \"{policy}\")."),
        )
    } else {
        ApiError::new(
            Code::QuotaExceeded,
            format!("Le quota « {policy} » est épuisé ; il se renouvelle dans {seconds} s."),
            format!("The quota \"{policy}\" is used up; it begins again in {seconds} s."),
        )
    };
    error.retrying_after(seconds)
}
