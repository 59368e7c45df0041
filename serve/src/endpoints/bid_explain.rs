//! `GET /api/projects/{id}/explain?bid=`: one bid against the best and the runner-up, term by term.

use actix_web::{HttpRequest, HttpResponse, web};
use ranking::Formula;
use serde::Serialize;

use super::project_bids::Bid;
use crate::{
    ApiError, Code, Node,
    auctions::{Difference, RankedBy, Ranker, Room, difference_reason, differences, ranking},
    deals::Subject,
    edge::Arrival,
    node::Answering,
    parameters::{Parameters, required},
};

/// How many of the best a bid is held against.
const AGAINST: usize = 2;
/// Characters of an id.
const LONGEST: usize = 100;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    project_id: String,
    ranked_by: RankedBy,
    bid: Bid,
    /// The best and the runner-up, without the bid itself.
    against: Vec<Against>,
}

/// A bid that this one is held against.
#[derive(Debug, Serialize)]
struct Against {
    bid_id: String,
    rank: Option<usize>,
    price_cents: i64,
    score: f64,
    /// This bid's score minus the other's: the sum of the differences.
    score_difference: f64,
    differences: Vec<Difference>,
    reason: String,
}

/// Answers which terms make the difference.
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
    let bid = required("bid", parameters.take_text("bid", LONGEST)?)?;
    let weights = parameters.take_own_weights(Formula::Global)?;
    parameters.finish()?;
    let id = id.into_inner();
    let work = move || {
        let subject = Subject::open(&serving, &tenant)?;
        let book = subject.book;
        let room = Room::open(&subject, &id)?;
        let ranker = Ranker::choose(book, weights)?;
        let ranked = ranking(&room, ranker, language)?;
        let found = ranked.iter().find(|(row, ..)| row.bid_id == bid);
        let (row, place, scored) = found.ok_or_else(|| unknown(&bid))?;
        let others = ranked
            .iter()
            .filter(|(other, place, _)| other.bid_id != bid && place.is_some());
        let against = others.take(AGAINST).map(|(other, rank, its)| {
            let differences = differences(scored, its);
            let score_difference = scored.score - its.score;
            Against {
                bid_id: other.bid_id.clone(),
                rank: *rank,
                price_cents: other.price_cents,
                score: its.score,
                score_difference,
                reason: difference_reason(&other.bid_id, score_difference, &differences, language),
                differences,
            }
        });
        let standing = room.auction.standing().count();
        Ok(Answer {
            request_id: arrival.request_id,
            snapshot_id: serving.id().to_string(),
            ranked_by: ranker.told(&serving),
            against: against.collect(),
            bid: Bid::new(
                (&id, &room),
                row,
                place.map(|rank| (rank, standing)),
                scored,
                language,
            ),
            project_id: id,
        })
    };
    let answer: Answer = node.permits().run(work).await??;
    Ok(HttpResponse::Ok().json(answer))
}

fn unknown(bid: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("Ce projet n'a pas d'offre « {bid} »."),
        format!("This project has no bid \"{bid}\"."),
    )
    .at("bid")
}
