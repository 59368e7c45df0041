//! The filters of a request, in the spelling of the collections' facets.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    ApiError, Code,
    body::{invalid, wrong_type},
    offers::{self, Conditions},
};

/// Accepted values by facet: a document passes where it has one of them for every facet.
pub(crate) type Filters = BTreeMap<String, Vec<String>>;

/// Values that one filter may list.
const VALUES_LIMIT: usize = 50;

/// What may be filtered on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filterable {
    /// Facets.
    pub(crate) facets: &'static [&'static str],
    /// Names of the conditions that are no facets.
    pub(crate) conditions: &'static [&'static str],
}

impl Filterable {
    /// What job offers may be filtered on.
    pub(crate) const OFFERS: Self = Self {
        facets: &["region", "department", "naf", "contract", "rome"],
        conditions: &offers::NAMES,
    };

    /// Reads `filters`: an object from facet to a text or a list of texts, and from condition to its value.
    pub(crate) fn read(self, value: Option<Value>) -> Result<(Filters, Conditions), ApiError> {
        let mut entries = match value {
            None => return Ok(Default::default()),
            Some(Value::Object(entries)) => entries,
            Some(_) => return Err(wrong_type("filters", "un objet", "an object")),
        };
        let conditions = if self.conditions.is_empty() {
            Conditions::default()
        } else {
            Conditions::take(&mut entries)?
        };
        Ok((self.facets(entries)?, conditions))
    }

    fn facets(self, entries: Map<String, Value>) -> Result<Filters, ApiError> {
        let mut filters = Filters::new();
        for (facet, value) in entries {
            let field = format!("filters.{facet}");
            if !self.facets.contains(&facet.as_str()) {
                return Err(self.unknown(field));
            }
            if value.is_null() {
                continue;
            }
            let values = texts(&field, value)?;
            let spelt = values.iter().map(|text| spelling(&facet, text)).collect();
            filters.insert(facet, spelt);
        }
        Ok(filters)
    }

    fn unknown(self, field: String) -> ApiError {
        let known = [self.facets, self.conditions].concat().join(", ");
        ApiError::new(
            Code::UnknownField,
            format!("Filtre inconnu ; les filtres sont : {known}."),
            format!("Unknown filter; the filters are: {known}."),
        )
        .at(field)
    }
}

/// Reads a text or a list of texts.
pub(crate) fn texts(field: &str, value: Value) -> Result<Vec<String>, ApiError> {
    let refuse = || {
        wrong_type(
            field,
            "un texte ou une liste de textes",
            "a text or a list of texts",
        )
    };
    let values = match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values
            .into_iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(refuse))
            .collect::<Result<_, _>>()?,
        _ => return Err(refuse()),
    };
    if values.is_empty()
        || values.len() > VALUES_LIMIT
        || values.iter().any(|v| v.trim().is_empty())
    {
        return Err(invalid(
            field,
            format!("Le filtre attend de 1 à {VALUES_LIMIT} textes non vides."),
            format!("The filter takes 1 to {VALUES_LIMIT} texts that are not empty."),
        ));
    }
    Ok(values)
}

/// Brings a value to the spelling of the collections: INSEE's for regions, without dots and blanks for NAF codes.
fn spelling(facet: &str, value: &str) -> String {
    let value = value.trim();
    match facet {
        "region" => {
            let wanted = letters(value);
            let known = schemas::REGIONS
                .iter()
                .find(|region| letters(region) == wanted);
            known.map_or_else(|| value.to_owned(), |region| (*region).to_owned())
        }
        "naf" => letters(value).to_ascii_uppercase(),
        "contract" | "rome" | "department" => value.to_uppercase(),
        _ => value.to_owned(),
    }
}

fn letters(text: &str) -> String {
    text::fold(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMPANIES: Filterable = Filterable {
        facets: &["region", "naf", "certification"],
        conditions: &[],
    };

    #[test]
    fn conditions_stand_among_the_filters_of_offers() {
        let given = json!({"contract": "cdi", "salary_min_eur": 25_000});
        let (filters, conditions) = Filterable::OFFERS.read(Some(given)).unwrap();
        assert_eq!(filters["contract"], ["CDI"]);
        assert_eq!(conditions.salary_min_eur, Some(25_000));
        let unknown = Filterable::OFFERS
            .read(Some(json!({"distance": 3})))
            .unwrap_err();
        assert!(unknown.to_string().contains("distance_km"), "{unknown}");
    }

    #[test]
    fn values_take_the_spelling_of_the_facets() {
        let given = json!({"region": "ile de france", "naf": ["25.62b"], "certification": null});
        let (filters, conditions) = COMPANIES.read(Some(given)).unwrap();
        assert!(conditions.is_none());
        assert_eq!(filters["region"], ["Île-de-France"]);
        assert_eq!(filters["naf"], ["2562B"]);
        assert!(!filters.contains_key("certification"));
    }

    #[test]
    fn a_filter_that_would_mean_nothing_is_refused_by_name() {
        for (given, code) in [
            (json!({"regoin": "Bretagne"}), Code::UnknownField),
            (json!({"distance_km": 3}), Code::UnknownField),
            (json!({"region": 3}), Code::WrongType),
            (json!({"region": ["Bretagne", 3]}), Code::WrongType),
            (json!({"region": []}), Code::InvalidValue),
            (json!({"region": " "}), Code::InvalidValue),
            (json!("Bretagne"), Code::WrongType),
        ] {
            let error = COMPANIES.read(Some(given.clone())).unwrap_err();
            assert_eq!(error.code(), code, "{given}");
        }
    }
}
