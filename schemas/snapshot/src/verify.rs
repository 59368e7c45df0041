//! Every byte of a snapshot against its manifest.

use std::{collections::BTreeSet, path::Path};

use schemas::{
    FileEntry, MANIFEST_CHECKSUM, MANIFEST_FILE, MANIFEST_FORMAT, Manifest, Pointer, SnapshotId,
};

use crate::SnapshotError;

/// Checks a snapshot's folder: the manifest against the pointer's digest (where one is given) and against its checksum
/// file, then the list of files and the size and BLAKE3 of each. Returns the manifest.
///
/// # Errors
/// [`SnapshotError::Refused`] names the first file that is not what it should be.
pub fn verify(
    dir: &Path,
    id: &SnapshotId,
    pointer: Option<&Pointer>,
) -> Result<Manifest, SnapshotError> {
    let manifest = check_manifest(
        id,
        pointer,
        std::fs::read(dir.join(MANIFEST_FILE)).map_err(|e| refuse(id, MANIFEST_FILE, e))?,
        std::fs::read(dir.join(MANIFEST_CHECKSUM)).map_err(|e| refuse(id, MANIFEST_CHECKSUM, e))?,
    )?;
    let found = files(dir).map_err(|e| refuse(id, "", e))?;
    let extra = |file: &&String| {
        !manifest.files.contains_key(*file) && *file != MANIFEST_FILE && *file != MANIFEST_CHECKSUM
    };
    if let Some(file) = found.iter().find(extra) {
        return Err(refuse(id, file, "the manifest does not list it"));
    }
    for (file, wanted) in &manifest.files {
        let there = entry(&dir.join(file)).map_err(|e| refuse(id, file, e))?;
        if there.bytes != wanted.bytes {
            let reason = format!("{} bytes instead of {}", there.bytes, wanted.bytes);
            return Err(refuse(id, file, reason));
        }
        if there.blake3 != wanted.blake3 {
            return Err(refuse(id, file, "its checksum is not the manifest's"));
        }
    }
    Ok(manifest)
}

/// Checks the manifest's own bytes and returns it.
pub(crate) fn check_manifest(
    id: &SnapshotId,
    pointer: Option<&Pointer>,
    bytes: Vec<u8>,
    checksum: Vec<u8>,
) -> Result<Manifest, SnapshotError> {
    let blake3 = blake3::hash(&bytes).to_hex();
    if checksum != blake3.as_bytes() {
        return Err(refuse(
            id,
            MANIFEST_CHECKSUM,
            "it is not the checksum of the manifest",
        ));
    }
    if pointer.is_some_and(|pointer| pointer.manifest_blake3 != blake3.as_str()) {
        return Err(refuse(
            id,
            MANIFEST_FILE,
            "its checksum is not the pointer's",
        ));
    }
    let format = serde_json::from_slice::<serde_json::Value>(&bytes)
        .map_err(|e| refuse(id, MANIFEST_FILE, e))?["format"]
        .as_u64();
    if format != Some(u64::from(MANIFEST_FORMAT)) {
        let told = format.map_or("none".to_owned(), |format| format.to_string());
        let mend = match format > Some(u64::from(MANIFEST_FORMAT)) {
            true => ": the node is older than the pipeline: update it",
            false => "",
        };
        let reason = format!("format {told}; this program reads format {MANIFEST_FORMAT}{mend}");
        return Err(refuse(id, MANIFEST_FILE, reason));
    }
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|e| refuse(id, MANIFEST_FILE, e))?;
    if manifest.id != *id {
        return Err(refuse(
            id,
            MANIFEST_FILE,
            format!("it is the manifest of {}", manifest.id),
        ));
    }
    Ok(manifest)
}

pub(crate) fn refuse(id: &SnapshotId, file: &str, reason: impl ToString) -> SnapshotError {
    SnapshotError::Refused {
        id: id.to_string(),
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}

/// Returns every file below a folder, relative to it with `/` between parts.
///
/// # Errors
/// A folder cannot be read.
pub fn files(dir: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            let below = files(&entry.path())?;
            found.extend(below.into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.insert(name);
        }
    }
    Ok(found)
}

