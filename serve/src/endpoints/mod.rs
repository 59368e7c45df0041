//! One file per endpoint.

pub(crate) mod abuse;
pub(crate) mod abuse_ring;
pub(crate) mod autocomplete;
pub(crate) mod bid_explain;
pub(crate) mod bid_guidance;
pub(crate) mod concepts;
pub(crate) mod glossary;
pub(crate) mod health;
pub(crate) mod livez;
pub(crate) mod loc_what_if;
pub(crate) mod market;
pub(crate) mod match_companies;
pub(crate) mod match_offers;
pub(crate) mod match_vector;
pub(crate) mod metrics;
pub(crate) mod offers;
pub(crate) mod price_reference;
pub(crate) mod project_bids;
pub(crate) mod project_candidates;
pub(crate) mod project_loc;
pub(crate) mod prometheus;
pub(crate) mod quotes;
pub(crate) mod readyz;
pub(crate) mod recommendations;
pub(crate) mod similar_offers;
pub(crate) mod snapshot;
