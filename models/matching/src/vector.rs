//! The vector of a query that is a document of the collection.

use encoder::{EncodedText, Encoder};
use retrieval::Collection;

/// Returns the vector that document `id` has in its collection, as `tenant` sees it, to stand for its own text; none where it has
/// none. It counts as much as `encoder` knows the words of `text`, and whole where the caller lacks the encoder and cannot say.
#[must_use]
pub fn stored_vector(
    collection: &Collection,
    tenant: &str,
    id: &str,
    text: &str,
    encoder: Option<&Encoder>,
) -> Option<EncodedText> {
    let vector = collection.vector(tenant, id)?.to_vec();
    let fluency = encoder.and_then(|encoder| encoder.fluency(text).ok());
    Some(EncodedText {
        vector,
        fluency: fluency.unwrap_or(1.0),
    })
}
