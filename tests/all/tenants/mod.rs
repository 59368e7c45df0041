//! Tenants never meet: every route of the node's own table is asked, with one tenant's key, for what is another's.

mod attacks;
mod bill;
mod things;

use std::collections::BTreeSet;

use marketlounge_tests::{Answer, Lake, Node, Ran};
use serde_json::{Value, json};

use attacks::{Ask, Attack, Tells};
use things::Things;

/// What partners' keys have: all but what counts over all tenants.
const SCOPES: &str = "match,catalogue,market,prices,auctions,recommendations,abuse,admin";

/// Stands in no answer.
const NO_ID: &str = "no id";

/// A tenant and its key.
struct Party {
    things: Things,
    key: String,
}

impl Party {
    fn new(lake: &Lake, keys: &Lake, tenant: &'static str) -> Self {
        let file = keys.file("keys.json").display().to_string();
        let new = [
            "keys", "new", "--keys", &file, "--json", "--name", tenant, "--tenant", tenant,
            "--scope", SCOPES,
        ];
        let made = Ran::serve(&new);
        assert!(made.is_success(), "{}", made.stderr);
        Self {
            things: Things::of(lake, tenant),
            key: made.json()[0]["key"].as_str().unwrap().to_owned(),
        }
    }

    fn ask(&self, node: &Node, ask: &Ask, header: Option<&str>) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(header.map(|tenant| ("X-Tenant", tenant)));
        node.ask(&ask.path, ask.body.as_ref(), &headers)
    }

    /// What of this party's own an answer tells that the request did not say itself.
    fn told_by(&self, ask: &Ask, answer: &Answer) -> Vec<&String> {
        let secrets = self.things.secrets.iter();
        secrets
            .filter(|secret| answer.text.contains(secret.as_str()) && !ask.says(secret))
            .collect()
    }
}

fn parties(lake: &Lake, keys: &Lake) -> [Party; 2] {
    ["tenant_demo", "tenant_nord"].map(|tenant| Party::new(lake, keys, tenant))
}

fn node(lake: &Lake, keys: &Lake) -> Node {
    let file = keys.file("keys.json").display().to_string();
    Node::ready_with(lake, &["--keys", &file])
}

/// An answer without what differs from request to request, and with an id taken out.
fn alike(answer: &Answer, id: &str) -> (u16, Value) {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "request_id" | "instance"));
    }
    (
        answer.status,
        serde_json::from_str(&body.to_string().replace(id, "ID")).unwrap(),
    )
}

fn has_cursor(body: &Value) -> bool {
    match body {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains("cursor") || has_cursor(value)),
        Value::Array(values) => values.iter().any(has_cursor),
        _ => false,
    }
}

#[test]
fn the_matrix_has_every_route_of_the_node_and_no_other() {
    let listed = Ran::serve(&["routes", "--json"]);
    let routes: BTreeSet<String> = listed.json()[0]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| {
            format!(
                "{} {}",
                route["method"].as_str().unwrap(),
                route["path"].as_str().unwrap()
            )
        })
        .collect();
    let attacked: BTreeSet<_> = attacks::all()
        .iter()
        .map(|attack| attack.route.to_owned())
        .collect();
    let unlisted: Vec<_> = routes.difference(&attacked).collect();
    assert!(
        unlisted.is_empty(),
        "write down in tests/all/tenants/attacks.rs how these are attacked: {unlisted:?}"
    );
    let gone: Vec<_> = attacked.difference(&routes).collect();
    assert!(gone.is_empty(), "{gone:?} are no routes");
}

#[test]
fn no_request_with_one_tenants_key_learns_anything_of_another() {
    let (lake, keys) = (Lake::published(), Lake::empty());
    let [demo, nord] = parties(&lake, &keys);
    let node = node(&lake, &keys);
    let mut requests = 0;
    for (a, b) in [(&demo, &nord), (&nord, &demo)] {
        assert!(
            b.things.secrets.len() > 100,
            "{} has hardly anything to hide",
            b.things.tenant
        );
        for attack in attacks::all() {
            requests += attacked(&node, &attack, a, b);
        }
    }
    println!("{requests} requests");
    assert!(requests > 300, "{requests}");
}

