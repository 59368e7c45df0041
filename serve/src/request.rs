//! What the two text searches take: a text, filters, a limit, a tenant, a language.

use actix_web::HttpRequest;
use schemas::{PUBLIC_TENANT, Tenant};
use serde_json::Value;

use crate::{
    ApiError,
    admission::settle_tenant,
    body::{Fields, invalid, missing, wrong_type},
    filters::{Filterable, Filters},
    language::Language,
    offers::Conditions,
};

/// Hits that a search gives where the caller names no limit.
pub(crate) const LIMIT_DEFAULT: usize = 10;
/// Hits that a search gives at most.
pub(crate) const LIMIT_MAX: usize = 100;

/// What differs between the endpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Name of the field that holds the text.
    pub(crate) text: &'static str,
    /// Characters it may have.
    pub(crate) text_limit: usize,
    /// What may be filtered on.
    pub(crate) filters: Filterable,
}

/// A search, checked.
#[derive(Debug, Clone)]
pub(crate) struct SearchRequest {
    /// What is looked for, as typed.
    pub(crate) text: String,
    /// What a hit must have.
    pub(crate) filters: Filters,
    /// What a hit must meet that is no facet.
    pub(crate) conditions: Conditions,
    /// Hits wanted.
    pub(crate) limit: usize,
    /// Who asks.
    pub(crate) tenant: Tenant,
    /// In which language to answer.
    pub(crate) language: Language,
}

impl SearchRequest {
    /// Reads and checks a body.
    pub(crate) fn read(
        mut fields: Fields,
        shape: Shape,
        request: &HttpRequest,
    ) -> Result<Self, ApiError> {
        let text = read_text(&mut fields, shape)?;
        let (filters, conditions) = shape.filters.read(fields.take("filters"))?;
        let limit = read_limit(fields.take("limit"), LIMIT_DEFAULT)?;
        let tenant = tenant(&mut fields, request)?.ok_or_else(|| missing("tenant"))?;
        let asked = Language::of_query_string(request.query_string());
        let language = match fields.take_text("lang")? {
            None => asked,
            Some(code) => Language::parse(&code).ok_or_else(|| {
                invalid(
                    "lang",
                    "Les langues sont « fr » et « en ».".to_owned(),
                    "The languages are \"fr\" and \"en\".".to_owned(),
                )
            })?,
        };
        fields.finish()?;
        Ok(Self {
            text,
            filters,
            conditions,
            limit,
            tenant,
            language,
        })
    }
}

/// Returns for whom a request with a body asks: the key's tenant, or the one that `tenant` or `X-Tenant` names.
pub(crate) fn tenant(
    fields: &mut Fields,
    request: &HttpRequest,
) -> Result<Option<Tenant>, ApiError> {
    let name = fields.take_text("tenant")?;
    tenant_of(name.as_deref(), request)
}

/// Returns for whom a request asks: the key's tenant; where the key leaves it open, the one named as `tenant` or in `X-Tenant`.
///
/// # Errors
/// The name is none, two different ones are named, or another than the key's.
pub(crate) fn tenant_of(
    name: Option<&str>,
    request: &HttpRequest,
) -> Result<Option<Tenant>, ApiError> {
    let header = tenant_of_header(request)?;
    let named = name.map(parse_tenant).transpose()?;
    let named = match (named, header) {
        (Some(named), Some(header)) if named != header => {
            return Err(invalid(
                "tenant",
                "La requête et l'en-tête X-Tenant nomment deux clients différents.".to_owned(),
                "The request and the X-Tenant header name two tenants.".to_owned(),
            ));
        }
        (named, header) => named.or(header),
    };
    settle_tenant(named.as_ref(), request)
}

/// Returns the tenant of open data.
pub(crate) fn public_tenant() -> Tenant {
    PUBLIC_TENANT
        .parse()
        .expect("the public tenant's name has the pattern")
}

fn tenant_of_header(request: &HttpRequest) -> Result<Option<Tenant>, ApiError> {
    let header = request.headers().get("x-tenant");
    header
        .map(|value| parse_tenant(value.to_str().unwrap_or_default()))
        .transpose()
}

fn parse_tenant(name: &str) -> Result<Tenant, ApiError> {
    name.parse().map_err(|_| {
        let pattern = Tenant::PATTERN;
        invalid(
            "tenant",
            format!("Un client s'écrit {pattern}."),
            format!("A tenant is written {pattern}."),
        )
    })
}

