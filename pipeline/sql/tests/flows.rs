//! What columns are made of, on small SELECTs whose flows are known and on every SELECT of the project.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::{collections::BTreeSet, path::Path};

use lineage::{ColumnId, Kind, TableLineage};
use schemas::{Catalog, Contract, Layer};
use sql::{Planner, Select};

fn project() -> &'static Path {
    Path::new("../..")
}

fn catalog() -> Catalog {
    Catalog::load(&project().join("schemas")).unwrap()
}

/// A contract with these columns, all of them texts.
fn contract(columns: &[&str]) -> Contract {
    let mut contract = catalog()
        .get(&"gold.offers".parse().unwrap())
        .unwrap()
        .clone();
    let one = contract.columns[0].clone();
    contract.columns = columns
        .iter()
        .map(|name| {
            let mut column = one.clone();
            column.name = (*name).to_owned();
            column
        })
        .collect();
    contract
}

async fn flows(sql: &str, columns: &[&str]) -> TableLineage {
    let catalog = catalog();
    let planner = Planner::new(catalog.iter()).unwrap();
    let select = Select::parse(sql).unwrap();
    planner.lineage(&contract(columns), &select).await.unwrap()
}

/// The sources of a column as `kind table.column`, and what else it is made of.
fn told(table: &TableLineage, column: &str) -> Vec<String> {
    let flow = &table.columns.as_ref().unwrap()[column];
    let sources = flow.from.iter().flat_map(|(source, kinds)| {
        kinds
            .iter()
            .map(move |kind| format!("{} {source}", kind.as_str()))
    });
    sources.chain(flow.made_of.iter().cloned()).collect()
}

fn shaped(table: &TableLineage) -> Vec<String> {
    let shapes = table.shapes.iter();
    shapes
        .flat_map(|(source, kinds)| {
            kinds
                .iter()
                .map(move |kind| format!("{} {source}", kind.as_str()))
        })
        .collect()
}

#[tokio::test]
async fn values_filters_joins_and_groups_are_told_apart() {
    let table = flows(
        "SELECT b.tenant AS a, upper(b.status) AS b, sum(b.price_cents) AS c, count(*) AS d, 'x' AS e,
           max(CASE WHEN p.status = 'open' THEN b.quality END) AS f
         FROM silver.bids AS b JOIN silver.projects AS p ON b.project_id = p.project_id
         WHERE b.status <> 'withdrawn' GROUP BY b.tenant, upper(b.status) ORDER BY 3",
        &["a", "b", "c", "d", "e", "f"],
    )
    .await;
    assert_eq!(told(&table, "a"), ["identity silver.bids.tenant"]);
    assert_eq!(told(&table, "b"), ["transformation silver.bids.status"]);
    assert_eq!(told(&table, "c"), ["aggregation silver.bids.price_cents"]);
    assert_eq!(
        told(&table, "d"),
        ["aggregation silver.bids.*", "aggregation silver.projects.*"]
    );
    assert_eq!(told(&table, "e"), ["x"]);
    assert_eq!(
        told(&table, "f"),
        [
            "aggregation silver.bids.quality",
            "conditional silver.projects.status"
        ]
    );
    assert_eq!(
        shaped(&table),
        [
            "sort silver.bids.price_cents",
            "join silver.bids.project_id",
            "group_by silver.bids.status",
            "filter silver.bids.status",
            "group_by silver.bids.tenant",
            "join silver.projects.project_id",
        ]
    );
}

#[tokio::test]
async fn unions_windows_unnest_and_subqueries_are_followed() {
    let table = flows(
        "WITH two AS (
           SELECT company_id AS id, unnest(certifications) AS word FROM silver.companies
           UNION ALL SELECT provider_id, region FROM silver.providers
         )
         SELECT id AS a, word AS b,
           row_number() OVER (PARTITION BY id ORDER BY word) AS c,
           lag(word) OVER (ORDER BY id) AS d,
           (SELECT max(published_at) FROM silver.projects WHERE client_id = two.id) AS e,
           id IN (SELECT client_id FROM silver.clients WHERE name = 'x') AS f
         FROM two WHERE EXISTS (SELECT 1 FROM silver.bids WHERE provider_id = two.id)",
        &["a", "b", "c", "d", "e", "f"],
    )
    .await;
    let (company, provider) = ("silver.companies", "silver.providers");
    assert_eq!(
        told(&table, "a"),
        [
            format!("identity {company}.company_id"),
            format!("identity {provider}.provider_id")
        ]
    );
    assert_eq!(
        told(&table, "b"),
        [
            format!("transformation {company}.certifications"),
            format!("identity {provider}.region")
        ]
    );
    assert_eq!(
        told(&table, "c"),
        [
            format!("window {company}.certifications"),
            format!("window {company}.company_id"),
            format!("window {provider}.provider_id"),
            format!("window {provider}.region"),
            "row_number()".to_owned()
        ]
    );
    assert!(told(&table, "d").contains(&format!("transformation {company}.certifications")));
    assert!(told(&table, "e").contains(&"aggregation silver.projects.published_at".to_owned()));
    assert!(told(&table, "e").contains(&"filter silver.projects.client_id".to_owned()));
    assert!(told(&table, "f").contains(&"transformation silver.clients.client_id".to_owned()));
    assert!(told(&table, "f").contains(&"filter silver.clients.name".to_owned()));
    let shaped = shaped(&table);
    assert!(
        shaped.contains(&"filter silver.bids.provider_id".to_owned()),
        "{shaped:?}"
    );
    assert!(
        shaped.contains(&"filter silver.bids.*".to_owned()),
        "{shaped:?}"
    );
}

