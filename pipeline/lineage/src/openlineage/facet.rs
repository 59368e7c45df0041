//! The frame that all facets share.

use serde_json::{Map, Value, json};

/// Who makes the events.
pub(super) const PRODUCER: &str = concat!("urn:marketlounge:pipeline:", env!("CARGO_PKG_VERSION"));
/// The schema of events.
pub(super) const SCHEMA: &str =
    "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// Makes a facet: `name` and `version` are those of its schema.
pub(super) fn facet(name: &str, version: &str, body: Value) -> Value {
    let mut facet = Map::new();
    facet.insert("_producer".to_owned(), json!(PRODUCER));
    let schema = format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}");
    facet.insert("_schemaURL".to_owned(), json!(schema));
    if let Value::Object(body) = body {
        facet.extend(body);
    }
    Value::Object(facet)
}

/// Gathers facets; those without a value are left out.
pub(super) fn facets<const N: usize>(all: [(&str, Option<Value>); N]) -> Value {
    let given = all.into_iter();
    let given = given.filter_map(|(name, facet)| Some((name.to_owned(), facet?)));
    Value::Object(given.collect())
}
