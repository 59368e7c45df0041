//! The parameters of a query string, read one by one, so that a refusal names the parameter.

use std::collections::{BTreeMap, HashMap};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Query};
use schemas::{REGIONS, Tenant};
use std::future::{Ready, ready};

use crate::{
    ApiError, Code,
    body::{invalid, missing, wrong_type},
    language::Language,
    request::{public_tenant, tenant_of},
};

/// The parameters that are not read yet.
#[derive(Debug)]
pub(crate) struct Parameters {
    rest: BTreeMap<String, String>,
    known: Vec<&'static str>,
}

impl Parameters {
    /// Takes a parameter.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.rest.remove(name)
    }

    /// Takes a text of visible characters.
    pub(crate) fn take_text(
        &mut self,
        name: &'static str,
        longest: usize,
    ) -> Result<Option<String>, ApiError> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        if text::clean(&text).is_none() || text.chars().count() > longest {
            return Err(invalid(
                name,
                format!("« {name} » doit avoir de 1 à {longest} caractères visibles."),
                format!("\"{name}\" must have 1 to {longest} visible characters."),
            ));
        }
        Ok(Some(text))
    }

    /// Takes how many are wanted, as `limit`.
    pub(crate) fn take_limit(&mut self, default: usize, most: usize) -> Result<usize, ApiError> {
        self.take_count("limit", default, most)
    }

    /// Takes how many of something are wanted.
    pub(crate) fn take_count(
        &mut self,
        name: &'static str,
        default: usize,
        most: usize,
    ) -> Result<usize, ApiError> {
        let Some(text) = self.take(name) else {
            return Ok(default);
        };
        let count: i64 = text
            .parse()
            .map_err(|_| wrong_type(name, "un nombre entier", "a whole number"))?;
        usize::try_from(count)
            .ok()
            .filter(|count| (1..=most).contains(count))
            .ok_or_else(|| {
                invalid(
                    name,
                    format!("« {name} » va de 1 à {most}."),
                    format!("\"{name}\" goes from 1 to {most}."),
                )
            })
    }

    /// Takes the name of a French region, whatever its case and accents.
    pub(crate) fn take_region(&mut self) -> Result<Option<&'static str>, ApiError> {
        let Some(name) = self.take("region") else {
            return Ok(None);
        };
        let folded = text::fold(name.trim());
        let region = REGIONS
            .into_iter()
            .find(|region| text::fold(region) == folded);
        region.map(Some).ok_or_else(|| {
            let all = REGIONS.join(", ");
            invalid(
                "region",
                format!("Les régions sont : {all}."),
                format!("The regions are: {all}."),
            )
        })
    }

    /// Takes for whom the request asks: the key's tenant; where the key leaves it open, the parameter or `X-Tenant`.
    pub(crate) fn take_tenant(
        &mut self,
        request: &HttpRequest,
    ) -> Result<Option<Tenant>, ApiError> {
        let name = self.take("tenant");
        tenant_of(name.as_deref(), request)
    }

    /// Takes who asks, as [`take_tenant`](Self::take_tenant) does; who does not say sees open data.
    pub(crate) fn take_tenant_or_public(
        &mut self,
        request: &HttpRequest,
    ) -> Result<Tenant, ApiError> {
        Ok(self.take_tenant(request)?.unwrap_or_else(public_tenant))
    }

    /// Takes the language.
    pub(crate) fn take_language(&mut self) -> Result<Language, ApiError> {
        match self.take("lang") {
            None => Ok(Language::default()),
            Some(code) => Language::parse(&code).ok_or_else(|| {
                invalid(
                    "lang",
                    "Les langues sont « fr » et « en ».".to_owned(),
                    "The languages are \"fr\" and \"en\".".to_owned(),
                )
            }),
        }
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let Some(name) = self.rest.keys().next() else {
            return Ok(());
        };
        let known = self.known.join(", ");
        Err(ApiError::new(
            Code::UnknownField,
            format!("Paramètre inconnu ; les paramètres de cette adresse sont : {known}."),
            format!("Unknown parameter; this address knows: {known}."),
        )
        .at(name))
    }
}

/// Returns a required parameter, or the error that names it.
pub(crate) fn required<T>(name: &'static str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| missing(name))
}

impl FromRequest for Parameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = Query::<HashMap<String, String>>::from_query(request.query_string());
        let read = read.map_err(|_| {
            ApiError::new(
                Code::BadRequest,
                "Les paramètres de l'adresse ne peuvent pas être lus.",
                "The address's parameters cannot be read.",
            )
        });
        ready(read.map(|Query(rest)| Self {
            rest: rest.into_iter().collect(),
            known: Vec::new(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use access::Caller;
    use actix_web::{HttpMessage, test::TestRequest};

    use super::*;
    use crate::admission::Asking;

    fn parameters(query: &str) -> (Parameters, HttpRequest) {
        let request = TestRequest::with_uri(&format!("/x?{query}"))
            .insert_header(("X-Tenant", "tenant_a"))
            .to_http_request();
        let nobody = Asking(Arc::new(Caller::unknown()));
        request.extensions_mut().insert(nobody);
        let read = Parameters::from_request(&request, &mut Payload::None).into_inner();
        (read.unwrap(), request)
    }

    #[test]
    fn a_bad_parameter_is_named() {
        type Read = fn(&mut Parameters, &HttpRequest) -> Result<(), ApiError>;
        let cases: [(&str, Code, Read); 8] = [
            ("limit=0", Code::InvalidValue, |p, _| {
                p.take_limit(10, 50).map(drop)
            }),
            ("limit=51", Code::InvalidValue, |p, _| {
                p.take_limit(10, 50).map(drop)
            }),
            ("limit=x", Code::WrongType, |p, _| {
                p.take_limit(10, 50).map(drop)
            }),
            ("region=Mars", Code::InvalidValue, |p, _| {
                p.take_region().map(drop)
            }),
            ("tenant=nord", Code::InvalidValue, |p, r| {
                p.take_tenant(r).map(drop)
            }),
            ("tenant=tenant_b", Code::InvalidValue, |p, r| {
                p.take_tenant(r).map(drop)
            }),
            ("lang=de", Code::InvalidValue, |p, _| {
                p.take_language().map(drop)
            }),
            ("q=%20", Code::InvalidValue, |p, _| {
                p.take_text("q", 20).map(drop)
            }),
        ];
        for (query, code, read) in cases {
            let (mut parameters, request) = parameters(query);
            assert_eq!(
                read(&mut parameters, &request).unwrap_err().code(),
                code,
                "{query}"
            );
        }
        assert_eq!(
            parameters("k=1").0.finish().unwrap_err().code(),
            Code::UnknownField
        );
    }

    #[test]
    fn good_parameters_are_taken() {
        let (mut parameters, request) =
            parameters("q=t%C3%B4le&limit=3&region=ile-de-france&lang=en");
        assert_eq!(
            parameters.take_text("q", 20).unwrap().as_deref(),
            Some("tôle")
        );
        assert_eq!(parameters.take_limit(10, 50).unwrap(), 3);
        assert_eq!(parameters.take_region().unwrap(), Some("Île-de-France"));
        assert_eq!(parameters.take_language().unwrap(), Language::English);
        assert_eq!(
            parameters.take_tenant(&request).unwrap().unwrap().as_str(),
            "tenant_a"
        );
        parameters.finish().unwrap();
        assert!(required::<u8>("q", None).is_err());
    }
}
