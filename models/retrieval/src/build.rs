//! Building a collection, and checking that one is what was built.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::batches::ALL;
use crate::digest::digest;
use crate::document::{Document, Vectors};
use crate::error::RetrievalError;
use crate::lexical::{FILE, FORMAT, LexicalIndex, write};
use crate::reach::Reach;
use crate::shown_file;
use crate::store;
use crate::vector_file;
use crate::vectors::unit;

/// Name of the card in a collection.
const CARD: &str = "collection.json";

/// What a collection holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectionStats {
    /// Documents.
    pub documents: u64,
    /// Documents with a vector.
    pub vectors: u64,
    /// Distinct terms, tenant by tenant.
    pub terms: u64,
    /// BLAKE3 over the logical content; the same for the same input, whatever the bytes of the files.
    pub digest: String,
}

/// The card of a collection, written last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    format: u32,
    pub(crate) model: Option<String>,
    pub(crate) dimension: Option<usize>,
    pub(crate) stats: CollectionStats,
}

impl Card {
    pub(crate) fn read(dir: &Path) -> Result<Self, RetrievalError> {
        let path = dir.join(CARD);
        let bytes = std::fs::read(&path).map_err(|source| RetrievalError::io(&path, source))?;
        let card: Self = serde_json::from_slice(&bytes)
            .map_err(|error| RetrievalError::corrupt(CARD, error.to_string()))?;
        if card.format != FORMAT
            || card.dimension == Some(0)
            || card.model.is_some() != card.dimension.is_some()
        {
            return Err(RetrievalError::corrupt(
                CARD,
                "is of another format: build the collection again",
            ));
        }
        Ok(card)
    }

    fn write(&self, dir: &Path) -> Result<(), RetrievalError> {
        let path = dir.join(CARD);
        let json = serde_json::to_vec_pretty(self).expect("a card has only strings and numbers");
        std::fs::write(&path, json).map_err(|source| RetrievalError::io(&path, source))
    }
}

/// Builds a collection in `dir` (made if need be; what an earlier build left there is replaced): `documents.lance`,
/// `vectors.lance`, `vectors.bin`, `shown.bin`, `lexical.bin`, and last `collection.json`. The order of the
/// input does not matter; the same input gives the same digest.
///
/// # Errors
/// `Invalid` where two documents of a tenant share an id, or vectors do not fit the documents. `Io` and `Table` where it
/// cannot be written.
pub async fn build(
    dir: &Path,
    documents: Vec<Document>,
    vectors: Option<Vectors>,
) -> Result<CollectionStats, RetrievalError> {
    let prepared = Prepared::new(documents, vectors)?;
    let parts = [
        store::DOCUMENTS,
        store::VECTORS,
        vector_file::FILE.name,
        shown_file::FILE.name,
        FILE,
        CARD,
    ];
    store::clear(dir, &parts)?;
    let lexical = prepared.lexical();
    let card = prepared.card(&LexicalIndex::read(&lexical)?);
    let path = dir.join(FILE);
    std::fs::write(&path, lexical).map_err(|source| RetrievalError::io(&path, source))?;
    vector_file::write(dir, &prepared, &Reach::default())?;
    shown_file::write(dir, &prepared)?;
    store::write(dir, prepared).await?;
    card.write(dir)?;
    Ok(card.stats)
}

/// Reads the collection in `dir` as a stranger would and checks that its content has the digest of its card, that its
/// text index is the one of its documents, and that what is mapped is what its tables hold.
///
/// # Errors
/// `Corrupt` where it has not; `Io` and `Table` where it cannot be read.
pub async fn verify(dir: &Path) -> Result<CollectionStats, RetrievalError> {
    let card = Card::read(dir)?;
    let mut documents = Vec::new();
    store::read_documents(dir, ALL, |document| {
        documents.push(document);
        Ok(())
    })
    .await?;
    let mut prepared = Prepared {
        documents,
        vectors: None,
    };
    if let (Some(model), Some(dimension)) = (card.model.clone(), card.dimension) {
        let mut rows = vec![None; prepared.documents.len()];
        store::read_vectors(dir, |tenant, id, row| {
            let found = prepared.documents.binary_search_by(|document| {
                (document.tenant.as_str(), document.id.as_str()).cmp(&(tenant, id))
            });
            let at = found.map_err(|_| {
                RetrievalError::corrupt(store::VECTORS, format!("vector of {id} has no document"))
            })?;
            rows[at] = Some(row.to_vec());
            Ok(())
        })
        .await?;
        prepared.vectors = Some(Vectors {
            model,
            dimension,
            rows,
        });
    }
    let path = dir.join(FILE);
    let lexical = std::fs::read(&path).map_err(|source| RetrievalError::io(&path, source))?;
    let index = LexicalIndex::read(&lexical)?;
    if prepared.card(&index) != card {
        return Err(RetrievalError::corrupt(
            CARD,
            "does not describe the documents and vectors beside it",
        ));
    }
    if prepared.lexical() != lexical {
        return Err(RetrievalError::corrupt(
            FILE,
            "is not the index of the documents beside it",
        ));
    }
    shown_file::verify(dir, &prepared)?;
    vector_file::verify(dir, &prepared)?;
    Ok(card.stats)
}

