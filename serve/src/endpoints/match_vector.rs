//! `POST /match`: the offers nearest to a CV's vector, by cosine.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use schemas::{Section, Tenant};
use serde::Serialize;
use serde_json::Value;

use crate::{
    ApiError, Code, Node, Serving,
    body::{Fields, invalid, wrong_type},
    edge::Arrival,
    filters::{Filterable, Filters},
    node::Answering,
    offers::Conditions,
    query_record::{Asked, record},
    request::{public_tenant, read_limit, tenant},
    search::{center, filters_of},
};

const FIELD: &str = "cv_embedding";
/// Offers in an answer where the caller names no limit.
const OFFERS: usize = 20;

/// One offer.
#[derive(Debug, Serialize)]
struct Nearest {
    id: String,
    /// Cosine, with six decimals.
    score: f64,
    /// Kilometres from the place asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
}

/// What is asked, checked.
struct Asking {
    vector: Vec<f32>,
    filters: Filters,
    conditions: Conditions,
    limit: usize,
    tenant: Tenant,
}

/// Answers the nearest offers that pass the filters, and logs the request.
pub(crate) async fn post(
    Answering(serving): Answering,
    node: Data<Node>,
    arrival: Arrival,
    request: HttpRequest,
    mut fields: Fields,
) -> Result<HttpResponse, ApiError> {
    let vector = read_vector(&fields.take_required(FIELD)?)?;
    let (filters, conditions) = Filterable::OFFERS.read(fields.take("filters"))?;
    let limit = read_limit(fields.take("limit"), OFFERS)?;
    let tenant = tenant(&mut fields, &request)?.unwrap_or_else(public_tenant);
    fields.finish()?;
    check_dimension(&serving, vector.len())?;
    let text = fingerprint(&vector);
    let asking = Asking {
        vector,
        filters,
        conditions,
        limit,
        tenant,
    };
    let work = {
        let serving = serving.clone();
        move || nearest(&serving, &asking).map(|offers| (asking, offers))
    };
    let (asking, offers) = node.permits().run(work).await??;
    let region = asking.filters.get("region");
    let row = Asked {
        tenant: asking.tenant.as_str(),
        endpoint: "/match",
        text: &text,
        region: region.and_then(|values| values.first()).map(String::as_str),
        matched_concepts: Vec::new(),
        results: offers.iter().map(|offer| offer.id.clone()).collect(),
        scores: offers.iter().map(|offer| offer.score).collect(),
        reranker: None,
    };
    record(&node, &serving, &request, &arrival, row).await;
    Ok(HttpResponse::Ok().json(offers))
}

fn nearest(serving: &Serving, asking: &Asking) -> Result<Vec<Nearest>, ApiError> {
    let (offers, tenant) = (serving.collection(Section::Offers)?, asking.tenant.as_str());
    let center = center(serving, tenant, &asking.conditions)?;
    let mut filters = filters_of(&asking.filters);
    let admitted = serving
        .offers()
        .admitted(tenant, &asking.conditions, center.as_ref());
    filters.only = admitted.map(|admitted| admitted.numbers);
    let found = offers.nearest(&asking.vector, tenant, &filters, asking.limit);
    let km = |id: &str| {
        let (center, offer) = (center.as_ref()?, offers.document(tenant, id)?);
        serving.offers().km(center, &offer.tenant, &offer.payload)
    };
    let nearest = |(id, cosine): (String, f32)| Nearest {
        distance_km: km(&id),
        id,
        score: six_decimals(cosine),
    };
    Ok(found.into_iter().map(nearest).collect())
}

fn six_decimals(cosine: f32) -> f64 {
    (f64::from(cosine.clamp(-1.0, 1.0)) * 1e6).round() / 1e6
}

/// The log's `text` for a request that has none: tells equal vectors from others, and nothing more.
fn fingerprint(vector: &[f32]) -> String {
    let mut hasher = blake3::Hasher::new();
    for value in vector {
        hasher.update(&value.to_le_bytes());
    }
    format!("{FIELD}:{}", &hasher.finalize().to_hex()[..16])
}

fn check_dimension(serving: &Serving, given: usize) -> Result<(), ApiError> {
    let Some(expected) = serving.collection(Section::Offers)?.dimension() else {
        return Err(ApiError::new(
            Code::NoVectors,
            "L'instantané servi n'a pas de vecteurs d'offres ; utilisez /api/match/text.",
            "The snapshot served has no vectors of offers; use /api/match/text.",
        ));
    };
    if given == expected {
        return Ok(());
    }
    let encoder = serving
        .manifest()
        .encoder
        .as_ref()
        .map_or("", |card| card.id.as_str());
    Err(ApiError::new(
        Code::WrongDimension,
        format!("« {FIELD} » a {given} nombres au lieu de {expected} (encodeur {encoder})."),
        format!("\"{FIELD}\" has {given} numbers instead of {expected} (encoder {encoder})."),
    )
    .at(FIELD))
}

fn read_vector(value: &Value) -> Result<Vec<f32>, ApiError> {
    let Value::Array(numbers) = value else {
        return Err(wrong_type(
            FIELD,
            "une liste de nombres",
            "a list of numbers",
        ));
    };
    if numbers.is_empty() {
        return Err(invalid(
            FIELD,
            format!("« {FIELD} » est vide."),
            format!("\"{FIELD}\" is empty."),
        ));
    }
    let vector = numbers
        .iter()
        .enumerate()
        .map(|(index, number)| read_number(index, number))
        .collect::<Result<Vec<f32>, ApiError>>()?;
    if vector.iter().all(|value| *value == 0.0) {
        return Err(ApiError::new(
            Code::NotFinite,
            format!("« {FIELD} » ne contient que des zéros : un cosinus n'y a pas de sens."),
            format!("\"{FIELD}\" holds only zeros, which have no cosine."),
        )
        .at(FIELD));
    }
    Ok(vector)
}

fn read_number(index: usize, number: &Value) -> Result<f32, ApiError> {
    let field = format!("{FIELD}[{index}]");
    let finite = match number {
        Value::Number(number) => number.as_f64().map(|number| number as f32),
        Value::Null => None,
        _ => return Err(wrong_type(&field, "un nombre", "a number")),
    };
    finite.filter(|number| number.is_finite()).ok_or_else(|| {
        ApiError::new(
            Code::NotFinite,
            format!("« {field} » n'est pas un nombre fini (NaN, infini ou null)."),
            format!("\"{field}\" is not a finite number (NaN, infinite or null)."),
        )
        .at(field)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_vector_that_has_no_cosine_is_refused() {
        for (value, code) in [
            (json!(3), Code::WrongType),
            (json!([]), Code::InvalidValue),
            (json!([0.5, null]), Code::NotFinite),
            (json!([0.5, "0.5"]), Code::WrongType),
            (json!([0.5, true]), Code::WrongType),
            (json!([0.5, 1e300]), Code::NotFinite),
            (json!([0, 0.0]), Code::NotFinite),
        ] {
            assert_eq!(read_vector(&value).unwrap_err().code(), code, "{value}");
        }
        assert_eq!(read_vector(&json!([1, -0.5])).unwrap(), [1.0, -0.5]);
    }
}
