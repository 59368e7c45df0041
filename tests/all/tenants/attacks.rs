//! What a caller may try at each route to learn of another tenant.

use serde_json::{Value, json};

use super::things::Things;
use crate::suggestions::encoded;

/// What a route tells its own tenant: so much must be seen with the right key, else an attack that sees nothing proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Things of the tenant that the request does not name.
    Things,
    /// An answer, and to others the same refusal as for what nobody has.
    Answer,
    /// Nothing of a tenant's own here: what is public, or of the key itself.
    Nothing,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The other tenant's id in it: one that nobody has must be answered alike.
    pub(super) named: Option<String>,
}

/// The attacks on a route.
pub(super) struct Attack {
    /// Method and path, as `serve routes` lists them.
    pub(super) route: &'static str,
    pub(super) tells: Tells,
    /// Whether it takes a tenant, by parameter or field and by header.
    pub(super) takes_tenant: bool,
    /// What somebody who has `own` asks about `theirs`.
    pub(super) asks: fn(own: &Things, theirs: &Things) -> Vec<Ask>,
}

fn get(path: impl Into<String>) -> Ask {
    Ask {
        path: path.into(),
        body: None,
        named: None,
    }
}

fn post(path: &str, body: Value) -> Ask {
    Ask {
        path: path.to_owned(),
        body: Some(body),
        named: None,
    }
}

impl Ask {
    fn naming(mut self, id: &str) -> Self {
        self.named = Some(id.to_owned());
        self
    }

    /// The same request about something that nobody has.
    pub(super) fn of_nobody(&self) -> Option<(Self, String)> {
        let id = self.named.as_ref()?;
        let nobody: String = id
            .chars()
            .map(|c| if c.is_ascii_digit() { '9' } else { c })
            .collect();
        let text = |text: &str| text.replace(id.as_str(), &nobody);
        let body = self
            .body
            .as_ref()
            .map(|body| serde_json::from_str(&text(&body.to_string())).unwrap());
        Some((
            Self {
                path: text(&self.path),
                body,
                named: None,
            },
            nobody,
        ))
    }

    /// The same request with a tenant named in it.
    pub(super) fn for_tenant(&self, tenant: &str) -> Self {
        let mut ask = self.clone();
        match &mut ask.body {
            Some(body) => body["tenant"] = json!(tenant),
            None => {
                let sign = if ask.path.contains('?') { '&' } else { '?' };
                ask.path.push_str(&format!("{sign}tenant={tenant}"));
            }
        }
        ask
    }

    /// Whether the request itself has a text.
    pub(super) fn says(&self, text: &str) -> bool {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        self.path.contains(&encoded(text)) || self.path.contains(text) || body.contains(text)
    }
}

fn attack(route: &'static str, tells: Tells, asks: fn(&Things, &Things) -> Vec<Ask>) -> Attack {
    Attack {
        route,
        tells,
        takes_tenant: true,
        asks,
    }
}

/// A route that is about no tenant.
fn untenanted(route: &'static str, asks: fn(&Things, &Things) -> Vec<Ask>) -> Attack {
    Attack {
        route,
        tells: Tells::Nothing,
        takes_tenant: false,
        asks,
    }
}

