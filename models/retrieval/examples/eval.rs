//! NDCG@10 and Recall@20 of the legs and of their fusion on the retrieval sets of `../shared/data/eval`.
//!
//! `cargo run --release --example eval [encoder-folder [ranks.jsonl]]`. With the folder of an encoder the vector leg and the hybrid are
//! measured too; the second argument names a file for what each system found, for `tests/peers/retrieval` to compare with others.

#[path = "../tests/judged/mod.rs"]
mod judged;

use std::{error::Error, fs::File, io::Write, path::Path};

use encoder::{Encoder, EncoderSettings};
use judged::{Embedded, OFF, Set};
use retrieval::{Fusion, Weights};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let encoder = match arguments.next() {
        Some(folder) => Some(Encoder::load(
            Path::new(&folder),
            &EncoderSettings::default(),
        )?),
        None => None,
    };
    let mut ranks_file = arguments.next().map(File::create).transpose()?;
    for name in ["ft_offer_to_rome", "decp_objet_to_cpv", "cranfield"] {
        let Some(folder) = judged::folder(name) else {
            continue;
        };
        let embed = |documents: &[String], queries: &[String]| {
            let encoder = encoder.as_ref().ok_or("no encoder")?;
            embed(encoder, documents, queries)
        };
        let set = match encoder {
            Some(_) => Set::read(&folder, Some(&embed))?,
            None => Set::read(&folder, None)?,
        };
        println!(
            "\n{name}: {} queries\n{:<42}NDCG@10  Recall@20",
            set.judged(),
            ""
        );
        for (label, weights) in systems(encoder.is_some()) {
            let ranks = set.ranks(&weights);
            report(&mut ranks_file, &set, name, &label, &ranks)?;
        }
        for (label, weights) in defaults() {
            let ranks = set.ranks_by_fluency(&weights);
            report(&mut ranks_file, &set, name, label, &ranks)?;
        }
    }
    Ok(())
}

/// The vectors of a set's texts.
fn embed(
    encoder: &Encoder,
    documents: &[String],
    queries: &[String],
) -> Result<Embedded, Box<dyn Error>> {
    let rows =
        |texts: &[String]| encoder.encode(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let fluency = queries.iter().map(|text| encoder.fluency(text));
    let fluency = fluency.collect::<Result<Vec<_>, _>>()?;
    Ok(Embedded {
        model: encoder.id().to_owned(),
        documents: rows(documents)?,
        queries: rows(queries)?.into_iter().zip(fluency).collect(),
    })
}

/// The legs alone and some fixed fusions of them.
fn systems(has_vectors: bool) -> Vec<(String, Weights)> {
    let words = |lexical, subword, vector| Weights {
        lexical,
        subword,
        vector,
        ..OFF
    };
    let mut systems = vec![
        ("lexical".to_owned(), words(1.0, 0.0, 0.0)),
        ("subword".to_owned(), words(0.0, 1.0, 0.0)),
        ("words".to_owned(), words(0.75, 0.25, 0.0)),
    ];
    if has_vectors {
        systems.push(("vector".to_owned(), words(0.0, 0.0, 1.0)));
        for vector in [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5] {
            let rest = 1.0 - vector;
            let weights = words(rest * 0.75, rest * 0.25, vector);
            systems.push((format!("words + vector {vector:.2}"), weights));
        }
    }
    systems
}

/// The defaults, and the same legs fused by rank: with the defaults' weights, and all equal, as in Cormack et al.
fn defaults() -> [(&'static str, Weights); 3] {
    let fusion = Fusion::ReciprocalRank;
    let by_rank = Weights {
        fusion,
        ..Weights::default()
    };
    let equal = Weights {
        lexical: 1.0,
        subword: 1.0,
        vector: 1.0,
        fusion,
        ..OFF
    };
    [
        ("default", Weights::default()),
        ("default weights, by reciprocal rank", by_rank),
        ("equal weights, by reciprocal rank", equal),
    ]
}

/// Prints the figures of a system and writes what it found.
fn report(
    file: &mut Option<File>,
    set: &Set,
    name: &str,
    system: &str,
    ranks: &[(&str, Vec<String>)],
) -> Result<(), Box<dyn Error>> {
    let (ndcg, recall) = set.measure(ranks);
    println!("  {system:<40}{ndcg:>7.3}  {recall:>9.3}");
    if let Some(file) = file {
        for (query, found) in ranks {
            let line = json!({ "set": name, "system": system, "query": query, "found": found });
            writeln!(file, "{line}")?;
        }
    }
    Ok(())
}
