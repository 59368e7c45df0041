//! Every byte of a snapshot against its manifest.

use std::{collections::BTreeSet, io::Read, path::Path};

use schemas::{MANIFEST_CHECKSUM, MANIFEST_FILE, MANIFEST_FORMAT, Manifest, Pointer, SnapshotId};

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
    let found = list(dir, dir).map_err(|e| refuse(id, "", e))?;
    let extra = |file: &&String| {
        !manifest.files.contains_key(*file) && *file != MANIFEST_FILE && *file != MANIFEST_CHECKSUM
    };
    if let Some(file) = found.iter().find(extra) {
        return Err(refuse(id, file, "the manifest does not list it"));
    }
    for (file, entry) in &manifest.files {
        let (bytes, blake3) = digest(&dir.join(file)).map_err(|e| refuse(id, file, e))?;
        if bytes != entry.bytes {
            return Err(refuse(
                id,
                file,
                format!("{bytes} bytes instead of {}", entry.bytes),
            ));
        }
        if blake3 != entry.blake3 {
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
        let reason = format!("format {format:?}; this program reads format {MANIFEST_FORMAT}");
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

fn list(root: &Path, dir: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(list(root, &path)?);
        } else if let Ok(relative) = path.strip_prefix(root) {
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            found.insert(parts.join("/"));
        }
    }
    Ok(found)
}

fn digest(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        };
    }
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}
