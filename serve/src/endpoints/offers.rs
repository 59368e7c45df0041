//! `GET /offers?ids=a,b`: offers in the shape of France Travail's API.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web::Query};
use schemas::Section;
use serde::Serialize;

use crate::{
    ApiError,
    body::{invalid, missing},
    documents::{Competence, OfferCard},
    node::Answering,
    request::{public_tenant, tenant_of},
};

/// Ids in one request.
const IDS: usize = 100;

/// An offer in France Travail's vocabulary.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    id: String,
    intitule: Option<String>,
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_creation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_actualisation: Option<String>,
    entreprise: Employer,
    lieu: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    rome_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rome_libelle: Option<String>,
    type_contrat: Option<String>,
    type_contrat_libelle: Option<String>,
    salaire: Pay,
    competences: Vec<Competence>,
}

#[derive(Debug, Serialize)]
struct Employer {
    nom: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    libelle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_postal: Option<String>,
}

#[derive(Debug, Serialize)]
struct Pay {
    libelle: Option<String>,
}

/// Answers the offers in the order asked; ids that the tenant does not see are left out.
pub(crate) async fn get(
    Answering(serving): Answering,
    request: HttpRequest,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<HttpResponse, ApiError> {
    let ids = read_ids(parameters.get("ids").ok_or_else(|| missing("ids"))?)?;
    let named = parameters.get("tenant").map(String::as_str);
    let tenant = tenant_of(named, &request)?.unwrap_or_else(public_tenant);
    let collection = serving.collection(Section::Offers)?;
    let found = |id: &str| {
        let document = collection.document(tenant.as_str(), id)?;
        Some(Offer::new(id, OfferCard::parse(&document.payload)))
    };
    let offers: Vec<Offer> = ids.into_iter().filter_map(found).collect();
    Ok(HttpResponse::Ok().json(offers))
}

fn read_ids(list: &str) -> Result<Vec<&str>, ApiError> {
    let ids: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() || ids.len() > IDS {
        return Err(invalid(
            "ids",
            format!("« ids » attend de 1 à {IDS} identifiants séparés par des virgules."),
            format!("\"ids\" takes 1 to {IDS} identifiers separated by commas."),
        ));
    }
    Ok(ids)
}

impl Offer {
    fn new(id: &str, card: OfferCard) -> Self {
        Self {
            id: id.to_owned(),
            intitule: card.title,
            description: card.description,
            date_creation: card.created_at,
            date_actualisation: card.updated_at,
            entreprise: Employer {
                nom: card.company_name,
            },
            lieu: Place {
                libelle: card.place_label,
                code_postal: card.postal_code,
            },
            rome_code: card.rome_code,
            rome_libelle: card.rome_label,
            type_contrat: card.contract_type,
            type_contrat_libelle: card.contract_label,
            salaire: Pay {
                libelle: card.salary_label,
            },
            competences: card.competences,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_to_a_hundred() {
        assert_eq!(read_ids(" a,,b ,").unwrap(), ["a", "b"]);
        assert!(read_ids(",").is_err());
        assert!(read_ids(&vec!["x"; 100].join(",")).is_ok());
        assert!(read_ids(&vec!["x"; 101].join(",")).is_err());
    }
}
