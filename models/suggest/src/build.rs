//! Building: entries to one file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::FORMAT;
use crate::bytes::{Lists, Writer};
use crate::entry::Entry;
use crate::error::SuggestError;
use crate::vocabulary::Vocabulary;
use crate::words::words_and_compounds;

/// The file's name in its folder.
pub const FILE: &str = "suggestions.idx";
/// The first bytes of the file.
pub(crate) const MAGIC: &[u8; 8] = b"MLSUGGST";
/// Stands between the labels of a path.
pub(crate) const PATH_SEPARATOR: char = '\u{1f}';

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexStats {
    /// Entries.
    pub entries: u64,
    /// Digest of the entries, whatever their order.
    pub digest: String,
}

/// Writes the index of `entries` into the folder `dir`, which exists.
///
/// # Errors
/// `Invalid` where an entry is empty or there are too many; `Io` where the file cannot be written.
pub fn build(dir: &Path, entries: Vec<Entry>) -> Result<IndexStats, SuggestError> {
    let entries = sorted(entries)?;
    let path = dir.join(FILE);
    std::fs::write(&path, bytes_of(&entries)?).map_err(|source| SuggestError::io(&path, source))?;
    Ok(IndexStats {
        entries: entries.len() as u64,
        digest: digest(&entries),
    })
}

/// Returns the bytes that [`build`] writes.
///
/// # Errors
/// `Invalid` where an entry is empty or there are too many.
pub fn index_bytes(entries: Vec<Entry>) -> Result<Vec<u8>, SuggestError> {
    bytes_of(&sorted(entries)?)
}

/// Sorts by tenant, then rank; what was given twice is kept once.
fn sorted(mut entries: Vec<Entry>) -> Result<Vec<Entry>, SuggestError> {
    let bad = entries.iter().find(|entry| {
        entry.tenant.is_empty() || entry.id.is_empty() || entry.text.trim().is_empty()
    });
    if let Some(entry) = bad {
        return Err(SuggestError::invalid(format!(
            "a {} has no tenant, id or text",
            entry.kind.as_str()
        )));
    }
    entries.sort_by(|a, b| {
        let rest = |entry: &Entry| (entry.label.clone(), entry.path.clone());
        (&a.tenant, a.rank())
            .cmp(&(&b.tenant, b.rank()))
            .then_with(|| rest(a).cmp(&rest(b)))
    });
    entries.dedup();
    Ok(entries)
}

fn bytes_of(entries: &[Entry]) -> Result<Vec<u8>, SuggestError> {
    let mut body = Writer::default();
    let parts: Vec<&[Entry]> = entries.chunk_by(|a, b| a.tenant == b.tenant).collect();
    body.number(parts.len() as u32);
    for part in parts {
        write_part(&mut body, part)?;
    }
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&FORMAT.to_le_bytes());
    file.extend_from_slice(blake3::hash(&body.0).as_bytes());
    file.extend_from_slice(&body.0);
    Ok(file)
}

fn write_part(body: &mut Writer, entries: &[Entry]) -> Result<(), SuggestError> {
    let texts_of = |entry: &Entry| -> BTreeSet<String> {
        let words = words_and_compounds(&entry.text).into_iter();
        words.map(|word| word.folded).collect()
    };
    let spoken: Vec<BTreeSet<String>> = entries.iter().map(texts_of).collect();
    let mut ordinals: BTreeMap<&str, u32> = spoken
        .iter()
        .flatten()
        .map(|word| (word.as_str(), 0))
        .collect();
    for (ordinal, number) in ordinals.values_mut().zip(0..) {
        *ordinal = number;
    }
    let mut said_by = vec![Vec::new(); ordinals.len()];
    let mut says = Vec::with_capacity(entries.len());
    for (words, entry) in spoken.iter().zip(0_u32..) {
        let numbers: Vec<u32> = words.iter().map(|word| ordinals[word.as_str()]).collect();
        numbers
            .iter()
            .for_each(|word| said_by[*word as usize].push(entry));
        says.push(numbers);
    }
    body.bytes(entries[0].tenant.as_bytes())?;
    body.numbers(&entries.iter().map(|e| e.kind.number()).collect::<Vec<_>>())?;
    body.numbers(&entries.iter().map(|e| e.weight).collect::<Vec<_>>())?;
    body.texts(entries.iter().map(|entry| entry.id.as_str()))?;
    body.texts(entries.iter().map(|entry| entry.text.as_str()))?;
    body.texts(entries.iter().map(|entry| entry.label.as_str()))?;
    let paths: Vec<String> = entries.iter().map(path_text).collect();
    body.texts(paths.iter().map(String::as_str))?;
    body.bytes(&Vocabulary::bytes(ordinals.keys().copied())?)?;
    Lists::write(body, &said_by)?;
    Lists::write(body, &says)
}

fn path_text(entry: &Entry) -> String {
    let labels: Vec<String> = entry
        .path
        .iter()
        .map(|label| label.replace(PATH_SEPARATOR, " "))
        .collect();
    labels.join(&PATH_SEPARATOR.to_string())
}

fn digest(entries: &[Entry]) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut text = |value: &str| {
        hasher.update(&(value.len() as u64).to_le_bytes());
        hasher.update(value.as_bytes());
    };
    text(&crate::layout_version());
    for entry in entries {
        for value in [&entry.tenant, &entry.id, &entry.text, &entry.label] {
            text(value);
        }
        text(entry.kind.as_str());
        text(&entry.weight.to_string());
        text(&path_text(entry));
    }
    hasher.finalize().to_hex().to_string()
}
