//! What is looked at: the bids of one tenant, checked and laid out by auction and by firm.

use serde::{Deserialize, Serialize};
use tabular::{TabularError, require};

/// A bid. `auction` and `firm` are places in the slices that it is given with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// Place of its auction.
    pub auction: u32,
    /// Place of its firm.
    pub firm: u32,
    /// Price offered; above 0.
    pub price_cents: i64,
    /// When it was handed in, in seconds.
    pub submitted_at: Option<i64>,
    /// Whether it was awarded.
    pub is_winner: bool,
    /// Whether it was withdrawn: then it counts as a meeting, but not as a price.
    pub is_withdrawn: bool,
}

/// An auction, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Auction {
    /// Its market: what is bid for. Auctions of one market are compared with each other.
    pub market: u32,
    /// Where the work is done.
    pub territory: Option<u32>,
    /// Who buys.
    pub buyer: Option<u32>,
    /// When bidding closes, in seconds.
    pub closes_at: Option<i64>,
    /// What the work should cost: a reserve price, an estimate or a budget.
    pub reference_cents: Option<i64>,
}

/// Identifiers of a firm, as hashes; two firms share one where the values are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Firm {
    /// Bank account.
    pub bank: Option<u64>,
    /// Telephone number.
    pub phone: Option<u64>,
    /// Address.
    pub address: Option<u64>,
    /// Device that bids are sent from.
    pub device: Option<u64>,
}

impl Firm {
    /// Names of the kinds of identifiers, in the order of [`Firm::identifiers`].
    pub const KINDS: [&'static str; 4] = ["bank", "phone", "address", "device"];

    /// Returns the identifiers.
    #[must_use]
    pub fn identifiers(&self) -> [Option<u64>; 4] {
        [self.bank, self.phone, self.address, self.device]
    }
}

/// Checked bids of one tenant, by auction and firm. A firm that bids twice in an auction is held to its last bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Bids {
    bids: Vec<Bid>,
    /// Where each auction's bids start, and the end.
    starts: Vec<u32>,
    /// Places of bids by firm, those of a firm by auction's rank in time.
    by_firm: Vec<u32>,
    firm_starts: Vec<u32>,
    /// Place of each auction in the order of time.
    ranks: Vec<u32>,
    auctions: Vec<Auction>,
    firms: Vec<Firm>,
}

impl Bids {
    /// Checks and lays out bids.
    ///
    /// # Errors
    /// `Invalid` where a bid names an auction or a firm that is not there, a price is not above 0, or there are more than 2³² of anything.
    pub fn new(
        bids: Vec<Bid>,
        auctions: Vec<Auction>,
        firms: Vec<Firm>,
    ) -> Result<Self, TabularError> {
        let most = u32::MAX as usize;
        let fits = bids.len() < most && auctions.len() < most && firms.len() < most;
        require(fits, "bids", "there are more than can be counted")?;
        let known = bids.iter().all(|bid| {
            (bid.auction as usize) < auctions.len() && (bid.firm as usize) < firms.len()
        });
        require(
            known,
            "bids",
            "one names an auction or a firm that is not there",
        )?;
        let priced = bids.iter().all(|bid| bid.price_cents > 0);
        require(priced, "bids", "a price is not above 0")?;
        let kept = last_bids(bids, auctions.len());
        let starts = starts(kept.iter().map(|bid| bid.auction), auctions.len());
        let ranks = ranks(&kept, &starts, &auctions);
        let firm_starts = self::starts(kept.iter().map(|bid| bid.firm), firms.len());
        let by_firm = by_firm(&kept, &starts, &ranks, &firm_starts);
        Ok(Self {
            bids: kept,
            starts,
            by_firm,
            firm_starts,
            ranks,
            auctions,
            firms,
        })
    }

    /// Returns all bids, by auction and firm.
    #[must_use]
    pub fn bids(&self) -> &[Bid] {
        &self.bids
    }

    /// Returns the auctions, as they were given.
    #[must_use]
    pub fn auctions(&self) -> &[Auction] {
        &self.auctions
    }

    /// Returns the firms, as they were given.
    #[must_use]
    pub fn firms(&self) -> &[Firm] {
        &self.firms
    }

