//! The strongest pairs and auctions of a lake.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use lake::Lake;
use schemas::{Layer, TableName};
use serde::Serialize;

use super::rows::{AuctionRow, BidRow, Columns, PairRow, Project, Provider, RingRow, Signal};
use crate::published::read_table;

/// A bidder by its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Bidder {
    pub(crate) provider_id: String,
    pub(crate) name: Option<String>,
}

/// A bid as evidence.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Bid {
    #[serde(flatten)]
    pub(crate) bidder: Bidder,
    pub(crate) price_cents: i64,
    pub(crate) status: String,
    /// Whether the bidder belongs to the pair, or to a ring of the auction.
    pub(crate) is_suspect: bool,
}

/// An auction with its bids, the lowest first.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    pub(crate) project_id: String,
    pub(crate) title: Option<String>,
    /// The day on which bidding closed; on which the project was published while it is open.
    pub(crate) day: Option<String>,
    pub(crate) budget_cents: Option<i64>,
    pub(crate) bids: Vec<Bid>,
}

/// Two bidders who are watched or flagged.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pair {
    pub(crate) tenant: String,
    pub(crate) bidders: [Bidder; 2],
    pub(crate) shared: u64,
    pub(crate) score: f64,
    pub(crate) level: String,
    pub(crate) ring_id: Option<String>,
    pub(crate) signals: Vec<Signal>,
    /// The auctions that they share, by time.
    pub(crate) auctions: Vec<Shown>,
}

/// An auction that is watched or flagged.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Auction {
    pub(crate) tenant: String,
    pub(crate) market: Option<String>,
    pub(crate) prices: u64,
    pub(crate) score: f64,
    pub(crate) level: String,
    pub(crate) ring_ids: Vec<String>,
    pub(crate) signals: Vec<Signal>,
    #[serde(flatten)]
    pub(crate) shown: Shown,
}

/// Which findings are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Strongest {
    /// Only this tenant's.
    pub(crate) tenant: Option<String>,
    /// So many at most.
    pub(crate) limit: usize,
}

/// The findings of a lake.
pub(crate) struct Findings<'a> {
    lake: &'a Lake,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(lake: &'a Lake) -> Self {
        Self { lake }
    }

    /// Returns the strongest pairs: the flagged ones first, then by score, then by how many signals are raised.
    pub(crate) async fn pairs(&self, wanted: &Strongest) -> Result<Vec<Pair>> {
        let mut rows: Vec<PairRow> = self.gold("collusion_pairs").await?;
        strongest(&mut rows, wanted, |row| {
            (&row.tenant, &row.level, row.score, &row.columns)
        });
        let named = rows.iter().flat_map(|row| {
            let ids = row.project_ids.iter();
            ids.map(|id| (row.tenant.clone(), id.clone()))
        });
        let book = self.book(named).await?;
        let pair = |row: PairRow| {
            let of = [&row.provider_a, &row.provider_b];
            let is_suspect = |provider: &str| of.iter().any(|one| *one == provider);
            let ids = row.project_ids.iter();
            Pair {
                bidders: of.map(|id| book.bidder(&row.tenant, id)),
                auctions: ids
                    .map(|id| book.shown(&row.tenant, id, is_suspect))
                    .collect(),
                signals: row.columns.signals(),
                tenant: row.tenant,
                shared: row.shared,
                score: row.score,
                level: row.level,
                ring_id: row.ring_id,
            }
        };
        Ok(rows.into_iter().map(pair).collect())
    }

    /// Returns the strongest auctions, in the same order.
    pub(crate) async fn auctions(&self, wanted: &Strongest) -> Result<Vec<Auction>> {
        let mut rows: Vec<AuctionRow> = self.gold("bid_screens").await?;
        rows.retain(|row| row.level != "quiet");
        strongest(&mut rows, wanted, |row| {
            (&row.tenant, &row.level, row.score, &row.columns)
        });
        let rings: Vec<RingRow> = self.gold("collusion_rings").await?;
        let named = rows
            .iter()
            .map(|row| (row.tenant.clone(), row.project_id.clone()));
        let book = self.book(named).await?;
        let auction = |row: AuctionRow| {
            let own =
                |ring: &&RingRow| ring.tenant == row.tenant && row.ring_ids.contains(&ring.ring_id);
            let members: Vec<&String> = rings
                .iter()
                .filter(own)
                .flat_map(|ring| &ring.provider_ids)
                .collect();
            let is_suspect = |provider: &str| members.iter().any(|one| *one == provider);
            Auction {
                shown: book.shown(&row.tenant, &row.project_id, is_suspect),
                signals: row.columns.signals(),
                tenant: row.tenant,
                market: row.market,
                prices: row.prices,
                score: row.score,
                level: row.level,
                ring_ids: row.ring_ids,
            }
        };
        Ok(rows.into_iter().map(auction).collect())
    }

    async fn gold<T: serde::de::DeserializeOwned>(&self, table: &str) -> Result<Vec<T>> {
        let table = TableName::new(Layer::Gold, table);
        read_table(self.lake, &table, |_| true).await
    }

    /// Reads what some auctions are called, who bid in them and for how much.
    async fn book(&self, named: impl Iterator<Item = (String, String)>) -> Result<Book> {
        let wanted: std::collections::BTreeSet<(String, String)> = named.collect();
        let is_wanted = |row: crate::rows::Row<'_>| {
            let text = |column| row.text(column).unwrap_or_default().to_owned();
            wanted.contains(&(text("tenant"), text("project_id")))
        };
        let silver = |table| TableName::new(Layer::Silver, table);
        let projects: Vec<Project> = read_table(self.lake, &silver("projects"), is_wanted).await?;
        let bids: Vec<BidRow> = read_table(self.lake, &silver("bids"), is_wanted).await?;
        let providers: Vec<Provider> =
            read_table(self.lake, &silver("providers"), |_| true).await?;
        let mut book = Book::default();
        for one in projects {
            let key = (one.tenant.clone(), one.project_id.clone());
            book.projects.insert(key, one);
        }
        for one in bids {
            let key = (one.tenant.clone(), one.project_id.clone());
            book.bids.entry(key).or_default().push(one);
        }
        for one in providers {
            book.names.insert((one.tenant, one.provider_id), one.name);
        }
        Ok(book)
    }
}

