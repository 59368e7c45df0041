//! `GET /api/market/signals?concept=&region=&from=`: what is asked for, month by month, against who can.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse};
use matching::ConceptRef;
use schemas::Section;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    ApiError, Serving,
    body::invalid,
    edge::Arrival,
    endpoints::concepts::unknown_concept,
    language::Language,
    node::Answering,
    parameters::Parameters,
    reference::{Month, Thing},
};

/// Concepts shown where the caller names none and no limit.
const LIMIT_DEFAULT: usize = 10;
/// Concepts shown at most.
const LIMIT_MAX: usize = 100;

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    region: Option<&'static str>,
    /// First and last month shown; none where nobody asked.
    from: Option<Month>,
    to: Option<Month>,
    /// Unit and meaning of each signal, in the caller's language.
    legend: Value,
    signals: Vec<Signal>,
}

#[derive(Debug, Serialize)]
struct Signal {
    concept: ConceptRef,
    /// Companies that the tenant sees and that have the concept.
    companies: u64,
    rarity: Option<f64>,
    /// Every month of the window, the quiet ones too.
    months: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Point {
    month: Month,
    volume: u64,
    trend: Option<f64>,
    tension: Option<f64>,
}

/// Who asks about where and when.
struct View<'a> {
    serving: &'a Serving,
    tenant: &'a str,
    region: Option<&'static str>,
    window: Option<(Month, Month)>,
}

/// Answers the signals of one concept, or of those most asked for.
pub(crate) async fn get(
    Answering(serving): Answering,
    arrival: Arrival,
    request: HttpRequest,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let concept = parameters.take("concept");
    let region = parameters.take_region()?;
    let from = parameters
        .take("from")
        .map(|text| read_from(&text))
        .transpose()?;
    let limit = parameters.take_limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let tenant = parameters.take_tenant_or_public(&request)?;
    let language = parameters.take_language()?;
    parameters.finish()?;
    let months = serving.reference().demand()?.months(tenant.as_str());
    let view = View {
        serving: &serving,
        tenant: tenant.as_str(),
        region,
        window: months.map(|(first, last)| (from.unwrap_or(first).max(first), last)),
    };
    let signals = match concept {
        Some(id) => vec![
            view.signal(&id)?
                .ok_or_else(|| unknown_concept(&id).at("concept"))?,
        ],
        None => view.most_asked(limit)?,
    };
    Ok(HttpResponse::Ok().json(Answer {
        request_id: arrival.request_id,
        snapshot_id: serving.id().to_string(),
        region,
        from: view.window.map(|(first, _)| first),
        to: view.window.map(|(_, last)| last),
        legend: legend(language),
        signals,
    }))
}

fn read_from(text: &str) -> Result<Month, ApiError> {
    text.parse().map_err(|_| {
        invalid(
            "from",
            "« from » est un mois ou un jour : 2026-11 ou 2026-11-20.".to_owned(),
            "\"from\" is a month or a day: 2026-11 or 2026-11-20.".to_owned(),
        )
    })
}

impl View<'_> {
    /// The signals of a concept; none where the snapshot lacks it.
    fn signal(&self, id: &str) -> Result<Option<Signal>, ApiError> {
        let collection = self.serving.collection(Section::Concepts)?;
        let Some(stored) = collection.document(self.tenant, id) else {
            return Ok(None);
        };
        let supply = self.serving.reference().supply()?;
        let companies = supply.companies(self.tenant, Thing::Concept(id), self.region);
        Ok(Some(Signal {
            concept: ConceptRef::of(id.to_owned(), stored.title, &stored.payload),
            companies,
            rarity: supply.rarity(self.tenant, id, self.region),
            months: self.points(id, companies)?,
        }))
    }

    fn points(&self, id: &str, companies: u64) -> Result<Vec<Point>, ApiError> {
        let Some((first, last)) = self.window else {
            return Ok(Vec::new());
        };
        let demand = self.serving.reference().demand()?;
        let volumes = demand.volumes(self.tenant, id, self.region);
        let volume = |month: Month| volumes.get(&month).copied().unwrap_or(0);
        let point = |month: Month| Point {
            month,
            volume: volume(month),
            trend: share_of(volume(month), volume(month.before())).map(|share| share - 1.0),
            tension: share_of(volume(month), companies),
        };
        Ok(first.to(last).map(point).collect())
    }

    /// The signals of the concepts most asked for in the window, ties by id.
    fn most_asked(&self, limit: usize) -> Result<Vec<Signal>, ApiError> {
        let Some((first, _)) = self.window else {
            return Ok(Vec::new());
        };
        let demand = self.serving.reference().demand()?;
        let asked = |id| -> u64 {
            let volumes = demand.volumes(self.tenant, id, self.region);
            volumes.range(first..).map(|(_, queries)| queries).sum()
        };
        let mut ranked: Vec<(Reverse<u64>, &str)> = demand
            .concepts(self.tenant)
            .into_iter()
            .map(|id| (Reverse(asked(id)), id))
            .filter(|(Reverse(asked), _)| *asked > 0)
            .collect();
        ranked.sort_unstable();
        let mut signals = Vec::new();
        for (_, id) in ranked {
            if signals.len() == limit {
                break;
            }
            signals.extend(self.signal(id)?);
        }
        Ok(signals)
    }
}

fn share_of(value: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| value as f64 / whole as f64)
}

fn legend(language: Language) -> Value {
    let say = |french, english| language.pick(french, english);
    json!({
        "volume": {
            "unit": say("recherches/mois", "searches/month"),
            "meaning": say(
                "Recherches d'entreprises du mois qui concernent le concept.",
                "Searches for companies in the month that are about the concept.",
            ),
        },
        "trend": {
            "unit": say("part", "share"),
            "meaning": say(
                "Variation du volume par rapport au mois précédent : 0,25 est +25 % ; absente si ce mois n'en avait pas.",
                "Change of volume against the month before: 0.25 is +25%; none where that month had none.",
            ),
        },
        "tension": {
            "unit": say("recherches/mois/entreprise", "searches/month/company"),
            "meaning": say(
                "Volume divisé par les entreprises visibles qui ont le concept ; absente s'il n'y en a aucune.",
                "Volume divided by the visible companies that have the concept; none where there is none.",
            ),
        },
        "rarity": {
            "unit": say("de 0 à 1", "0 to 1"),
            "meaning": say(
                "1 − ln(1 + entreprises qui ont le concept) ÷ ln(1 + toutes les entreprises) : 1 si aucune ne l'a, 0 si toutes l'ont.",
                "1 − ln(1 + companies that have the concept) ÷ ln(1 + all companies): 1 where none has it, 0 where all do.",
            ),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_none() {
        assert_eq!((share_of(3, 0), share_of(3, 2)), (None, Some(1.5)));
        assert!(read_from("hier").is_err());
    }
}
