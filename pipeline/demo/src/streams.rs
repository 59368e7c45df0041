//! Every stream of rows: which table, which files, which format, who makes the rows.

use crate::bad_rows::{self, BadRow};
use crate::emit::Emitter;
use crate::error::DemoError;
use crate::tables::{self, Table};
use crate::world::World;
use crate::writers::Format;
use crate::{
    auctions, bookings, clients, companies, intros, offers, payments, people, profiles, providers,
    queries, slots, submissions,
};

/// Rows of one table that go to one set of files.
pub(crate) struct Stream {
    pub(crate) table: &'static Table,
    /// Files are `<stem>-00001.<suffix>`, relative to the landing root.
    pub(crate) stem: &'static str,
    pub(crate) format: Format,
    pub(crate) bad_rows: &'static [BadRow],
    /// A lower bound of the good rows.
    pub(crate) expected: fn(&World) -> u64,
    pub(crate) write: fn(&World, &mut Emitter<'_>) -> Result<(), DemoError>,
}

/// The streams, in the order in which they are written.
pub(crate) const STREAMS: &[Stream] = &[
    Stream {
        table: &tables::GLOSSARY_NODES,
        stem: "glossary_nodes/glossaire",
        format: Format::JsonArray,
        bad_rows: bad_rows::GLOSSARY_NODES,
        expected: |world| world.vocabulary.nodes.len() as u64,
        write: companies::write_glossary,
    },
    Stream {
        table: &tables::CONCEPTS,
        stem: "concepts/concepts",
        format: Format::JsonArray,
        bad_rows: bad_rows::CONCEPTS,
        expected: |world| world.vocabulary.concepts.len() as u64,
        write: companies::write_concepts,
    },
    Stream {
        table: &tables::ACTIVITY_PRIORS,
        stem: PRIORS,
        format: Format::Csv,
        bad_rows: bad_rows::NONE,
        expected: |world| world.vocabulary.concepts.len() as u64,
        write: companies::write_priors,
    },
    Stream {
        table: &tables::COMPANIES,
        stem: "companies/etablissements",
        format: Format::Csv,
        bad_rows: bad_rows::COMPANIES,
        expected: |world| world.companies.total(),
        write: companies::write_companies,
    },
    Stream {
        table: &tables::COMPANIES,
        stem: "companies/mises-a-jour",
        format: Format::JsonLinesZst,
        bad_rows: bad_rows::COMPANY_UPDATES,
        expected: companies::resent_at_least,
        write: companies::write_updates,
    },
    Stream {
        table: &tables::ACTIVATIONS,
        stem: "activations/activations",
        format: Format::CsvGz,
        bad_rows: bad_rows::ACTIVATIONS,
        expected: |world| world.companies.total(),
        write: companies::write_activations,
    },
    Stream {
        table: &tables::OFFERS,
        stem: "offers/offres",
        format: Format::JsonLines,
        bad_rows: bad_rows::OFFERS,
        expected: |world| world.offers.total(),
        write: offers::write_offers,
    },
    Stream {
        table: &tables::OFFERS,
        stem: "offers/offres-actualisees",
        format: Format::JsonLinesGz,
        bad_rows: bad_rows::NONE,
        expected: offers::updated_at_least,
        write: offers::write_updates,
    },
    Stream {
        table: &tables::PROFILES,
        stem: "profiles/profils",
        format: Format::JsonLines,
        bad_rows: bad_rows::PROFILES,
        expected: |world| world.companies.total() + world.candidates.total(),
        write: profiles::write_profiles,
    },
    Stream {
        table: &tables::CLIENTS,
        stem: "clients/clients",
        format: Format::Csv,
        bad_rows: bad_rows::CLIENTS,
        expected: |world| world.clients.total(),
        write: clients::write_clients,
    },
    Stream {
        table: &tables::PROVIDERS,
        stem: "providers/prestataires",
        format: Format::CsvGz,
        bad_rows: bad_rows::PROVIDERS,
        expected: |world| world.providers.total(),
        write: providers::write_providers,
    },
    Stream {
        table: &tables::PROJECTS,
        stem: "projects/projets",
        format: Format::JsonArray,
        bad_rows: bad_rows::PROJECTS,
        expected: |world| world.projects.total(),
        write: auctions::write_projects,
    },
    Stream {
        table: &tables::BIDS,
        stem: "bids/offres-de-prix",
        format: Format::Csv,
        bad_rows: bad_rows::BIDS,
        expected: |world| 2 * world.projects.total(),
        write: auctions::write_bids,
    },
    Stream {
        table: &tables::PEOPLE,
        stem: "people/personnes",
        format: Format::JsonLines,
        bad_rows: bad_rows::PEOPLE,
        expected: |world| world.people.total(),
        write: people::write_people,
    },
    Stream {
        table: &tables::SLOTS,
        stem: "slots/creneaux",
        format: Format::CsvGz,
        bad_rows: bad_rows::SLOTS,
        expected: |world| world.people.total() * world.slots_per_person(),
        write: slots::write_slots,
    },
    Stream {
        table: &tables::BOOKINGS,
        stem: "bookings/reservations",
        format: Format::JsonLinesGz,
        bad_rows: bad_rows::BOOKINGS,
        expected: |world| world.people.total() * world.bookings_per_person(),
        write: bookings::write_bookings,
    },
    Stream {
        table: &tables::INTROS,
        stem: "intros/mises-en-relation",
        format: Format::JsonLines,
        bad_rows: bad_rows::INTROS,
        expected: |world| world.intros.total(),
        write: intros::write_intros,
    },
    Stream {
        table: &tables::PAYMENTS,
        stem: "payments/paiements",
        format: Format::Parquet,
        bad_rows: bad_rows::PAYMENTS,
        expected: |world| world.projects.total(),
        write: payments::write_payments,
    },
    Stream {
        table: &tables::QUERIES,
        stem: "queries/node=demo/requetes",
        format: Format::JsonLinesZst,
        bad_rows: bad_rows::QUERIES,
        expected: |world| world.queries.total(),
        write: queries::write_queries,
    },
    Stream {
        table: &tables::FEEDBACK,
        stem: "feedback/retours",
        format: Format::Csv,
        bad_rows: bad_rows::FEEDBACK,
        expected: |world| world.queries.total() / 4,
        write: queries::write_feedback,
    },
    Stream {
        table: &tables::INTERACTIONS,
        stem: "interactions/interactions",
        format: Format::JsonLinesZst,
        bad_rows: bad_rows::INTERACTIONS,
        expected: |world| world.queries.total() / 4 + world.candidates.total(),
        write: queries::write_interactions,
    },
    Stream {
        table: &tables::SUBMISSIONS,
        stem: "submissions/soumissions",
        format: Format::JsonArray,
        bad_rows: bad_rows::SUBMISSIONS,
        expected: |world| world.submissions.total(),
        write: submissions::write_submissions,
    },
];

const PRIORS: &str = "activity_priors/activites";

/// The file that lands twice, and its second name.
pub(crate) const LANDED_TWICE: (&str, &str) = (
    "activity_priors/activites-00001.csv",
    "activity_priors/renvoi/activites-00001.csv",
);

/// The file that is cut in the middle of its gzip stream.
pub(crate) const INTERRUPTED: Stream = Stream {
    table: &tables::BIDS,
    stem: "bids/interrompu",
    format: Format::CsvGz,
    bad_rows: bad_rows::NONE,
    expected: |_| 400,
    write: auctions::write_interrupted_bids,
};
