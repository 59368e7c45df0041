//! `pipeline export npy`: the vectors of a snapshot, for numpy and faiss.

use std::{path::PathBuf, process::Command};

use marketlounge_tests::{Lake, Ran};
use serde_json::{Value, json};

use super::small::has_weights;

fn export(lake: &Lake, table: &str, out: &str) -> Ran {
    let folder = lake.path().display().to_string();
    Ran::pipeline(
        &[
            "--json", "export", "npy", "--table", table, "--out", out, "--lake", &folder,
        ],
        &[],
    )
}

#[test]
fn a_lexical_snapshot_has_nothing_to_export_and_says_so() {
    let lake = Lake::published();
    let out = lake.file("vectors").display().to_string();
    let refused = export(&lake, "companies", &out);
    assert_eq!(refused.code, Some(1));
    let id = lake.announced().unwrap();
    assert!(refused.stderr.contains(&id), "{}", refused.stderr);
    assert!(!lake.file("vectors").exists());
}

/// Loads a matrix and prints its type, order, shape, and the cosine of its first two rows.
const LOAD: &str = "import numpy, sys
m = numpy.load(sys.argv[1])
print(m.dtype.str, m.flags['C_CONTIGUOUS'], *m.shape, round(float(m[0] @ m[1]), 4))";

#[test]
fn exported_vectors_are_a_matrix_that_numpy_opens_with_its_ids_in_order() {
    if !has_weights() {
        eprintln!("skipped: no encoder in models/weights (`make model`)");
        return;
    }
    let lake = Lake::empty();
    let company = |tenant: &str, id: &str, said: &str| json!({ "tenant": tenant, "company_id": id, "name": id, "description": said });
    let rows = [
        company(
            "tenant_public",
            "E3",
            "Pliage et découpe laser de tôles d'inox.",
        ),
        company("tenant_a", "E2", "Fonderie d'aluminium sous pression."),
        company("tenant_a", "E1", "Pliage et découpe laser de tôles d'inox."),
    ];
    lake.land("companies/c", &rows);
    let ran = lake.run("nightly", &[], &[]);
    assert!(ran.is_success(), "{}", ran.stderr);
    let out = lake.file("vectors").display().to_string();
    let said = export(&lake, "companies", &out);
    assert!(said.is_success(), "{}", said.stderr);
    let said = &said.json()[0];
    assert_eq!(
        (&said["rows"], &said["dimension"]),
        (&json!(3), &json!(384))
    );
    let ids: Value =
        serde_json::from_slice(&std::fs::read(lake.file("vectors/ids.json")).unwrap()).unwrap();
    let named = |tenant: &str, id: &str| json!({ "tenant": tenant, "id": id });
    let expected = [
        named("tenant_a", "E1"),
        named("tenant_a", "E2"),
        named("tenant_public", "E3"),
    ];
    assert_eq!(ids, json!(expected));
    let rows = matrix(
        &std::fs::read(lake.file("vectors/vectors.npy")).unwrap(),
        3,
        384,
    );
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let cosine = dot(&rows[0], &rows[1]);
    assert!((dot(&rows[0], &rows[0]) - 1.0).abs() < 1e-3, "unit length");
    // The first and the third say the same, whoever owns them; the second says something else.
    assert!(dot(&rows[0], &rows[2]) > 0.999 && cosine < 0.9, "{cosine}");
    let python = std::env::home_dir().map(|home| home.join(".cache/marketlounge/venv/bin/python"));
    let Some(python) = python.filter(|python: &PathBuf| python.exists()) else {
        return;
    };
    let vectors = lake.file("vectors/vectors.npy");
    let loaded = Command::new(python)
        .args(["-c", LOAD])
        .arg(vectors)
        .output()
        .unwrap();
    let loaded = String::from_utf8_lossy(&loaded.stdout).into_owned();
    let (head, told) = loaded.trim().rsplit_once(' ').unwrap_or(("", "0"));
    assert_eq!(head, "<f4 True 3 384");
    assert!(
        (told.parse::<f32>().unwrap() - cosine).abs() < 1e-3,
        "{told} for {cosine}"
    );
    let empty = export(&lake, "offers", &out);
    assert_eq!(empty.json()[0]["rows"], 0, "{}", empty.stderr);
}

/// Reads a matrix of 32-bit floats as the format says (numpy.lib.format, version 1.0).
fn matrix(bytes: &[u8], rows: usize, columns: usize) -> Vec<Vec<f32>> {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let data_at = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(data_at.is_multiple_of(64));
    let header = std::str::from_utf8(&bytes[10..data_at]).unwrap();
    let shape = format!("'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), ");
    assert!(header.contains(&shape), "{header}");
    let values: Vec<f32> = bytes[data_at..]
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    assert_eq!(values.len(), rows * columns);
    values.chunks(columns).map(<[f32]>::to_vec).collect()
}
