//! The one error of the HTTP edge: RFC 9457 problem details with a stable code, in French or English.

use std::fmt;

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};
use serde::Serialize;

use crate::language::Language;

/// What went wrong, for programs: the names are part of the API and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The body is not JSON. Mend the request.
    InvalidJson,
    /// A required field is absent. Mend the request.
    MissingField,
    /// A field that this endpoint does not know, often a misspelling. Mend the request.
    UnknownField,
    /// A field has another type than it should. Mend the request.
    WrongType,
    /// A field has the right type and a value that is not accepted. Mend the request.
    InvalidValue,
    /// A vector's length is not the encoder's. Encode with the encoder that `/api/snapshot` names.
    WrongDimension,
    /// A vector holds NaN, null, an infinite number or only zeros. Mend the request.
    NotFinite,
    /// The body is larger than the node reads.
    BodyTooLarge,
    /// There is no such route.
    UnknownRoute,
    /// The route exists, and what it was asked for by name does not.
    NotFound,
    /// The route exists for another method.
    MethodNotAllowed,
    /// The request is malformed in another way.
    BadRequest,
    /// No snapshot is served yet. Trying again later helps.
    NoSnapshot,
    /// The snapshot lacks the section that the endpoint reads. A later snapshot may have it.
    NoSection,
    /// The snapshot has no vectors. Use `/api/match/text`.
    NoVectors,
    /// No key came with the request. Send one.
    MissingKey,
    /// The key is not one of this node's, or more than one came. Send the right one.
    InvalidKey,
    /// The key's time is over, or has not come. Get another one.
    ExpiredKey,
    /// The key was taken back. Get another one.
    RevokedKey,
    /// The node could not read its keys yet. Trying again later helps.
    KeysUnavailable,
    /// The key may not ask this address. Ask for a key with the scope that `WWW-Authenticate` names.
    MissingScope,
    /// The request names a tenant that its key does not stand for. Leave the tenant out, or send its key.
    WrongTenant,
    /// Too many requests in a short time. Trying again after `Retry-After` seconds helps.
    RateLimited,
    /// The day's or the month's quota is used up. Trying again after `Retry-After` seconds helps.
    QuotaExceeded,
    /// Every core is busy. Trying again after `Retry-After` seconds helps.
    Overloaded,
    /// A defect of the node; its log has the request id.
    Internal,
}

impl Code {
    /// Returns the code as it is written in a problem.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::MissingField => "missing_field",
            Self::UnknownField => "unknown_field",
            Self::WrongType => "wrong_type",
            Self::InvalidValue => "invalid_value",
            Self::WrongDimension => "wrong_dimension",
            Self::NotFinite => "not_finite",
            Self::BodyTooLarge => "body_too_large",
            Self::UnknownRoute => "unknown_route",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BadRequest => "bad_request",
            Self::NoSnapshot => "no_snapshot",
            Self::NoSection => "no_section",
            Self::NoVectors => "no_vectors",
            Self::MissingKey => "missing_key",
            Self::InvalidKey => "invalid_key",
            Self::ExpiredKey => "expired_key",
            Self::RevokedKey => "revoked_key",
            Self::KeysUnavailable => "keys_unavailable",
            Self::MissingScope => "missing_scope",
            Self::WrongTenant => "wrong_tenant",
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Overloaded => "overloaded",
            Self::Internal => "internal",
        }
    }

    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidJson | Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::MissingField
            | Self::UnknownField
            | Self::WrongType
            | Self::InvalidValue
            | Self::WrongDimension
            | Self::NotFinite => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownRoute | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::MissingKey | Self::InvalidKey | Self::ExpiredKey | Self::RevokedKey => {
                StatusCode::UNAUTHORIZED
            }
            Self::MissingScope | Self::WrongTenant => StatusCode::FORBIDDEN,
            Self::RateLimited | Self::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSnapshot
            | Self::NoSection
            | Self::NoVectors
            | Self::KeysUnavailable
            | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(self, language: Language) -> &'static str {
        match self {
            Self::InvalidJson => language.pick("JSON invalide", "Invalid JSON"),
            Self::MissingField => language.pick("Champ manquant", "Missing field"),
            Self::UnknownField => language.pick("Champ inconnu", "Unknown field"),
            Self::WrongType => language.pick("Mauvais type", "Wrong type"),
            Self::InvalidValue => language.pick("Valeur refusée", "Value not accepted"),
            Self::WrongDimension => language.pick("Mauvaise dimension", "Wrong dimension"),
            Self::NotFinite => language.pick("Vecteur inutilisable", "Unusable vector"),
            Self::BodyTooLarge => language.pick("Corps trop grand", "Body too large"),
            Self::UnknownRoute => language.pick("Route inconnue", "Unknown route"),
            Self::NotFound => language.pick("Introuvable", "Not found"),
            Self::MethodNotAllowed => language.pick("Méthode refusée", "Method not allowed"),
            Self::BadRequest => language.pick("Requête invalide", "Bad request"),
            Self::NoSnapshot => language.pick("Aucun instantané", "No snapshot"),
            Self::NoSection => language.pick("Section absente", "Section missing"),
            Self::NoVectors => language.pick("Pas de vecteurs", "No vectors"),
            Self::MissingKey => language.pick("Clé manquante", "Missing key"),
            Self::InvalidKey => language.pick("Clé refusée", "Key not accepted"),
            Self::ExpiredKey => language.pick("Clé expirée", "Key out of date"),
            Self::RevokedKey => language.pick("Clé révoquée", "Key revoked"),
            Self::KeysUnavailable => language.pick("Clés indisponibles", "Keys unavailable"),
            Self::MissingScope => language.pick("Droit manquant", "Missing scope"),
            Self::WrongTenant => language.pick("Autre client", "Another tenant"),
            Self::RateLimited => language.pick("Trop de requêtes", "Too many requests"),
            Self::QuotaExceeded => language.pick("Quota épuisé", "Quota used up"),
            Self::Overloaded => language.pick("Nœud saturé", "Node overloaded"),
            Self::Internal => language.pick("Erreur interne", "Internal error"),
        }
    }
}

