//! Firms: what their pairs and rings say of them.

use crate::benford::benford;
use crate::bids::Bids;
use crate::findings::{FirmFinding, Level, PairFinding, Ring};

/// Returns a finding per firm.
pub(crate) fn findings(bids: &Bids, pairs: &[PairFinding], rings: &[Ring]) -> Vec<FirmFinding> {
    let mut found: Vec<FirmFinding> = (0..bids.firms().len() as u32)
        .map(|firm| {
            let standing = || bids.of_firm(firm).filter(|bid| !bid.is_withdrawn);
            let prices: Vec<f64> = standing().map(|bid| bid.price_cents as f64).collect();
            FirmFinding {
                firm,
                bids: bids.of_firm(firm).len() as u32,
                wins: standing().filter(|bid| bid.is_winner).count() as u32,
                score: 0.0,
                level: Level::Quiet,
                partners: Vec::new(),
                rings: Vec::new(),
                benford: benford(&prices),
            }
        })
        .collect();
    for pair in pairs {
        let [one, other] = pair.firms;
        for (firm, partner) in [(one, other), (other, one)] {
            let firm = &mut found[firm as usize];
            firm.score = firm.score.max(pair.score);
            firm.level = firm.level.max(pair.level);
            if pair.level > Level::Quiet {
                firm.partners.push(partner);
            }
        }
    }
    for (place, ring) in rings.iter().enumerate() {
        for member in &ring.members {
            found[*member as usize].rings.push(place as u32);
        }
    }
    found
}
