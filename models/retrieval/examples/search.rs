//! Builds a collection of the documents that `tests/peers/search/data.py` wrote, opens it, asks all queries, and prints one line of
//! JSON: build and opening time, recall of the vectors against an exact scan, latencies, queries per second, memory.
//!
//! `cargo run --release -p retrieval --example search -- <data> <collection> build|ask`

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use retrieval::{
    Collection, Document, Field, FieldWeights, Filters, Fusion, Query, SHARED_TENANT, Vectors,
    Weights,
};
use serde_json::{Value, json};

const DIMENSION: usize = 384;
/// Queries that are asked; recall is measured on the first of them.
const QUERIES: usize = 1000;
const RECALLED: usize = 300;
const LIMIT: usize = 10;
const THREADS: usize = 2;
const VECTOR_ONLY: Weights = Weights {
    lexical: 0.0,
    subword: 0.0,
    vector: 1.0,
    concept: 0.0,
    context: 0.0,
    fields: FieldWeights::DEFAULT,
    fusion: Fusion::WeightedSum,
    neighbours: 0.0,
};

struct Asked {
    text: String,
    vector: Vec<f32>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, collection, what] = arguments.as_slice() else {
        return Err("usage: search <data> <collection> build|ask".into());
    };
    let (data, collection) = (PathBuf::from(data), PathBuf::from(collection));
    let report = if what == "build" {
        build(&data, &collection).await?
    } else {
        ask(&data, &collection).await?
    };
    println!("{report}");
    Ok(())
}

async fn build(data: &Path, collection: &Path) -> Result<Value, Box<dyn Error>> {
    let documents: Vec<Document> = lines(&data.join("documents.jsonl"))?
        .iter()
        .map(document)
        .collect();
    let rows = floats(&data.join("vectors.f32"))?
        .chunks_exact(DIMENSION)
        .map(|row| Some(row.to_vec()))
        .collect();
    let vectors = Vectors {
        model: "all-MiniLM-L6-v2".to_owned(),
        dimension: DIMENSION,
        rows,
    };
    let start = Instant::now();
    let stats = retrieval::build(collection, documents, Some(vectors)).await?;
    Ok(
        json!({"documents": stats.documents, "build_s": start.elapsed().as_secs_f64(), "build_peak_mib": memory("VmHWM:")}),
    )
}

async fn ask(data: &Path, folder: &Path) -> Result<Value, Box<dyn Error>> {
    let queries = queries(data)?;
    let start = Instant::now();
    let collection = Collection::open(folder).await?;
    let open_s = start.elapsed().as_secs_f64();
    let opened_mib = memory("RssAnon:");
    let hybrid = Weights::default();
    let mut report = json!({"documents": collection.stats().documents, "open_s": open_s, "opened_anonymous_mib": opened_mib});
    for (name, weights) in [("vector", &VECTOR_ONLY), ("hybrid", &hybrid)] {
        queries
            .iter()
            .take(50)
            .for_each(|query| asked(&collection, query, weights));
        report[name] = timed(&collection, &queries, weights);
    }
    report["memory_mib"] = memory("VmRSS:").into();
    report["memory_anonymous_mib"] = memory("RssAnon:").into();
    report["recall_at_10"] = recall(data, &collection, &queries)?.into();
    report["hybrid_ids"] = queries
        .iter()
        .take(RECALLED)
        .map(|query| ids(&collection, query))
        .collect();
    Ok(report)
}

fn timed(collection: &Collection, queries: &[Asked], weights: &Weights) -> Value {
    let (mut wall, before) = (Vec::new(), processor_seconds());
    for query in queries {
        let start = Instant::now();
        asked(collection, query, weights);
        wall.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let processor_ms = (processor_seconds() - before) * 1e3 / queries.len() as f64;
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let own = queries.iter().skip(thread).step_by(THREADS);
            scope.spawn(move || own.for_each(|query| asked(collection, query, weights)));
        }
    });
    let per_second = queries.len() as f64 / start.elapsed().as_secs_f64();
    json!({"ms": percentiles(wall), "processor_ms": processor_ms, "queries_per_s": per_second})
}

