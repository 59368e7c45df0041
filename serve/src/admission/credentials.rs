//! What a request shows to be let in.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

/// The other header that a key may stand in, for programs that cannot set `Authorization`.
const API_KEY: &str = "x-api-key";

/// What was found. It has no `Debug`: it must not come into a log.
pub(super) enum Given<'a> {
    /// Nothing.
    Nothing,
    /// One key or token.
    One(&'a str),
    /// Something that is neither, or more than one: which of them counts must not depend on who reads the headers.
    Unclear,
}

/// Reads `Authorization: Bearer …` or `X-Api-Key: …`.
pub(super) fn given(headers: &HeaderMap) -> Given<'_> {
    let bearers = headers.get_all(AUTHORIZATION).map(|value| {
        let text = value.to_str().ok()?;
        let (scheme, credential) = text.split_once(' ')?;
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        is_bearer.then(|| credential.trim())
    });
    let keys = headers
        .get_all(API_KEY)
        .map(|value| value.to_str().ok().map(str::trim));
    let mut all = bearers.chain(keys);
    match (all.next(), all.next()) {
        (None, _) => Given::Nothing,
        (Some(Some(one)), None) if !one.is_empty() => Given::One(one),
        _ => Given::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Option<String> {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(*header);
        }
        match given(request.to_http_request().headers()) {
            Given::Nothing => Some(String::new()),
            Given::One(one) => Some(one.to_owned()),
            Given::Unclear => None,
        }
    }

    #[test]
    fn one_credential_is_read_and_two_are_unclear() {
        assert_eq!(read(&[]).as_deref(), Some(""));
        assert_eq!(
            read(&[("authorization", "Bearer k1")]).as_deref(),
            Some("k1")
        );
        assert_eq!(
            read(&[("authorization", "bearer  k1 ")]).as_deref(),
            Some("k1")
        );
        assert_eq!(read(&[("x-api-key", "k1")]).as_deref(), Some("k1"));
        for unclear in [
            &[("authorization", "Basic k1")][..],
            &[("authorization", "k1")],
            &[("authorization", "Bearer ")],
            &[("x-api-key", "")],
            &[("authorization", "Bearer k1"), ("x-api-key", "k1")],
            &[
                ("authorization", "Bearer k1"),
                ("authorization", "Bearer k2"),
            ],
        ] {
            assert_eq!(read(unclear), None, "{unclear:?}");
        }
    }
}
