//! One tenant's entries, numbered by rank.

use std::collections::HashMap;

use crate::build::PATH_SEPARATOR;
use crate::bytes::{Lists, Reader, Texts};
use crate::entry::Kind;
use crate::error::SuggestError;
use crate::vocabulary::Vocabulary;

/// The entries of one tenant: a smaller number is a better rank.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) tenant: String,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) weights: Vec<u32>,
    pub(crate) ids: Texts,
    pub(crate) texts: Texts,
    pub(crate) labels: Texts,
    paths: Texts,
    pub(crate) vocabulary: Vocabulary,
    /// Word → entries that have it.
    pub(crate) said_by: Lists,
    /// Entry → words that it has.
    pub(crate) says: Lists,
    /// Entry → the best entry of the same thing.
    pub(crate) things: Vec<u32>,
}

impl Part {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, SuggestError> {
        let tenant = reader.text()?.to_owned();
        let kind = |number: u32| {
            let kind = Kind::ALL.get(number as usize).copied();
            kind.ok_or_else(|| SuggestError::corrupt("there is no such kind"))
        };
        let kinds: Vec<Kind> = reader
            .numbers()?
            .into_iter()
            .map(kind)
            .collect::<Result<_, _>>()?;
        let weights = reader.numbers()?;
        let count = kinds.len();
        if weights.len() != count || !weights.is_sorted_by(|a, b| a >= b) {
            return Err(SuggestError::corrupt("entries are not in their order"));
        }
        let [ids, texts, labels, paths] = [
            reader.texts(count)?,
            reader.texts(count)?,
            reader.texts(count)?,
            reader.texts(count)?,
        ];
        let vocabulary = Vocabulary::open(reader.bytes()?.to_vec())?;
        let said_by = Lists::read(reader, vocabulary.len() as usize, count as u32)?;
        let says = Lists::read(reader, count, vocabulary.len())?;
        let things = things(&kinds, &ids);
        Ok(Self {
            tenant,
            kinds,
            weights,
            ids,
            texts,
            labels,
            paths,
            vocabulary,
            said_by,
            says,
            things,
        })
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> u32 {
        self.kinds.len() as u32
    }

    /// The glossary path of an entry.
    pub(crate) fn path(&self, entry: u32) -> Vec<String> {
        let path = self.paths.get(entry).split(PATH_SEPARATOR);
        path.filter(|label| !label.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

fn things(kinds: &[Kind], ids: &Texts) -> Vec<u32> {
    let mut first = HashMap::with_capacity(kinds.len());
    let thing =
        |(entry, kind): (u32, &Kind)| *first.entry((*kind, ids.get(entry))).or_insert(entry);
    (0..).zip(kinds).map(thing).collect()
}
