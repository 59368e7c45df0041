//! NDCG@10 and Recall@20 of the legs on the retrieval sets of `../shared/data/eval`, beside the peers' figures.
//!
//! `cargo run --release -p retrieval --example eval [vectors-dir]`. The folder may hold `<set>.f32`: the embeddings of the corpus, then
//! of the queries, as raw little-endian f32 rows of 384 values; with them the hybrid is measured too.

#[path = "../tests/judged/mod.rs"]
mod judged;

use std::error::Error;
use std::path::PathBuf;

use judged::{OFF, Set};
use retrieval::Weights;

/// Figures of `../shared/data/README.md`: set, peer, NDCG@10, Recall@20.
const PEERS: &[(&str, &str, f64, f64)] = &[
    ("ft_offer_to_rome", "BM25 stemmed", 0.383, 0.674),
    ("ft_offer_to_rome", "MiniLM", 0.295, 0.539),
    ("ft_offer_to_rome", "best fixed hybrid", 0.453, 0.0),
    (
        "ft_offer_to_rome",
        "best fixed hybrid, union scored",
        0.470,
        0.0,
    ),
    ("decp_objet_to_cpv", "BM25 stemmed", 0.174, 0.321),
    ("decp_objet_to_cpv", "char n-gram TF-IDF", 0.186, 0.338),
    ("decp_objet_to_cpv", "MiniLM", 0.100, 0.194),
    (
        "decp_objet_to_cpv",
        "best fixed hybrid, union scored",
        0.190,
        0.0,
    ),
    ("cranfield", "BM25 stemmed", 0.388, 0.515),
    ("cranfield", "MiniLM", 0.400, 0.531),
    ("cranfield", "best fixed hybrid, union scored", 0.439, 0.0),
];

fn main() -> Result<(), Box<dyn Error>> {
    let vectors = std::env::args_os().nth(1).map(PathBuf::from);
    for name in ["ft_offer_to_rome", "decp_objet_to_cpv", "cranfield"] {
        let Some(folder) = judged::folder(name) else {
            continue;
        };
        let set = Set::read(
            &folder,
            vectors.as_ref().map(|dir| dir.join(format!("{name}.f32"))),
        )?;
        println!(
            "\n{name}: {} queries\n{:<42}NDCG@10  Recall@20",
            set.judged(),
            ""
        );
        for (_, peer, ndcg, recall) in PEERS.iter().filter(|peer| peer.0 == name) {
            println!("  peer: {peer:<34}{ndcg:>7.3}  {recall:>9.3}");
        }
        let mut rows = vec![
            (
                "lexical".to_owned(),
                Weights {
                    lexical: 1.0,
                    ..OFF
                },
            ),
            (
                "subword".to_owned(),
                Weights {
                    subword: 1.0,
                    ..OFF
                },
            ),
        ];
        for share in [0.2, 0.25, 0.33, 0.5] {
            let weights = Weights {
                lexical: 1.0 - share,
                subword: share,
                ..OFF
            };
            rows.push((
                format!("lexical {:.2} + subword {share:.2}", 1.0 - share),
                weights,
            ));
        }
        if set.collection.dimension().is_some() {
            rows.push(("vector".to_owned(), Weights { vector: 1.0, ..OFF }));
            for vector in [0.05, 0.1, 0.15, 0.2, 0.3, 0.4] {
                let rest = 1.0 - vector;
                let weights = Weights {
                    lexical: rest * 0.75,
                    subword: rest * 0.25,
                    vector,
                    ..OFF
                };
                rows.push((
                    format!("lexical + subword (3:1) + vector {vector:.2}"),
                    weights,
                ));
            }
        }
        rows.push(("default weights".to_owned(), Weights::default()));
        for (label, weights) in rows {
            let (ndcg, recall) = set.measure(&weights);
            println!("  {label:<40}{ndcg:>7.3}  {recall:>9.3}");
        }
    }
    Ok(())
}
