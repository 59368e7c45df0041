//! What the pipeline wrote beside a document, read tolerantly: an absent or odd field is an empty one.

use serde_json::Value;

/// Reads a payload; null where it is no JSON.
#[must_use]
pub fn object(payload: &str) -> Value {
    serde_json::from_str(payload).unwrap_or_default()
}

/// Returns a field's text without the blanks around it; none where nothing is left.
#[must_use]
pub fn text(value: &Value, field: &str) -> Option<String> {
    let text = value.get(field)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the texts of a field's list.
#[must_use]
pub fn texts(value: &Value, field: &str) -> Vec<String> {
    let items = list(value.get(field));
    let texts = items.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Returns an array, or what the JSON text of one holds: a `json` column holds text.
#[must_use]
pub fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}