#[tokio::test]
async fn a_recursive_query_is_made_of_both_its_terms() {
    let table = flows(
        "WITH RECURSIVE up AS (
           SELECT node_id, parent_id, label AS path FROM silver.glossary_nodes WHERE parent_id IS NULL
           UNION ALL
           SELECT n.node_id, n.parent_id, up.path || n.language
           FROM silver.glossary_nodes AS n JOIN up ON n.parent_id = up.node_id
         ) SELECT node_id AS a, path AS b FROM up",
        &["a", "b"],
    )
    .await;
    assert_eq!(
        told(&table, "a"),
        ["identity silver.glossary_nodes.node_id"]
    );
    assert_eq!(
        told(&table, "b"),
        [
            "identity silver.glossary_nodes.label",
            "transformation silver.glossary_nodes.label",
            "transformation silver.glossary_nodes.language"
        ]
    );
}

/// The columns that come from no column.
const LITERAL: [&str; 10] = [
    "gold.account_events.entity_kind = client, person, provider, submission",
    "gold.account_events.event = bid, booking, intro, project, submission",
    "gold.accounts.entity_kind = client, person, provider, submission",
    "gold.asked_texts.kind = answered, unmet",
    "gold.concept_supply.kind = all, concept, node",
    "gold.curation_proposals.kind = draft_concept, missing_concept, near_duplicate",
    "gold.entities.entity_kind = bid, booking, client, intro, person, project, provider, submission",
    "gold.price_observations.kind = booking, intro, project",
    "gold.suggestions.kind = company, concept, node, query",
    "gold.training_pairs.anchor_kind = profile, query",
];

#[tokio::test]
async fn every_column_of_every_select_has_a_source_or_is_a_literal() {
    let catalog = catalog();
    let planner = Planner::new(catalog.iter()).unwrap();
    let mut literal = BTreeSet::new();
    let mut columns = 0;
    for layer in [Layer::Silver, Layer::Gold] {
        for contract in catalog.layer(layer) {
            let file = project().join(format!("dags/{layer}/{}.sql", contract.table.name));
            if !file.exists() {
                continue;
            }
            let select = Select::read(&file).unwrap();
            let table = planner.lineage(contract, &select).await.unwrap();
            let known = table.columns.unwrap();
            for column in &contract.columns {
                let id = ColumnId::new(contract.table.to_string(), &column.name);
                let flow = known
                    .get(&column.name)
                    .unwrap_or_else(|| panic!("{id} has no flow"));
                columns += 1;
                assert!(
                    !flow.from.is_empty() || !flow.made_of.is_empty(),
                    "{id} comes from nowhere"
                );
                for source in flow.from.keys() {
                    assert!(
                        table.reads.contains(&source.table),
                        "{id} comes from {source}"
                    );
                }
                if flow.from.is_empty() {
                    let made_of: Vec<&str> = flow.made_of.iter().map(String::as_str).collect();
                    literal.insert(format!("{id} = {}", made_of.join(", ")));
                }
            }
        }
    }
    assert!(columns > 700, "{columns}");
    assert_eq!(literal, BTreeSet::from(LITERAL.map(str::to_owned)));
    let offers = planner
        .lineage(
            catalog.get(&"gold.offers".parse().unwrap()).unwrap(),
            &Select::read(&project().join("dags/gold/offers.sql")).unwrap(),
        )
        .await
        .unwrap();
    let least = &offers.columns.unwrap()["salary_min_cents"];
    let label = ColumnId::new("silver.offers", "salary_label");
    assert_eq!(least.from[&label], BTreeSet::from([Kind::Transformation]));
}
