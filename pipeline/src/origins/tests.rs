//! The lineage of the project as it is.

use std::{collections::BTreeSet, path::Path};

use lineage::{ColumnId, Direction, Kind, Lineage, Maker, Walk};

use crate::{origins, project::Project};

async fn graph() -> Lineage {
    let project = Project::open(Some(Path::new(".."))).unwrap();
    origins::lineage(&project).await.unwrap()
}

const UP: Walk = Walk {
    direction: Direction::Up,
    depth: None,
    is_indirect: true,
};

#[tokio::test]
async fn every_way_up_ends_at_a_landing_column_a_literal_or_a_job_that_names_what_it_reads() {
    let graph = graph().await;
    let mut walked = 0;
    for table in graph.tables().filter(|table| table.maker != Maker::Landing) {
        for column in &table.declared {
            let tree = graph.walk(&ColumnId::new(&table.table, column), UP);
            walked += 1;
            for place in tree.all() {
                let known = graph.table(&place.id.table);
                let is_landing = known.is_some_and(|table| table.maker == Maker::Landing);
                let is_end = place.children.is_empty() && !place.is_told;
                let is_explained =
                    is_landing || !place.made_of.is_empty() || !place.job_reads.is_empty();
                assert!(
                    !is_end || is_explained,
                    "{}.{column} ends at {}",
                    table.table,
                    place.id
                );
                if is_landing && !place.id.is_rows() {
                    let known = &known.unwrap().declared;
                    assert!(
                        known.contains(&place.id.column),
                        "{} is no landing column",
                        place.id
                    );
                }
            }
        }
    }
    assert!(walked > 1_000, "{walked}");
}

#[tokio::test]
async fn a_silver_table_is_shaped_by_its_contract_and_a_job_by_what_it_declares() {
    let graph = graph().await;
    let silver = graph.table("silver.offers").unwrap();
    let shaped = |column: &str| silver.shapes[&ColumnId::new("bronze.offers", column)].clone();
    assert!(
        shaped("updated_at").contains(&Kind::Window),
        "the latest state stays"
    );
    assert!(
        shaped("latitude").contains(&Kind::Filter),
        "a rule refuses rows"
    );
    let reference = graph.table("gold.price_reference").unwrap();
    let columns = reference.columns.as_ref().unwrap();
    let sources: BTreeSet<String> = columns["deal_id"]
        .from
        .keys()
        .map(ToString::to_string)
        .collect();
    assert!(
        sources.contains("gold.project_features.project_id"),
        "{sources:?}"
    );
    assert!(
        !columns.contains_key("p50_cents"),
        "what a job does not say is not known"
    );
}

#[tokio::test]
async fn columns_that_jobs_declare_are_there() {
    let graph = graph().await;
    for table in graph.tables().filter(|table| table.maker == Maker::Job) {
        for (column, flow) in table.columns.iter().flatten() {
            assert!(table.declared.contains(column), "{}.{column}", table.table);
            for source in flow.from.keys() {
                assert!(
                    table.reads.contains(&source.table),
                    "{} reads no {source}",
                    table.table
                );
                assert!(
                    graph.find(&source.to_string()).is_ok(),
                    "{source} is not there"
                );
            }
        }
    }
}
