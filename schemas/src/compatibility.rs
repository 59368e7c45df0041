//! Whether a changed contract breaks those who read the table.

use crate::Contract;

/// One way in which a new contract breaks readers of the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakage {
    /// What changed, as a sentence.
    pub reason: String,
}

/// Returns the ways in which `new` breaks readers of `old`; none where the major version was raised.
///
/// Breaking are: a column removed or of another type, a column that may now be null, another key.
#[must_use]
pub fn compare(old: &Contract, new: &Contract) -> Vec<Breakage> {
    if new.major() > old.major() {
        return Vec::new();
    }
    let mut reasons = Vec::new();
    for before in &old.columns {
        match new.column(&before.name) {
            None => reasons.push(format!("column {} was removed", before.name)),
            Some(after) if after.kind != before.kind => reasons.push(format!(
                "column {} changed from {:?} to {:?}",
                before.name, before.kind, after.kind
            )),
            Some(after) if after.is_nullable && !before.is_nullable => {
                reasons.push(format!("column {} may now be null", before.name));
            }
            Some(_) => {}
        }
    }
    if old.key != new.key {
        reasons.push(format!(
            "the key changed from {:?} to {:?}",
            old.key, new.key
        ));
    }
    reasons
        .into_iter()
        .map(|reason| Breakage { reason })
        .collect()
}
