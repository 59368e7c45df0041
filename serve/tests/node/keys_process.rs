//! Keys over the life of a process: made, rotated, revoked, lost; and what is kept when it is killed.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use crate::{harness::Harness, process::Process};

const MATCH: &str = r#"{"query": "inox"}"#;

/// Runs `serve keys …` on the lake.
fn keys(harness: &Harness, arguments: &[&str]) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_serve"))
        .args(["keys", "--lake"])
        .arg(harness.lake())
        .args(arguments)
        .arg("--json")
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn new_key(harness: &Harness, more: &[&str]) -> String {
    let arguments = [
        "new",
        "--name",
        "test",
        "--tenant",
        "tenant_nord",
        "--scope",
        "match,operate,admin",
    ];
    let made = keys(harness, &[&arguments[..], more].concat());
    made["key"].as_str().unwrap().to_owned()
}

fn file(harness: &Harness) -> PathBuf {
    harness.lake().join("access/keys.json")
}

fn ask(process: &Process, key: &str) -> String {
    let answer = process.ask_with(
        &format!("Authorization: Bearer {key}"),
        "POST /api/match",
        MATCH,
    );
    answer["HTTP/1.1 ".len()..][..3].to_owned()
}

/// Asks until the answer has a status: the node looks at the keys every few milliseconds.
fn until(process: &Process, key: &str, status: &str) {
    for _ in 0..1000 {
        if ask(process, key) == status {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{status} never came");
}

#[actix_web::test]
async fn keys_are_made_rotated_and_revoked_without_a_restart() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let process = Process::start(&harness);
    let open = process.ask("GET /health", "");
    assert!(open.contains("x-auth: off"), "{open}");
    let first = new_key(&harness, &[]);
    until(&process, "", "401");
    until(&process, &first, "200");
    let prefix = &first[3..15];
    let second = keys(&harness, &["rotate", prefix, "--overlap-hours", "1"]);
    let second = second["key"].as_str().unwrap().to_owned();
    until(&process, &second, "200");
    assert_eq!(ask(&process, &first), "200", "both open during the overlap");
    keys(&harness, &["revoke", prefix]);
    until(&process, &first, "401");
    assert_eq!(ask(&process, &second), "200");
    let listed = keys(&harness, &["list"]);
    assert_eq!(listed["keys"][0]["state"], "revoked");
    assert_eq!(listed["keys"][1]["account"], prefix);
    let text = fs::read_to_string(file(&harness)).unwrap() + &listed.to_string();
    assert!(!text.contains(&first[16..]) && !text.contains(&second[16..]));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(file(&harness)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others cannot read it");
    }
    assert_eq!(process.end("-TERM"), Some(0));
}

#[actix_web::test]
async fn a_bad_or_lost_file_of_keys_opens_nothing_and_locks_nobody_out() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let key = new_key(&harness, &[]);
    let process = Process::start(&harness);
    until(&process, &key, "200");
    let good = fs::read(file(&harness)).unwrap();
    let is_refused = |wanted: &str| {
        let bearer = format!("X-Api-Key: {key}");
        for _ in 0..1000 {
            let page = process.ask_with(&bearer, "GET /metrics", "");
            if page.contains(&format!("\nmarketlounge_keys_refused {wanted}\n")) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("keys_refused is never {wanted}");
    };
    fs::write(file(&harness), "{").unwrap();
    is_refused("1");
    assert_eq!(
        (ask(&process, &key).as_str(), ask(&process, "").as_str()),
        ("200", "401")
    );
    fs::remove_file(file(&harness)).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(
        (ask(&process, &key).as_str(), ask(&process, "").as_str()),
        ("200", "401")
    );
    fs::write(file(&harness), &good).unwrap();
    is_refused("0");
    assert_eq!(process.end("-TERM"), Some(0));
    fs::write(file(&harness), "{").unwrap();
    for (keys, more) in [
        (file(&harness), None),
        (harness.lake().join("nowhere"), None),
        (PathBuf::new(), Some("--require-keys")),
    ] {
        let lake = harness.lake().join("other");
        fs::create_dir_all(&lake).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_serve"));
        command
            .arg("--lake")
            .arg(lake)
            .args(["--listen", "127.0.0.1:0"])
            .args(more);
        if more.is_none() {
            command.arg("--keys").arg(keys);
        }
        let ran = command.output().unwrap();
        assert_eq!(
            ran.status.code(),
            Some(1),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}

#[actix_web::test]
async fn a_quota_outlives_a_killed_node_and_the_bill_has_what_a_stopped_one_counted() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let key = new_key(&harness, &["--per-month", "25"]);
    let first = Process::start(&harness);
    until(&first, &key, "200");
    assert_eq!(ask(&first, &key), "200");
    assert_eq!(ask(&first, &key), "429");
    let quotas = harness
        .lake()
        .join("landing/_quotas/node=test/quotas.jsonl");
    while !fs::read_to_string(&quotas)
        .unwrap_or_default()
        .contains(r#""requests":2"#)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    first.end("-KILL");
    let second = Process::start(&harness);
    assert_eq!(ask(&second, &key), "429", "what was spent is spent");
    let usage = second.ask_with(&format!("X-Api-Key: {key}"), "GET /api/me/usage", "");
    assert!(
        usage.contains(r#""this_month":{"requests":2,"cost":20}"#),
        "{usage}"
    );
    assert_eq!(second.end("-TERM"), Some(0));
    let rows = harness.landed("usage");
    let of = |endpoint: &str| {
        rows.iter()
            .filter(|row| row["endpoint"] == endpoint)
            .cloned()
            .collect::<Vec<_>>()
    };
    let matches = of("POST /api/match");
    assert_eq!(matches.len(), 1, "{rows:?}");
    assert_eq!(
        (
            &matches[0]["requests"],
            &matches[0]["errors"],
            &matches[0]["cost"]
        ),
        (&1.into(), &1.into(), &0.into())
    );
    let me = &of("GET /api/me/usage")[0];
    assert_eq!(
        (&me["key_id"], &me["tenant"]),
        (&key[3..15].into(), &"tenant_nord".into())
    );
    assert!(me["bytes"].as_u64().unwrap() > 100, "{me}");
}

/// A token of the issuer `portal`, signed with a secret, that lasts for years.
fn token(secret: &str, tenant: &str) -> String {
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({"alg": "HS256", "kid": "portal"}));
    let claims =
        json!({"aud": "node", "exp": 4_000_000_000_i64, "tenant": tenant, "scope": "match"});
    let message = format!("{header}.{}", part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[actix_web::test]
async fn tokens_open_a_node_for_their_tenant_until_the_issuers_key_is_changed() {
    let harness = Harness::serving().await;
    harness.collector.stop();
    let key = new_key(&harness, &[]);
    let (old, new) = (
        "old secret of 32 bytes or longer",
        "new secret of 32 bytes or longer",
    );
    let issuers = harness.lake().join("issuers.toml");
    fs::write(harness.lake().join("portal.secret"), old).unwrap();
    fs::write(
        &issuers,
        "audience = \"node\"\n[[issuer]]\nkid = \"portal\"\nalgorithm = \"HS256\"\nkey_file = \"portal.secret\"\n\
         tenants = [\"tenant_nord\"]\nscopes = [\"match\"]\n",
    )
    .unwrap();
    let process = Process::start_with(&harness, &["--tokens", issuers.to_str().unwrap()]);
    until(&process, &token(old, "tenant_nord"), "200");
    assert_eq!(ask(&process, &key), "200", "keys open it, too");
    assert_eq!(ask(&process, &token(old, "tenant_sud")), "401");
    assert_eq!(ask(&process, &token(new, "tenant_nord")), "401");
    let bearer = format!("Authorization: Bearer {}", token(old, "tenant_nord"));
    let found = process.ask_with(&bearer, "POST /api/match", MATCH);
    assert!(
        found.contains("\"e4\""),
        "the token's tenant sees its own: {found}"
    );
    assert!(
        process
            .ask_with(&bearer, "GET /offers?ids=o1", "")
            .contains("missing_scope")
    );
    fs::write(harness.lake().join("portal.secret"), new).unwrap();
    until(&process, &token(new, "tenant_nord"), "200");
    assert_eq!(ask(&process, &token(old, "tenant_nord")), "401");
    assert_eq!(process.end("-TERM"), Some(0));
}
