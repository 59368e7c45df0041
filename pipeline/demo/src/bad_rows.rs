//! Planted bad rows: each breaks exactly one rule, and nothing good refers to it.

use crate::identifiers::with_wrong_digit;
use crate::record::{Record, Value};
use crate::tables::Table;
use crate::writers::Fault;

/// What makes a row bad.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Flaw {
    /// Its bytes.
    Bytes(Fault),
    /// These cells.
    Cells(&'static [(&'static str, Cell)]),
    /// A SIREN with a wrong check digit (and no SIRET, which would repeat it).
    Checksum,
}

/// A cell of a bad row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    Null,
    Text(&'static str),
    Int(i64),
    Float(f64),
}

/// A kind of bad row of one stream of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BadRow {
    pub(crate) layer: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) flaw: Flaw,
}

impl BadRow {
    /// A copy of a good row under a fresh id, with this flaw's cells; faults of bytes come later.
    pub(crate) fn spoil(&self, table: &Table, good: &Record, number: u64) -> Record {
        let mut record = good.clone();
        if let Some(id) = table.id {
            set(
                table,
                &mut record,
                id,
                Value::Text(format!("REBUT-{}-{number:06}", self.rule)),
            );
        }
        match self.flaw {
            Flaw::Bytes(_) => {}
            Flaw::Cells(cells) => {
                for (column, cell) in cells {
                    set(table, &mut record, column, value(*cell));
                }
            }
            Flaw::Checksum => {
                let wrong = match (table.position("siren"), &record) {
                    (Some(place), Record::Cells(cells)) => match &cells[place] {
                        Value::Text(siren) => with_wrong_digit(siren),
                        _ => "732829321".to_owned(),
                    },
                    _ => return record,
                };
                set(table, &mut record, "siren", wrong.into());
                set(table, &mut record, "siret", Value::Null);
            }
        }
        record
    }
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => text.into(),
        Cell::Int(number) => number.into(),
        Cell::Float(number) => number.into(),
    }
}

fn set(table: &Table, record: &mut Record, column: &str, value: Value) {
    match record {
        Record::Cells(cells) => {
            if let Some(place) = table.position(column) {
                cells[place] = value;
            }
        }
        Record::Nested(object) => match value {
            Value::Text(text) => object[column] = text.into(),
            Value::Int(number) => object[column] = number.into(),
            Value::Float(number) => object[column] = number.into(),
            _ => {
                if let Some(object) = object.as_object_mut() {
                    object.shift_remove(column);
                }
            }
        },
    }
}

const fn bronze(rule: &'static str, flaw: Flaw) -> BadRow {
    BadRow {
        layer: "bronze",
        rule,
        flaw,
    }
}

