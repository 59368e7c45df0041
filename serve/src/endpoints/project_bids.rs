//! `GET /api/projects/{id}/bids`: the bids of a project, the best first, each with the sum that ranks it.

use actix_web::{HttpRequest, HttpResponse, web};
use ranking::Formula;
use serde::Serialize;

use crate::{
    ApiError, Node,
    abuse::Abuse,
    auctions::{
        BidRow, Interval, LowAnswer, Notice, RankedBy, Ranker, Room, Scored, notices,
        ranking, reasons,
    },
    deals::Subject,
    edge::Arrival,
    language::Language,
    node::Answering,
    parameters::Parameters,
};

/// Bids that are answered unless the caller wants fewer or more.
const LIMIT: usize = 20;
/// The most that are answered.
const MOST: usize = 200;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    project_id: String,
    status: Option<String>,
    /// Bids in all, late and withdrawn ones too.
    count: usize,
    /// Those that stand, and are ranked.
    standing: usize,
    ranked_by: RankedBy,
    /// The project's likelihood of completion, the same for all its bids.
    loc: Option<f64>,
    reference: Option<Interval>,
    bids: Vec<Bid>,
}

/// A bid, ranked and explained.
#[derive(Debug, Serialize)]
pub(super) struct Bid {
    pub(super) bid_id: String,
    /// From 1; none of a bid that was withdrawn or late.
    pub(super) rank: Option<usize>,
    provider_id: String,
    provider_name: Option<String>,
    provider_created_day: Option<String>,
    price_cents: i64,
    delay_days: Option<i64>,
    quality: Option<f64>,
    submitted_at: String,
    #[serde(flatten)]
    pub(super) scored: Scored,
    abnormally_low: LowAnswer,
    abuse: Abuse,
    notices: Vec<Notice>,
    reasons: Vec<String>,
}

/// Answers the bids of one project of the tenant: those that stand by rank, then the others by id.
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
    let limit = parameters.take_limit(LIMIT, MOST)?;
    let weights = parameters.take_own_weights(Formula::Global)?;
    parameters.finish()?;
    let id = id.into_inner();
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let room = Room::open(&subject, &id)?;
        let ranker = Ranker::choose(book, weights)?;
        let ranked = ranking(&room, ranker, language)?;
        let standing = room.auction.standing().count();
        let shown = ranked.iter().take(limit);
        let bids = shown.map(|(row, place, scored)| {
            Bid::new(
                (&id, &room),
                row,
                place.map(|rank| (rank, standing)),
                scored,
                language,
            )
        });
        let bids: Vec<Bid> = bids.collect();
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            status: room.known.text("status").map(str::to_owned),
            project_id: id,
            count: room.rows.len(),
            standing,
            ranked_by: ranker.told(&serving),
            loc: room.auction.loc,
            bids,
            reference: room.reference,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

impl Bid {
    pub(super) fn new(
        (project, room): (&str, &Room<'_>),
        row: &BidRow,
        place: Option<(usize, usize)>,
        scored: &Scored,
        language: Language,
    ) -> Self {
        let facts = room.facts(row);
        let low = LowAnswer::new(&room.low(row), row.price_cents, language);
        Self {
            bid_id: row.bid_id.clone(),
            rank: place.map(|(rank, _)| rank),
            provider_id: row.provider_id.clone(),
            provider_name: row.provider_name.clone(),
            provider_created_day: row.provider_created_day.clone(),
            price_cents: row.price_cents,
            delay_days: row.delay_days,
            quality: row.quality,
            submitted_at: row.submitted_at.clone(),
            reasons: reasons(room, (&facts, scored), place, &low, language),
            scored: scored.clone(),
            abnormally_low: low,
            abuse: room.abuse(row, project, language),
            notices: notices(row, language),
        }
    }
}