/// Leaves the strongest, the strongest first.
fn strongest<T>(
    rows: &mut Vec<T>,
    wanted: &Strongest,
    told: impl Fn(&T) -> (&String, &String, f64, &Columns),
) {
    rows.retain(|row| wanted.tenant.as_ref().is_none_or(|one| one == told(row).0));
    rows.sort_by(|a, b| {
        let ((_, level, score, columns), (_, other_level, other_score, other_columns)) =
            (told(a), told(b));
        let is_watched = (level != "flagged").cmp(&(other_level != "flagged"));
        is_watched
            .then(other_score.total_cmp(&score))
            .then(other_columns.raised.len().cmp(&columns.raised.len()))
    });
    rows.truncate(wanted.limit);
}

/// What auctions and bidders are called, by tenant and identifier.
#[derive(Debug, Default)]
struct Book {
    projects: BTreeMap<(String, String), Project>,
    bids: BTreeMap<(String, String), Vec<BidRow>>,
    names: HashMap<(String, String), String>,
}

impl Book {
    fn bidder(&self, tenant: &str, provider: &str) -> Bidder {
        let key = (tenant.to_owned(), provider.to_owned());
        Bidder {
            name: self.names.get(&key).cloned(),
            provider_id: provider.to_owned(),
        }
    }

    fn shown(&self, tenant: &str, project: &str, is_suspect: impl Fn(&str) -> bool) -> Shown {
        let key = (tenant.to_owned(), project.to_owned());
        let told = self.projects.get(&key);
        let bids = self.bids.get(&key).into_iter().flatten();
        let mut bids: Vec<Bid> = bids
            .map(|row| Bid {
                bidder: self.bidder(tenant, &row.provider_id),
                price_cents: row.price_cents,
                status: row.status.clone(),
                is_suspect: is_suspect(&row.provider_id),
            })
            .collect();
        bids.sort_by(|a, b| {
            let order = a.price_cents.cmp(&b.price_cents);
            order.then_with(|| a.bidder.provider_id.cmp(&b.bidder.provider_id))
        });
        let at = told.map(|one| one.closed_at.as_ref().unwrap_or(&one.published_at));
        Shown {
            project_id: project.to_owned(),
            title: told.map(|one| one.title.clone()),
            day: at.and_then(|at| at.get(..10)).map(str::to_owned),
            budget_cents: told.and_then(|one| one.budget_cents),
            bids,
        }
    }
}
