//! YAML as JSON values.

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Number, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// Reads the one document of a YAML text.
pub(super) fn read(text: &str) -> Result<Value> {
    let mut documents = YamlLoader::load_from_str(text).context("not YAML")?;
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => value(document),
        _ => bail!("one YAML document is expected"),
    }
}

fn value(yaml: Yaml) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null | Yaml::BadValue => Value::Null,
        Yaml::Boolean(flag) => flag.into(),
        Yaml::Integer(number) => number.into(),
        Yaml::Real(text) => {
            let number: f64 = text
                .parse()
                .with_context(|| format!("{text} is no number"))?;
            Value::Number(
                Number::from_f64(number).with_context(|| format!("{text} is not finite"))?,
            )
        }
        Yaml::String(text) => text.into(),
        Yaml::Array(items) => items
            .into_iter()
            .map(value)
            .collect::<Result<Vec<_>>>()?
            .into(),
        Yaml::Hash(entries) => {
            let mut object = Map::new();
            for (key, entry) in entries {
                let key = match key {
                    Yaml::String(text) => text,
                    other => bail!("{other:?} is no name: write it in quotes"),
                };
                object.insert(key, value(entry)?);
            }
            object.into()
        }
        Yaml::Alias(_) => bail!("an alias whose anchor is not known"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_lists_and_maps_are_read_and_days_stay_texts() {
        let found = read("a: 1\nb: [x, 2.5, true, ~]\nc: { d: 2026-11-20, e: \"012\" }").unwrap();
        let wanted =
            json!({"a": 1, "b": ["x", 2.5, true, null], "c": {"d": "2026-11-20", "e": "012"}});
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_not_one_document_of_names_is_refused() {
        for bad in ["", "a: [1", "--- 1\n--- 2", "1: x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
