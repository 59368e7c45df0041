//! One search: the concepts that the query is about, then the documents.

use std::collections::HashMap;

use encoder::EncodedText;
use retrieval::{Collection, Filters, Query, SearchResult, Weights};

use crate::{
    linking::{Concepts, QueryConcept},
    weights::weights_of_query,
};

/// What is asked of a collection.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The query.
    pub text: &'a str,
    /// What the collection's encoder says of it; none makes the search lexical.
    pub encoded: Option<&'a EncodedText>,
    /// Who asks.
    pub tenant: &'a str,
    /// What a hit must have.
    pub filters: &'a Filters,
    /// Hits wanted.
    pub limit: usize,
}

/// A collection to search, and what its queries are read with.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The documents.
    pub collection: &'a Collection,
    /// How much each leg counts for a query that the encoder knows every word of.
    pub weights: Weights,
    /// The concepts that queries may be about; without them a query is about none.
    pub concepts: Option<Concepts<'a>>,
}

/// What a search found.
#[derive(Debug)]
pub struct Matches {
    /// The hits.
    pub result: SearchResult,
    /// The concepts that the query is about, strongest first.
    pub concepts: Vec<QueryConcept>,
}

impl Target<'_> {
    /// Finds the documents that match, best first.
    #[must_use]
    pub fn search(&self, request: &Request<'_>) -> Matches {
        let (concepts, relevance) = match self.concepts {
            Some(known) => {
                let about = known.about(request);
                let relevance = known.relevance(&about);
                (about, relevance)
            }
            None => (Vec::new(), HashMap::new()),
        };
        let result = self.collection.search(&Query {
            text: request.text,
            vector: request.encoded.map(|encoded| encoded.vector.as_slice()),
            tenant: request.tenant,
            filters: request.filters,
            concept_relevance: &relevance,
            limit: request.limit,
            weights: &weights_of_query(self.weights, request.encoded),
        });
        Matches { result, concepts }
    }
}
