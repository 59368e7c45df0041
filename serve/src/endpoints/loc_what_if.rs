//! `POST /api/loc/what-if`: which price, deadline or number of invitations brings a deal to a likelihood.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use schemas::Arm;
use serde::Serialize;

use crate::{
    ApiError, Node,
    body::{Fields, invalid, missing},
    deals::{
        AIM, Asked, LikelihoodAnswer, Reached, Subject, askable, euros, likelihood_reasons,
        no_model, number, percent, read_kind, usual, what_if,
    },
    edge::Arrival,
    language::Language,
    node::Answering,
    request::tenant,
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    arm: Option<Arm>,
    kind: deals::Kind,
    /// As the deal is told.
    likelihood: LikelihoodAnswer,
    what_if: Reached,
    reasons: Vec<String>,
}

/// Answers the value, the likelihood there, and the whole curve.
pub(crate) async fn post(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    mut fields: Fields,
    language: Language,
) -> Result<HttpResponse, ApiError> {
    let tenant = tenant(&mut fields, &request)?.ok_or_else(|| missing("tenant"))?;
    let kind = read_kind(&mut fields)?;
    let of = read_of(&mut fields, kind)?;
    let wanted = number(&mut fields, "wanted", (0.01, 0.99))?.unwrap_or(AIM);
    let (from, to) = (
        number(&mut fields, "from", (0.0, 1e11))?,
        number(&mut fields, "to", (0.0, 1e11))?,
    );
    let serving = answering.to(&tenant, &request)?;
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let question = subject.read(kind, &mut fields)?;
        fields.finish()?;
        let values = question.facts.values();
        let models = book.models();
        let said = models
            .likelihood(kind, &values, question.price_cents)
            .ok_or_else(|| no_model(kind))?;
        let likelihood = LikelihoodAnswer::new(&said, language);
        let (low, high) = usual(of, said.reference_cents.unwrap_or(0.0));
        let within = (from.unwrap_or(low), to.unwrap_or(high));
        if within.0 >= within.1 {
            return Err(invalid(
                "to",
                format!(
                    "« to » ({}) doit dépasser « from » ({}).",
                    within.1, within.0
                ),
                format!(
                    "\"to\" ({}) must be above \"from\" ({}).",
                    within.1, within.0
                ),
            ));
        }
        let reached = what_if(book, &question, Asked { of, within, wanted })?
            .ok_or_else(|| no_model(kind))?;
        let mut reasons = vec![told(&reached, language)];
        reasons.extend(likelihood_reasons(
            &likelihood,
            &question.facts,
            question.price_cents,
            language,
        ));
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            arm: serving.arm(),
            kind,
            likelihood,
            what_if: reached,
            reasons,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

fn read_of(fields: &mut Fields, kind: deals::Kind) -> Result<&'static str, ApiError> {
    let text = fields.take_text("of")?.ok_or_else(|| missing("of"))?;
    askable(kind).find(|name| *name == text).ok_or_else(|| {
        let all = askable(kind).collect::<Vec<_>>().join(", ");
        invalid(
            "of",
            format!("On peut demander : {all}."),
            format!("One can ask of: {all}."),
        )
    })
}

fn told(reached: &Reached, language: Language) -> String {
    let (wanted, likely) = (
        percent(reached.wanted, language),
        percent(reached.probability, language),
    );
    let value = match reached.of.as_str() {
        "price" => euros(reached.value as i64, language),
        "lead_days" | "notice_days" => language.pick(
            format!("{} jours", reached.value),
            format!("{} days", reached.value),
        ),
        _ => language.pick(
            format!("{} entreprises invitées", reached.value),
            format!("{} invited", reached.value),
        ),
    };
    if reached.is_reached {
        language.pick(
            format!(
                "{value} : la probabilité d'aboutissement y est de {likely} (visée : {wanted})."
            ),
            format!("{value}: the likelihood of completion is {likely} there ({wanted} wanted)."),
        )
    } else {
        language.pick(
            format!("{wanted} reste hors d'atteinte : au mieux {likely}, avec {value}."),
            format!("{wanted} is out of reach: {likely} at best, with {value}."),
        )
    }
}
