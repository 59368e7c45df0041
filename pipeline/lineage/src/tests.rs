//! Small graphs whose walks are known.

use proptest::prelude::*;

use crate::*;

fn table(name: &str, maker: Maker, columns: &[(&str, &str, Kind)]) -> TableLineage {
    let mut table = TableLineage::new(name, maker);
    let mut known = std::collections::BTreeMap::new();
    for (column, source, kind) in columns {
        let (of, name) = source.rsplit_once('.').unwrap();
        let flow: &mut Flow = known.entry((*column).to_owned()).or_default();
        flow.merge(Flow::of(ColumnId::new(of, name), *kind));
        table.reads.insert(of.to_owned());
        if !table.declared.iter().any(|known| known == column) {
            table.declared.push((*column).to_owned());
        }
    }
    table.columns = Some(known);
    table
}

fn graph() -> Lineage {
    let mut landing = TableLineage::new("landing.offers", Maker::Landing);
    landing.declared = vec!["pay".to_owned(), "state".to_owned()];
    landing.fields.insert(
        "pay".to_owned(),
        vec![SourceField {
            mapping: "default/offers".to_owned(),
            fields: vec!["salaire.libelle".to_owned()],
            steps: String::new(),
        }],
    );
    let silver = table(
        "silver.offers",
        Maker::Sql,
        &[
            ("pay", "landing.offers.pay", Kind::Identity),
            ("state", "landing.offers.state", Kind::Transformation),
        ],
    );
    let mut gold = table(
        "gold.offers",
        Maker::Sql,
        &[
            ("least", "silver.offers.pay", Kind::Transformation),
            ("least", "silver.offers.state", Kind::Conditional),
            ("most", "silver.offers.pay", Kind::Aggregation),
        ],
    );
    gold.shapes = Flow::of(ColumnId::new("silver.offers", "state"), Kind::Filter).from;
    let mut fitted = TableLineage::new("models.prices", Maker::Job);
    fitted.reads.insert("gold.offers".to_owned());
    Lineage::new([landing, silver, gold, fitted])
}

fn up(depth: Option<usize>, is_indirect: bool) -> Walk {
    Walk {
        direction: Direction::Up,
        depth,
        is_indirect,
    }
}

#[test]
fn a_column_is_followed_to_the_field_of_its_source() {
    let (graph, of) = (graph(), ColumnId::new("gold.offers", "least"));
    let tree = graph.walk(&of, up(None, false));
    assert_eq!(
        text(&tree, Direction::Up),
        "gold.offers.least\n\
         └─ ← silver.offers.pay [transformation]\n   \
            └─ ← landing.offers.pay [identity]\n         \
                  · default/offers: salaire.libelle\n"
    );
    let all = graph.walk(&of, up(None, true));
    let ids: Vec<String> = all.all().iter().map(|one| one.id.to_string()).collect();
    assert!(ids.contains(&"landing.offers.state".to_owned()), "{ids:?}");
    let cut = graph.walk(&of, up(Some(1), false));
    assert!(cut.children[0].is_cut && cut.children[0].children.is_empty());
}

#[test]
fn what_is_made_of_a_column_is_found_downwards_and_tables_by_their_rows() {
    let graph = graph();
    let down = Walk {
        direction: Direction::Down,
        depth: None,
        is_indirect: false,
    };
    let tree = graph.walk(&ColumnId::new("landing.offers", "pay"), down);
    let ids: Vec<String> = tree.all().iter().map(|one| one.id.to_string()).collect();
    assert_eq!(
        ids,
        [
            "landing.offers.pay",
            "silver.offers.pay",
            "gold.offers.least",
            "gold.offers.most"
        ]
    );
    let rows = graph.walk(&graph.find("landing.offers").unwrap(), down);
    assert_eq!(rows.all().last().unwrap().id.table, "models.prices");
}

#[test]
fn a_name_that_is_not_known_is_answered_with_those_that_may_be_meant() {
    let graph = graph();
    let error = |name: &str| graph.find(name).unwrap_err().to_string();
    assert_eq!(
        error("gold.offers.leas"),
        "gold.offers has no column leas: did you mean least?"
    );
    assert_eq!(
        error("gold.ofers.least"),
        "no table is called gold.ofers: did you mean gold.offers?"
    );
    assert!(
        error("offers").contains("gold.offers"),
        "{}",
        error("offers")
    );
    assert!(error("gold.offers.zzzzzz").ends_with("it has least, most"));
    assert!(error("models.prices.p50").contains("ask for models.prices"));
}

#[test]
fn a_job_that_does_not_say_is_told_as_such() {
    let mut job = TableLineage::new("gold.said", Maker::Job);
    job.declared = vec!["score".to_owned()];
    job.reads.insert("gold.offers".to_owned());
    let graph = Lineage::new([job]);
    let tree = graph.walk(&graph.find("gold.said.score").unwrap(), up(None, false));
    assert!(text(&tree, Direction::Up).contains("a job makes it of gold.offers"));
}

#[test]
fn graphs_for_other_tools_have_every_edge_once_and_escape_names() {
    let graph = graph();
    let tree = graph.walk(&ColumnId::new("gold.offers", "most"), up(None, false));
    let drawn = dot(&[(Direction::Up, &tree)]);
    let edge = "\"silver.offers.pay\" -> \"gold.offers.most\" [label=\"aggregation\"];";
    assert_eq!(drawn.matches(edge).count(), 1, "{drawn}");
    let drawn = mermaid(&[(Direction::Up, &tree)]);
    assert_eq!(drawn.matches("-->").count(), 2, "{drawn}");
}

#[test]
fn a_source_that_is_read_twice_is_told_once() {
    let twice = table(
        "gold.twice",
        Maker::Sql,
        &[
            ("x", "gold.offers.least", Kind::Identity),
            ("x", "gold.offers.most", Kind::Identity),
        ],
    );
    let graph = Lineage::new(graph().tables().cloned().chain([twice]));
    let tree = graph.walk(&ColumnId::new("gold.twice", "x"), up(None, false));
    let told: Vec<bool> = tree
        .all()
        .iter()
        .filter(|one| one.id.to_string() == "silver.offers.pay")
        .map(|one| one.is_told)
        .collect();
    assert_eq!(told, [false, true]);
}

const KINDS: [Kind; 9] = [
    Kind::Identity,
    Kind::Transformation,
    Kind::Aggregation,
    Kind::Join,
    Kind::GroupBy,
    Kind::Filter,
    Kind::Sort,
    Kind::Window,
    Kind::Conditional,
];

proptest! {
    #[test]
    fn kinds_compose_alike_however_a_chain_is_cut(a in 0usize..9, b in 0usize..9, c in 0usize..9) {
        let (a, b, c) = (KINDS[a], KINDS[b], KINDS[c]);
        prop_assert_eq!(a.after(b).after(c), a.after(b.after(c)));
        prop_assert_eq!(a.after(Kind::Identity), a);
        prop_assert_eq!(Kind::Identity.after(a), a);
        prop_assert_eq!(a.after(b).is_direct(), a.is_direct() && b.is_direct());
    }
}
