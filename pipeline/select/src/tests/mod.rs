//! The grammar, the methods and the laws of sets.

mod grammar;
mod laws;
mod methods;

use std::collections::BTreeSet;

use crate::{Facts, Graph, Node, SelectError, Selection};

/// A market in small: two landing tables, two marts, a model and a snapshot.
fn market() -> Graph {
    let node = |name: &str, reads: &[&str]| Node {
        reads: reads.iter().map(|read| (*read).to_owned()).collect(),
        owner: Some(
            if name.contains("bids") {
                "deals"
            } else {
                "search"
            }
            .to_owned(),
        ),
        resource_type: "table".to_owned(),
        paths: BTreeSet::from([format!("dags/{}.sql", name.replace('.', "/"))]),
        ..Node::named(name)
    };
    let mut nodes = vec![
        node("bronze.offers", &[]),
        node("bronze.bids", &[]),
        node("silver.offers", &["bronze.offers"]),
        node("silver.bids", &["bronze.bids"]),
        node("gold.offers", &["silver.offers"]),
        node("gold.tainted_bids", &["silver.bids", "silver.offers"]),
        Node {
            writes: "models.prices".to_owned(),
            layer: "models".to_owned(),
            ..node("fit_prices", &["gold.tainted_bids"])
        },
        Node {
            writes: "snapshot".to_owned(),
            layer: "snapshots".to_owned(),
            ..node("publish_snapshot", &["gold.offers", "models.prices"])
        },
    ];
    nodes[0].sources.insert("offers".to_owned());
    nodes[4].tags.insert("bi".to_owned());
    nodes[5].tags.insert("bi".to_owned());
    nodes[6].dags.insert("nightly".to_owned());
    Graph::new(nodes)
}

fn chosen(select: &[&str], exclude: &[&str]) -> Result<Vec<String>, SelectError> {
    let selection = Selection::parse(select, exclude)?;
    Ok(selection
        .of(&market(), &Facts::default())?
        .into_iter()
        .collect())
}

fn select(text: &str) -> Vec<String> {
    chosen(&[text], &[]).unwrap()
}

fn refused(text: &str) -> String {
    chosen(&[text], &[]).unwrap_err().to_string()
}