    /// Returns the bids of an auction, by firm.
    #[must_use]
    pub fn of_auction(&self, auction: u32) -> &[Bid] {
        let at = auction as usize;
        &self.bids[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Returns the bids of a firm, in order of time.
    pub fn of_firm(&self, firm: u32) -> impl ExactSizeIterator<Item = &Bid> {
        let at = firm as usize;
        let range = self.firm_starts[at] as usize..self.firm_starts[at + 1] as usize;
        self.by_firm[range]
            .iter()
            .map(|at| &self.bids[*at as usize])
    }

    /// Returns a firm's bids in order of time, each with the bids of its auction by firms of larger numbers.
    pub(crate) fn with_later(&self, firm: u32) -> impl Iterator<Item = (&Bid, &[Bid])> {
        let at = firm as usize;
        let range = self.firm_starts[at] as usize..self.firm_starts[at + 1] as usize;
        self.by_firm[range].iter().map(|place| {
            let place = *place as usize;
            let bid = &self.bids[place];
            let end = self.starts[bid.auction as usize + 1] as usize;
            (bid, &self.bids[place + 1..end])
        })
    }

    /// Returns an auction's place in the order of time: by close, else by last bid, else by number.
    #[must_use]
    pub fn rank(&self, auction: u32) -> u32 {
        self.ranks[auction as usize]
    }

    /// Returns the prices of an auction that stand: of bids that were not withdrawn.
    #[must_use]
    pub fn prices(&self, auction: u32) -> Vec<f64> {
        let standing = self
            .of_auction(auction)
            .iter()
            .filter(|bid| !bid.is_withdrawn);
        standing.map(|bid| bid.price_cents as f64).collect()
    }

    /// Returns the bid that was awarded, where exactly one that stands was.
    #[must_use]
    pub fn winner(&self, auction: u32) -> Option<&Bid> {
        let mut won = self
            .of_auction(auction)
            .iter()
            .filter(|bid| bid.is_winner && !bid.is_withdrawn);
        won.next().filter(|_| won.next().is_none())
    }
}

fn starts(owners: impl Iterator<Item = u32>, count: usize) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    owners.for_each(|owner| starts[owner as usize + 1] += 1);
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    starts
}

/// Orders bids by auction and firm, and of a firm's in one auction keeps the last; the price of one that won is what is paid.
fn last_bids(bids: Vec<Bid>, auctions: usize) -> Vec<Bid> {
    let mut next = starts(bids.iter().map(|bid| bid.auction), auctions);
    let ends = next.clone();
    let mut order = vec![0_u32; bids.len()];
    for (at, bid) in bids.iter().enumerate() {
        let place = &mut next[bid.auction as usize];
        order[*place as usize] = at as u32;
        *place += 1;
    }
    let mut kept: Vec<Bid> = Vec::with_capacity(bids.len());
    for bounds in ends.windows(2) {
        let own = &mut order[bounds[0] as usize..bounds[1] as usize];
        // Of bids of one moment the one that won stands, else the one given last.
        own.sort_unstable_by_key(|at| {
            let bid = &bids[*at as usize];
            (bid.firm, bid.submitted_at, bid.is_winner, *at)
        });
        for bid in own.iter().map(|at| &bids[*at as usize]) {
            match kept.last_mut() {
                Some(last) if (last.auction, last.firm) == (bid.auction, bid.firm) => {
                    let won = last.is_winner || bid.is_winner;
                    *last = *bid;
                    last.is_winner = won;
                }
                _ => kept.push(*bid),
            }
        }
    }
    kept
}

/// Places of bids by firm, each firm's in order of time.
fn by_firm(bids: &[Bid], starts: &[u32], ranks: &[u32], firm_starts: &[u32]) -> Vec<u32> {
    let mut auctions = vec![0; ranks.len()];
    for (auction, rank) in ranks.iter().enumerate() {
        auctions[*rank as usize] = auction;
    }
    let mut next = firm_starts.to_vec();
    let mut found = vec![0; bids.len()];
    for auction in auctions {
        for at in starts[auction]..starts[auction + 1] {
            let place = &mut next[bids[at as usize].firm as usize];
            found[*place as usize] = at;
            *place += 1;
        }
    }
    found
}

fn ranks(bids: &[Bid], starts: &[u32], auctions: &[Auction]) -> Vec<u32> {
    let moment = |at: usize| {
        let own = &bids[starts[at] as usize..starts[at + 1] as usize];
        let last = || own.iter().filter_map(|bid| bid.submitted_at).max();
        auctions[at].closes_at.or_else(last)
    };
    let mut order: Vec<usize> = (0..auctions.len()).collect();
    order.sort_by_cached_key(|at| (moment(*at), *at));
    let mut ranks = vec![0; auctions.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank as u32;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_bids_of_one_moment_the_one_that_won_stands() {
        let bid = |price_cents, is_winner| Bid {
            auction: 0,
            firm: 0,
            price_cents,
            submitted_at: Some(7),
            is_winner,
            is_withdrawn: false,
        };
        let standing = |bids: Vec<Bid>| {
            let bids = Bids::new(bids, vec![Auction::default()], vec![Firm::default()]).unwrap();
            assert_eq!(bids.bids().len(), 1);
            (bids.bids()[0].price_cents, bids.bids()[0].is_winner)
        };
        assert_eq!(standing(vec![bid(36, true), bid(37, false)]), (36, true));
        assert_eq!(standing(vec![bid(37, false), bid(36, true)]), (36, true));
        assert_eq!(standing(vec![bid(36, false), bid(37, false)]), (37, false));
    }
}