fn percentiles(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    json!({"p50": at(0.5), "p95": at(0.95), "p99": at(0.99)})
}

fn asked(collection: &Collection, query: &Asked, weights: &Weights) {
    std::hint::black_box(search(collection, query, weights));
}

fn search(collection: &Collection, query: &Asked, weights: &Weights) -> retrieval::SearchResult {
    collection.search(&Query {
        text: &query.text,
        vector: Some(&query.vector),
        tenant: SHARED_TENANT,
        filters: &Filters::default(),
        concept_relevance: &HashMap::new(),
        limit: LIMIT,
        weights,
    })
}

fn ids(collection: &Collection, query: &Asked) -> Vec<String> {
    let found = search(collection, query, &Weights::default());
    found.hits.into_iter().map(|hit| hit.id).collect()
}

/// Share of the true nearest ten, by a scan of all rows, that `nearest` finds.
fn recall(data: &Path, collection: &Collection, queries: &[Asked]) -> Result<f64, Box<dyn Error>> {
    let rows = floats(&data.join("vectors.f32"))?;
    let found: usize = queries[..RECALLED.min(queries.len())]
        .par_iter()
        .map(|query| {
            let cosine = |row: &[f32]| {
                row.iter()
                    .zip(&query.vector)
                    .map(|(a, b)| a * b)
                    .sum::<f32>()
            };
            let mut all: Vec<(usize, f32)> = rows
                .chunks_exact(DIMENSION)
                .map(cosine)
                .enumerate()
                .collect();
            all.select_nth_unstable_by(LIMIT - 1, |a, b| b.1.total_cmp(&a.1));
            let exact: Vec<String> = all[..LIMIT]
                .iter()
                .map(|(row, _)| format!("d{row:07}"))
                .collect();
            let near = collection.nearest(&query.vector, SHARED_TENANT, &Filters::default(), LIMIT);
            near.iter().filter(|(id, _)| exact.contains(id)).count()
        })
        .sum();
    Ok(found as f64 / (LIMIT * RECALLED.min(queries.len())) as f64)
}

fn document(row: &Value) -> Document {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    Document {
        id: text("id"),
        tenant: SHARED_TENANT.to_owned(),
        title: text("title"),
        fields: vec![
            (Field::Name, text("name")),
            (Field::Label, text("title")),
            (Field::Description, text("body")),
        ],
        facets: BTreeMap::from([("department".to_owned(), vec![text("department")])]),
        quality: 0.5,
        payload: row.to_string(),
        ..Document::default()
    }
}

fn queries(data: &Path) -> Result<Vec<Asked>, Box<dyn Error>> {
    let texts = lines(&data.join("queries.jsonl"))?;
    let vectors = floats(&data.join("queries.f32"))?;
    let queries = texts
        .iter()
        .zip(vectors.chunks_exact(DIMENSION))
        .map(|(text, vector)| Asked {
            text: text.as_str().unwrap_or_default().to_owned(),
            vector: vector.to_vec(),
        });
    Ok(queries.take(QUERIES).collect())
}

fn lines(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    text.lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

fn floats(path: &Path) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|four| f32::from_le_bytes(*four))
        .collect())
}

/// A figure of `/proc/self/status`, in MiB; 0 where the system has none.
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib >> 10)
}

/// Processor time of all threads, which other programs on the machine lengthen less than they do waiting; 0 where the system
/// does not tell.
fn processor_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task");
    let nanoseconds = |thread: std::fs::DirEntry| {
        let schedule = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedule.split_whitespace().next()?.parse::<f64>().ok()
    };
    let threads = threads.into_iter().flatten().flatten();
    threads.filter_map(nanoseconds).sum::<f64>() / 1e9
}