fn read_text(fields: &mut Fields, shape: Shape) -> Result<String, ApiError> {
    let Shape {
        text: field,
        text_limit,
        ..
    } = shape;
    let text = fields.take_text(field)?.ok_or_else(|| missing(field))?;
    let length = text.chars().count();
    if text::clean(&text).is_none() || length > text_limit {
        return Err(invalid(
            field,
            format!("Le texte doit avoir de 1 à {text_limit} caractères visibles."),
            format!("The text must have 1 to {text_limit} visible characters."),
        ));
    }
    Ok(text)
}

/// Reads how many hits are wanted.
pub(crate) fn read_limit(value: Option<Value>, default: usize) -> Result<usize, ApiError> {
    let Some(value) = value else {
        return Ok(default);
    };
    let limit = match value {
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    let limit = limit.ok_or_else(|| wrong_type("limit", "un nombre entier", "a whole number"))?;
    usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| {
            invalid(
                "limit",
                format!("La limite va de 1 à {LIMIT_MAX}."),
                format!("The limit goes from 1 to {LIMIT_MAX}."),
            )
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use access::Caller;
    use actix_web::{HttpMessage, test::TestRequest};

    use super::*;
    use crate::{Code, admission::Asking};

    const SHAPE: Shape = Shape {
        text: "query",
        text_limit: 20,
        filters: Filterable {
            facets: &["region"],
            conditions: &[],
        },
    };

    fn read(body: &str, header: Option<&str>) -> Result<SearchRequest, ApiError> {
        let mut request = TestRequest::with_uri("/api/match?lang=en");
        if let Some(tenant) = header {
            request = request.insert_header(("X-Tenant", tenant));
        }
        let request = request.to_http_request();
        let nobody = Asking(Arc::new(Caller::unknown()));
        request.extensions_mut().insert(nobody);
        SearchRequest::read(Fields::parse(body.as_bytes())?, SHAPE, &request)
    }

    #[test]
    fn a_request_has_defaults_for_all_but_text_and_tenant() {
        let request = read(r#"{"query": "tôlerie", "tenant": "tenant_demo"}"#, None).unwrap();
        assert_eq!((request.limit, request.language), (10, Language::English));
        assert!(request.filters.is_empty());
        let request = read(r#"{"query": "x", "lang": "fr"}"#, Some("tenant_demo")).unwrap();
        assert_eq!(request.tenant.as_str(), "tenant_demo");
        assert_eq!(request.language, Language::French);
    }

    #[test]
    fn a_bad_field_is_named() {
        for (body, code) in [
            (r#"{"tenant": "tenant_a"}"#, Code::MissingField),
            (r#"{"query": "x"}"#, Code::MissingField),
            (r#"{"query": 1, "tenant": "tenant_a"}"#, Code::WrongType),
            (
                r#"{"query": " \u0000 ", "tenant": "tenant_a"}"#,
                Code::InvalidValue,
            ),
            (
                r#"{"query": "123456789012345678901", "tenant": "tenant_a"}"#,
                Code::InvalidValue,
            ),
            (r#"{"query": "x", "tenant": "nord"}"#, Code::InvalidValue),
            (
                r#"{"query": "x", "tenant": "tenant_a", "limit": 0}"#,
                Code::InvalidValue,
            ),
            (
                r#"{"query": "x", "tenant": "tenant_a", "limit": 101}"#,
                Code::InvalidValue,
            ),
            (
                r#"{"query": "x", "tenant": "tenant_a", "limit": 1.5}"#,
                Code::WrongType,
            ),
            (
                r#"{"query": "x", "tenant": "tenant_a", "lang": "de"}"#,
                Code::InvalidValue,
            ),
            (
                r#"{"query": "x", "tenant": "tenant_a", "k": 3}"#,
                Code::UnknownField,
            ),
        ] {
            assert_eq!(read(body, None).unwrap_err().code(), code, "{body}");
        }
    }

    #[test]
    fn two_tenants_in_one_request_are_refused() {
        let body = r#"{"query": "x", "tenant": "tenant_a"}"#;
        assert_eq!(
            read(body, Some("tenant_b")).unwrap_err().code(),
            Code::InvalidValue
        );
        assert!(read(body, Some("tenant_a")).is_ok());
    }

    #[test]
    fn a_request_that_no_gate_let_in_has_no_tenant() {
        let request = TestRequest::default().to_http_request();
        let error = tenant_of(Some("tenant_a"), &request).unwrap_err();
        assert_eq!(error.code(), Code::Internal);
    }
}