/// A request that cannot be answered, and why.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: Code,
    field: Option<String>,
    /// A header that says more: the methods that the route takes, or how to be let in.
    header: Option<Box<(HeaderName, String)>>,
    /// Seconds after which trying again may help.
    retry_after: Option<u32>,
    french: String,
    english: String,
}

/// The body of `application/problem+json`.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
}

impl ApiError {
    /// Makes an error with its detail in French and English.
    pub fn new(code: Code, french: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            header: None,
            retry_after: match code {
                Code::Overloaded | Code::NoSnapshot => Some(1),
                _ => None,
            },
            french: french.into(),
            english: english.into(),
        }
    }

    /// Names the field at fault, as a path such as `filters.region`.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says after how many seconds trying again helps.
    pub(crate) fn retrying_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
        self
    }

    /// Says in `WWW-Authenticate` what would let the caller in.
    pub(crate) fn challenging(mut self, challenge: impl Into<String>) -> Self {
        self.header = Some(Box::new((header::WWW_AUTHENTICATE, challenge.into())));
        self
    }

    /// Makes the error for an address that does not exist.
    pub(crate) fn unknown_route() -> Self {
        Self::new(
            Code::UnknownRoute,
            "Cette adresse n'existe pas.",
            "There is nothing at this address.",
        )
    }

    /// Makes the error for a method that an address does not take.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let error = Self::new(
            Code::MethodNotAllowed,
            format!("Cette adresse n'accepte que {allow}."),
            format!("This address only takes {allow}."),
        );
        Self {
            header: Some(Box::new((header::ALLOW, allow.to_owned()))),
            ..error
        }
    }

    /// Makes the error for a status that the framework gave without saying more.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::unknown_route(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                Code::BodyTooLarge,
                "Le corps de la requête dépasse 1 Mio.",
                "The request's body is larger than 1 MiB.",
            ),
            status if status.is_client_error() => Self::new(
                Code::BadRequest,
                "La requête n'a pas pu être lue.",
                "The request could not be read.",
            ),
            _ => Self::internal(),
        }
    }

    /// Makes the error for a defect: the caller learns nothing of it but the request id.
    pub(crate) fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Erreur du nœud ; son journal contient l'identifiant de la requête.",
            "The node failed; its log has the request id.",
        )
    }

    /// Returns the code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Renders the problem document.
    pub(crate) fn respond(&self, language: Language, path: &str, request_id: &str) -> HttpResponse {
        let problem = Problem {
            r#type: format!("urn:marketlounge:problem:{}", self.code.as_str()),
            title: self.code.title(language),
            status: self.code.status().as_u16(),
            detail: language.pick(&self.french, &self.english),
            instance: format!("{path}#{request_id}"),
            code: self.code.as_str(),
            field: self.field.as_deref(),
            request_id,
        };
        let mut response = HttpResponseBuilder::new(self.code.status());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, language.pick("fr", "en")));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some((name, value)) = self.header.as_deref() {
            response.insert_header((name.clone(), value.as_str()));
        }
        response.body(serde_json::to_vec(&problem).expect("a struct of texts and a number"))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.english)
    }
}

impl std::error::Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Language::French, "", "")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use serde_json::Value;

    use super::*;

    async fn body_of(error: &ApiError, language: Language) -> Value {
        let response = error.respond(language, "/match", "r1");
        assert_eq!(
            response.headers().get("content-type").unwrap(),
            "application/problem+json"
        );
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
    }

    #[actix_web::test]
    async fn a_problem_names_code_field_status_and_request() {
        let error = ApiError::new(Code::WrongDimension, "fr", "en").at("cv_embedding");
        let problem = body_of(&error, Language::French).await;
        assert_eq!(problem["code"], "wrong_dimension");
        assert_eq!(problem["type"], "urn:marketlounge:problem:wrong_dimension");
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["field"], "cv_embedding");
        assert_eq!(problem["detail"], "fr");
        assert_eq!(problem["instance"], "/match#r1");
        assert_eq!(body_of(&error, Language::English).await["detail"], "en");
    }

    #[test]
    fn a_busy_node_says_when_to_come_back() {
        let busy = ApiError::new(Code::Overloaded, "", "").respond(Language::French, "", "");
        assert_eq!(busy.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(busy.headers().get("retry-after").unwrap(), "1");
    }
}
