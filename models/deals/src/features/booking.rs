//! What is known of a booking.

use super::{Feature, Form, PRICE_TO_REFERENCE};

pub(super) const FEATURES: [Feature; 13] = [
    Feature::in_price("region", Form::Label, ["la région", "the region"]),
    Feature::both(
        "rating",
        Form::Number(0.0, 5.0),
        ["la note de la personne", "the person's rating"],
    ),
    Feature::both(
        "reviews",
        Form::Number(0.0, 1e6),
        ["le nombre d'avis", "the number of reviews"],
    ),
    Feature::in_price(
        "day_rate_cents",
        Form::Positive(1e9),
        ["le tarif journalier", "the day rate"],
    ),
    Feature::in_price("hours", Form::Positive(240.0), ["la durée", "the duration"]),
    Feature::both(
        "weekday",
        Form::Number(1.0, 7.0),
        ["le jour de la semaine", "the day of the week"],
    ),
    Feature::both("hour", Form::Number(0.0, 23.0), ["l'heure", "the hour"]),
    Feature::both(
        "notice_days",
        Form::Number(0.0, 730.0),
        [
            "le délai entre réservation et rendez-vous",
            "the days between booking and slot",
        ],
    )
    .falling(),
    Feature::in_likelihood(
        "person_bookings",
        Form::Number(0.0, 1e6),
        [
            "les réservations passées de la personne",
            "the person's past bookings",
        ],
    ),
    Feature::in_likelihood(
        "person_held",
        Form::Number(0.0, 1.0),
        [
            "la part des rendez-vous tenus par la personne",
            "the share of the person's bookings that were held",
        ],
    ),
    Feature::in_likelihood(
        "client_bookings",
        Form::Number(0.0, 1e6),
        [
            "les réservations passées du client",
            "the client's past bookings",
        ],
    ),
    Feature::in_likelihood(
        "client_held",
        Form::Number(0.0, 1.0),
        [
            "la part des rendez-vous tenus avec ce client",
            "the share of the client's bookings that were held",
        ],
    ),
    Feature::in_likelihood(
        PRICE_TO_REFERENCE,
        Form::Positive(1e4),
        [
            "le prix face au prix de référence",
            "the price against the reference price",
        ],
    )
    .rising(),
];
