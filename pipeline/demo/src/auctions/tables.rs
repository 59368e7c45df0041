//! Landing rows of projects and bids.

use crate::auctions::project::{Auction, Bid, Part, Status, project_id};
use crate::calendar::DAY;
use crate::clients::client_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::know_how;
use crate::providers::provider_id;
use crate::record::Value;
use crate::world::World;

/// Rows of the file that is cut in the middle.
const INTERRUPTED_ROWS: u64 = 400;

pub(crate) fn write_projects(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.projects.total() {
        let auction = world.auction(index);
        out.cells(project_cells(world, &auction))?;
    }
    Ok(())
}

pub(crate) fn write_bids(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.projects.total() {
        let auction = world.auction(index);
        for (number, bid) in auction.bids.iter().enumerate() {
            out.cells(bid_cells(world, &auction, number, bid))?;
        }
    }
    Ok(())
}

/// Rows of the truncated file: well-formed, and nothing refers to them.
pub(crate) fn write_interrupted_bids(
    world: &World,
    out: &mut Emitter<'_>,
) -> Result<(), DemoError> {
    for index in 0..INTERRUPTED_ROWS {
        let auction = world.auction(index % world.projects.total());
        let mut cells = bid_cells(world, &auction, 0, &auction.bids[0]);
        cells[1] = format!("OFF-INTERROMPU-{index:04}").into();
        out.cells(cells)?;
    }
    Ok(())
}

fn project_cells(world: &World, auction: &Auction) -> Vec<Value> {
    let mut dice = world.dice("project-cells", auction.index);
    let concept = &world.vocabulary.concepts[auction.concept];
    let trade = &world.vocabulary.trades[concept.trade];
    let term = know_how::term(world, auction.concept, &mut dice);
    let material = dice.pick(&trade.materials);
    let lists = &world.market.lists;
    let plural = if trade.unit == "pièce" && auction.size >= 2.0 {
        "s"
    } else {
        ""
    };
    let size = format!("{} {}{plural}", auction.size, trade.unit);
    let title = match auction.part {
        Part::Painting | Part::OpenPainting => format!("Mise en peinture d'un atelier, {size}"),
        _ => format!("{} en {material}, {size}", know_how::as_title(&term)),
    };
    let description = format!(
        "Consultation pour {term} ({material}), {}, secteur {}. Quantité : {size}. {}",
        dice.pick(&lists.purposes),
        dice.pick(&lists.sectors),
        dice.pick(&[
            "Plans et gammes remis sur demande.",
            "Première commande en vue d'un contrat annuel.",
            "Livraison échelonnée possible.",
            "Visite de l'atelier souhaitée avant l'attribution.",
        ]),
    );
    let closed_at = match auction.status {
        Status::Open => Value::Null,
        _ => Value::Moment(auction.closes_at + dice.between(0, 2) * DAY / 2),
    };
    let invited = auction.bids.len() as i64 + dice.between(0, 5);
    vec![
        world.tenant_name(auction.tenant).into(),
        project_id(auction.index).into(),
        client_id(auction.client).into(),
        concept.id.as_str().into(),
        title.into(),
        description.into(),
        auction.region.into(),
        auction.size.into(),
        trade.unit.as_str().into(),
        auction.budget_cents.into(),
        auction.deadline.into(),
        auction.certifications.clone().into(),
        invited.into(),
        auction.status.as_str().into(),
        auction.winner.map(|number| auction.bid_id(number)).into(),
        Value::Moment(auction.published_at),
        closed_at,
    ]
}

fn bid_cells(world: &World, auction: &Auction, number: usize, bid: &Bid) -> Vec<Value> {
    let mut dice = world.dice("bid-cells", auction.index * 64 + number as u64);
    let status = match (auction.status, auction.winner) {
        _ if bid.is_withdrawn => "withdrawn",
        (Status::Open, _) => "submitted",
        (_, Some(winner)) if winner == number => "won",
        _ => "lost",
    };
    vec![
        world.tenant_name(auction.tenant).into(),
        auction.bid_id(number).into(),
        project_id(auction.index).into(),
        provider_id(bid.provider).into(),
        bid.price_cents.into(),
        dice.between(auction.lead_days / 3, auction.lead_days)
            .into(),
        bid.quality.into(),
        status.into(),
        Value::Moment(bid.submitted_at),
    ]
}
