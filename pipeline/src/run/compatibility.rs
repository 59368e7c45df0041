//! Contracts that readers of the announced tables rely on are not broken unless their major version changes.

use anyhow::{Result, bail};
use lake::Lake;
use schemas::{Catalog, Layer, compare};

const FOLDER: &str = "runs/_contracts";

/// Refuses contracts that break readers of the tables published by the last run that succeeded.
pub(crate) async fn check(lake: &Lake, catalog: &Catalog) -> Result<()> {
    let mut broken = Vec::new();
    for contract in readers(catalog) {
        let path = format!("{FOLDER}/{}.json", contract.table);
        let Some(before) = lake.read_json(&path).await? else {
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

/// Notes the contracts of a run that succeeded.
pub(crate) async fn record(lake: &Lake, catalog: &Catalog) -> Result<()> {
    for contract in readers(catalog) {
        lake.write_json(&format!("{FOLDER}/{}.json", contract.table), contract)
            .await?;
    }
    Ok(())
}

fn readers(catalog: &Catalog) -> impl Iterator<Item = &schemas::Contract> {
    catalog
        .iter()
        .filter(|contract| matches!(contract.table.layer, Layer::Silver | Layer::Gold))
}
