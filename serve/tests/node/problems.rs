use actix_web::test::TestRequest;

use crate::harness::Harness;

#[actix_web::test]
async fn every_refusal_is_a_problem_document() {
    let harness = Harness::serving().await;
    let long = format!(
        r#"{{"query": "{}", "tenant": "tenant_a"}}"#,
        "x".repeat(1 << 20)
    );
    for (method, uri, body, status, code) in [
        ("GET", "/nowhere", "", 404, "unknown_route"),
        ("GET", "/api/match", "", 405, "method_not_allowed"),
        ("POST", "/offers?ids=a", "", 405, "method_not_allowed"),
        ("POST", "/api/match", "{", 400, "invalid_json"),
        ("POST", "/api/match", "[]", 422, "wrong_type"),
        (
            "POST",
            "/api/match",
            r#"{"tenant": "tenant_a"}"#,
            422,
            "missing_field",
        ),
        ("POST", "/api/match", &long, 413, "body_too_large"),
        ("GET", "/offers", "", 422, "missing_field"),
        ("GET", "/offers?ids=a&tenant=b", "", 422, "invalid_value"),
    ] {
        let request = TestRequest::with_uri(uri).method(method.parse().unwrap());
        let reply = harness.send(request.set_payload(body.to_owned())).await;
        assert_eq!(reply.status, status, "{method} {uri}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        assert_eq!(reply.body["code"], code, "{method} {uri}");
        assert_eq!(reply.body["status"], status);
        assert_eq!(reply.body["request_id"], reply.headers["x-request-id"]);
        assert_eq!(reply.headers["x-snapshot-id"], "a".repeat(32));
    }
}

#[actix_web::test]
async fn details_are_french_and_english_on_request() {
    let harness = Harness::new();
    let french = harness.get("/nowhere").await.body;
    assert_eq!(french["detail"], "Cette adresse n'existe pas.");
    let english = harness.get("/nowhere?lang=en").await;
    assert_eq!(english.body["detail"], "There is nothing at this address.");
    assert_eq!(english.headers["content-language"], "en");
}

#[actix_web::test]
async fn a_wrong_method_is_told_the_right_one() {
    let harness = Harness::new();
    assert_eq!(harness.get("/match").await.headers["allow"], "POST");
    assert_eq!(
        harness.post("/livez", "").await.headers["allow"],
        "GET, HEAD"
    );
}
