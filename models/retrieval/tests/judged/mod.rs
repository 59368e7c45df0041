//! The retrieval sets of `../shared/data/eval`: documents, queries and judgements, and how well they are found.

#![allow(unreachable_pub, reason = "shared by a test and an example")]

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use retrieval::{
    Collection, Document, Field, FieldWeights, Filters, Fusion, Query, SHARED_TENANT, Vectors,
    Weights,
};
use serde_json::Value;
use tuning::Figures;

/// Weights to set one by one.
pub const OFF: Weights = Weights {
    lexical: 0.0,
    subword: 0.0,
    vector: 0.0,
    concept: 0.0,
    context: 0.0,
    fields: FieldWeights::DEFAULT,
    fusion: Fusion::WeightedSum,
    neighbours: 0.0,
};

/// A judged set, ready to be asked.
pub struct Set {
    pub collection: Collection,
    queries: Vec<Asked>,
    judgements: HashMap<String, HashMap<String, f64>>,
}

struct Asked {
    id: String,
    text: String,
    vector: Option<Vec<f32>>,
    /// Words per piece of the encoder's vocabulary.
    fluency: f64,
}

/// Embeds the texts of a corpus and of its queries.
pub type Embed<'a> = dyn Fn(&[String], &[String]) -> Result<Embedded, Box<dyn Error>> + 'a;

/// What an encoder says of a set.
#[derive(Default)]
pub struct Embedded {
    /// Name of the encoder.
    pub model: String,
    /// One row per document.
    pub documents: Vec<Vec<f32>>,
    /// One row and one fluency per query.
    pub queries: Vec<(Vec<f32>, f64)>,
}

/// The folder of set `name`, where the shared data is.
pub fn folder(name: &str) -> Option<PathBuf> {
    let data = std::env::var_os("MARKETLOUNGE_SHARED_DATA")
        .map_or_else(|| PathBuf::from("../../../shared/data"), PathBuf::from);
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

    /// Reads the set in `folder`; `embed` turns the texts of the corpus and of the queries into vectors.
    pub fn read(folder: &Path, embed: Option<&Embed<'_>>) -> Result<Self, Box<dyn Error>> {
        let corpus = lines(&folder.join("corpus.jsonl"))?;
        let queries = lines(&folder.join("queries.jsonl"))?;
        let embedded = match embed {
            Some(embed) => embed(
                &corpus.iter().map(whole_text).collect::<Vec<_>>(),
                &queries.iter().map(whole_text).collect::<Vec<_>>(),
            )?,
            None => Embedded::default(),
        };
        let vectors = embedded.documents.first().map(|row| Vectors {
            model: embedded.model.clone(),
            dimension: row.len(),
            rows: embedded.documents.iter().cloned().map(Some).collect(),
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
            let embedded = embedded.queries.get(at).cloned();
            let (vector, fluency) = embedded.map_or((None, 1.0), |(v, f)| (Some(v), f));
            Asked {
                id: text_of(query, "_id"),
                text: text_of(query, "text"),
                vector,
                fluency,
            }
        });
        Ok(Self {
            collection: Collection::in_memory(documents, vectors)?,
            queries: queries.collect(),
            judgements,
        })
    }

    /// The ids found for each judged query, best first, with `weights` as given for every query.
    pub fn ranks(&self, weights: &Weights) -> Vec<(&str, Vec<String>)> {
        self.ranks_by(|_| *weights)
    }

    /// The same with `weights` made for each query as a node does it.
    pub fn ranks_by_fluency(&self, weights: &Weights) -> Vec<(&str, Vec<String>)> {
        self.ranks_by(|asked| weights.with_fluency(asked.fluency))
    }

    fn ranks_by(&self, weights: impl Fn(&Asked) -> Weights + Sync) -> Vec<(&str, Vec<String>)> {
        let judged = |asked: &&Asked| self.judgements.contains_key(&asked.id);
        let search = |asked: &Asked| {
            let found = self.collection.search(&Query {
                text: &asked.text,
                vector: asked.vector.as_deref(),
                tenant: SHARED_TENANT,
                filters: &Filters::default(),
                concept_relevance: &HashMap::new(),
                limit: 20,
                weights: &weights(asked),
            });
            found.hits.into_iter().map(|hit| hit.id).collect()
        };
        let asked: Vec<_> = self.queries.iter().filter(judged).collect();
        asked
            .par_iter()
            .map(|asked| (asked.id.as_str(), search(asked)))
            .collect()
    }

    /// Mean NDCG@10 and Recall@20 of what was found.
    pub fn measure(&self, ranks: &[(&str, Vec<String>)]) -> (f64, f64) {
        let figures: Vec<Figures> = ranks
            .iter()
            .map(|(id, found)| figures(found, &self.judgements[*id]))
            .collect();
        let mean = Figures::mean(&figures);
        (mean.ndcg_10, mean.recall_20)
    }
}

/// Every grade above 0 is relevant.
fn figures(found: &[String], judged: &HashMap<String, f64>) -> Figures {
    let gain = |id: &String| judged.get(id).copied().unwrap_or(0.0);
    let gains: Vec<f64> = found.iter().map(gain).collect();
    let all: Vec<f64> = judged.values().copied().collect();
    Figures::of(&gains, &all, f64::MIN_POSITIVE)
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

/// Title and text, as an encoder reads them.
fn whole_text(row: &Value) -> String {
    let parts = [text_of(row, "title"), text_of(row, "text")];
    parts.join(" ").trim().to_owned()
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
