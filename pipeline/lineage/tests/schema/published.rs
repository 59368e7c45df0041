//! The published schemas, and as much of JSON Schema 2020-12 as they use: a keyword that is not known here fails the test, so that nothing
//! is held by less than its schema. (Every validator crate tried changes features of crates under arrow, which compiles the engines a second
//! time; `tests/peers/openlineage/run.sh` holds the same events with the Python package `jsonschema`.)

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

/// Keywords that say nothing of a value.
const SAYS_NOTHING: [&str; 7] = [
    "$schema",
    "$id",
    "$defs",
    "description",
    "example",
    "deprecated",
    "title",
];

/// The schemas, by `$id`.
pub(crate) struct Published(BTreeMap<String, Value>);

impl Published {
    /// Reads the schemas of a folder.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut schemas = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "json") {
                let schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                schemas.insert(schema["$id"].as_str().unwrap().to_owned(), schema);
            }
        }
        Self(schemas)
    }

    /// Says why a value is not what a schema wants, where it is not.
    pub(crate) fn fault(&self, value: &Value, schema: &str) -> Option<String> {
        let (id, pointer) = schema.split_once('#').unwrap_or((schema, ""));
        let root = self
            .0
            .get(id)
            .unwrap_or_else(|| panic!("no schema {id} is kept here"));
        let part = root
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{id} has no {pointer}"));
        self.judge(value, part, id).err()
    }

    /// Holds an event to the schema of events, and each facet in it to the schema that it names.
    pub(crate) fn hold(&self, event: &Value) {
        let schema = event["schemaURL"].as_str().unwrap();
        assert_eq!(self.fault(event, schema), None, "{event:#}");
        self.hold_facets(event);
    }

    fn hold_facets(&self, value: &Value) {
        match value {
            Value::Object(parts) => {
                if let Some(schema) = parts.get("_schemaURL").and_then(Value::as_str) {
                    assert_eq!(self.fault(value, schema), None, "{value:#}");
                }
                parts.values().for_each(|part| self.hold_facets(part));
            }
            Value::Array(parts) => parts.iter().for_each(|part| self.hold_facets(part)),
            _ => {}
        }
    }

    fn judge(&self, value: &Value, schema: &Value, id: &str) -> Result<(), String> {
        let keywords = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(keywords) => keywords,
            other => panic!("{other} is no schema known here"),
        };
        for (keyword, says) in keywords {
            self.keyword(value, keyword, says, keywords, id)
                .map_err(|why| format!("{keyword}: {why}"))?;
        }
        Ok(())
    }

    fn keyword(
        &self,
        value: &Value,
        keyword: &str,
        says: &Value,
        all: &Map<String, Value>,
        id: &str,
    ) -> Result<(), String> {
        let judges = |one: &Value| self.judge(value, one, id);
        let list = || says.as_array().unwrap().iter();
        match keyword {
            "$ref" => {
                let target = says.as_str().unwrap();
                let target = match target.strip_prefix('#') {
                    Some(pointer) => format!("{id}#{pointer}"),
                    None => target.to_owned(),
                };
                self.fault(value, &target).map_or(Ok(()), Err)
            }
            "allOf" => list().try_for_each(judges),
            "anyOf" => ok(list().any(|one| judges(one).is_ok()), value),
            "oneOf" => ok(list().filter(|one| judges(one).is_ok()).count() == 1, value),
            "not" => ok(judges(says).is_err(), value),
            "type" => ok(is_of_type(value, says.as_str().unwrap()), value),
            "enum" => ok(list().any(|one| one == value), value),
            "minimum" => ok(
                value.as_f64().is_none_or(|n| n >= says.as_f64().unwrap()),
                value,
            ),
            "format" => ok(is_of_format(value, says.as_str().unwrap()), value),
            "required" => {
                let has = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                ok(!value.is_object() || list().all(has), value)
            }
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                items.try_for_each(|item| self.judge(item, says, id))
            }
            "properties" => {
                let parts = says.as_object().unwrap().iter();
                parts
                    .filter_map(|(name, one)| Some((value.get(name)?, one)))
                    .try_for_each(|(part, one)| self.judge(part, one, id))
            }
            "additionalProperties" => {
                let known = all.get("properties").and_then(Value::as_object);
                let parts = value.as_object().into_iter().flatten();
                parts
                    .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                    .try_for_each(|(_, part)| self.judge(part, says, id))
            }
            nothing if SAYS_NOTHING.contains(&nothing) => Ok(()),
            other => panic!("the keyword {other} is not known here"),
        }
    }
}

fn ok(is_so: bool, value: &Value) -> Result<(), String> {
    is_so.then_some(()).ok_or_else(|| value.to_string())
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other} is not known here"),
    }
}

/// Says whether a text is of a format; what is no text is.
fn is_of_format(value: &Value, name: &str) -> bool {
    let Some(text) = value.as_str() else {
        return true;
    };
    // `0` a digit, `x` a hexadecimal one, all others themselves.
    let is_shaped = |shape: &str, text: &str| {
        text.len() == shape.len()
            && text
                .chars()
                .zip(shape.chars())
                .all(|(ch, wanted)| match wanted {
                    '0' => ch.is_ascii_digit(),
                    'x' => ch.is_ascii_hexdigit(),
                    wanted => ch == wanted,
                })
    };
    match name {
        "uuid" => is_shaped("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", text),
        "uri" => text.split_once(':').is_some_and(|(scheme, rest)| {
            scheme.starts_with(|ch: char| ch.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|ch| ch.is_ascii_alphanumeric() || "+-.".contains(ch))
                && !rest.is_empty()
                && text
                    .chars()
                    .all(|ch| ch.is_ascii_graphic() && !"<>\"{}|\\^`".contains(ch))
        }),
        "date-time" => {
            let Some(instant) = text.strip_suffix('Z') else {
                return false;
            };
            let (instant, part) = instant.split_once('.').unwrap_or((instant, "0"));
            is_shaped("0000-00-00T00:00:00", instant)
                && !part.is_empty()
                && part.chars().all(|ch| ch.is_ascii_digit())
        }
        other => panic!("the format {other} is not known here"),
    }
}
