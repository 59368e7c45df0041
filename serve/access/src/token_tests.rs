use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef\n";
const FILE: &str = r#"
audience = "marketlounge"

[[issuer]]
kid = "portal"
algorithm = "HS256"
key_file = "portal.secret"
tenants = ["tenant_a", "tenant_b"]
scopes = ["match", "prices"]
limits = { per_minute = 60 }

[[issuer]]
kid = "hub"
iss = "https://hub.example"
algorithm = "EdDSA"
key_file = "hub.pem"
tenants = ["tenant_a"]
scopes = ["match"]
"#;

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    match path.to_str().unwrap() {
        "portal.secret" => Ok(SECRET.to_vec()),
        "hub.pem" => {
            let der = [&ED25519_DER, pair().public_key().as_ref()].concat();
            let body = BASE64_STANDARD.encode(der);
            Ok(format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n").into())
        }
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

fn issuers() -> Issuers {
    Issuers::parse(FILE, read).unwrap()
}

fn now() -> DateTime<Utc> {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn claims(more: Value) -> Value {
    let exp = now().timestamp() + 600;
    let mut claims =
        json!({"aud": "marketlounge", "exp": exp, "tenant": "tenant_a", "scope": "match prices"});
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn token(header: Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(claims));
    let signature = if header["alg"] == "EdDSA" {
        pair().sign(message.as_bytes()).as_ref().to_vec()
    } else {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.trim_ascii_end());
        hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
    };
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn ask(header: Value, more: Value) -> Result<Caller, Refusal> {
    issuers().authenticate(&token(header, &claims(more)), now())
}

#[test]
fn a_token_speaks_for_its_tenant_within_what_the_issuer_may_say() {
    let portal = json!({"alg": "HS256", "kid": "portal", "typ": "JWT"});
    let caller = ask(portal.clone(), json!({"tenant": "tenant_b", "sub": "u1"})).unwrap();
    assert_eq!(caller.tenants.names(), ["tenant_b"]);
    assert_eq!(caller.scopes, [Scope::Match, Scope::Prices].into());
    assert_eq!(caller.key_id.as_deref(), Some("token:portal"));
    assert_eq!(caller.limits.per_minute, Some(60));
    let hub = json!({"alg": "EdDSA", "kid": "hub"});
    let signed = json!({"iss": "https://hub.example", "aud": ["other", "marketlounge"]});
    let caller = ask(hub.clone(), signed).unwrap();
    assert_eq!(
        caller.scopes,
        [Scope::Match].into(),
        "prices are not the hub's to give"
    );
    for (header, more) in [
        (&portal, json!({"tenant": "tenant_c"})),
        (&portal, json!({"tenant": "nord"})),
        (&portal, json!({"tenant": null})),
        (&portal, json!({"aud": "other"})),
        (&portal, json!({"aud": null})),
        (&portal, json!({"scope": "match root"})),
        (&portal, json!({"scope": ["match"]})),
        (&portal, json!({"exp": null})),
        (&portal, json!({"exp": "soon"})),
        (&portal, json!({"nbf": "now"})),
        (&hub, json!({})),
        (&hub, json!({"iss": "https://else.example"})),
        (
            &hub,
            json!({"iss": "https://hub.example", "tenant": "tenant_b"}),
        ),
    ] {
        assert_eq!(
            ask(header.clone(), more.clone()),
            Err(Refusal::Invalid),
            "{more}"
        );
    }
}

#[test]
fn a_tokens_time_is_kept_with_half_a_minute_for_clocks() {
    let portal = || json!({"alg": "HS256", "kid": "portal"});
    let at = |seconds: i64| now().timestamp() + seconds;
    assert!(ask(portal(), json!({"exp": at(-29)})).is_ok());
    assert_eq!(
        ask(portal(), json!({"exp": at(-30)})),
        Err(Refusal::Expired)
    );
    assert_eq!(ask(portal(), json!({"exp": -1e300})), Err(Refusal::Expired));
    assert!(ask(portal(), json!({"nbf": at(30)})).is_ok());
    assert_eq!(
        ask(portal(), json!({"nbf": at(31)})),
        Err(Refusal::TooEarly)
    );
}

#[test]
fn the_algorithm_is_the_issuers_and_never_the_tokens_choice() {
    for header in [
        json!({"alg": "none", "kid": "portal"}),
        json!({"alg": "HS512", "kid": "portal"}),
        json!({"alg": "HS256", "kid": "hub"}),
        json!({"alg": "EdDSA", "kid": "portal"}),
        json!({"alg": "HS256", "kid": "nobody"}),
        json!({"alg": "HS256"}),
        json!({"alg": "HS256", "kid": "portal", "crit": ["b64"]}),
    ] {
        assert_eq!(
            ask(header.clone(), json!({})),
            Err(Refusal::Invalid),
            "{header}"
        );
    }
}

#[test]
fn a_token_that_was_touched_is_refused() {
    let good = token(json!({"alg": "HS256", "kid": "portal"}), &claims(json!({})));
    assert!(issuers().authenticate(&good, now()).is_ok());
    let other = token(
        json!({"alg": "HS256", "kid": "portal"}),
        &claims(json!({"tenant": "tenant_b"})),
    );
    let parts: Vec<&str> = good.split('.').collect();
    let others: Vec<&str> = other.split('.').collect();
    for bad in [
        format!("{}.{}.{}", parts[0], others[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}."),
        format!("{good}="),
        good.repeat(20),
        "..".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            issuers().authenticate(&bad, now()),
            Err(Refusal::Invalid),
            "{bad}"
        );
    }
}

#[test]
fn a_bad_file_of_issuers_is_refused_and_tells_no_secret() {
    for (bad, says) in [
        (FILE.replace("\"HS256\"", "\"RS256\""), "RS256"),
        (FILE.replace("hub.pem", "portal.secret"), "PEM"),
        (FILE.replace("hub.pem", "nowhere"), "nowhere"),
        (FILE.replace("\"hub\"", "\"portal\""), "two issuers"),
        (
            FILE.replace("per_minute = 60", "per_minute = 0"),
            "per_minute",
        ),
        (FILE.replace("audience = \"marketlounge\"", ""), "audience"),
        (
            FILE.replace("kid = \"hub\"", "kid = \"hub\"\nsecret = \"hush\""),
            "secret",
        ),
    ] {
        let error = Issuers::parse(&bad, read).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(
            !error.contains("0123456789") && !error.contains("hush"),
            "{error}"
        );
    }
    let short = |_: &Path| Ok(b"short".to_vec());
    assert!(
        Issuers::parse(FILE, short)
            .unwrap_err()
            .to_string()
            .contains("32 bytes")
    );
    assert!(!format!("{:?}", issuers()).contains("0123"));
}
