//! `GET /api/projects/{id}/loc`: how likely a project is to be awarded and done, why, and what would help.

use actix_web::{HttpRequest, HttpResponse, web};
use deals::{Kind, WhatIf};
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    deals::{
        AIM, Asked, LikelihoodAnswer, PriceAnswer, Question, Reached, Subject, euros,
        likelihood_reasons, no_model, percent, price_reasons, what_if,
    },
    edge::Arrival,
    language::Language,
    node::Answering,
    parameters::Parameters,
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<Arm>,
    project_id: String,
    status: Option<String>,
    budget_cents: Option<i64>,
    loc: f64,
    likelihood: LikelihoodAnswer,
    price: Option<PriceAnswer>,
    /// The budget that would make it likely enough.
    budget_for_aim: Option<Reached>,
    reasons: Vec<String>,
    advice: Vec<String>,
}

/// Answers the likelihood of one project of the tenant.
pub(crate) async fn get(
    answering: Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let id = id.into_inner();
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let known = subject.known(Kind::Project, "project_id", &id)?;
        let models = book.models();
        let question = Question {
            kind: Kind::Project,
            facts: known.facts.clone(),
            price_cents: known.price_cents,
        };
        let values = question.facts.values();
        let said = models.likelihood(Kind::Project, &values, question.price_cents);
        let said = LikelihoodAnswer::new(&said.ok_or_else(|| no_model(Kind::Project))?, language);
        let price = models.price(Kind::Project, &values, None);
        let price = price.and_then(|price| PriceAnswer::new(&price, &models.rules, language));
        let mut reasons =
            likelihood_reasons(&said, &question.facts, question.price_cents, language);
        reasons.extend(
            price
                .iter()
                .flat_map(|price| price_reasons(price, &question.facts, language)),
        );
        let for_aim = price.as_ref().map(|price| {
            let within = (price.p10_cents as f64 * 0.2, price.p90_cents as f64 * 3.0);
            what_if(
                book,
                &question,
                Asked {
                    of: WhatIf::PRICE,
                    within,
                    wanted: AIM,
                },
            )
        });
        let budget_for_aim = for_aim.transpose()?.flatten();
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            status: known.text("status").map(str::to_owned),
            budget_cents: known.integer("budget_cents"),
            project_id: id,
            loc: said.probability,
            advice: advice(&said, budget_for_aim.as_ref(), language),
            likelihood: said,
            price,
            budget_for_aim,
            reasons,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

fn advice(said: &LikelihoodAnswer, reached: Option<&Reached>, language: Language) -> Vec<String> {
    let Some(reached) = reached.filter(|reached| reached.is_reached && said.probability < AIM)
    else {
        return Vec::new();
    };
    let (budget, likely) = (
        euros(reached.value as i64, language),
        percent(reached.probability, language),
    );
    vec![language.pick(
        format!("Avec un budget de {budget}, la probabilité d'aboutissement serait de {likely}."),
        format!("With a budget of {budget}, the likelihood of completion would be {likely}."),
    )]
}
