//! What a node knows besides its collections: suggestions, the glossary, who can, what is asked for and how the marketplace does. A snapshot that was
//! published before a section existed lacks it, and only the answers made of it.

mod demand;
mod glossary;
mod kpis;
mod lines;
mod supply;

use std::path::Path;

use deals::DealError;
use schemas::{Manifest, PUBLIC_TENANT, Section};
use suggest::{Index, SuggestError};

pub(crate) use demand::{Demand, Month};
pub(crate) use glossary::{Glossary, GlossaryNode};
pub(crate) use kpis::{Kpis, Week};
pub(crate) use supply::{Supply, Thing};

use crate::{ApiError, Code, abuse::AbuseBook, deals::DealBook, recommendations::PeopleBook};
pub(crate) use lines::lines;

/// Why a section cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The index of suggestions cannot be opened. Publish again, unless the disk failed.
    #[error("section autocomplete cannot be opened")]
    Suggestions(#[from] SuggestError),
    /// A line is not what the pipeline writes. Publish again.
    #[error("{file}, line {line}: {reason}")]
    Line {
        /// The file, relative to the snapshot.
        file: &'static str,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The models of prices and chances cannot be opened. Publish again, unless the disk failed.
    #[error("section models cannot be opened")]
    Models(#[from] DealError),
    /// A file cannot be read. Trying again may help.
    #[error("cannot read {file}")]
    Io {
        /// The file, relative to the snapshot.
        file: &'static str,
        /// The cause.
        source: std::io::Error,
    },
}

impl ReferenceError {
    /// Says whether the same file may open later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Suggestions(SuggestError::Io { .. }) => true,
            Self::Models(error) => error.is_transient(),
            Self::Suggestions(_) | Self::Line { .. } => false,
        }
    }
}

/// The sections that are read whole.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    suggestions: Option<Index>,
    glossary: Option<Glossary>,
    supply: Option<Supply>,
    demand: Option<Demand>,
    deals: Option<DealBook>,
    people: Option<PeopleBook>,
    abuse: Option<AbuseBook>,
    kpis: Option<Kpis>,
}

impl Reference {
    /// Opens what a verified snapshot has.
    pub(crate) fn open(dir: &Path, manifest: &Manifest) -> Result<Self, ReferenceError> {
        let section = Section::Autocomplete.as_str();
        let has_index = manifest
            .files
            .contains_key(&format!("{section}/{}", suggest::FILE));
        let suggestions = has_index.then(|| Index::open(&dir.join(section)));
        Ok(Self {
            suggestions: suggestions.transpose()?,
            glossary: lines(dir, manifest, "glossary/glossary.jsonl")?.map(Glossary::new),
            supply: lines(dir, manifest, "market/concept_supply.jsonl")?.map(Supply::new),
            demand: lines(dir, manifest, "market/market_signals.jsonl")?.map(Demand::new),
            deals: DealBook::open(dir, manifest)?,
            people: PeopleBook::open(dir, manifest)?,
            abuse: AbuseBook::open(dir, manifest)?,
            kpis: lines(dir, manifest, "kpis/marketplace_kpis.jsonl")?.map(Kpis::new),
        })
    }

    pub(crate) fn suggestions(&self) -> Result<&Index, ApiError> {
        self.suggestions
            .as_ref()
            .ok_or_else(|| missing("autocomplete"))
    }

    pub(crate) fn glossary(&self) -> Result<&Glossary, ApiError> {
        self.glossary.as_ref().ok_or_else(|| missing("glossary"))
    }

    pub(crate) fn supply(&self) -> Result<&Supply, ApiError> {
        self.supply.as_ref().ok_or_else(|| missing("market"))
    }

    pub(crate) fn deals(&self) -> Result<&DealBook, ApiError> {
        self.deals.as_ref().ok_or_else(|| missing("models"))
    }

    pub(crate) fn people(&self) -> Result<&PeopleBook, ApiError> {
        self.people.as_ref().ok_or_else(|| missing("deals"))
    }

    pub(crate) fn abuse(&self) -> Result<&AbuseBook, ApiError> {
        self.abuse.as_ref().ok_or_else(|| missing("abuse"))
    }

    pub(crate) fn demand(&self) -> Result<&Demand, ApiError> {
        self.demand.as_ref().ok_or_else(|| missing("market"))
    }

    pub(crate) fn kpis(&self) -> Result<&Kpis, ApiError> {
        self.kpis.as_ref().ok_or_else(|| missing("kpis"))
    }
}

/// Makes the error for what the snapshot lacks.
pub(crate) fn missing(section: &str) -> ApiError {
    ApiError::new(
        Code::NoSection,
        format!("L'instantané servi n'a pas de section « {section} », ou une plus ancienne."),
        format!("The snapshot served has no section \"{section}\", or an older one."),
    )
}

/// The tenants whose rows a tenant sees: itself, and open data.
fn seen_by(tenant: &str) -> impl Iterator<Item = &str> {
    let public = (tenant != PUBLIC_TENANT).then_some(PUBLIC_TENANT);
    std::iter::once(tenant).chain(public)
}
