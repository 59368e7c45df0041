//! Payments of awarded projects, bookings and accepted introductions.

use crate::auctions::project_id;
use crate::calendar::DAY;
use crate::clients::client_id;
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::layout::Tenant;
use crate::people::person_id;
use crate::providers::provider_id;
use crate::record::Value;
use crate::world::World;

struct Payment<'a> {
    tenant: Tenant,
    kind: &'static str,
    reference: &'a str,
    payer: String,
    payee: String,
    amount_cents: i64,
    due_at: i64,
}

pub(crate) fn write_payments(world: &World, out: &mut Emitter<'_>) -> Result<(), DemoError> {
    for index in 0..world.projects.total() {
        let auction = world.auction(index);
        let Some(bid) = auction.winner.map(|number| &auction.bids[number]) else {
            continue;
        };
        let payment = Payment {
            tenant: auction.tenant,
            kind: "project",
            reference: &project_id(index),
            payer: client_id(auction.client),
            payee: provider_id(bid.provider),
            amount_cents: bid.price_cents,
            due_at: auction.closes_at + 30 * DAY,
        };
        write(world, out, &payment)?;
    }
    for person in 0..world.people.total() {
        for number in 0..world.bookings_per_person() {
            let booking = world.booking(person, number);
            if !matches!(booking.status, "held" | "no_show") {
                continue;
            }
            let payment = Payment {
                tenant: world.people.tenant_of(booking.person),
                kind: "booking",
                reference: &booking.id,
                payer: client_id(booking.client),
                payee: person_id(person),
                amount_cents: booking.price_cents,
                due_at: booking.booked_at,
            };
            write(world, out, &payment)?;
        }
    }
    for index in 0..world.intros.total() {
        let intro = world.intro(index);
        if intro.status == "accepted" {
            let payment = Payment {
                tenant: intro.tenant,
                kind: "intro",
                reference: &intro.id,
                payer: client_id(intro.client),
                payee: person_id(intro.introducer.unwrap_or(intro.person)),
                amount_cents: intro.price_cents,
                due_at: intro.answered_at.unwrap_or(intro.requested_at),
            };
            write(world, out, &payment)?;
        }
    }
    Ok(())
}

fn write(world: &World, out: &mut Emitter<'_>, payment: &Payment<'_>) -> Result<(), DemoError> {
    let mut dice = world.dice(payment.reference, 0);
    let status = match dice.below(20) {
        _ if payment.due_at > world.now => "pending",
        0 => "failed",
        1 => "refunded",
        _ => "paid",
    };
    let is_paid = matches!(status, "paid" | "refunded");
    out.cells(vec![
        world.tenant_name(payment.tenant).into(),
        format!("PAI-{}", payment.reference).into(),
        payment.kind.into(),
        payment.reference.into(),
        payment.payer.as_str().into(),
        payment.payee.as_str().into(),
        payment.amount_cents.into(),
        (*dice.pick(&["virement", "carte", "prélèvement"])).into(),
        status.into(),
        if is_paid {
            Value::Moment(payment.due_at)
        } else {
            Value::Null
        },
    ])
}
