//! What is known of a project.

use super::{Feature, Form, PRICE_TO_REFERENCE};

pub(super) const FEATURES: [Feature; 12] = [
    Feature::in_price(
        "category",
        Form::Label,
        ["le savoir-faire demandé", "the know-how asked for"],
    ),
    Feature::both(
        "family",
        Form::Label,
        ["la famille de métiers", "the family of trades"],
    ),
    Feature::both("region", Form::Label, ["la région", "the region"]),
    Feature::in_price("unit", Form::Label, ["l'unité", "the unit"]),
    Feature::in_price("size", Form::Positive(1e9), ["la quantité", "the quantity"]),
    Feature::both(
        "lead_days",
        Form::Number(0.0, 1825.0),
        ["le délai", "the time allowed"],
    )
    .rising(),
    Feature::both(
        "certifications",
        Form::Number(0.0, 50.0),
        ["les certifications demandées", "the certificates asked for"],
    ),
    Feature::in_price(
        "month",
        Form::Number(1.0, 12.0),
        ["la saison", "the season"],
    ),
    Feature::both(
        "invited",
        Form::Number(0.0, 1000.0),
        ["le nombre d'entreprises invitées", "how many are invited"],
    )
    .rising(),
    Feature::in_likelihood(
        "client_projects",
        Form::Number(0.0, 1e6),
        ["les projets passés du client", "the client's past projects"],
    ),
    Feature::in_likelihood(
        "client_completion",
        Form::Number(0.0, 1.0),
        [
            "la part des projets du client menés à bien",
            "the share of the client's projects that were completed",
        ],
    ),
    Feature::in_likelihood(
        PRICE_TO_REFERENCE,
        Form::Positive(1e4),
        [
            "le budget face au prix de référence",
            "the budget against the reference price",
        ],
    )
    .rising(),
];
