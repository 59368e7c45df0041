//! What must hold for any graph: the operators are those of sets.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::{Facts, Graph, Node, Selection};

type Names = BTreeSet<String>;

/// Graphs of up to 12 jobs; each reads only jobs before it, so none goes round in a circle.
fn graphs() -> impl Strategy<Value = Graph> {
    let reads =
        |count: usize| prop::collection::vec(prop::collection::vec(any::<bool>(), count), count);
    (2usize..12).prop_flat_map(reads).prop_map(|reads| {
        let name = |place: usize| format!("{}.t{place}", ["bronze", "silver", "gold"][place % 3]);
        let node = |(place, row): (usize, &Vec<bool>)| Node {
            reads: (0..place).filter(|&before| row[before]).map(name).collect(),
            ..Node::named(&name(place))
        };
        Graph::new(reads.iter().enumerate().map(node).collect())
    })
}

/// Selectors that always name something, with every reach.
fn selectors() -> impl Strategy<Value = String> {
    let named = prop_oneof![
        Just("bronze.t0".to_owned()),
        Just("silver.t1".to_owned()),
        Just("bronze.*".to_owned()),
        Just("*.t[01]".to_owned()),
        Just("state:new".to_owned()),
    ];
    let reach = prop_oneof![
        Just(("", "")),
        Just(("+", "")),
        Just(("", "+")),
        Just(("2+", "+1")),
        Just(("@", "")),
    ];
    (named, reach).prop_map(|(name, (before, after))| format!("{before}{name}{after}"))
}

fn of(graph: &Graph, select: &[&str], exclude: &[&str]) -> Names {
    let selection = Selection::parse(select, exclude).unwrap();
    selection.of(graph, &Facts::default()).unwrap()
}

proptest! {
    #[test]
    fn space_is_union_comma_is_intersection_exclude_is_difference(
        graph in graphs(), a in selectors(), b in selectors(),
    ) {
        let (left, right) = (of(&graph, &[&a], &[]), of(&graph, &[&b], &[]));
        let union: Names = left.union(&right).cloned().collect();
        let both: Names = left.intersection(&right).cloned().collect();
        let less: Names = left.difference(&right).cloned().collect();
        prop_assert_eq!(of(&graph, &[&format!("{a} {b}")], &[]), union.clone());
        prop_assert_eq!(of(&graph, &[&a, &b], &[]), union);
        prop_assert_eq!(of(&graph, &[&format!("{a},{b}")], &[]), both.clone());
        prop_assert_eq!(of(&graph, &[&format!("{b},{a}")], &[]), both);
        prop_assert_eq!(of(&graph, &[&a], &[&b]), less);
        prop_assert_eq!(of(&graph, &[&format!("{a} {a}")], &[]), left);
    }

    #[test]
    fn up_is_closed_under_reads_and_down_under_readers(graph in graphs(), place in 0usize..12) {
        let node = &graph.nodes()[place % graph.nodes().len()];
        let up = of(&graph, &[&format!("+{}", node.name)], &[]);
        let down = of(&graph, &[&format!("{}+", node.name)], &[]);
        prop_assert!(up.contains(&node.name) && down.contains(&node.name));
        for one in graph.nodes() {
            if up.contains(&one.name) {
                prop_assert!(one.reads.iter().all(|read| up.contains(read)));
            }
            if one.reads.iter().any(|read| down.contains(read)) {
                prop_assert!(down.contains(&one.name));
            }
            // b is above a exactly where a is below b.
            let below = of(&graph, &[&format!("{}+", one.name)], &[]);
            prop_assert_eq!(up.contains(&one.name), below.contains(&node.name));
        }
    }

    #[test]
    fn more_steps_reach_no_less_and_enough_of_them_reach_all(graph in graphs(), place in 0usize..12) {
        let name = &graph.nodes()[place % graph.nodes().len()].name;
        let mut before = of(&graph, &[name], &[]);
        for steps in 1..=12 {
            let now = of(&graph, &[&format!("{steps}+{name}")], &[]);
            prop_assert!(before.is_subset(&now));
            before = now;
        }
        prop_assert_eq!(before, of(&graph, &[&format!("+{name}")], &[]));
    }

    #[test]
    fn at_holds_all_that_its_descendants_need(graph in graphs(), place in 0usize..12) {
        let name = &graph.nodes()[place % graph.nodes().len()].name;
        let whole = of(&graph, &[&format!("@{name}")], &[]);
        let both = of(&graph, &[&format!("+{name}+")], &[]);
        prop_assert!(both.is_subset(&whole));
        for one in graph.nodes().iter().filter(|one| whole.contains(&one.name)) {
            prop_assert!(one.reads.iter().all(|read| whole.contains(read)));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[@+0-9a-z.:,*\\[ é]{0,20}") {
        let _ = Selection::parse(&[text], &[]);
    }
}
