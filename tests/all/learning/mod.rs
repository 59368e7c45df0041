//! What is learned from, measured, and what leaves for other tools: training pairs, search quality, KPIs, curation, vectors for numpy.

mod bids;
mod curation;
mod export;
mod kpis;
mod pairs;
mod quality;
mod small;