/// Tries what there is at one route, and returns how many requests that took.
fn attacked(node: &Node, attack: &Attack, a: &Party, b: &Party) -> usize {
    let (route, asks) = (attack.route, (attack.asks)(&a.things, &b.things));
    let mut requests = 0;
    let mut tried = |ask: &Ask, header: Option<&str>| {
        requests += 1;
        let answer = a.ask(node, ask, header);
        let told = b.told_by(ask, &answer);
        assert!(
            told.is_empty(),
            "{route}: {} learns {told:?} by {ask:?}: {}",
            a.things.tenant,
            answer.text
        );
        assert!(
            answer.status < 500 || answer.status == 503,
            "{route}: {}",
            answer.text
        );
        assert!(
            !has_cursor(&answer.body),
            "{route} has a cursor: ask for the other tenant's next page here"
        );
        answer
    };
    for ask in &asks {
        // Before and after the other tenant asked the same: what is remembered for one is not told to the other.
        let before = tried(ask, None);
        b.ask(node, ask, None);
        let after = tried(ask, None);
        if attack.takes_tenant {
            assert_eq!(alike(&before, NO_ID), alike(&after, NO_ID), "{route}");
        }
        if let Some((nobody, id)) = ask.of_nobody() {
            let unknown = tried(&nobody, None);
            let named = ask.named.as_deref().unwrap();
            assert_eq!(
                alike(&before, named),
                alike(&unknown, &id),
                "{route} tells what is another's from what is nobody's"
            );
        }
        for tenant in [b.things.tenant, "tenant_public"] {
            let named = tried(&ask.for_tenant(tenant), None);
            let header = tried(ask, Some(tenant));
            if attack.takes_tenant {
                for answer in [named, header] {
                    assert_eq!(
                        (answer.status, &answer.body["code"]),
                        (403, &json!("wrong_tenant")),
                        "{route}: {}",
                        answer.text
                    );
                }
            }
        }
    }
    let own = (attack.asks)(&b.things, &b.things);
    let answers: Vec<_> = own
        .iter()
        .map(|ask| (ask, b.ask(node, ask, None)))
        .collect();
    let is_answered = answers.iter().any(|(_, answer)| answer.status == 200);
    let is_told = answers
        .iter()
        .any(|(ask, answer)| !b.told_by(ask, answer).is_empty());
    let shown = || {
        answers
            .iter()
            .map(|(_, answer)| answer.text.as_str())
            .collect::<Vec<_>>()
    };
    match attack.tells {
        Tells::Things => assert!(
            is_told,
            "{route} tells {} nothing of its own: {:?}",
            b.things.tenant,
            shown()
        ),
        Tells::Answer => assert!(
            is_answered,
            "{route} does not answer {}: {:?}",
            b.things.tenant,
            shown()
        ),
        Tells::Nothing => {}
    }
    requests
}

#[test]
fn counts_are_of_the_tenants_own_things_and_the_public_ones() {
    let (lake, keys) = (Lake::published(), Lake::empty());
    let parties = parties(&lake, &keys);
    let node = node(&lake, &keys);
    let count = |sql: &str| lake.query(sql)[0]["n"].clone();
    let mut seen = Vec::new();
    for party in &parties {
        let tenant = party.things.tenant;
        let get = |path: &str| {
            let ask = Ask {
                path: path.to_owned(),
                body: None,
                named: None,
            };
            let answer = party.ask(&node, &ask, None);
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body
        };
        let companies = count(&format!(
            "SELECT count(*) AS n FROM silver.companies WHERE tenant IN ('{tenant}', 'tenant_public')"
        ));
        assert_eq!(get("/api/glossary")["companies"], companies, "{tenant}");
        let weeks = get("/admin/metrics?weeks=104&from=2020-01-01");
        let sum = |weeks: &Value, name: &str| -> i64 {
            let weeks = weeks["weeks"].as_array().unwrap().iter();
            weeks.filter_map(|week| week[name].as_i64()).sum()
        };
        for name in ["projects_published", "payments_cents", "requests"] {
            let own = count(&format!(
                "SELECT sum({name}) AS n FROM gold.marketplace_kpis WHERE tenant = '{tenant}'"
            ));
            assert_eq!(json!(sum(&weeks, name)), own, "{tenant}: {name}");
        }
        let signals = get("/api/market/signals?limit=100");
        seen.push((
            companies,
            weeks["weeks"].clone(),
            signals["signals"].clone(),
        ));
    }
    assert!(seen[0].0 != seen[1].0 && seen[0].1 != seen[1].1 && seen[0].2 != seen[1].2);
}
