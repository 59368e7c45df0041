//! What is learned from, and what leaves for other tools: training pairs, search quality, curation, vectors for numpy.

mod curation;
mod export;
mod pairs;
mod quality;
mod small;
