//! A JSON body read field by field, so that a refusal names the field.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde_json::{Map, Value};

use crate::{ApiError, Code};

/// Bytes of a body that the node reads at most.
pub(crate) const BODY_LIMIT: usize = 1 << 20;

/// The fields of a JSON object that are not read yet.
#[derive(Debug)]
pub(crate) struct Fields {
    rest: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// Parses a JSON object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        let value = serde_json::from_slice(bytes)
            .or_else(|error| serde_json::from_slice(&without_not_finite(bytes)).map_err(|_| error))
            .map_err(|error| {
                ApiError::new(
                    Code::InvalidJson,
                    format!(
                        "Le corps n'est pas du JSON : ligne {}, colonne {}.",
                        error.line(),
                        error.column()
                    ),
                    format!(
                        "The body is not JSON: line {}, column {}.",
                        error.line(),
                        error.column()
                    ),
                )
            })?;
        match value {
            Value::Object(rest) => Ok(Self {
                rest,
                known: Vec::new(),
            }),
            _ => Err(ApiError::new(
                Code::WrongType,
                "Le corps doit être un objet JSON.",
                "The body must be a JSON object.",
            )),
        }
    }

    /// Takes a field; an explicit `null` is an absent field.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.rest
            .shift_remove(name)
            .filter(|value| !value.is_null())
    }

    /// Takes a field as it is, `null` included.
    pub(crate) fn take_required(&mut self, name: &'static str) -> Result<Value, ApiError> {
        self.known.push(name);
        self.rest.shift_remove(name).ok_or_else(|| missing(name))
    }

    /// Takes a text.
    pub(crate) fn take_text(&mut self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "un texte", "a text")),
        }
    }

    /// Refuses what nobody took: a misspelt filter must not be silently ignored.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let Some(name) = self.rest.keys().next() else {
            return Ok(());
        };
        let known = self.known.join(", ");
        Err(ApiError::new(
            Code::UnknownField,
            format!("Champ inconnu ; les champs de cette adresse sont : {known}."),
            format!("Unknown field; this address knows: {known}."),
        )
        .at(name))
    }
}

impl FromRequest for Fields {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = body
                .await
                .map_err(|error| ApiError::of_status(error.as_response_error().status_code()))?;
            Self::parse(&bytes)
        })
    }
}

/// Makes the error for an absent field.
pub(crate) fn missing(field: &str) -> ApiError {
    ApiError::new(
        Code::MissingField,
        format!("Le champ « {field} » est obligatoire."),
        format!("The field \"{field}\" is required."),
    )
    .at(field)
}

/// Makes the error for a field of another type than `french` or `english` says.
pub(crate) fn wrong_type(field: &str, french: &str, english: &str) -> ApiError {
    ApiError::new(
        Code::WrongType,
        format!("Le champ « {field} » doit être {french}."),
        format!("The field \"{field}\" must be {english}."),
    )
    .at(field)
}

/// Makes the error for a field whose value is not accepted.
pub(crate) fn invalid(field: &str, french: String, english: String) -> ApiError {
    ApiError::new(Code::InvalidValue, french, english).at(field)
}

/// Python's `json.dumps` writes `NaN` and `Infinity`, which are not JSON: they become `null` here, so that the field that holds
/// them can be named instead of a column. Numbers too large for a double are treated alike.
fn without_not_finite(bytes: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let (mut at, mut is_text) = (0, false);
    while at < bytes.len() {
        let byte = bytes[at];
        if is_text || byte == b'"' {
            let length = if is_text && byte == b'\\' { 2 } else { 1 };
            is_text = is_text != (byte == b'"');
            clean.extend_from_slice(&bytes[at..bytes.len().min(at + length)]);
            at += length;
            continue;
        }
        let is_bare = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let length = bytes[at..].iter().take_while(|b| is_bare(b)).count();
        let token = &bytes[at..at + length.max(1)];
        clean.extend_from_slice(if is_not_finite(token) { b"null" } else { token });
        at += token.len();
    }
    clean
}

fn is_not_finite(token: &[u8]) -> bool {
    std::str::from_utf8(token)
        .ok()
        .and_then(|token| token.parse::<f64>().ok())
        .is_some_and(|number| !number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_nobody_knows_is_refused_by_name() {
        let mut fields = Fields::parse(br#"{"query": "inox", "filtres": {}}"#).unwrap();
        assert_eq!(fields.take_text("query").unwrap().as_deref(), Some("inox"));
        let error = fields.finish().unwrap_err();
        assert_eq!(error.code(), Code::UnknownField);
        assert!(error.to_string().contains("query"), "{error}");
    }

    #[test]
    fn what_python_writes_for_not_a_number_becomes_null() {
        let body = br#"{"text": "NaN \" NaN", "v": [NaN, -Infinity, 1e999, 1.5, inf]}"#;
        let mut fields = Fields::parse(body).unwrap();
        assert_eq!(
            fields.take_text("text").unwrap().as_deref(),
            Some("NaN \" NaN")
        );
        let vector = fields.take("v").unwrap();
        assert_eq!(vector, serde_json::json!([null, null, null, 1.5, null]));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for (body, code) in [
            ("", Code::InvalidJson),
            ("{", Code::InvalidJson),
            ("{\"a\": \"\\", Code::InvalidJson),
            ("[1]", Code::WrongType),
            ("\u{feff}{}", Code::InvalidJson),
        ] {
            assert_eq!(
                Fields::parse(body.as_bytes()).unwrap_err().code(),
                code,
                "{body}"
            );
        }
        let deep = "[".repeat(100_000);
        assert_eq!(
            Fields::parse(deep.as_bytes()).unwrap_err().code(),
            Code::InvalidJson
        );
    }
}
