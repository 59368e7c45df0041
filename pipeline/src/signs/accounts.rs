//! Accounts with their acts, from the tables to crate `abuse`.

use std::collections::BTreeMap;

use abuse::{Account, EntityKind, Event, EventKind, Failure};
use anyhow::{Context as _, Result, bail};

use crate::{
    context::{Context, Inputs},
    rows::{self, Row},
};

/// Accounts of every kind.
pub(crate) const ACCOUNTS: &str = "gold.accounts";
/// What they did.
pub(crate) const EVENTS: &str = "gold.account_events";

/// Accounts by tenant and kind, each in the order of the table's key.
pub(crate) type Tenants = BTreeMap<(String, EntityKind), Vec<Account>>;

/// Reads every account with its acts, in the order of time.
pub(crate) async fn accounts(context: &Context, inputs: &Inputs) -> Result<Tenants> {
    let mut tenants = Tenants::new();
    let file = context.input_file(inputs, ACCOUNTS).await?;
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let owner = owner(row, ACCOUNTS)?;
            tenants.entry(owner).or_default().push(account(row));
        }
    }
    let file = context.input_file(inputs, EVENTS).await?;
    for batch in rows::open(file.path())? {
        for row in Row::all(&batch?) {
            let owner = owner(row, EVENTS)?;
            let id = row.text("entity_id").unwrap_or_default();
            let accounts = tenants.entry(owner).or_default();
            // Both tables are in the order of the key.
            let place = accounts.binary_search_by(|account| account.id.as_str().cmp(id));
            if let (Ok(place), Some(event)) = (place, event(row)?) {
                accounts[place].events.push(event);
            }
        }
    }
    for account in tenants.values_mut().flatten() {
        let order = |event: &Event| (event.at, event.kind, event.id.clone());
        account.events.sort_by_cached_key(order);
    }
    Ok(tenants)
}

fn owner(row: Row<'_>, table: &str) -> Result<(String, EntityKind)> {
    let tenant = row
        .text("tenant")
        .with_context(|| format!("{table}: a row has no tenant"))?;
    let kind = row.text("entity_kind").and_then(|kind| kind.parse().ok());
    let kind = kind.with_context(|| format!("{table}: a row has no kind of account"))?;
    Ok((tenant.to_owned(), kind))
}

fn account(row: Row<'_>) -> Account {
    let text = |column: &str| row.text(column).map(str::to_owned);
    let hashes = [
        ("bank", "bank_hash"),
        ("phone", "phone_hash"),
        ("address", "address_hash"),
        ("device", "device_hash"),
    ];
    let identifiers = hashes
        .into_iter()
        .filter_map(|(sort, column)| Some((sort, text(column)?)));
    Account {
        id: text("entity_id").unwrap_or_default(),
        name: text("name"),
        created_at: row.instant_seconds("created_at"),
        reviews: row.integer("reviews"),
        text: text("text"),
        site: text("site"),
        identifiers: identifiers.collect(),
        events: Vec::new(),
    }
}

fn event(row: Row<'_>) -> Result<Option<Event>> {
    let kind = match row.text("event") {
        Some("bid") => EventKind::Bid,
        Some("project") => EventKind::Project,
        Some("intro") => EventKind::Intro,
        Some("booking") => EventKind::Booking,
        Some("submission") => EventKind::Submission,
        other => bail!("{EVENTS}: a row is of an act that is not known: {other:?}"),
    };
    let failure = match row.text("failure") {
        Some("absence") => Some(Failure::Absence),
        Some("cancellation") => Some(Failure::Cancellation),
        Some("withdrawal") => Some(Failure::Withdrawal),
        _ => None,
    };
    let Some(at) = row.instant_seconds("at") else {
        return Ok(None);
    };
    Ok(Some(Event {
        kind,
        id: row.text("event_id").unwrap_or_default().to_owned(),
        at,
        is_settled: row.claim("is_settled") == Some(true),
        failure,
        text: row.text("text").map(str::to_owned),
        price_ratio: row.number("price_ratio"),
    }))
}
