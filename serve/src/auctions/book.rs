//! The bids of a snapshot, by the project that they answer.

use std::collections::HashMap;

use deals::bids::{BidFacts, Own};
use serde::Deserialize;

/// A row of `gold.project_bids`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct BidRow {
    tenant: String,
    project_id: String,
    pub(crate) bid_id: String,
    pub(crate) provider_id: String,
    #[serde(default)]
    pub(crate) provider_name: Option<String>,
    #[serde(default)]
    pub(crate) provider_created_day: Option<String>,
    #[serde(default)]
    pub(crate) hourly_cost_cents: Option<i64>,
    pub(crate) price_cents: i64,
    #[serde(default)]
    pub(crate) deadline_days: Option<i64>,
    #[serde(default)]
    price_to_reference: Option<f64>,
    #[serde(default)]
    own_bids: i64,
    #[serde(default)]
    own_price_to_reference: Option<f64>,
    #[serde(default)]
    pub(crate) delay_days: Option<i64>,
    #[serde(default)]
    pub(crate) quality: Option<f64>,
    #[serde(default)]
    is_same_region: Option<bool>,
    #[serde(default)]
    has_activation: Option<bool>,
    #[serde(default)]
    earlier_bids: Option<i64>,
    #[serde(default)]
    earlier_wins: Option<i64>,
    pub(crate) is_late: bool,
    pub(crate) is_withdrawn: bool,
    pub(crate) is_won: bool,
    pub(crate) submitted_at: String,
}

impl BidRow {
    /// What is known of the bid as rankers see it.
    pub(crate) fn facts(&self) -> BidFacts {
        BidFacts {
            price_cents: self.price_cents,
            delay_days: self.delay_days,
            quality: self.quality,
            is_same_region: self.is_same_region,
            has_activation: self.has_activation,
            earlier_bids: self.earlier_bids,
            earlier_wins: self.earlier_wins,
            own: self.own_price_to_reference.map(|price_to_reference| Own {
                bids: self.own_bids,
                price_to_reference,
            }),
            is_withdrawn: self.is_withdrawn,
            is_flagged: None,
        }
    }
}

/// What a provider's bids tell of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bidder {
    pub(crate) name: Option<String>,
    pub(crate) hourly_cost_cents: Option<i64>,
    /// Bids to all projects but the one that is asked about, and how many of them won.
    pub(crate) bids: i64,
    pub(crate) wins: i64,
    /// What they asked against the reference prices.
    pub(crate) own: Option<Own>,
}

/// Bids by tenant and project, and where each provider bid.
#[derive(Debug, Default)]
pub(crate) struct Bids {
    by_project: HashMap<(String, String), Vec<BidRow>>,
    by_provider: HashMap<(String, String), Vec<(String, usize)>>,
}

impl Bids {
    pub(crate) fn new(rows: Vec<BidRow>) -> Self {
        let mut all = Self::default();
        for row in rows {
            let key = (row.tenant.clone(), row.project_id.clone());
            let provider = (row.tenant.clone(), row.provider_id.clone());
            let bids = all.by_project.entry(key).or_default();
            let place = (row.project_id.clone(), bids.len());
            bids.push(row);
            all.by_provider.entry(provider).or_default().push(place);
        }
        all
    }

    /// The bids of a tenant's project, by id.
    pub(crate) fn of(&self, tenant: &str, project: &str) -> &[BidRow] {
        let key = (tenant.to_owned(), project.to_owned());
        self.by_project.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What a provider did in all projects of the tenant but one; none where it never bid.
    pub(crate) fn bidder(&self, tenant: &str, provider: &str, but: &str) -> Option<Bidder> {
        let key = (tenant.to_owned(), provider.to_owned());
        let places = self.by_provider.get(&key)?;
        let mut found = Bidder::default();
        let (mut count, mut logs, mut latest) = (0, 0.0, "");
        for (project, place) in places {
            let row = &self.of(tenant, project)[*place];
            if row.submitted_at.as_str() >= latest {
                latest = &row.submitted_at;
                found.name.clone_from(&row.provider_name);
                found.hourly_cost_cents = row.hourly_cost_cents;
            }
            if project == but {
                continue;
            }
            found.bids += 1;
            found.wins += i64::from(row.is_won);
            if let Some(ratio) = row.price_to_reference.filter(|ratio| *ratio > 0.0) {
                count += 1;
                logs += ratio.ln();
            }
        }
        found.own = (count > 0).then(|| Own {
            bids: count,
            price_to_reference: (logs / count as f64).exp(),
        });
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(tenant: &str, project: &str, bid: &str, ratio: f64) -> BidRow {
        serde_json::from_value(json!({
            "tenant": tenant, "project_id": project, "bid_id": bid, "provider_id": "p", "price_cents": 5, "price_to_reference": ratio,
            "is_late": false, "is_withdrawn": false, "is_won": bid == "b1", "submitted_at": "2026-11-20T00:00:00.000Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_bidders_history_is_of_its_tenant_and_of_other_projects() {
        let rows = [
            row("tenant_a", "x", "b1", 0.5),
            row("tenant_a", "y", "b2", 2.0),
            row("tenant_a", "z", "b3", 9.0),
            row("tenant_b", "x", "b4", 9.0),
        ];
        let bids = Bids::new(rows.to_vec());
        let found = bids.bidder("tenant_a", "p", "z").unwrap();
        assert_eq!((found.bids, found.wins), (2, 1));
        let own = found.own.unwrap();
        assert!(own.bids == 2 && (own.price_to_reference - 1.0).abs() < 1e-12);
        assert!(bids.bidder("tenant_c", "p", "z").is_none());
        assert_eq!(bids.of("tenant_b", "x").len(), 1);
        assert!(bids.of("tenant_b", "y").is_empty());
    }
}
