//! Prints the strongest pairs, rings and auctions among the sealed bids of a Japanese city, with their evidence: `tsuchiura [tsuchiura_data.csv]`.
//!
//! The file has no truth: its `is_cartel` is a threshold of activity, and is not read. Markets are sorts of work, and no times of bids are known.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use collusion::{
    Auction, Bid, Bids, DetectParams, Detection, Firm, Level, ParamGuard, Signal, SignalKind,
    detect,
};

const WORKS: [&str; 10] = [
    "water",
    "road",
    "pipe",
    "sewer",
    "renovation",
    "repair",
    "construction",
    "design",
    "survey",
    "maintenance",
];

struct City {
    bids: Bids,
    firms: Vec<String>,
    auctions: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let default =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bids/tsuchiura_data.csv");
    let path = std::env::args().nth(1).map_or(default, Into::into);
    if !path.exists() {
        println!("skipped: the bids are not in {}", path.display());
        return Ok(());
    }
    let city = read(&path)?;
    let found = detect(&city.bids, &DetectParams::new(20).check()?);
    print(&city, &found);
    Ok(())
}

fn read(path: &Path) -> Result<City, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let headers = reader.headers()?.clone();
    let place = |name: &str| headers.iter().position(|header| header == name);
    let column = |name: &str| place(name).ok_or_else(|| format!("no column {name}"));
    let names = [
        "year",
        "pid",
        "bid",
        "bidder",
        "bidder_id",
        "winner",
        "reserveprice",
        "datee",
    ];
    let at: Vec<usize> = names
        .iter()
        .map(|name| column(name))
        .collect::<Result<_, _>>()?;
    let works: Vec<usize> = WORKS
        .iter()
        .map(|name| column(name))
        .collect::<Result<_, _>>()?;
    let mut auctions: BTreeMap<String, u32> = BTreeMap::new();
    let mut firms: BTreeMap<String, u32> = BTreeMap::new();
    let (mut known, mut bids, mut titles, mut called) = (vec![], vec![], vec![], vec![]);
    for row in reader.records() {
        let row = row?;
        let cell = |name: usize| &row[at[name]];
        let Ok(price) = cell(2).parse::<f64>() else {
            continue;
        };
        let next = auctions.len() as u32;
        let auction = *auctions
            .entry(format!("{}/{}", cell(0), cell(1)))
            .or_insert(next);
        if auction == next {
            let market = works.iter().position(|work| &row[*work] == "1");
            known.push(Auction {
                market: market.unwrap_or(WORKS.len()) as u32,
                closes_at: cell(7).parse::<i64>().ok().map(|day| day * 86_400),
                reference_cents: cell(6).parse::<f64>().ok().map(|yen| yen as i64),
                ..Auction::default()
            });
            titles.push(format!("{}/{}", cell(0), cell(1)));
        }
        let next = firms.len() as u32;
        let firm = *firms.entry(cell(4).to_owned()).or_insert(next);
        if firm == next {
            called.push(cell(3).to_owned());
        }
        bids.push(Bid {
            auction,
            firm,
            price_cents: price as i64,
            submitted_at: None,
            is_winner: cell(5) == "1",
            is_withdrawn: false,
        });
    }
    let all = vec![Firm::default(); called.len()];
    Ok(City {
        bids: Bids::new(bids, known, all)?,
        firms: called,
        auctions: titles,
    })
}

fn print(city: &City, found: &Detection) {
    let name = |firm: &u32| city.firms[*firm as usize].as_str();
    let count = |level: Level| {
        found
            .pairs
            .iter()
            .filter(|pair| pair.level == level)
            .count()
    };
    println!(
        "{} auctions, {} firms, {} pairs met, {} tested, {} flagged, {} watched, {} rings",
        found.auctions.len(),
        found.firms.len(),
        found.met,
        found.pairs.len(),
        count(Level::Flagged),
        count(Level::Watched),
        found.rings.len()
    );
    println!("\nThe ten strongest pairs");
    let mut pairs: Vec<_> = found.pairs.iter().collect();
    pairs.sort_by(|a, b| b.level.cmp(&a.level).then(b.score.total_cmp(&a.score)));
    for pair in pairs.iter().take(10) {
        let [one, other] = &pair.firms;
        println!(
            "{:.6} {:?} {} + {}, {} auctions",
            pair.score,
            pair.level,
            name(one),
            name(other),
            pair.shared
        );
        tell(&pair.signals);
    }
    println!("\nRings");
    for ring in &found.rings {
        let members: Vec<_> = ring.members.iter().map(name).collect();
        println!(
            "{:.6} {:?} {} auctions, wins {:?}: {}",
            ring.score,
            ring.kind,
            ring.auctions.len(),
            ring.wins,
            members.join(", ")
        );
    }
    println!("\nThe ten strongest auctions");
    let mut auctions: Vec<_> = found.auctions.iter().collect();
    auctions.sort_by(|a, b| b.level.cmp(&a.level).then(b.score.total_cmp(&a.score)));
    for auction in auctions.iter().take(10) {
        let mut prices = city.bids.prices(auction.auction);
        prices.sort_by(f64::total_cmp);
        let title = &city.auctions[auction.auction as usize];
        println!(
            "{:.6} {:?} {title}: {prices:?}",
            auction.score, auction.level
        );
        tell(&auction.signals);
    }
}

fn tell(signals: &[Signal]) {
    let strong = |signal: &&Signal| signal.is_raised || signal.kind == SignalKind::RingBids;
    for signal in signals.iter().filter(strong) {
        println!(
            "    {} {:.3}, chance {:.1e} (bound {:.1e}), of {}",
            signal.kind.name(),
            signal.value,
            signal.chance,
            signal.threshold,
            signal.support
        );
    }
}
