//! Who is let in, for what, for which tenant and how often.

use access::{Entropy, KeyFile, Keyring, Limits, NewKey, Scope, Scopes};
use actix_web::test::TestRequest;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use serve::{Gatekeeper, RouteCard, Who, route_cards};

use crate::harness::{Harness, Reply};

/// A key of `tenant_nord` with all scopes, to be changed.
fn wish() -> NewKey {
    NewKey::new("test", "tenant_nord".parse().unwrap(), Scopes::all())
}

/// Seconds in which keys of these tests live, around the time that the node reads off the clock.
fn made_at() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A node with these keys, and their texts.
async fn with_keys(wishes: impl IntoIterator<Item = NewKey>) -> (Harness, Vec<String>) {
    let mut harness = Harness::serving().await;
    let mut file = KeyFile::default();
    let texts = (1u8..).zip(wishes).map(|(seed, wish)| {
        let entropy = Entropy::new([seed; 32], [100 + seed; 32]);
        file.add(wish, entropy, made_at()).unwrap()
    });
    let texts = texts.collect();
    let gatekeeper = Gatekeeper::open();
    gatekeeper.install(Keyring::new(file).unwrap(), None);
    harness.gatekeeper = gatekeeper.into();
    (harness, texts)
}

fn bearing(key: &str, request: TestRequest) -> TestRequest {
    request.insert_header(("Authorization", format!("Bearer {key}")))
}

async fn ask(harness: &Harness, key: &str, body: &Value) -> Reply {
    let request = TestRequest::post()
        .uri("/api/match?lang=en")
        .set_payload(body.to_string());
    harness.send(bearing(key, request)).await
}

fn ids(reply: &Reply) -> Vec<&str> {
    let shortlist = reply.body["shortlist"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", reply.body));
    shortlist
        .iter()
        .map(|hit| hit["company_id"].as_str().unwrap())
        .collect()
}

/// An address of a route, its names filled in.
fn address(path: &str) -> String {
    let mut address = path.replace(":.+", "").replace(":.*", "");
    while let (Some(from), Some(to)) = (address.find('{'), address.find('}')) {
        address.replace_range(from..=to, "x");
    }
    address
}

async fn visit(harness: &Harness, card: &RouteCard, key: Option<&str>) -> Reply {
    let request = match card.method {
        "POST" => TestRequest::post().set_payload("{}"),
        _ => TestRequest::get(),
    };
    let request = request.uri(&address(card.path));
    harness
        .send(match key {
            Some(key) => bearing(key, request),
            None => request,
        })
        .await
}

#[actix_web::test]
async fn who_is_not_let_in_is_told_why_and_never_what_the_node_knows() {
    let revoked = NewKey {
        name: "to be revoked".to_owned(),
        ..wish()
    };
    let expired = NewKey {
        expires_at: Some(made_at() + TimeDelta::days(1)),
        ..wish()
    };
    let (harness, keys) = with_keys([wish(), revoked, expired]).await;
    let mut file = KeyFile::default();
    for (seed, new) in (1u8..).zip([
        wish(),
        wish(),
        NewKey {
            expires_at: Some(made_at() + TimeDelta::days(1)),
            ..wish()
        },
    ]) {
        file.add(new, Entropy::new([seed; 32], [100 + seed; 32]), made_at())
            .unwrap();
    }
    let prefix = file.keys[1].prefix.clone();
    file.revoke(&prefix, made_at()).unwrap();
    harness
        .gatekeeper
        .install(Keyring::new(file).unwrap(), None);
    let good = &keys[0];
    let touched = format!(
        "{}{}",
        &good[..good.len() - 1],
        if good.ends_with('0') { '1' } else { '0' }
    );
    let body = json!({"query": "inox"});
    for (key, code) in [
        (touched.as_str(), "invalid_key"),
        ("ml_x", "invalid_key"),
        ("a.b.c", "invalid_key"),
        (&keys[1], "revoked_key"),
        (&keys[2], "expired_key"),
    ] {
        let reply = ask(&harness, key, &body).await;
        assert_eq!(reply.status, 401, "{}", reply.body);
        assert_eq!(reply.body["code"], code);
        assert!(reply.headers["www-authenticate"].contains("error=\"invalid_token\""));
        assert!(!reply.body.to_string().contains(key), "{}", reply.body);
    }
    let reply = harness.post("/api/match", &body.to_string()).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.body["code"]),
        (401, &json!("missing_key"))
    );
    assert_eq!(
        reply.headers["www-authenticate"],
        "Bearer realm=\"marketlounge\""
    );
    assert!(
        reply.body["detail"]
            .as_str()
            .unwrap()
            .contains("demande une clé")
    );
    assert!(!reply.headers.contains_key("x-auth"));
    let twice = TestRequest::post()
        .uri("/api/match")
        .set_payload(body.to_string());
    let reply = harness
        .send(bearing(good, twice).insert_header(("X-Api-Key", good.as_str())))
        .await;
    assert_eq!(reply.body["code"], "invalid_key");
    let other = TestRequest::post()
        .uri("/api/match")
        .set_payload(body.to_string());
    let reply = harness
        .send(other.insert_header(("X-Api-Key", good.as_str())))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let metrics = harness
        .send(bearing(good, TestRequest::get().uri("/health")))
        .await;
    assert_eq!(metrics.body["auth"], "keys");
}

