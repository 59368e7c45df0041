//! How far a price is from the reference, and how much time is left.

use serde::Serialize;

use super::{Interval, Room, room::days_left};
use crate::{
    deals::{Subject, euros, percent},
    language::Language,
};

/// The time of an auction, as far as the snapshot knows it.
#[derive(Debug, Serialize)]
pub(crate) struct Clock {
    status: Option<String>,
    is_open: bool,
    /// The day that the snapshot is of: what came later is not known.
    as_of: String,
    /// When the work must be done. The moment at which bidding closes is not announced beforehand.
    deadline: Option<String>,
    days_until_deadline: Option<i64>,
    closed_day: Option<String>,
    pub(crate) text: String,
}

/// How far a price is from what such work costs.
#[derive(Debug, Serialize)]
pub(crate) struct Distance {
    /// `below_p10`, `below_p50`, `above_p50` or `above_p90`.
    place: &'static str,
    from_p10_cents: i64,
    from_p50_cents: i64,
    from_p90_cents: i64,
    /// The price over the reference price.
    price_to_reference: f64,
    pub(crate) text: String,
}

impl Clock {
    pub(crate) fn new(subject: &Subject<'_>, room: &Room<'_>, language: Language) -> Self {
        let text = |column| room.known.text(column).map(str::to_owned);
        let (status, closed_day) = (text("status"), text("closed_day"));
        let is_open = status.as_deref() == Some("open");
        let days = days_left(subject, room.known);
        let as_of = subject.serving.slot().to_string();
        let told = match days {
            _ if !is_open => language.pick(
                "La mise en concurrence est close : une offre arriverait trop tard.".to_owned(),
                "Bidding is closed: a bid would come too late.".to_owned(),
            ),
            Some(days) if days >= 0 => language.pick(
                format!("Il reste {days} jours jusqu'à l'échéance du projet, au {as_of} ; l'heure de clôture n'est pas annoncée."),
                format!("{days} days are left until the project's deadline, as of {as_of}; the moment of closing is not announced."),
            ),
            _ => language.pick(
                "Ouverte aux offres ; ni l'échéance à venir ni la clôture ne sont connues.".to_owned(),
                "Open to bids; neither a deadline to come nor the close is known.".to_owned(),
            ),
        };
        Self {
            status,
            is_open,
            as_of,
            deadline: text("deadline"),
            days_until_deadline: days,
            closed_day,
            text: told,
        }
    }
}

impl Distance {
    pub(crate) fn new(of: &Interval, price_cents: i64, language: Language) -> Self {
        let place = match price_cents {
            price if price < of.p10_cents => "below_p10",
            price if price < of.p50_cents => "below_p50",
            price if price <= of.p90_cents => "above_p50",
            _ => "above_p90",
        };
        let share = price_cents as f64 / of.p50_cents as f64;
        let (low, middle, high) = (
            euros(of.p10_cents, language),
            euros(of.p50_cents, language),
            euros(of.p90_cents, language),
        );
        let (price, shown) = (euros(price_cents, language), percent(share, language));
        Self {
            place,
            from_p10_cents: price_cents - of.p10_cents,
            from_p50_cents: price_cents - of.p50_cents,
            from_p90_cents: price_cents - of.p90_cents,
            price_to_reference: share,
            text: language.pick(
                format!("{price}, soit {shown} du prix de référence ({middle}) ; huit prix sur dix se situent entre {low} et {high}."),
                format!("{price}, {shown} of the reference price ({middle}); eight prices in ten are between {low} and {high}."),
            ),
        }
    }
}