const fn silver(rule: &'static str, cells: &'static [(&'static str, Cell)]) -> BadRow {
    BadRow {
        layer: "silver",
        rule,
        flaw: Flaw::Cells(cells),
    }
}

const SHORT: BadRow = bronze("ragged_row", Flaw::Bytes(Fault::MissingCells));
const LONG: BadRow = bronze("ragged_row", Flaw::Bytes(Fault::ExtraCell));
const CUT: BadRow = bronze("invalid_json", Flaw::Bytes(Fault::CutJson));
const CHECKSUM: BadRow = BadRow {
    layer: "silver",
    rule: "siren_checksum",
    flaw: Flaw::Checksum,
};

const fn latin1(column: &'static str) -> BadRow {
    bronze("invalid_utf8", Flaw::Bytes(Fault::InvalidByte(column)))
}

const fn untyped(rule: &'static str, cells: &'static [(&'static str, Cell)]) -> BadRow {
    bronze(rule, Flaw::Cells(cells))
}

use Cell::{Float, Int, Null, Text};

pub(crate) const NONE: &[BadRow] = &[];

pub(crate) const COMPANIES: &[BadRow] = &[
    SHORT,
    LONG,
    latin1("description"),
    untyped("type_capacity", &[("capacity", Text("douze"))]),
    untyped("type_updated_at", &[("updated_at", Text("hier soir"))]),
    CHECKSUM,
    silver("siret_format", &[("siret", Text("7328293200"))]),
    silver("tenant_format", &[("tenant", Text("locataire demo"))]),
    silver("not_null_name", &[("name", Null)]),
    silver("latitude_range", &[("latitude", Float(95.2))]),
];
pub(crate) const COMPANY_UPDATES: &[BadRow] =
    &[CUT, untyped("type_latitude", &[("latitude", Text("n.c."))])];
pub(crate) const GLOSSARY_NODES: &[BadRow] = &[
    untyped("type_level", &[("level", Text("deux"))]),
    silver("level_range", &[("level", Int(4))]),
    silver(
        "references_glossary_nodes",
        &[("parent_id", Text("noeud.inconnu"))],
    ),
];
pub(crate) const CONCEPTS: &[BadRow] = &[
    silver(
        "references_glossary_nodes",
        &[("node_id", Text("noeud.inconnu"))],
    ),
    silver("not_null_label", &[("label", Null)]),
];
pub(crate) const ACTIVATIONS: &[BadRow] = &[
    SHORT,
    untyped("type_strength", &[("strength", Text("forte"))]),
    silver("strength_range", &[("strength", Float(1.7))]),
    silver(
        "references_concepts",
        &[("concept_id", Text("concept-inconnu"))],
    ),
    silver(
        "references_companies",
        &[("company_id", Text("ENT-INCONNUE"))],
    ),
];
pub(crate) const OFFERS: &[BadRow] = &[
    CUT,
    latin1("description"),
    untyped(
        "type_created_at",
        &[("dateCreation", Text("la semaine dernière"))],
    ),
    silver("not_null_title", &[("intitule", Null)]),
];
pub(crate) const PROFILES: &[BadRow] = &[
    CUT,
    silver("kind_allowed", &[("kind", Text("robot"))]),
    silver("not_null_text", &[("text", Null)]),
    silver(
        "references_companies",
        &[
            ("kind", Text("company")),
            ("company_id", Text("ENT-INCONNUE")),
            ("person_id", Null),
        ],
    ),
];
pub(crate) const INTERACTIONS: &[BadRow] = &[
    CUT,
    untyped("type_rank", &[("rank", Text("premier"))]),
    silver("kind_allowed", &[("kind", Text("ignored"))]),
];
pub(crate) const CLIENTS: &[BadRow] = &[
    CHECKSUM,
    silver("region_allowed", &[("region", Text("Bretagne Sud"))]),
    untyped(
        "type_budget_cents",
        &[("budget_cents", Text("douze mille"))],
    ),
];
pub(crate) const PROVIDERS: &[BadRow] = &[
    silver(
        "references_companies",
        &[("company_id", Text("ENT-INCONNUE"))],
    ),
    silver("rating_range", &[("rating", Float(7.5))]),
    untyped("type_reviews", &[("reviews", Text("beaucoup"))]),
];
pub(crate) const PROJECTS: &[BadRow] = &[
    silver("status_allowed", &[("status", Text("gagné"))]),
    silver("references_clients", &[("client_id", Text("CLI-INCONNU"))]),
    silver(
        "references_concepts",
        &[("category", Text("concept-inconnu"))],
    ),
    silver("region_allowed", &[("region", Text("Pays basque"))]),
    untyped("type_size", &[("size", Text("grande"))]),
];
pub(crate) const BIDS: &[BadRow] = &[
    LONG,
    SHORT,
    latin1("provider_id"),
    untyped("type_price_cents", &[("price_cents", Text("sur devis"))]),
    untyped(
        "type_submitted_at",
        &[("submitted_at", Text("2026-13-45T08:00:00Z"))],
    ),
    silver(
        "references_projects",
        &[("project_id", Text("PRJ-INCONNU"))],
    ),
    silver(
        "references_providers",
        &[("provider_id", Text("PRE-INCONNU"))],
    ),
    silver("quality_range", &[("quality", Float(-0.2))]),
    silver("price_cents_range", &[("price_cents", Int(-500))]),
    silver("status_allowed", &[("status", Text("perdu"))]),
];
pub(crate) const PEOPLE: &[BadRow] = &[CUT, silver("not_null_name", &[("name", Null)])];
pub(crate) const SLOTS: &[BadRow] = &[
    untyped("type_starts_at", &[("starts_at", Text("demain matin"))]),
    silver("references_people", &[("person_id", Text("PER-INCONNUE"))]),
    silver("status_allowed", &[("status", Text("libre"))]),
];
pub(crate) const BOOKINGS: &[BadRow] = &[
    silver("references_slots", &[("slot_id", Text("CRE-INCONNU"))]),
    silver("references_people", &[("person_id", Text("PER-INCONNUE"))]),
    silver("references_clients", &[("client_id", Text("CLI-INCONNU"))]),
    silver("status_allowed", &[("status", Text("honoré"))]),
];
pub(crate) const INTROS: &[BadRow] = &[
    silver("references_clients", &[("client_id", Text("CLI-INCONNU"))]),
    silver("references_people", &[("person_id", Text("PER-INCONNUE"))]),
    silver("status_allowed", &[("status", Text("peut-être"))]),
];
pub(crate) const PAYMENTS: &[BadRow] = &[
    silver("kind_allowed", &[("kind", Text("cadeau"))]),
    silver("status_allowed", &[("status", Text("perdu"))]),
    silver("amount_cents_range", &[("amount_cents", Int(-100))]),
];
pub(crate) const QUERIES: &[BadRow] = &[
    CUT,
    latin1("text"),
    untyped("type_latency_us", &[("latency_us", Text("rapide"))]),
    untyped("type_asked_at", &[("asked_at", Text("hier soir"))]),
    silver("not_null_text", &[("text", Null)]),
    silver("tenant_format", &[("tenant", Text("locataire demo"))]),
];
pub(crate) const FEEDBACK: &[BadRow] = &[
    SHORT,
    silver(
        "references_queries",
        &[("request_id", Text("req-inconnue"))],
    ),
    silver(
        "references_companies",
        &[("company_id", Text("ENT-INCONNUE"))],
    ),
    silver("kind_allowed", &[("kind", Text("aimé"))]),
];
pub(crate) const SUBMISSIONS: &[BadRow] = &[
    CHECKSUM,
    silver("not_null_name", &[("name", Null)]),
    untyped("type_submitted_at", &[("submitted_at", Text("bientôt"))]),
];
