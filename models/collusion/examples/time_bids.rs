//! Times the co-bidding graph and the whole detection: `time_bids bids.csv edges.csv`.
//!
//! Columns in this order: auction, firm, price_cents, submitted_at, is_winner, market, territory; numbers without gaps, auctions in order.
//! The edges are written for comparison; what was measured is printed as JSON.

use std::error::Error;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use collusion::{Auction, Bid, Bids, DetectParams, Firm, ParamGuard, co_bidding, detect};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [table, edges] = paths.as_slice() else {
        return Err("usage: time_bids bids.csv edges.csv".into());
    };
    let (bids, auctions) = read(table)?;
    let firms = bids.iter().map(|bid| bid.firm + 1).max().unwrap_or(0);
    let firms = vec![Firm::default(); firms as usize];
    let read = peak();
    let params = DetectParams::new(20).check()?;
    let start = Instant::now();
    let bids = Bids::new(bids, auctions, firms)?;
    let laid_out = start.elapsed().as_secs_f64();
    let graph = co_bidding(&bids, &params);
    let graph_seconds = start.elapsed().as_secs_f64();
    let graph_peak = peak();
    let mut out = BufWriter::new(std::fs::File::create(edges)?);
    writeln!(out, "one,other,shared,expected,chance,q")?;
    for edge in &graph.edges {
        let [one, other] = edge.firms;
        writeln!(
            out,
            "{one},{other},{},{},{:e},{:e}",
            edge.shared, edge.expected, edge.chance, edge.q
        )?;
    }
    out.flush()?;
    let start = Instant::now();
    let found = detect(&bids, &params);
    let detect_seconds = laid_out + start.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"bids": bids.bids().len(), "auctions": bids.auctions().len(), "firms": bids.firms().len(), "pairs": graph.pairs,
            "tested": graph.edges.len(), "communities": graph.communities.len(), "layout_seconds": laid_out, "graph_seconds": graph_seconds,
            "detect_seconds": detect_seconds, "read_mib": read, "graph_mib": graph_peak, "detect_mib": peak(), "rings": found.rings.len(),
            "threads": rayon_threads()})
    );
    Ok(())
}

fn rayon_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn read(path: &str) -> Result<(Vec<Bid>, Vec<Auction>), Box<dyn Error>> {
    let (mut bids, mut auctions) = (Vec::new(), Vec::new());
    for line in BufReader::new(std::fs::File::open(path)?).lines().skip(1) {
        let line = line?;
        let cells: Result<Vec<i64>, _> = line.split(',').map(str::parse).collect();
        let cells: [i64; 7] = cells?.try_into().map_err(|_| "want seven columns")?;
        let [
            auction,
            firm,
            price_cents,
            submitted_at,
            won,
            market,
            territory,
        ] = cells;
        if auction as usize == auctions.len() {
            auctions.push(Auction {
                market: market as u32,
                territory: Some(territory as u32),
                ..Auction::default()
            });
        }
        bids.push(Bid {
            auction: auction as u32,
            firm: firm as u32,
            price_cents,
            submitted_at: Some(submitted_at),
            is_winner: won == 1,
            is_withdrawn: false,
        });
    }
    Ok((bids, auctions))
}

/// The most memory that this process has held, in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
