//! What is known of an introduction.

use super::{Feature, Form, PRICE_TO_REFERENCE};

pub(super) const FEATURES: [Feature; 12] = [
    Feature::in_price(
        "region",
        Form::Label,
        ["la région de la personne", "the person's region"],
    ),
    Feature::in_price(
        "sector",
        Form::Label,
        ["le secteur du client", "the client's sector"],
    ),
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
        [
            "le tarif journalier de la personne",
            "the person's day rate",
        ],
    ),
    Feature::both(
        "is_same_region",
        Form::Number(0.0, 1.0),
        ["la proximité (même région)", "being in the same region"],
    ),
    Feature::both(
        "has_introducer",
        Form::Number(0.0, 1.0),
        ["la présence d'un intermédiaire", "having an introducer"],
    ),
    Feature::in_likelihood(
        "person_intros",
        Form::Number(0.0, 1e6),
        [
            "les sollicitations passées de la personne",
            "how often the person was asked before",
        ],
    ),
    Feature::in_likelihood(
        "person_accepted",
        Form::Number(0.0, 1.0),
        [
            "la part de mises en relation acceptées par la personne",
            "the share that the person accepted",
        ],
    ),
    Feature::in_likelihood(
        "client_intros",
        Form::Number(0.0, 1e6),
        [
            "les demandes passées du client",
            "how often the client asked before",
        ],
    ),
    Feature::in_likelihood(
        "client_accepted",
        Form::Number(0.0, 1.0),
        [
            "la part de demandes du client acceptées",
            "the share of the client's requests that was accepted",
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
