//! What each figure is.

use serde_json::{Map, Value, json};

use crate::language::Language;

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    Cents,
    Thousandths,
}

impl Unit {
    /// What the figure is in a week in which nothing happened.
    pub(super) fn of_nothing(self) -> Option<i64> {
        match self {
            Self::Count | Self::Cents => Some(0),
            Self::Thousandths => None,
        }
    }

    fn name(self, language: Language) -> &'static str {
        match self {
            Self::Count => language.pick("nombre", "count"),
            Self::Cents => language.pick("centimes d'euro", "euro cents"),
            Self::Thousandths => language.pick("millièmes", "thousandths"),
        }
    }
}

/// A figure: a column of `gold.marketplace_kpis`, and its meaning in French and English.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    french: &'static str,
    english: &'static str,
}

/// Unit and meaning of every figure.
pub(super) fn legend(language: Language) -> Value {
    let entry = |metric: &Metric| {
        let meaning = language.pick(metric.french, metric.english);
        json!({ "unit": metric.unit.name(language), "meaning": meaning })
    };
    let entries = METRICS
        .iter()
        .map(|metric| (metric.name.to_owned(), entry(metric)));
    Value::Object(entries.collect::<Map<_, _>>())
}

const fn metric(
    name: &'static str,
    unit: Unit,
    french: &'static str,
    english: &'static str,
) -> Metric {
    Metric {
        name,
        unit,
        french,
        english,
    }
}

/// The figures that are answered, in the order of the table.
pub(super) const METRICS: [Metric; 27] = [
    metric(
        "projects_published",
        Unit::Count,
        "Projets publiés dans la semaine.",
        "Projects published in the week.",
    ),
    metric(
        "projects_closed",
        Unit::Count,
        "Projets clos dans la semaine, attribués ou annulés.",
        "Projects closed in the week, awarded or cancelled.",
    ),
    metric(
        "projects_awarded",
        Unit::Count,
        "Ceux qui ont été attribués.",
        "Those that were awarded.",
    ),
    metric(
        "award_rate_thousandths",
        Unit::Thousandths,
        "Projets attribués sur projets clos.",
        "Awarded over closed projects.",
    ),
    metric(
        "bids_per_project_thousandths",
        Unit::Thousandths,
        "Offres de prix maintenues par projet clos : 3500 est 3,5 offres.",
        "Bids not withdrawn per closed project: 3500 is 3.5 bids.",
    ),
    metric(
        "price_dispersion_thousandths",
        Unit::Thousandths,
        "Moyenne, sur les projets clos, de l'écart type des prix offerts rapporté à leur moyenne : 100 est 10 %.",
        "Mean, over closed projects, of the standard deviation of the prices bid over their mean: 100 is 10%.",
    ),
    metric(
        "bookings_booked",
        Unit::Count,
        "Réservations faites dans la semaine.",
        "Bookings made in the week.",
    ),
    metric(
        "bookings_held",
        Unit::Count,
        "Réservations de la semaine qui ont eu lieu.",
        "Bookings of the week that took place.",
    ),
    metric(
        "bookings_cancelled",
        Unit::Count,
        "Réservations annulées dans la semaine.",
        "Bookings cancelled in the week.",
    ),
    metric(
        "bookings_no_show",
        Unit::Count,
        "Réservations de la semaine auxquelles la personne n'est pas venue.",
        "Bookings of the week to which the person did not come.",
    ),
    metric(
        "held_rate_thousandths",
        Unit::Thousandths,
        "Réservations tenues sur réservations conclues (tenues, annulées, manquées).",
        "Held over concluded bookings (held, cancelled, missed).",
    ),
    metric(
        "cancelled_rate_thousandths",
        Unit::Thousandths,
        "Réservations annulées sur réservations conclues.",
        "Cancelled over concluded bookings.",
    ),
    metric(
        "no_show_rate_thousandths",
        Unit::Thousandths,
        "Réservations manquées sur réservations conclues.",
        "Missed over concluded bookings.",
    ),
    metric(
        "intros_requested",
        Unit::Count,
        "Mises en relation demandées dans la semaine.",
        "Introductions asked for in the week.",
    ),
    metric(
        "intros_accepted",
        Unit::Count,
        "Celles qui ont été acceptées à ce jour.",
        "Those of them accepted so far.",
    ),
    metric(
        "intro_conversion_thousandths",
        Unit::Thousandths,
        "Mises en relation acceptées sur demandées ; monte encore pour les semaines récentes.",
        "Accepted over requested introductions; still rising for recent weeks.",
    ),
    metric(
        "payments_paid",
        Unit::Count,
        "Paiements de la semaine, ni échoués ni remboursés.",
        "Payments of the week, neither failed nor refunded.",
    ),
    metric(
        "payments_cents",
        Unit::Cents,
        "Leur montant hors taxes.",
        "Their amount, taxes excluded.",
    ),
    metric(
        "requests",
        Unit::Count,
        "Recherches de la semaine.",
        "Search requests of the week.",
    ),
    metric(
        "click_through_thousandths",
        Unit::Thousandths,
        "Recherches suivies d'un clic.",
        "Requests with a click on their answer.",
    ),
    metric(
        "ndcg_5_thousandths",
        Unit::Thousandths,
        "Qualité des cinq premiers résultats (NDCG@5) des recherches jugées : 1000 est l'ordre idéal.",
        "Quality of the first five results (NDCG@5) of judged requests: 1000 is the ideal order.",
    ),
    metric(
        "opinions",
        Unit::Count,
        "Avis donnés sur les résultats ; un clic n'en est pas un.",
        "Opinions given on results; a click is none.",
    ),
    metric(
        "satisfaction_thousandths",
        Unit::Thousandths,
        "Avis favorables (pertinent, contacté) sur tous les avis.",
        "Favourable opinions (relevant, contacted) over all opinions.",
    ),
    metric(
        "loc_projects_thousandths",
        Unit::Thousandths,
        "Probabilité d'aboutissement moyenne des projets publiés dans la semaine.",
        "Mean likelihood of completion of the projects published in the week.",
    ),
    metric(
        "loc_bookings_thousandths",
        Unit::Thousandths,
        "Probabilité d'aboutissement moyenne des réservations faites dans la semaine.",
        "Mean likelihood of completion of the bookings made in the week.",
    ),
    metric(
        "loc_intros_thousandths",
        Unit::Thousandths,
        "Probabilité d'aboutissement moyenne des mises en relation demandées dans la semaine.",
        "Mean likelihood of completion of the introductions asked for in the week.",
    ),
    metric(
        "abuse_flags",
        Unit::Count,
        "Comptes et groupes de soumissionnaires signalés, dans la semaine du dernier acte en cause.",
        "Accounts and rings of bidders that are flagged, in the week of the latest act that they are flagged for.",
    ),
];