#[actix_web::test]
async fn every_route_but_the_probes_wants_a_key_with_its_scope() {
    let lacking = Scope::ALL.map(|scope| {
        let scopes = Scope::ALL
            .into_iter()
            .filter(|other| *other != scope)
            .collect();
        NewKey { scopes, ..wish() }
    });
    let (harness, keys) = with_keys(lacking.into_iter().chain([wish()])).await;
    for card in route_cards() {
        let without = visit(&harness, &card, None).await;
        if card.needs.who == Who::Anyone {
            assert_eq!(without.status, 200, "{}", card.path);
            continue;
        }
        assert_eq!(without.status, 401, "{}", card.path);
        let all = visit(&harness, &card, keys.last().map(String::as_str)).await;
        assert!(
            !matches!(all.status.as_u16(), 401 | 403),
            "{}: {}",
            card.path,
            all.body
        );
        let Some(scope) = card.needs.scope_needed() else {
            continue;
        };
        let place = Scope::ALL.iter().position(|one| *one == scope).unwrap();
        let lacking = visit(&harness, &card, Some(&keys[place])).await;
        assert_eq!(lacking.status, 403, "{}", card.path);
        assert_eq!(lacking.body["code"], "missing_scope");
        let challenge = format!("error=\"insufficient_scope\", scope=\"{scope}\"");
        assert!(lacking.headers["www-authenticate"].ends_with(&challenge));
    }
    let put = TestRequest::put().uri("/api/match");
    assert_eq!(
        harness.send(put).await.status,
        401,
        "not even the methods are told"
    );
}