/// Returns the size and BLAKE3 of a file.
///
/// # Errors
/// The file cannot be read.
pub fn entry(path: &Path) -> std::io::Result<FileEntry> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok(FileEntry {
        bytes: hasher.count(),
        blake3: hasher.finalize().to_hex().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(dir: &Path) -> SnapshotId {
        let id: SnapshotId = "0123456789abcdef0123456789abcdef".parse().unwrap();
        std::fs::create_dir_all(dir.join("market")).unwrap();
        std::fs::write(dir.join("market/demand"), b"rows").unwrap();
        let listed = entry(&dir.join("market/demand")).unwrap();
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            id: id.clone(),
            slot: "2026-11-20".parse().unwrap(),
            parent: None,
            code_digest: String::new(),
            contracts: [].into(),
            files: [("market/demand".to_owned(), listed)].into(),
            tables: [].into(),
            encoder: None,
            reranker: None,
            experiment: None,
            held: [].into(),
            carried_over: std::collections::BTreeMap::default(),
            gates: Vec::new(),
            fusion: serde_json::Value::Null,
        };
        write_manifest(dir, &serde_json::to_vec(&manifest).unwrap());
        id
    }

    fn write_manifest(dir: &Path, bytes: &[u8]) {
        std::fs::write(dir.join(MANIFEST_FILE), bytes).unwrap();
        let checksum = blake3::hash(bytes).to_hex().to_string();
        std::fs::write(dir.join(MANIFEST_CHECKSUM), checksum).unwrap();
    }

    fn reason(dir: &Path, id: &SnapshotId) -> String {
        verify(dir, id, None).unwrap_err().to_string()
    }

    #[test]
    fn a_whole_snapshot_is_verified() {
        let dir = tempfile::tempdir().unwrap();
        let id = snapshot(dir.path());
        assert_eq!(verify(dir.path(), &id, None).unwrap().id, id);
    }

    #[test]
    fn a_changed_shortened_missing_or_added_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let id = snapshot(dir.path());
        let file = dir.path().join("market/demand");
        std::fs::write(&file, b"rowz").unwrap();
        assert!(reason(dir.path(), &id).contains("market/demand: its checksum"));
        std::fs::write(&file, b"row").unwrap();
        assert!(reason(dir.path(), &id).contains("market/demand: 3 bytes instead of 4"));
        std::fs::remove_file(&file).unwrap();
        assert!(reason(dir.path(), &id).contains("market/demand"));
        std::fs::write(&file, b"rows").unwrap();
        std::fs::write(dir.path().join("market/extra"), b"").unwrap();
        assert!(reason(dir.path(), &id).contains("market/extra: the manifest does not list it"));
    }

    #[test]
    fn a_manifest_with_a_field_of_a_newer_pipeline_is_read_as_far_as_it_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let id = snapshot(dir.path());
        let file = dir.path().join(MANIFEST_FILE);
        let mut newer: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        newer["told_since"] = serde_json::json!({ "what": "nobody knows yet" });
        write_manifest(dir.path(), &serde_json::to_vec(&newer).unwrap());
        assert_eq!(verify(dir.path(), &id, None).unwrap().id, id);
        // What a node must know raises the format.
        newer["format"] = serde_json::json!(MANIFEST_FORMAT + 1);
        write_manifest(dir.path(), &serde_json::to_vec(&newer).unwrap());
        assert!(reason(dir.path(), &id).contains("the node is older than the pipeline: update it"));
    }

    #[test]
    fn a_manifest_of_another_format_snapshot_or_pointer_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let id = snapshot(dir.path());
        let other: SnapshotId = "ffffffffffffffffffffffffffffffff".parse().unwrap();
        assert!(reason(dir.path(), &other).contains("it is the manifest of"));
        let pointer = Pointer {
            id: id.clone(),
            manifest_blake3: "00".to_owned(),
        };
        let refused = verify(dir.path(), &id, Some(&pointer))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("its checksum is not the pointer's"),
            "{refused}"
        );
        write_manifest(dir.path(), br#"{"format": 99, "news": true}"#);
        assert!(reason(dir.path(), &id).contains("this program reads format 1"));
        write_manifest(dir.path(), b"not json");
        assert!(reason(dir.path(), &id).contains(MANIFEST_FILE));
    }
}
