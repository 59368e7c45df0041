//! `GET /api/recommendations/clients/{id}/people` and `GET /api/recommendations/people/{id}/prospects`: whom to book or meet, and which client to win.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use ranking::Formula;
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    edge::Arrival,
    node::Answering,
    parameters::Parameters,
    recommendations::{Pairs, Prospect, Recommended, shares, unknown},
    request::{LIMIT_DEFAULT, LIMIT_MAX},
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<Arm>,
    model_versions: BTreeMap<String, String>,
    weights: BTreeMap<&'static str, f64>,
    /// How many were scored.
    considered: usize,
    #[serde(flatten)]
    best: Best,
}

/// Who was asked about, and the best for them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Best {
    People {
        client_id: String,
        people: Vec<Recommended>,
    },
    Prospects {
        person_id: String,
        prospects: Vec<Prospect>,
    },
}

/// Who is asked about.
#[derive(Debug, Clone, Copy)]
enum About {
    Client,
    Person,
}

/// Answers people whom a client of the tenant should book or meet.
pub(crate) async fn people(
    answering: Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let asked = (About::Client, id.into_inner());
    answer(asked, (answering, node, arrival), request, parameters).await
}

/// Answers clients of the tenant whose needs fit a person.
pub(crate) async fn prospects(
    answering: Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let asked = (About::Person, id.into_inner());
    answer(asked, (answering, node, arrival), request, parameters).await
}

async fn answer(
    (about, id): (About, String),
    (answering, node, arrival): (Answering, web::Data<Node>, Arrival),
    request: HttpRequest,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let limit = parameters.take_limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let weights = parameters.take_weights(Formula::People)?;
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let pairs = Pairs::open(&serving, &tenant, &weights, language)?;
        let (field, pairs) = match about {
            About::Client => ("client_id", pairs),
            About::Person => ("person_id", pairs),
        };
        let pairs = pairs.ok_or_else(|| unknown(field, &id))?;
        let (people, clients) = (&pairs.circle.people, &pairs.circle.clients);
        let (considered, best) = match about {
            About::Client => {
                let client = clients.get(&id).ok_or_else(|| unknown(field, &id))?;
                let people_for = pairs.people_for(client, limit)?;
                let best = Best::People {
                    client_id: id.clone(),
                    people: people_for,
                };
                (people.len(), best)
            }
            About::Person => {
                let person = people.get(&id).ok_or_else(|| unknown(field, &id))?;
                let best = Best::Prospects {
                    person_id: id.clone(),
                    prospects: pairs.prospects_for(person, limit)?,
                };
                (clients.len(), best)
            }
        };
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            model_versions: pairs.model_versions(),
            weights: shares(&weights),
            considered,
            best,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}