#[actix_web::test]
async fn the_tenant_is_the_keys_and_a_request_that_names_another_is_refused() {
    let several = NewKey {
        tenants: "tenant_nord,tenant_sud".parse().unwrap(),
        ..wish()
    };
    let every = NewKey {
        tenants: "*".parse().unwrap(),
        ..wish()
    };
    let sud = NewKey {
        tenants: "tenant_sud".parse().unwrap(),
        ..wish()
    };
    let (harness, keys) = with_keys([wish(), sud, several, every]).await;
    let inox = |more: Value| {
        let mut body = json!({"query": "inox"});
        more.as_object()
            .unwrap()
            .iter()
            .for_each(|(name, value)| body[name] = value.clone());
        body
    };
    // As nord, then as sud, then as nord again: what is remembered of one is not told to the other.
    for (key, sees_e4) in [(&keys[0], true), (&keys[1], false), (&keys[0], true)] {
        let reply = ask(&harness, key, &inox(json!({}))).await;
        assert_eq!(ids(&reply).contains(&"e4"), sees_e4, "{}", reply.body);
    }
    let nord = json!({"tenant": "tenant_nord"});
    assert!(ids(&ask(&harness, &keys[0], &inox(nord.clone())).await).contains(&"e4"));
    let refused = ask(&harness, &keys[1], &inox(nord.clone())).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["code"]),
        (403, &json!("wrong_tenant"))
    );
    let nobody = ask(
        &harness,
        &keys[1],
        &inox(json!({"tenant": "tenant_nobody"})),
    )
    .await;
    let told = |reply: &Reply| {
        (
            reply.status,
            reply.body["detail"].clone(),
            reply.body["field"].clone(),
        )
    };
    assert_eq!(
        told(&refused),
        told(&nobody),
        "whether there is such a tenant is not told"
    );
    for uri in [
        "/offers?ids=o3&tenant=tenant_nord",
        "/api/offers/o3/similar?tenant=tenant_nord",
    ] {
        let reply = harness
            .send(bearing(&keys[1], TestRequest::get().uri(uri)))
            .await;
        assert_eq!(reply.status, 403, "{uri}: {}", reply.body);
    }
    let header = TestRequest::get()
        .uri("/offers?ids=o3,o1")
        .insert_header(("X-Tenant", "tenant_nord"));
    assert_eq!(harness.send(bearing(&keys[1], header)).await.status, 403);
    let own = harness
        .send(bearing(
            &keys[1],
            TestRequest::get().uri("/offers?ids=o3,o1"),
        ))
        .await;
    assert_eq!(own.body.as_array().unwrap().len(), 1, "{}", own.body);
    let unsaid = ask(&harness, &keys[2], &inox(json!({}))).await;
    assert_eq!(
        (unsaid.status.as_u16(), &unsaid.body["field"]),
        (422, &json!("tenant"))
    );
    assert!(ids(&ask(&harness, &keys[2], &inox(nord.clone())).await).contains(&"e4"));
    assert!(ids(&ask(&harness, &keys[3], &inox(nord)).await).contains(&"e4"));
    let rows = harness.logged();
    assert!(
        rows.iter().all(|row| row["tenant"] != "tenant_nobody"),
        "{rows:?}"
    );
    assert_eq!(rows[1]["tenant"], "tenant_sud");
}

#[actix_web::test]
async fn limits_are_told_with_every_answer_and_kept() {
    let limits = Limits {
        per_minute: Some(1),
        burst: Some(20),
        per_day: Some(25),
        per_month: None,
    };
    let quota = Limits {
        per_day: Some(15),
        ..Limits::default()
    };
    let (harness, keys) = with_keys([
        NewKey { limits, ..wish() },
        NewKey {
            limits: quota,
            ..wish()
        },
    ])
    .await;
    let body = json!({"query": "inox"});
    let first = ask(&harness, &keys[0], &body).await;
    assert_eq!(first.status, 200);
    assert_eq!(
        first.headers["ratelimit-policy"],
        "\"key\";q=20;w=1200, \"key-day\";q=25;w=86400"
    );
    assert!(
        first.headers["ratelimit"].starts_with("\"key\";r=10;t="),
        "{:?}",
        first.headers
    );
    assert_eq!(ask(&harness, &keys[0], &body).await.status, 200);
    let third = ask(&harness, &keys[0], &body).await;
    assert_eq!(
        (third.status.as_u16(), &third.body["code"]),
        (429, &json!("quota_exceeded"))
    );
    let cheap = |key: &str| bearing(key, TestRequest::get().uri("/offers?ids=o1"));
    let fourth = harness.send(cheap(&keys[0])).await;
    assert_eq!(
        (fourth.status.as_u16(), &fourth.body["code"]),
        (429, &json!("rate_limited"))
    );
    let seconds: u64 = fourth.headers["retry-after"].parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert!(fourth.headers["ratelimit"].starts_with("\"key\";r=0;t="));
    // The other key is under its own limits.
    assert_eq!(ask(&harness, &keys[1], &body).await.status, 200);
    let over = ask(&harness, &keys[1], &body).await;
    assert_eq!(
        (over.status.as_u16(), &over.body["code"]),
        (429, &json!("quota_exceeded"))
    );
    let usage = harness
        .send(bearing(&keys[1], TestRequest::get().uri("/api/me/usage")))
        .await;
    assert_eq!(usage.status, 200, "{}", usage.body);
    assert_eq!(
        usage.body["key"]["today"],
        json!({"requests": 1, "cost": 10})
    );
    assert_eq!(
        usage.body["tenant"]["this_month"],
        json!({"requests": 3, "cost": 30})
    );
    assert_eq!(usage.body["limits"][0]["left"], 5);
    assert_eq!(usage.body["tenants"], json!(["tenant_nord"]));
    assert_eq!(usage.body["key_id"], keys[1][3..15]);
}

