//! Detects concerted bids in a file: `detect_bids bids.csv out.json [firms.csv]`.
//!
//! Columns of the bids: `auction`, `firm`, `price_cents`, and where known `submitted_at`, `is_winner`, `is_withdrawn`, `market`, `territory`,
//! `buyer`, `closes_at`, `reference_cents`. Of the firms: `firm`, `bank`, `phone`, `address`, `device`. What is written is for programs.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use collusion::{
    Auction, Bid, Bids, DetectParams, Detection, Firm, Level, ParamGuard, Signal, detect,
};
use serde_json::{Value, json};

type Row = HashMap<String, String>;

/// Numbers names in the order in which they come.
#[derive(Default)]
struct Names(Vec<String>, BTreeMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(at) = self.1.get(name) {
            return *at;
        }
        let at = self.0.len() as u32;
        self.0.push(name.to_owned());
        self.1.insert(name.to_owned(), at);
        at
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (table, out, firms) = match paths.as_slice() {
        [table, out] => (table, out, None),
        [table, out, firms] => (table, out, Some(firms)),
        _ => return Err("usage: detect_bids bids.csv out.json [firms.csv]".into()),
    };
    let (mut names, mut auctions) = (Names::default(), Names::default());
    let (bids, known) = read_bids(table, &mut names, &mut auctions)?;
    let mut all = vec![Firm::default(); names.0.len()];
    if let Some(path) = firms {
        read_firms(path, &names, &mut all)?;
    }
    let start = Instant::now();
    let bids = Bids::new(bids, known, all)?;
    let found = detect(&bids, &DetectParams::new(20).check()?);
    let seconds = start.elapsed().as_secs_f64();
    std::fs::write(
        out,
        serde_json::to_string(&told(&found, &names.0, &auctions.0, seconds))?,
    )?;
    Ok(())
}

fn rows(path: &str) -> Result<impl Iterator<Item = Result<Row, csv::Error>>, Box<dyn Error>> {
    Ok(csv::Reader::from_path(path)?.into_deserialize())
}

fn read_bids(
    path: &str,
    firms: &mut Names,
    auctions: &mut Names,
) -> Result<(Vec<Bid>, Vec<Auction>), Box<dyn Error>> {
    let (mut bids, mut known) = (Vec::new(), Vec::new());
    let (mut markets, mut territories, mut buyers) =
        (Names::default(), Names::default(), Names::default());
    for row in rows(path)? {
        let row = row?;
        let given = |name: &str| row.get(name).filter(|value| !value.is_empty());
        let number = |name: &str| given(name).and_then(|value| value.parse::<i64>().ok());
        let auction = auctions.number(given("auction").ok_or("a bid has no auction")?);
        if auction as usize == known.len() {
            known.push(Auction {
                market: given("market").map_or(0, |name| markets.number(name)),
                territory: given("territory").map(|name| territories.number(name)),
                buyer: given("buyer").map(|name| buyers.number(name)),
                closes_at: number("closes_at"),
                reference_cents: number("reference_cents"),
            });
        }
        bids.push(Bid {
            auction,
            firm: firms.number(given("firm").ok_or("a bid has no firm")?),
            price_cents: number("price_cents").ok_or("a bid has no price")?,
            submitted_at: number("submitted_at"),
            is_winner: number("is_winner") == Some(1),
            is_withdrawn: number("is_withdrawn") == Some(1),
        });
    }
    Ok((bids, known))
}

fn read_firms(path: &str, names: &Names, all: &mut [Firm]) -> Result<(), Box<dyn Error>> {
    for row in rows(path)? {
        let row = row?;
        let Some(at) = row.get("firm").and_then(|name| names.1.get(name)) else {
            continue;
        };
        let hash = |name: &str| {
            let value = row.get(name).filter(|value| !value.is_empty())?;
            let mut hasher = DefaultHasher::new();
            value.hash(&mut hasher);
            Some(hasher.finish())
        };
        all[*at as usize] = Firm {
            bank: hash("bank"),
            phone: hash("phone"),
            address: hash("address"),
            device: hash("device"),
        };
    }
    Ok(())
}

fn told(found: &Detection, firms: &[String], auctions: &[String], seconds: f64) -> Value {
    let firm = |at: &u32| firms[*at as usize].clone();
    let auction = |at: &u32| auctions[*at as usize].clone();
    let signals = |all: &[Signal]| -> Vec<Value> {
        all.iter()
            .map(|one| {
                json!({"name": one.kind.name(), "value": one.value, "chance": one.chance, "threshold": one.threshold,
                    "support": one.support, "is_raised": one.is_raised, "percentile": one.percentile})
            })
            .collect()
    };
    let pairs = found.pairs.iter().filter(|pair| pair.level > Level::Quiet);
    let loud = found
        .auctions
        .iter()
        .filter(|auction| auction.level > Level::Quiet);
    json!({
        "seconds": seconds,
        "met": found.met,
        "tested": found.pairs.len(),
        "rings": found.rings.iter().map(|ring| json!({
            "members": ring.members.iter().map(firm).collect::<Vec<_>>(), "kind": ring.kind, "score": ring.score, "wins": ring.wins,
            "auctions": ring.auctions.iter().map(auction).collect::<Vec<_>>(), "signals": signals(&ring.signals),
        })).collect::<Vec<_>>(),
        "pairs": pairs.map(|pair| json!({
            "firms": pair.firms.iter().map(firm).collect::<Vec<_>>(), "shared": pair.shared, "score": pair.score, "level": pair.level,
            "auctions": pair.auctions.iter().map(auction).collect::<Vec<_>>(), "signals": signals(&pair.signals),
        })).collect::<Vec<_>>(),
        "auctions": loud.map(|one| json!({"auction": auction(&one.auction), "score": one.score, "level": one.level,
            "rings": one.rings, "signals": signals(&one.signals)})).collect::<Vec<_>>(),
        "firms": found.firms.iter().filter(|one| one.level > Level::Quiet).map(|one| json!({"firm": firm(&one.firm), "score": one.score,
            "level": one.level})).collect::<Vec<_>>(),
    })
}
