//! What two tenants have, and what neither may learn of the other.

use std::collections::BTreeSet;

use marketlounge_tests::Lake;
use serde_json::Value;

/// One of everything that a tenant has and that can be asked about, and all that only it knows.
#[derive(Debug)]
pub(super) struct Things {
    pub(super) tenant: &'static str,
    pub(super) project: String,
    pub(super) bid: String,
    pub(super) provider: String,
    pub(super) client: String,
    pub(super) person: String,
    pub(super) slot: String,
    pub(super) booking: String,
    pub(super) intro: String,
    pub(super) submission: String,
    pub(super) offer: String,
    pub(super) offer_title: String,
    pub(super) company_name: String,
    /// A search that its callers made often enough to be suggested.
    pub(super) asked: String,
    /// A ring of bidders; none in a small market.
    pub(super) ring: Option<String>,
    /// Ids of all its things, names of its companies and accounts that nobody else's text has, and its own name.
    pub(super) secrets: BTreeSet<String>,
}

/// Tables whose rows are a tenant's own, and their ids.
const IDS: [(&str, &str); 11] = [
    ("silver.projects", "project_id"),
    ("silver.bids", "bid_id"),
    ("silver.providers", "provider_id"),
    ("silver.clients", "client_id"),
    ("silver.people", "person_id"),
    ("silver.slots", "slot_id"),
    ("silver.bookings", "booking_id"),
    ("silver.intros", "intro_id"),
    ("silver.submissions", "submission_id"),
    ("silver.companies", "company_id"),
    ("silver.offers", "offer_id"),
];

/// Tables that name things, and the columns of their names and other texts.
const NAMES: [(&str, &str, &str); 4] = [
    ("silver.companies", "name", "description"),
    ("silver.providers", "name", "name"),
    ("silver.clients", "name", "name"),
    ("silver.offers", "company_name", "description"),
];

impl Things {
    /// Reads them from a lake.
    pub(super) fn of(lake: &Lake, tenant: &'static str) -> Self {
        let column = |sql: &str| -> Vec<String> {
            let rows = lake.query(sql);
            let text = |row: &Value| row["x"].as_str().unwrap().to_owned();
            rows.iter().map(text).collect()
        };
        let first = |table: &str, name: &str, which: &str| {
            let sql = format!(
                "SELECT {name} AS x FROM {table} WHERE tenant = '{tenant}' {which} ORDER BY {name} LIMIT 1"
            );
            let found = column(&sql);
            found
                .first()
                .unwrap_or_else(|| panic!("{tenant} has no {name} in {table}"))
                .clone()
        };
        let auction = lake.query(&format!(
            "SELECT project_id, bid_id, provider_id FROM gold.project_bids WHERE tenant = '{tenant}' AND NOT is_late AND NOT is_withdrawn \
             AND project_id IN (SELECT project_id FROM gold.project_bids GROUP BY project_id HAVING count(*) > 2) \
             ORDER BY project_id, bid_id LIMIT 1"
        ));
        let auctioned = |name: &str| auction[0][name].as_str().unwrap().to_owned();
        let asked = column(&format!(
            "SELECT min(text) AS x FROM gold.asked_texts WHERE tenant = '{tenant}'"
        ));
        let mut secrets: BTreeSet<String> = IDS
            .iter()
            .flat_map(|(table, id)| {
                column(&format!(
                    "SELECT {id} AS x FROM {table} WHERE tenant = '{tenant}' \
                     AND {id} NOT IN (SELECT {id} FROM {table} WHERE tenant <> '{tenant}')"
                ))
            })
            .collect();
        secrets.extend(own_names(&column, tenant));
        secrets.insert(tenant.to_owned());
        let ring = format!(
            "SELECT min(ring_id) AS x FROM gold.collusion_rings WHERE tenant = '{tenant}' HAVING count(*) > 0"
        );
        Self {
            tenant,
            project: auctioned("project_id"),
            bid: auctioned("bid_id"),
            provider: auctioned("provider_id"),
            client: first("gold.known_clients", "client_id", ""),
            person: first(
                "gold.known_people",
                "person_id",
                "AND next_slot_id IS NOT NULL",
            ),
            slot: first("gold.open_slots", "slot_id", ""),
            booking: first("silver.bookings", "booking_id", ""),
            intro: first("silver.intros", "intro_id", ""),
            submission: first("silver.submissions", "submission_id", ""),
            offer: first("silver.offers", "offer_id", ""),
            offer_title: first("silver.offers", "title", ""),
            company_name: first("silver.companies", "name", ""),
            asked: asked[0].clone(),
            ring: column(&ring).into_iter().next(),
            secrets,
        }
    }
}

/// Names that stand in no text of anybody else.
fn own_names(column: &impl Fn(&str) -> Vec<String>, tenant: &str) -> Vec<String> {
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for (table, name, text) in NAMES {
        own.extend(column(&format!(
            "SELECT {name} AS x FROM {table} WHERE tenant = '{tenant}' AND {name} IS NOT NULL"
        )));
        for column_name in [name, text] {
            others.extend(column(&format!(
                "SELECT {column_name} AS x FROM {table} WHERE tenant <> '{tenant}' AND {column_name} IS NOT NULL"
            )));
        }
    }
    let others = others.join("\n").to_lowercase();
    own.retain(|name| !others.contains(&name.to_lowercase()));
    own
}