#[actix_web::test]
async fn the_nearest_by_vector_are_the_keys_tenants_too() {
    let sud = NewKey {
        tenants: "tenant_sud".parse().unwrap(),
        ..wish()
    };
    let (harness, keys) = with_keys([wish(), sud]).await;
    for (key, found) in [(&keys[0], 3), (&keys[1], 2), (&keys[0], 3)] {
        let request = TestRequest::post()
            .uri("/match")
            .set_payload(r#"{"cv_embedding": [0, 1]}"#);
        let reply = harness.send(bearing(key, request)).await;
        assert_eq!(
            reply.body.as_array().unwrap().len(),
            found,
            "{}",
            reply.body
        );
    }
}

#[actix_web::test]
async fn what_counts_over_all_tenants_is_for_operators() {
    let (harness, keys) = with_keys([
        NewKey {
            scopes: [Scope::Match].into(),
            ..wish()
        },
        wish(),
    ])
    .await;
    let show = |key: &str| bearing(key, TestRequest::get().uri("/api/snapshot"));
    let (caller, operator) = (
        harness.send(show(&keys[0])).await,
        harness.send(show(&keys[1])).await,
    );
    for name in ["tables", "gates", "files", "bytes"] {
        assert!(
            caller.body.get(name).is_none() && operator.body.get(name).is_some(),
            "{name}"
        );
    }
    assert_eq!(caller.body["encoder"], operator.body["encoder"]);
}

#[actix_web::test]
async fn a_node_without_keys_says_so_with_every_answer() {
    let harness = Harness::serving().await;
    for uri in ["/livez", "/api/snapshot", "/nowhere", "/offers"] {
        assert_eq!(harness.get(uri).await.headers["x-auth"], "off", "{uri}");
    }
    assert_eq!(harness.get("/health").await.body["auth"], "off");
    let nobody = harness.get("/api/me/usage").await;
    assert_eq!(
        (nobody.status.as_u16(), &nobody.body["code"]),
        (404, &json!("not_found"))
    );
}

#[actix_web::test]
async fn calls_of_the_administration_are_logged_whether_let_in_or_not() {
    let several = NewKey {
        tenants: "tenant_nord,tenant_sud".parse().unwrap(),
        ..wish()
    };
    let none = NewKey {
        scopes: [Scope::Match].into(),
        ..wish()
    };
    let (harness, keys) = with_keys([several, none]).await;
    for (key, uri) in [
        (&keys[0], "/admin/metrics?tenant=tenant_sud"),
        (&keys[0], "/admin/metrics?tenant=tenant_est"),
        (&keys[1], "/admin/metrics"),
    ] {
        let request = TestRequest::get()
            .uri(uri)
            .peer_addr("192.0.2.7:5000".parse().unwrap());
        harness.send(bearing(key, request)).await;
    }
    harness.get("/admin/metrics").await;
    let rows = harness.landed("admin_calls");
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&row["key_id"], &row["tenant"], &row["status"]))
        .collect();
    let ids = keys.iter().map(|key| json!(key[3..15])).collect::<Vec<_>>();
    let (sud, nord) = (json!("tenant_sud"), json!("tenant_nord"));
    let (ok, forbidden) = (json!(503), json!(403));
    assert_eq!(
        told,
        [
            (&ids[0], &sud, &ok),
            (&ids[0], &Value::Null, &forbidden),
            (&ids[1], &nord, &forbidden)
        ]
    );
    for (row, key) in rows.iter().zip([&keys[0], &keys[0], &keys[1]]) {
        assert!(
            row["address"]
                .as_str()
                .unwrap()
                .starts_with("/admin/metrics"),
            "{row}"
        );
        assert_eq!(row["ip_hash"].as_str().map(str::len), Some(16));
        assert!(!row.to_string().contains(key.as_str()) && !row.to_string().contains("192.0.2.7"));
    }
}
