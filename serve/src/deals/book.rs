//! The snapshot's models, and the deals that can be asked about by name.

use std::{collections::HashMap, path::Path, sync::Arc};

use deals::{DealModels, Facts, Kind};
use schemas::{Manifest, Section};
use serde_json::{Map, Value};

use super::Comparables;
use crate::{
    auctions::Bids,
    reference::{ReferenceError, lines},
};

/// A row of a gold table.
pub(super) type Row = Map<String, Value>;

/// A deal that can be asked about by its name.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// What is known of it.
    pub(crate) facts: Facts,
    /// What the client pays, or would: of a project, the budget.
    pub(crate) price_cents: Option<f64>,
    /// The whole row.
    row: Row,
}

impl Known {
    /// Returns a text of the row.
    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        self.row.get(column)?.as_str()
    }

    /// Returns a whole number of the row.
    pub(crate) fn integer(&self, column: &str) -> Option<i64> {
        self.row.get(column)?.as_i64()
    }
}

/// Deals by the tenant that owns them and by id.
type ByName = HashMap<(String, String), Known>;

/// Where the deals of a kind are, and which columns name them and their price.
const TABLES: [(Kind, &str, &str, &str); 3] = [
    (
        Kind::Project,
        "deals/project_features.jsonl",
        "project_id",
        "budget_cents",
    ),
    (
        Kind::Booking,
        "deals/open_slots.jsonl",
        "slot_id",
        "price_cents",
    ),
    (
        Kind::Intro,
        "deals/intro_features.jsonl",
        "intro_id",
        "price_cents",
    ),
];

/// What a node knows of prices and chances.
#[derive(Debug)]
pub(crate) struct DealBook {
    models: DealModels,
    facts: Arc<DealFacts>,
}

/// What is known whichever models answer.
#[derive(Debug, Default)]
struct DealFacts {
    known: HashMap<Kind, ByName>,
    comparables: Comparables,
    bids: Bids,
}

impl DealBook {
    /// Opens what a verified snapshot has; none where it has no models.
    pub(crate) fn open(dir: &Path, manifest: &Manifest) -> Result<Option<Self>, ReferenceError> {
        let folder = Section::Models.as_str();
        if !manifest
            .files
            .contains_key(&format!("{folder}/{}", deals::CARDS_FILE))
        {
            return Ok(None);
        }
        let mut book = DealFacts::default();
        for (kind, file, id, price) in TABLES {
            let rows: Vec<Row> = lines(dir, manifest, file)?.unwrap_or_default();
            let known = rows.into_iter().filter_map(|row| {
                let text =
                    |column: &str| row.get(column).and_then(Value::as_str).map(str::to_owned);
                let key = (text("tenant")?, text(id)?);
                let known = Known {
                    facts: Facts::of_json(kind, &row),
                    price_cents: row.get(price).and_then(Value::as_f64),
                    row,
                };
                Some((key, known))
            });
            book.known.insert(kind, known.collect());
        }
        let rows: Vec<Row> = lines(dir, manifest, "deals/comparables.jsonl")?.unwrap_or_default();
        book.comparables = Comparables::new(rows);
        let bids = lines(dir, manifest, "deals/project_bids.jsonl")?;
        book.bids = Bids::new(bids.unwrap_or_default());
        Ok(Some(Self {
            models: DealModels::open(&dir.join(folder))?,
            facts: Arc::new(book),
        }))
    }

    /// Returns the same with the challengers of a snapshot's experiment in the place of the models of the same name.
    pub(crate) fn challenged(
        &self,
        dir: &Path,
        manifest: &Manifest,
    ) -> Result<Self, ReferenceError> {
        let folder = Section::Challengers.as_str();
        let mut models = self.models.clone();
        let cards = format!("{folder}/{}", deals::CARDS_FILE);
        if manifest.files.contains_key(&cards) {
            models.replace(DealModels::open(&dir.join(folder))?);
        }
        Ok(Self {
            models,
            facts: Arc::clone(&self.facts),
        })
    }

    /// The models.
    pub(crate) fn models(&self) -> &DealModels {
        &self.models
    }

    /// Prices that were agreed.
    pub(crate) fn comparables(&self) -> &Comparables {
        &self.facts.comparables
    }

    /// Who bid what.
    pub(crate) fn bids(&self) -> &Bids {
        &self.facts.bids
    }

    /// A deal of a tenant: a project, a slot that can be booked, an introduction.
    pub(crate) fn known(&self, kind: Kind, tenant: &str, id: &str) -> Option<&Known> {
        self.facts
            .known
            .get(&kind)?
            .get(&(tenant.to_owned(), id.to_owned()))
    }
}