/// The matrix. A route that is not in it fails the proof.
pub(super) fn all() -> Vec<Attack> {
    use Tells::{Answer, Nothing, Things as Own};
    vec![
        attack("POST /api/match", Own, |_, theirs| {
            let query = |text: &str, filters: Value| {
                post(
                    "/api/match",
                    json!({"query": text, "filters": filters, "limit": 100}),
                )
            };
            vec![
                query(&theirs.company_name, json!({})),
                query("usinage", json!({})),
                query("usinage", json!({"city": ["Saint-Dizier"]})),
            ]
        }),
        attack("POST /api/match/text", Own, |_, theirs| {
            vec![
                post(
                    "/api/match/text",
                    json!({"text": theirs.offer_title, "limit": 100}),
                ),
                post(
                    "/api/match/text",
                    json!({"text": "opérateur", "filters": {"contract": "CDI"}, "limit": 100}),
                ),
            ]
        }),
        attack("POST /match", Nothing, |_, _| {
            vec![post(
                "/match",
                json!({"cv_embedding": [0.5, 0.5], "limit": 100}),
            )]
        }),
        attack("GET /api/offers/{id}/similar", Own, |_, theirs| {
            vec![
                get(format!("/api/offers/{}/similar?limit=100", theirs.offer))
                    .naming(&theirs.offer),
            ]
        }),
        attack("POST /api/price-reference", Answer, |_, theirs| {
            let of = |kind: &str, field: &str, id: &str| {
                post("/api/price-reference", json!({"kind": kind, field: id})).naming(id)
            };
            vec![
                of("project", "project_id", &theirs.project),
                of("booking", "slot_id", &theirs.slot),
                of("intro", "intro_id", &theirs.intro),
            ]
        }),
        attack("POST /api/bookings/quote", Answer, |_, theirs| {
            vec![post("/api/bookings/quote", json!({"slot_id": theirs.slot})).naming(&theirs.slot)]
        }),
        attack("POST /api/intros/quote", Answer, |_, theirs| {
            vec![post("/api/intros/quote", json!({"intro_id": theirs.intro})).naming(&theirs.intro)]
        }),
        attack("POST /api/loc/what-if", Answer, |_, theirs| {
            let body = json!({"kind": "project", "project_id": theirs.project, "of": "price"});
            vec![post("/api/loc/what-if", body).naming(&theirs.project)]
        }),
        attack("GET /api/projects/{id}/loc", Answer, |_, theirs| {
            about(theirs, "loc")
        }),
        attack("GET /api/projects/{id}/bids", Own, |_, theirs| {
            about(theirs, "bids")
        }),
        attack("GET /api/projects/{id}/explain", Own, |own, theirs| {
            vec![
                get(format!(
                    "/api/projects/{}/explain?bid={}",
                    theirs.project, theirs.bid
                ))
                .naming(&theirs.project),
                get(format!(
                    "/api/projects/{}/explain?bid={}",
                    own.project, theirs.bid
                ))
                .naming(&theirs.bid),
            ]
        }),
        attack("GET /api/projects/{id}/guidance", Answer, |own, theirs| {
            let of = |project: &str, provider: &str| {
                format!("/api/projects/{project}/guidance?bid=500000&provider={provider}")
            };
            vec![
                get(of(&theirs.project, &theirs.provider)).naming(&theirs.project),
                get(of(&own.project, &theirs.provider)).naming(&theirs.provider),
            ]
        }),
        attack("GET /api/projects/{id}/candidates", Own, |_, theirs| {
            about(theirs, "candidates")
        }),
        attack(
            "GET /api/recommendations/clients/{id}/people",
            Own,
            |_, theirs| {
                vec![
                    get(format!(
                        "/api/recommendations/clients/{}/people",
                        theirs.client
                    ))
                    .naming(&theirs.client),
                ]
            },
        ),
        attack(
            "GET /api/recommendations/people/{id}/prospects",
            Own,
            |_, theirs| {
                vec![
                    get(format!(
                        "/api/recommendations/people/{}/prospects",
                        theirs.person
                    ))
                    .naming(&theirs.person),
                ]
            },
        ),
        attack("GET /api/abuse/rings/{id}", Nothing, |_, theirs| {
            let rings = theirs.ring.iter();
            rings
                .map(|ring| get(format!("/api/abuse/rings/{ring}")).naming(ring))
                .collect()
        }),
        attack("GET /api/abuse/{entity}/{id}", Answer, |_, theirs| {
            let things = [
                ("project", &theirs.project),
                ("bid", &theirs.bid),
                ("provider", &theirs.provider),
                ("client", &theirs.client),
                ("person", &theirs.person),
                ("booking", &theirs.booking),
                ("intro", &theirs.intro),
                ("submission", &theirs.submission),
            ];
            things
                .map(|(kind, id)| get(format!("/api/abuse/{kind}/{id}")).naming(id))
                .into()
        }),
        attack("GET /api/autocomplete", Own, |_, theirs| {
            let typed = |text: &str| get(format!("/api/autocomplete?q={}&limit=50", encoded(text)));
            let start = |text: &str| typed(&text.chars().take(4).collect::<String>());
            let (name, asked) = (&theirs.company_name, &theirs.asked);
            vec![typed(name), start(name), typed(asked), start(asked)]
        }),
        attack("GET /api/concepts/{id:.+}", Nothing, |_, _| {
            vec![get("/api/concepts/tolerie-inox")]
        }),
        attack("GET /api/glossary", Nothing, |_, _| {
            vec![get("/api/glossary")]
        }),
        attack("GET /api/glossary/{path:.*}", Nothing, |_, _| {
            vec![get("/api/glossary/Usinage")]
        }),
        attack("GET /offers", Own, |own, theirs| {
            vec![
                get(format!("/offers?ids={}", theirs.offer)),
                get(format!("/offers?ids={},{}", own.offer, theirs.offer)),
            ]
        }),
        attack("GET /api/market/signals", Nothing, |_, _| {
            vec![
                get("/api/market/signals?limit=100"),
                get("/api/market/signals?region=bretagne"),
            ]
        }),
        attack("GET /admin/metrics", Own, |_, _| {
            vec![get("/admin/metrics?weeks=104")]
        }),
        untenanted("GET /api/me/usage", |_, _| vec![get("/api/me/usage")]),
        untenanted("GET /api/snapshot", |_, _| vec![get("/api/snapshot")]),
        untenanted("GET /livez", |_, _| vec![get("/livez")]),
        untenanted("GET /readyz", |_, _| vec![get("/readyz")]),
        untenanted("GET /health", |_, _| vec![get("/health")]),
        untenanted("GET /metrics", |_, _| vec![get("/metrics")]),
    ]
}

fn about(theirs: &Things, what: &str) -> Vec<Ask> {
    vec![get(format!("/api/projects/{}/{what}", theirs.project)).naming(&theirs.project)]
}
