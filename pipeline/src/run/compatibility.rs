//! Contracts that readers of the announced tables rely on are not broken unless their major version changes.

use anyhow::{Result, bail};
use lake::Lake;
use schemas::{Catalog, Contract, Layer, compare};

use crate::context::Inputs;

const FOLDER: &str = "runs/_contracts";

/// Refuses contracts that break readers of the tables published by the last run that succeeded.
pub(crate) async fn check(lake: &Lake, catalog: &Catalog) -> Result<()> {
    let mut broken = Vec::new();
    for contract in readers(catalog) {
        let name = path(contract);
        let own = lake.read_json(&lake.own(&name)).await?;
        // An environment that has not made the table is held to what the lake itself promised.
        let before = match own {
            Some(own) => Some(own),
            None => lake.read_json(&name).await?,
        };
        let Some(before) = before else {
            continue;
        };
        let reasons = compare(&before, contract);
        broken.extend(
            reasons
                .iter()
                .map(|b| format!("{}: {}", contract.table, b.reason)),
        );
    }
    if !broken.is_empty() {
        bail!(
            "contracts break their readers; raise the major version of each or undo the change:\n  {}",
            broken.join("\n  ")
        );
    }
    Ok(())
}

/// Notes the contracts of the tables that a run made and published.
pub(crate) async fn record(lake: &Lake, catalog: &Catalog, made: &Inputs) -> Result<()> {
    for contract in readers(catalog) {
        if made.contains_key(&contract.table.to_string()) {
            lake.write_json(&lake.own(&path(contract)), contract)
                .await?;
        }
    }
    Ok(())
}

fn path(contract: &Contract) -> String {
    format!("{FOLDER}/{}.json", contract.table)
}

fn readers(catalog: &Catalog) -> impl Iterator<Item = &schemas::Contract> {
    catalog
        .iter()
        .filter(|contract| matches!(contract.table.layer, Layer::Silver | Layer::Gold))
}
