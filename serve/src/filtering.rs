//! What each filter of a request admits and how it was applied, and how the documents admitted were looked at.

use retrieval::{Scan, Way};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    language::Language,
    offers::{Conditions, PassingCounts},
    request::SearchRequest,
    search::Found,
};

/// The filters of an answer. They decide before anything is ranked, and change no score.
#[derive(Debug, Serialize)]
pub(crate) struct Filtering {
    /// One for each filter asked for.
    filters: Vec<FilterUse>,
    /// How the documents that all filters admit were looked at: the public ones, then the tenant's own.
    scans: Vec<ScanUse>,
}

/// One filter.
#[derive(Debug, Serialize)]
struct FilterUse {
    /// The facet, `distance`, `salary` or `skills`.
    name: String,
    /// As applied, in the collections' spelling.
    values: Value,
    /// Documents that it admits by itself, of all that the tenant sees.
    admits: usize,
    /// Stable code.
    how: How,
    meaning: &'static str,
}

/// How a filter is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum How {
    FacetIndex,
    DistanceComputed,
    ColumnScan,
}

/// How one owner's documents were looked at.
#[derive(Debug, Serialize)]
struct ScanUse {
    tenant: String,
    /// Documents that it has.
    documents: usize,
    /// Documents that all filters admit.
    admitted: usize,
    /// Documents that every leg scored.
    scored: usize,
    /// Stable code.
    how: Way,
    meaning: &'static str,
}

impl Filtering {
    /// Tells what became of the filters of a request.
    pub(crate) fn new(request: &SearchRequest, found: &Found) -> Self {
        let (admission, language) = (&found.result.admission, request.language);
        let facets = admission.conditions.iter().filter_map(|condition| {
            let name = condition.facet.as_deref()?;
            let use_of = FilterUse::applied(How::FacetIndex, language);
            Some(use_of(name, json!(condition.values), condition.admits))
        });
        let mut filters: Vec<FilterUse> = facets.collect();
        if let Some(counts) = &found.passing {
            filters.extend(beside_facets(&request.conditions, counts, language));
        }
        let scan = |scan: &Scan| ScanUse {
            tenant: scan.tenant.clone(),
            documents: scan.documents,
            admitted: scan.eligible,
            scored: scan.scored,
            how: scan.way,
            meaning: looked_at(scan.way, language),
        };
        Self {
            filters,
            scans: admission.scans.iter().map(scan).collect(),
        }
    }
}

impl FilterUse {
    /// Returns what makes the use of a filter of its name, values and number of documents admitted.
    fn applied(how: How, language: Language) -> impl Fn(&str, Value, usize) -> Self {
        let (french, english) = match how {
            How::FacetIndex => (
                "index de facettes : les documents qui ont une des valeurs, sans parcourir les autres",
                "facet index: the documents that have one of the values, without looking at the others",
            ),
            How::DistanceComputed => (
                "distance à vol d'oiseau calculée pour chaque offre dont le lieu est connu",
                "great-circle distance computed for every offer whose place is known",
            ),
            How::ColumnScan => (
                "comparé offre par offre, dans une colonne en mémoire",
                "compared offer by offer, in a column in memory",
            ),
        };
        let meaning = language.pick(french, english);
        move |name: &str, values, admits| Self {
            name: name.to_owned(),
            values,
            admits,
            how,
            meaning,
        }
    }
}

/// The conditions that are no facets.
fn beside_facets(
    conditions: &Conditions,
    counts: &PassingCounts,
    language: Language,
) -> Vec<FilterUse> {
    let Conditions {
        area,
        salary_min_eur,
        salary_max_eur,
        skills,
    } = conditions;
    let computed = FilterUse::applied(How::DistanceComputed, language);
    let scanned = FilterUse::applied(How::ColumnScan, language);
    let mut filters = Vec::new();
    if let Some(area) = area {
        filters.push(computed("distance", json!(area), counts.near));
    }
    if salary_min_eur.is_some() || salary_max_eur.is_some() {
        let salary = Conditions {
            salary_min_eur: *salary_min_eur,
            salary_max_eur: *salary_max_eur,
            ..Conditions::default()
        };
        filters.push(scanned("salary", json!(salary), counts.paid));
    }
    if !skills.skills.is_empty() {
        filters.push(scanned("skills", json!(skills), counts.suited));
    }
    filters
}

fn looked_at(way: Way, language: Language) -> &'static str {
    let (french, english) = match way {
        Way::EveryDocument => (
            "recherche exacte : tous les documents sont notés, ceux que les filtres n'admettent pas sont écartés",
            "exact scan: every document is scored, those that the filters do not admit are left out",
        ),
        Way::EveryAdmitted => (
            "recherche exacte : les filtres laissent peu de documents, tous sont notés",
            "exact scan: the filters leave few documents, all of them are scored",
        ),
        Way::Nominated => (
            "par index : chaque critère désigne les meilleurs documents que les filtres admettent, tous ceux-là sont notés",
            "by index: each leg nominates the best documents that the filters admit, all of these are scored",
        ),
    };
    language.pick(french, english)
}