/// Checked input in its final order: by tenant, then id.
pub(crate) struct Prepared {
    pub(crate) documents: Vec<Document>,
    pub(crate) vectors: Option<Vectors>,
}

impl Prepared {
    pub(crate) fn new(
        documents: Vec<Document>,
        vectors: Option<Vectors>,
    ) -> Result<Self, RetrievalError> {
        if u32::try_from(documents.len()).is_err() {
            return Err(RetrievalError::invalid("more than 2^32 documents"));
        }
        let (model, dimension, rows) = match vectors {
            Some(vectors) => checked(vectors, documents.len())?,
            None => (String::new(), 0, vec![None; documents.len()]),
        };
        let mut pairs: Vec<(Document, Option<Vec<f32>>)> =
            documents.into_iter().zip(rows).collect();
        pairs.sort_by(|(a, _), (b, _)| (&a.tenant, &a.id).cmp(&(&b.tenant, &b.id)));
        for pair in pairs.windows(2) {
            let ((one, _), (other, _)) = (&pair[0], &pair[1]);
            if (&one.tenant, &one.id) == (&other.tenant, &other.id) {
                return Err(RetrievalError::invalid(format!(
                    "two documents {} of {}",
                    one.id, one.tenant
                )));
            }
        }
        for (document, _) in &mut pairs {
            document.quality = crate::concepts::share(document.quality);
            for concept in &mut document.concepts {
                concept.strength = crate::concepts::share(concept.strength);
            }
        }
        let (documents, rows): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let vectors = (dimension > 0).then_some(Vectors {
            model,
            dimension,
            rows,
        });
        Ok(Self { documents, vectors })
    }

    pub(crate) fn dimension(&self) -> Option<usize> {
        self.vectors.as_ref().map(|vectors| vectors.dimension)
    }

    /// Documents that have a vector, with it, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Document, &Vec<f32>)> {
        let rows = self.vectors.iter().flat_map(|vectors| &vectors.rows);
        self.documents
            .iter()
            .zip(rows)
            .filter_map(|(document, row)| Some((document, row.as_ref()?)))
    }

    /// The bytes of the text index.
    pub(crate) fn lexical(&self) -> Vec<u8> {
        let groups: Vec<(&str, Vec<&Document>)> = self
            .documents
            .chunk_by(|a, b| a.tenant == b.tenant)
            .map(|group| (group[0].tenant.as_str(), group.iter().collect()))
            .collect();
        write(&groups)
    }

    pub(crate) fn card(&self, index: &LexicalIndex) -> Card {
        Card {
            format: FORMAT,
            model: self.vectors.as_ref().map(|vectors| vectors.model.clone()),
            dimension: self.dimension(),
            stats: CollectionStats {
                documents: self.documents.len() as u64,
                vectors: self.rows().count() as u64,
                terms: index
                    .tenants
                    .iter()
                    .map(|(_, text)| text.words.terms() as u64)
                    .sum(),
                digest: digest(self),
            },
        }
    }
}

type CheckedVectors = (String, usize, Vec<Option<Vec<f32>>>);

fn checked(vectors: Vectors, documents: usize) -> Result<CheckedVectors, RetrievalError> {
    let Vectors {
        model,
        dimension,
        rows,
    } = vectors;
    if rows.len() != documents || dimension == 0 {
        return Err(RetrievalError::invalid(format!(
            "{} rows of dimension {dimension} for {documents} documents",
            rows.len()
        )));
    }
    let mut checked = Vec::with_capacity(rows.len());
    for (number, row) in rows.into_iter().enumerate() {
        let Some(row) = row else {
            checked.push(None);
            continue;
        };
        if row.len() != dimension || row.iter().any(|value| !value.is_finite()) {
            return Err(RetrievalError::invalid(format!(
                "row {number} is not finite or has another dimension"
            )));
        }
        // A row without direction is like no row: it is near to nothing.
        checked.push(unit(&row, dimension));
    }
    Ok((model, dimension, checked))
}
