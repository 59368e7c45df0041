//! The filters of a request, in the spelling of the collections' facets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    ApiError, Code,
    body::{invalid, wrong_type},
};

/// Accepted values by facet: a document passes where it has one of them for every facet.
pub(crate) type Filters = BTreeMap<String, Vec<String>>;

/// Values that one filter may list.
const VALUES_LIMIT: usize = 50;

/// Reads `filters`: an object from facet to a text or a list of texts.
pub(crate) fn read(value: Option<Value>, facets: &[&str]) -> Result<Filters, ApiError> {
    let mut filters = Filters::new();
    let entries = match value {
        None => return Ok(filters),
        Some(Value::Object(entries)) => entries,
        Some(_) => return Err(wrong_type("filters", "un objet", "an object")),
    };
    for (facet, value) in entries {
        let field = format!("filters.{facet}");
        if !facets.contains(&facet.as_str()) {
            let known = facets.join(", ");
            return Err(ApiError::new(
                Code::UnknownField,
                format!("Filtre inconnu ; les filtres sont : {known}."),
                format!("Unknown filter; the filters are: {known}."),
            )
            .at(field));
        }
        if value.is_null() {
            continue;
        }
        let values = texts(&field, value)?;
        filters.insert(
            facet.clone(),
            values.iter().map(|text| spelling(&facet, text)).collect(),
        );
    }
    Ok(filters)
}

fn texts(field: &str, value: Value) -> Result<Vec<String>, ApiError> {
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

    #[test]
    fn values_take_the_spelling_of_the_facets() {
        let given = json!({"region": "ile de france", "naf": ["25.62b"], "certification": null});
        let filters = read(Some(given), &["region", "naf", "certification"]).unwrap();
        assert_eq!(filters["region"], ["Île-de-France"]);
        assert_eq!(filters["naf"], ["2562B"]);
        assert!(!filters.contains_key("certification"));
    }

    #[test]
    fn a_filter_that_would_mean_nothing_is_refused_by_name() {
        for (given, code) in [
            (json!({"regoin": "Bretagne"}), Code::UnknownField),
            (json!({"region": 3}), Code::WrongType),
            (json!({"region": ["Bretagne", 3]}), Code::WrongType),
            (json!({"region": []}), Code::InvalidValue),
            (json!({"region": " "}), Code::InvalidValue),
            (json!("Bretagne"), Code::WrongType),
        ] {
            let error = read(Some(given.clone()), &["region"]).unwrap_err();
            assert_eq!(error.code(), code, "{given}");
        }
    }
}
