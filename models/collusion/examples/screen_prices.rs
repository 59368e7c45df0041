//! Screens auctions: `screen_prices auctions.json out.json`. In: a list of lists of prices. Out: a list of screens by name, null where undefined.

use std::error::Error;

use collusion::screens;
use serde_json::{Map, json};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [auctions, out] = paths.as_slice() else {
        return Err("usage: screen_prices auctions.json out.json".into());
    };
    let auctions: Vec<Vec<f64>> = serde_json::from_str(&std::fs::read_to_string(auctions)?)?;
    let found: Vec<Map<_, _>> = auctions
        .iter()
        .map(|prices| {
            let all = screens(prices);
            all.iter()
                .map(|(screen, value)| (screen.name().to_owned(), json!(value)))
                .collect()
        })
        .collect();
    std::fs::write(out, serde_json::to_string(&found)?)?;
    Ok(())
}
