//! Requests whose answers people judged, as a node would be asked them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use encoder::EncodedText;
use matching::Request;
use retrieval::{Collection, Filters};
use schemas::Section;
use tuning::RELEVANT;

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// The table of judgements.
const JUDGEMENTS: &str = "gold.judgements";
/// Most requests of a section that are asked again; of more, so many are drawn by lot.
const MOST: usize = 500;
/// How many texts are encoded at once.
const BATCH: usize = 64;

/// What is known of requests with the same words and region, of one tenant.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What was asked.
    text: String,
    tenant: String,
    filters: Filters,
    encoded: Option<EncodedText>,
    /// Document → how good it is, from 0 to 3.
    gains: BTreeMap<String, f64>,
}

/// Document and its owner → how good it is.
pub(crate) type Gains = BTreeMap<(String, String), f64>;

/// Reads the judged requests of each section of which something relevant is known.
pub(crate) async fn judged(
    context: &Context,
    inputs: &Inputs,
) -> Result<BTreeMap<Section, Vec<Judged>>> {
    let mut topics: BTreeMap<(Section, String, String), Judged> = BTreeMap::new();
    let file = context.input_file(inputs, JUDGEMENTS).await?;
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            let section = match row.text("kind") {
                Some("offer") => Section::Offers,
                _ => Section::Companies,
            };
            let topic = topics
                .entry((section, text("tenant"), text("topic")))
                .or_insert_with(|| Judged::new(row));
            let gain = row.integer("gain").unwrap_or(0) as f64 / 1000.0;
            topic.gains.insert(text("id"), gain);
        }
    }
    let is_telling = |judged: &Judged| judged.gains.values().any(|gain| *gain >= RELEVANT);
    topics.retain(|_, judged| is_telling(judged));
    let mut sections = BTreeMap::new();
    for section in [Section::Companies, Section::Offers] {
        let of_section = topics.extract_if(.., |(of, ..), _| *of == section);
        let mut drawn = drawn(of_section.map(|((_, tenant, topic), j)| (tenant, topic, j)));
        encode(context, &mut drawn).await?;
        if !drawn.is_empty() {
            sections.insert(section, drawn);
        }
    }
    Ok(sections)
}

/// Draws the most that are asked again, by a lot that is the same every night, in the order of tenant and topic.
fn drawn(topics: impl Iterator<Item = (String, String, Judged)>) -> Vec<Judged> {
    let lot = |tenant: &str, topic: &str| {
        *blake3::hash(format!("{tenant}\n{topic}").as_bytes()).as_bytes()
    };
    let mut all: Vec<_> = topics
        .enumerate()
        .map(|(place, (tenant, topic, judged))| (lot(&tenant, &topic), place, judged))
        .collect();
    all.sort_by_key(|(lot, ..)| *lot);
    all.truncate(MOST);
    all.sort_by_key(|(_, place, _)| *place);
    all.into_iter().map(|(.., judged)| judged).collect()
}

/// Encodes the texts, where the run has an encoder.
async fn encode(context: &Context, judged: &mut [Judged]) -> Result<()> {
    let Some(choice) = &context.encoder else {
        return Ok(());
    };
    for batch in judged.chunks_mut(BATCH) {
        let encoder = choice.get()?;
        let texts: Vec<String> = batch.iter().map(|judged| judged.text.clone()).collect();
        let encoded = tokio::task::spawn_blocking(move || {
            encoder.encode_with_fluency(&texts.iter().map(String::as_str).collect::<Vec<_>>())
        });
        for (judged, encoded) in batch.iter_mut().zip(encoded.await??) {
            judged.encoded = Some(encoded);
        }
    }
    Ok(())
}

impl Judged {
    fn new(row: Row<'_>) -> Self {
        let text = |column| row.text(column).unwrap_or_default().to_owned();
        let filters = Filters::default();
        Self {
            text: text("text"),
            tenant: text("tenant"),
            filters: match row.text("region") {
                Some(region) => filters.with("region", region),
                None => filters,
            },
            encoded: None,
            gains: BTreeMap::new(),
        }
    }

    /// The request that is asked again.
    pub(crate) fn request(&self, limit: usize) -> Request<'_> {
        Request {
            text: &self.text,
            encoded: self.encoded.as_ref(),
            tenant: &self.tenant,
            filters: &self.filters,
            limit,
        }
    }

    /// What a search compares of the text.
    pub(crate) fn terms(&self) -> BTreeSet<String> {
        let tokens = text::analyze(&self.text).into_iter();
        tokens.map(|token| token.term).collect()
    }

    /// How good documents are that the tenant sees today; others nobody can find.
    pub(crate) fn gains(&self, collection: &Collection) -> Gains {
        let known = self.gains.iter().filter_map(|(id, gain)| {
            let document = collection.document(&self.tenant, id)?;
            Some(((document.id, document.tenant), *gain))
        });
        known.collect()
    }
}
