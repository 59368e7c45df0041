//! Auctions and bidders of each tenant, from the tables to crate `collusion`, and by which names they are known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use abuse::{Entity, EntityKind};
use anyhow::Result;
use collusion::{Auction, Bid, Bids, Firm};
use serde::{Deserialize, Serialize};

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// What auctions are read from.
pub(crate) const AUCTIONS: [&str; 3] = ["gold.project_features", "silver.bids", "silver.providers"];

/// The names of a tenant's auctions and bidders, by their places.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    pub(crate) projects: Vec<String>,
    pub(crate) markets: Vec<Option<String>>,
    pub(crate) providers: Vec<String>,
    pub(crate) provider_names: Vec<String>,
    /// Bids by auction and bidder.
    pub(crate) bids: BTreeMap<(u32, u32), String>,
}

/// What is read of a tenant.
#[derive(Debug, Default)]
struct Reading {
    names: Names,
    auctions: Vec<Auction>,
    firms: Vec<Firm>,
    bids: Vec<Bid>,
    project_of: HashMap<String, u32>,
    provider_of: HashMap<String, u32>,
    /// When the bid was sent that names know, and whether it won.
    moments: HashMap<(u32, u32), (Option<i64>, bool)>,
    places: Places,
}

/// Places of texts that are only compared.
#[derive(Debug, Default)]
struct Places(HashMap<String, u32>);

impl Places {
    fn of(&mut self, sort: &str, text: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(format!("{sort} {text}")).or_insert(next)
    }
}

/// How a row of a table is taken in.
type Read = fn(&mut Reading, Row<'_>);

/// Reads the bids of each tenant, but for those of some providers.
pub(crate) async fn auctions(
    context: &Context,
    inputs: &Inputs,
    but: &BTreeSet<(String, Entity)>,
) -> Result<BTreeMap<String, (Names, Bids)>> {
    let mut tenants: BTreeMap<String, Reading> = BTreeMap::new();
    let [projects, bids, providers] = AUCTIONS;
    let readers: [(&str, Read); 3] = [
        (projects, Reading::project),
        (providers, Reading::provider),
        (bids, Reading::bid),
    ];
    for (table, read) in readers {
        let files = context.input_files(inputs, table).await?;
        for batch in rows::open_all(&files)? {
            for row in Row::all(&batch?) {
                let tenant = row.text("tenant").unwrap_or_default();
                let provider = row.text("provider_id").unwrap_or_default();
                let whose = (
                    tenant.to_owned(),
                    Entity::new(EntityKind::Provider, provider),
                );
                if but.contains(&whose) {
                    continue;
                }
                if !tenants.contains_key(tenant) {
                    tenants.insert(tenant.to_owned(), Reading::default());
                }
                if let Some(reading) = tenants.get_mut(tenant) {
                    read(reading, row);
                }
            }
        }
    }
    tenants
        .into_iter()
        .map(|(tenant, reading)| {
            let bids = Bids::new(reading.bids, reading.auctions, reading.firms)?;
            Ok((tenant, (reading.names, bids)))
        })
        .collect()
}

impl Reading {
    fn project(&mut self, row: Row<'_>) {
        let id = row.text("project_id").unwrap_or_default().to_owned();
        let market = row.text("category");
        self.auctions.push(Auction {
            market: self.places.of("market", market.unwrap_or_default()),
            territory: row
                .text("region")
                .map(|region| self.places.of("region", region)),
            buyer: row
                .text("client_id")
                .map(|client| self.places.of("client", client)),
            closes_at: row.day("closed_day").map(|day| day * 86_400),
            reference_cents: row.integer("budget_cents").filter(|cents| *cents > 0),
        });
        self.names.markets.push(market.map(str::to_owned));
        self.project_of
            .insert(id.clone(), self.names.projects.len() as u32);
        self.names.projects.push(id);
    }

    fn provider(&mut self, row: Row<'_>) {
        let id = row.text("provider_id").unwrap_or_default().to_owned();
        let hash = |column| row.text(column).map(digest);
        self.firms.push(Firm {
            bank: hash("bank_hash"),
            phone: hash("phone_hash"),
            address: hash("address_hash"),
            device: hash("device_hash"),
        });
        self.provider_of
            .insert(id.clone(), self.names.providers.len() as u32);
        self.names.providers.push(id);
        let name = row.text("name").unwrap_or_default();
        self.names.provider_names.push(name.to_owned());
    }

    fn bid(&mut self, row: Row<'_>) {
        let text = |column| row.text(column).unwrap_or_default();
        let auction = self.project_of.get(text("project_id"));
        let firm = self.provider_of.get(text("provider_id"));
        let price = row.integer("price_cents").filter(|cents| *cents > 0);
        if let (Some(auction), Some(firm), Some(price_cents)) = (auction, firm, price) {
            self.bids.push(Bid {
                auction: *auction,
                firm: *firm,
                price_cents,
                submitted_at: row.instant_seconds("submitted_at"),
                is_winner: row.text("status") == Some("won"),
                is_withdrawn: row.text("status") == Some("withdrawn"),
            });
            // The bid that stands, as crate `collusion` says: the last, and of one moment the one that won.
            let moment = (row.instant_seconds("submitted_at"), text("status") == "won");
            let known = self.moments.entry((*auction, *firm)).or_insert(moment);
            if *known <= moment {
                *known = moment;
                let bid = text("bid_id").to_owned();
                self.names.bids.insert((*auction, *firm), bid);
            }
        }
    }
}

fn digest(text: &str) -> u64 {
    let digest = blake3::hash(text.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(first)
}
