//! `GET /api/projects/{id}/guidance?bid=`: where a price would stand in a reverse auction, and what would help.

use actix_web::{HttpRequest, HttpResponse, web};
use ranking::Formula;
use serde::Serialize;

use crate::{
    ApiError, Code, Node,
    abuse::Abuse,
    auctions::{
        Asked, Clock, Distance, Guidance, Interval, RankedBy, Ranker, Room, guide, reasons,
    },
    deals::{Subject, percent},
    edge::Arrival,
    language::Language,
    node::Answering,
    parameters::{Parameters, required},
};

/// The dearest bid that is asked about: a billion euros.
const MOST_CENTS: usize = 100_000_000_000;
/// The longest delay: five years.
const MOST_DAYS: usize = 1825;
/// Characters of an id.
const LONGEST: usize = 100;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    project_id: String,
    price_cents: i64,
    provider_id: Option<String>,
    provider_name: Option<String>,
    clock: Clock,
    /// The project's likelihood of completion, whoever wins.
    loc: Option<f64>,
    reference: Option<Interval>,
    /// How far the price is from the reference.
    distance: Option<Distance>,
    ranked_by: RankedBy,
    #[serde(flatten)]
    guidance: Guidance,
    abuse: Abuse,
    reasons: Vec<String>,
    advice: Vec<String>,
}

/// Answers where a bid would stand among those of the snapshot.
pub(crate) async fn get(
    Answering(serving): Answering,
    node: web::Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    id: web::Path<String>,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    let price_cents = required("bid", take_whole(&mut parameters, "bid", MOST_CENTS)?)?;
    let provider = parameters.take_text("provider", LONGEST)?;
    let delay_days = take_whole(&mut parameters, "delay_days", MOST_DAYS)?;
    let weights = parameters.take_own_weights(Formula::Global)?;
    parameters.finish()?;
    let id = id.into_inner();
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let room = Room::open(&subject, &id)?;
        let ranker = Ranker::choose(book, weights)?;
        let bidder = provider.as_deref().map(|provider| {
            let found = book.bids().bidder(tenant.as_str(), provider, &id);
            found.ok_or_else(|| unknown(provider))
        });
        let asked = Asked {
            price_cents,
            delay_days,
            bidder: bidder.transpose()?,
            provider,
        };
        let guidance = guide(&room, ranker, &asked, language)?;
        let place = Some((guidance.rank_by_score, guidance.of));
        let said = (&guidance.facts, &guidance.scored);
        let distance = room
            .reference
            .as_ref()
            .map(|of| Distance::new(of, price_cents, language));
        let clock = Clock::new(&subject, &room, language);
        let mut told = reasons(&room, said, place, &guidance.abnormally_low, language);
        told.extend(assumptions(&guidance, language));
        told.extend(distance.iter().map(|distance| distance.text.clone()));
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            project_id: id,
            price_cents,
            provider_id: asked.provider,
            provider_name: asked.bidder.and_then(|bidder| bidder.name),
            loc: room.auction.loc,
            distance,
            ranked_by: ranker.told(&serving),
            // Whoever bids reads this: a ring must not learn here that it was seen.
            abuse: Abuse::default(),
            reasons: told,
            advice: advice(&room, &guidance, &clock, language),
            clock,
            guidance,
            reference: room.reference,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

fn advice(room: &Room<'_>, guidance: &Guidance, clock: &Clock, language: Language) -> Vec<String> {
    let mut told = vec![clock.text.clone()];
    told.extend(guidance.levers.iter().map(|lever| lever.text.clone()));
    let asked = room.known.integer("certifications").unwrap_or(0);
    if asked > 0 {
        told.push(language.pick(
            format!("Le client demande {asked} certification(s) : joignez-les, l'instantané ne sait pas si vous les avez."),
            format!("The client asks for {asked} certificate(s): send them, the snapshot does not know whether you have them."),
        ));
    }
    told.extend(guidance.abnormally_low.advice.clone());
    told
}

/// Says what was taken to be so.
fn assumptions(guidance: &Guidance, language: Language) -> Option<String> {
    let each = guidance.assumed.iter().map(|one| match one.field {
        "quality" => {
            let share = percent(one.value, language);
            language.pick(
                format!("qualité de {share} (médiane des offres)"),
                format!("a quality of {share} (the bids' median)"),
            )
        }
        "delay_days" => language.pick(
            format!("délai de {} j (médiane des offres)", one.value),
            format!("a delay of {} days (the bids' median)", one.value),
        ),
        "is_same_region" => language.pick("autre région", "another region").to_owned(),
        _ => language
            .pick("savoir-faire non déclaré", "the know-how not claimed")
            .to_owned(),
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| {
        let each = each.join(", ");
        language.pick(
            format!("Faute de mieux, on suppose : {each}."),
            format!("Not being told otherwise, we assume: {each}."),
        )
    })
}

fn take_whole(
    parameters: &mut Parameters,
    name: &'static str,
    most: usize,
) -> Result<Option<i64>, ApiError> {
    let count = parameters.take_count(name, 0, most)?;
    Ok((count > 0).then(|| i64::try_from(count).unwrap_or(i64::MAX)))
}

fn unknown(provider: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!(
            "L'instantané servi n'a aucune offre du fournisseur « {provider} » pour ce client."
        ),
        format!("The snapshot served has no bid of the provider \"{provider}\" for this tenant."),
    )
    .at("provider")
}
