#![doc = include_str!("../README.md")]

mod answer;
mod body;
mod cache;
mod collector;
mod current;
mod documents;
mod edge;
mod encoders;
mod endpoints;
mod error;
mod explain;
mod filters;
mod language;
mod load;
mod matching;
mod mentions;
mod node;
mod permits;
mod query_record;
mod reasons;
mod request;
mod routes;
mod search;
mod server;
mod settings;

pub use collector::{Collector, CollectorSettings, Counts};
pub use current::{Current, Refresh};
pub use edge::edge;
pub use error::{ApiError, Code};
pub use load::{LoadError, Loader, Serving};
pub use node::{Node, NodeParts};
pub use permits::Permits;
pub use routes::routes;
pub use server::run;
pub use settings::{LogFormat, Settings};
