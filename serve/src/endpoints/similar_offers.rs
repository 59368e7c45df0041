//! `GET /api/offers/{id}/similar`: the offers most like one of the snapshot.

use actix_web::{HttpRequest, HttpResponse, web, web::Data};
use retrieval::StoredDocument;
use schemas::Section;

use crate::{
    ApiError, Code, Node,
    answer::{Answer, OfferHit},
    documents::OfferCard,
    edge::Arrival,
    filters::Filters,
    node::Answering,
    offers::Conditions,
    parameters::Parameters,
    request::{LIMIT_DEFAULT, LIMIT_MAX, SearchRequest},
    search::{Like, Question, search},
};

/// Characters of the offer's text that are looked for, as many as its vector is made of.
const TEXT_LIMIT: usize = 1200;

/// Answers a shortlist in the shape of `/api/match/text`, the offer itself left out.
pub(crate) async fn get(
    answering: Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let limit = parameters.take_limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let serving = answering.to(&tenant, &request)?;
    let offers = serving.collection(Section::Offers)?;
    let offer = offers.document(tenant.as_str(), &id);
    let offer = offer.ok_or_else(|| unknown_offer(&id))?;
    let asked = SearchRequest {
        text: text_of(&offer),
        filters: Filters::new(),
        conditions: Conditions::default(),
        limit,
        tenant,
        language,
    };
    let like = Like {
        tenant: offer.tenant,
        id: offer.id,
    };
    let work = move || {
        let question = Question {
            section: Section::Offers,
            text: &asked.text,
            tenant: asked.tenant.as_str(),
            filters: &asked.filters,
            conditions: &asked.conditions,
            like: Some(&like),
            limit: asked.limit,
        };
        let found = search(&serving, &question)?;
        let id = arrival.request_id;
        Ok(Answer::new(id, &serving, &asked, &found, OfferHit::new))
    };
    let answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

/// What an offer says of itself: title, job, occupation, skills, then its description.
fn text_of(offer: &StoredDocument) -> String {
    let card = OfferCard::parse(&offer.payload);
    let title = card.title.or_else(|| Some(offer.title.clone()));
    let skills = card.competences.into_iter().map(|skill| skill.libelle);
    let names = [title, card.appellation, card.rome_label];
    let parts = names.into_iter().flatten().chain(skills);
    let parts: Vec<String> = parts.chain(card.description).collect();
    parts.join(". ").chars().take(TEXT_LIMIT).collect()
}

fn unknown_offer(id: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("L'instantané servi n'a pas d'offre « {id} »."),
        format!("The snapshot served has no offer \"{id}\"."),
    )
}
