//! Who can: companies by concept, glossary node and region.

use std::collections::HashMap;

use serde::Deserialize;

use super::seen_by;

/// A row of `gold.concept_supply`.
#[derive(Debug, Deserialize)]
pub(super) struct SupplyRow {
    tenant: String,
    kind: String,
    id: String,
    region: String,
    companies: u64,
}

/// What companies are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing<'a> {
    /// A concept that they have.
    Concept(&'a str),
    /// A glossary node that one of their concepts is at or under.
    Node(&'a str),
    /// Nothing: every company.
    All,
}

/// Companies by region.
type ByRegion = HashMap<String, u64>;

#[derive(Debug, Default)]
struct Counts {
    concepts: HashMap<String, ByRegion>,
    nodes: HashMap<String, ByRegion>,
    all: ByRegion,
}

/// Counts of companies, by the tenant that owns them.
#[derive(Debug, Default)]
pub(crate) struct Supply {
    tenants: HashMap<String, Counts>,
}

impl Supply {
    pub(super) fn new(rows: Vec<SupplyRow>) -> Self {
        let mut supply = Self::default();
        for row in rows {
            let counts = supply.tenants.entry(row.tenant).or_default();
            let regions = match row.kind.as_str() {
                "concept" => counts.concepts.entry(row.id).or_default(),
                "node" => counts.nodes.entry(row.id).or_default(),
                "all" => &mut counts.all,
                // A kind that a later pipeline may count is nothing that this node answers.
                _ => continue,
            };
            *regions.entry(row.region).or_default() += row.companies;
        }
        supply
    }

    /// Returns how many companies a tenant sees, in one region or in all.
    pub(crate) fn companies(&self, tenant: &str, thing: Thing<'_>, region: Option<&str>) -> u64 {
        let counted = |tenant: &str| {
            let counts = self.tenants.get(tenant)?;
            let regions = match thing {
                Thing::Concept(id) => counts.concepts.get(id)?,
                Thing::Node(id) => counts.nodes.get(id)?,
                Thing::All => &counts.all,
            };
            Some(match region {
                Some(region) => regions.get(region).copied().unwrap_or(0),
                None => regions.values().sum(),
            })
        };
        seen_by(tenant).filter_map(counted).sum()
    }

    /// Returns how rare a concept is among the companies that a tenant sees: 1 − ln(1 + companies that have it) ÷ ln(1 + all
    /// companies), so 1 where nobody has it and 0 where everybody does; none where there is no company.
    pub(crate) fn rarity(&self, tenant: &str, concept: &str, region: Option<&str>) -> Option<f64> {
        let all = self.companies(tenant, Thing::All, region);
        let having = self.companies(tenant, Thing::Concept(concept), region);
        (all > 0).then(|| 1.0 - (having as f64).ln_1p() / (all as f64).ln_1p())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tenant: &str, kind: &str, id: &str, region: &str, companies: u64) -> SupplyRow {
        let [tenant, kind, id, region] = [tenant, kind, id, region].map(str::to_owned);
        SupplyRow {
            tenant,
            kind,
            id,
            region,
            companies,
        }
    }

    #[test]
    fn a_tenant_counts_its_own_and_public_companies() {
        let supply = Supply::new(vec![
            row("tenant_public", "concept", "tig", "Bretagne", 3),
            row("tenant_a", "concept", "tig", "Corse", 2),
            row("tenant_b", "concept", "tig", "Corse", 40),
            row("tenant_public", "all", "all", "Bretagne", 3),
            row("tenant_a", "all", "all", "Corse", 7),
        ]);
        let tig = Thing::Concept("tig");
        assert_eq!(supply.companies("tenant_a", tig, None), 5);
        assert_eq!(supply.companies("tenant_a", tig, Some("Corse")), 2);
        assert_eq!(supply.companies("tenant_public", tig, None), 3);
        assert_eq!(supply.companies("tenant_c", Thing::Node("x"), None), 0);
        assert_eq!(supply.rarity("tenant_public", "tig", None), Some(0.0));
        assert_eq!(supply.rarity("tenant_public", "mig", None), Some(1.0));
        assert_eq!(supply.rarity("tenant_public", "tig", Some("Corse")), None);
    }
}
