//! The real model, where `make model` fetched it, against vectors of sentence-transformers.

use std::path::PathBuf;

use encoder::{Arithmetic, Device, Encoder, EncoderSettings, ModelList, find_model};
use serde::Deserialize;

use crate::vectors::cosine;

#[derive(Deserialize)]
struct Golden {
    model_sha256: String,
    max_seq_length: usize,
    rows: Vec<GoldenRow>,
}

#[derive(Deserialize)]
struct GoldenRow {
    text: String,
    input_ids: Vec<u32>,
    embedding: Vec<f32>,
}

fn models() -> PathBuf {
    PathBuf::from("..")
}

/// The real model, checked against models.toml; says so where it is not there.
fn real_model(device: Device, arithmetic: Option<Arithmetic>) -> Option<Encoder> {
    let list = ModelList::read(&models().join("models.toml")).unwrap();
    let Some(dir) = find_model(&models().join("weights"), &list.default) else {
        eprintln!("skipped: {} is not fetched (make model)", list.default);
        return None;
    };
    let weights_sha256 = list.weights_sha256(&list.default).map(str::to_owned);
    let settings = EncoderSettings {
        weights_sha256,
        device,
        arithmetic,
        ..Default::default()
    };
    Some(Encoder::load(&dir, &settings).unwrap())
}

fn check(encoder: &Encoder, rows: &[GoldenRow]) {
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let vectors = encoder.encode(&texts).unwrap();
    for (row, vector) in rows.iter().zip(&vectors) {
        assert_eq!(
            encoder.token_ids(&row.text).unwrap(),
            row.input_ids,
            "{}",
            row.text
        );
        // Our own stored rows keep the first dimensions only.
        let similarity = cosine(&vector[..row.embedding.len()], &row.embedding);
        assert!(similarity >= 0.9999, "{similarity}: {}", row.text);
        let tolerance = match encoder.arithmetic() {
            Arithmetic::Float32 => 1e-5,
            Arithmetic::Int16 => 1e-3,
        };
        let is_close = vector
            .iter()
            .zip(&row.embedding)
            .all(|(a, b)| (a - b).abs() < tolerance);
        assert!(is_close, "{}", row.text);
    }
}

#[test]
fn vectors_are_those_of_sentence_transformers() {
    let shared = std::env::var_os("MARKETLOUNGE_SHARED_DATA")
        .map_or_else(|| models().join("../../shared/data"), PathBuf::from);
    let file = shared.join("eval/minilm_golden.json");
    let Ok(bytes) = std::fs::read(&file) else {
        eprintln!(
            "skipped: {} is absent (MARKETLOUNGE_SHARED_DATA)",
            file.display()
        );
        return;
    };
    let golden: Golden = serde_json::from_slice(&bytes).unwrap();
    for (device, arithmetic) in [
        (Device::Cpu, None),
        (Device::Cpu, Some(Arithmetic::Float32)),
        (Device::CandleCpu, None),
    ] {
        let Some(encoder) = real_model(device, arithmetic) else {
            return;
        };
        assert!(encoder.id().contains(&golden.model_sha256[..12]));
        assert_eq!(encoder.max_tokens(), golden.max_seq_length);
        check(&encoder, &golden.rows);
    }
}

#[test]
fn vectors_are_those_stored_beside_the_test() {
    let Some(encoder) = real_model(Device::Cpu, None) else {
        return;
    };
    assert_eq!(encoder.arithmetic(), Arithmetic::Int16);
    let rows: Vec<GoldenRow> = serde_json::from_str(include_str!("golden.json")).unwrap();
    assert_eq!(rows.len(), 8);
    check(&encoder, &rows);
}
