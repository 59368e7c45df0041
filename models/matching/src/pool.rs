//! What weights are fitted on.

use retrieval::Pooled;

use crate::{
    search::{Request, Target},
    weights::weights_of_query,
};

impl Target<'_> {
    /// Finds the documents that a search with other weights may rank high, in the order in which equal scores are shown: the best `limit`
    /// by these weights and by each leg alone. A search ranks them by the sum of a section's weight × value: what the query itself
    /// makes of the weights is in the values, as where its words are foreign to the encoder.
    #[must_use]
    pub fn pool(&self, request: &Request<'_>) -> Vec<Pooled> {
        let (mut pool, _) = self.ask(request, |query| self.collection.pool(query));
        let of_section = self.weights.legs();
        let of_query = weights_of_query(self.weights, request.encoded).legs();
        for document in &mut pool {
            for (leg, value) in document.legs.iter_mut().enumerate() {
                *value *= of_query[leg] / of_section[leg].max(f64::MIN_POSITIVE);
            }
        }
        pool
    }
}
