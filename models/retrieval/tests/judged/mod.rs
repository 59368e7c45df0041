//! The retrieval sets of `../shared/data/eval`: documents, queries and judgements, and how well they are found.

#![allow(unreachable_pub, reason = "shared by a test and an example")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use retrieval::{
    Collection, Document, Field, FieldWeights, Filters, Query, SHARED_TENANT, Vectors, Weights,
};
use serde_json::Value;

const DIMENSION: usize = 384;

/// Weights to set one by one.
pub const OFF: Weights = Weights {
    lexical: 0.0,
    subword: 0.0,
    vector: 0.0,
    concept: 0.0,
    context: 0.0,
    fields: FieldWeights::DEFAULT,
};

/// A judged set, ready to be asked.
pub struct Set {
    pub collection: Collection,
    queries: Vec<(String, String, Option<Vec<f32>>)>,
    judgements: HashMap<String, HashMap<String, f64>>,
}

/// The folder of set `name`, where the shared data is.
pub fn folder(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("MARKETLOUNGE_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let folder = data.join("eval").join(name);
    if !folder.is_dir() {
        println!("skipped: {} is absent", folder.display());
        return None;
    }
    Some(folder)
}

impl Set {
    /// How many queries are judged.
    pub fn judged(&self) -> usize {
        self.judgements.len()
    }

    /// Reads the set in `folder`, with the embeddings of the file `vectors` where it exists.
    pub fn read(folder: &Path, vectors: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let corpus = lines(&folder.join("corpus.jsonl"))?;
        let queries = lines(&folder.join("queries.jsonl"))?;
        let mut rows = match vectors.filter(|path| path.is_file()) {
            Some(path) => floats(&std::fs::read(path)?),
            None => Vec::new(),
        };
        let has_vectors = rows.len() == corpus.len() + queries.len();
        let query_rows = if has_vectors {
            rows.split_off(corpus.len())
        } else {
            Vec::new()
        };
        let vectors = has_vectors.then(|| Vectors {
            model: "minilm".to_owned(),
            dimension: DIMENSION,
            rows: rows.into_iter().map(Some).collect(),
        });
        let documents = corpus.iter().map(document).collect();
        let mut judgements: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for line in std::fs::read_to_string(folder.join("qrels.tsv"))?
            .lines()
            .skip(1)
        {
            let mut cells = line.split('\t');
            if let (Some(query), Some(document), Some(grade)) =
                (cells.next(), cells.next(), cells.next())
            {
                judgements
                    .entry(query.to_owned())
                    .or_default()
                    .insert(document.to_owned(), grade.parse()?);
            }
        }
        let queries = queries.iter().enumerate().map(|(at, query)| {
            (
                text_of(query, "_id"),
                text_of(query, "text"),
                query_rows.get(at).cloned(),
            )
        });
        Ok(Self {
            collection: Collection::in_memory(documents, vectors)?,
            queries: queries.collect(),
            judgements,
        })
    }

    /// Mean NDCG@10 and Recall@20 over the judged queries.
    pub fn measure(&self, weights: &Weights) -> (f64, f64) {
        let judged: Vec<_> = self
            .queries
            .iter()
            .filter(|query| self.judgements.contains_key(&query.0))
            .collect();
        let figures: Vec<(f64, f64)> = judged
            .par_iter()
            .map(|(id, text, vector)| {
                let found = self.collection.search(&Query {
                    text,
                    vector: vector.as_deref(),
                    tenant: SHARED_TENANT,
                    filters: &Filters::default(),
                    concept_relevance: &HashMap::new(),
                    limit: 20,
                    weights,
                });
                let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
                figures(&ids, &self.judgements[id])
            })
            .collect();
        let count = figures.len() as f64;
        (
            figures.iter().map(|f| f.0).sum::<f64>() / count,
            figures.iter().map(|f| f.1).sum::<f64>() / count,
        )
    }
}

fn figures(found: &[&str], judged: &HashMap<String, f64>) -> (f64, f64) {
    let gain = |grade: f64, at: usize| grade / (at as f64 + 2.0).log2();
    let gained: f64 = found
        .iter()
        .take(10)
        .enumerate()
        .filter_map(|(at, id)| Some(gain(*judged.get(*id)?, at)))
        .sum();
    let mut grades: Vec<f64> = judged.values().copied().collect();
    grades.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = grades
        .iter()
        .take(10)
        .enumerate()
        .map(|(at, grade)| gain(*grade, at))
        .sum();
    let relevant = judged.values().filter(|grade| **grade > 0.0).count().max(1) as f64;
    let recalled = found
        .iter()
        .take(20)
        .filter(|id| judged.get(**id).is_some_and(|grade| *grade > 0.0))
        .count();
    (
        if ideal > 0.0 { gained / ideal } else { 0.0 },
        recalled as f64 / relevant,
    )
}

/// The title is a name; the text is a label where it is as short as one.
fn document(row: &Value) -> Document {
    let (title, text) = (text_of(row, "title"), text_of(row, "text"));
    let field = if text.chars().count() <= 200 {
        Field::Label
    } else {
        Field::Description
    };
    Document {
        id: text_of(row, "_id"),
        tenant: SHARED_TENANT.to_owned(),
        fields: vec![(Field::Name, title.clone()), (field, text)],
        title,
        facets: BTreeMap::new(),
        ..Document::default()
    }
}

fn text_of(row: &Value, key: &str) -> String {
    row.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn lines(path: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    std::fs::read_to_string(path)?
        .lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

fn floats(bytes: &[u8]) -> Vec<Vec<f32>> {
    let values: Vec<f32> = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|four| f32::from_le_bytes(*four))
        .collect();
    values
        .chunks_exact(DIMENSION)
        .map(<[f32]>::to_vec)
        .collect()
}
