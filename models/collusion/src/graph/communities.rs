//! Groups in a graph of firms: components, and within them cliques that overlap.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::maximal_cliques;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;

/// Firms of a component beyond which its cliques are not enumerated, which could take for ever: it is taken as it is.
const MOST_FIRMS: usize = 60;

/// Returns the connected components of two firms or more, each sorted, by their first firm.
pub(crate) fn components(edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
    let (firms, places) = places(edges);
    let mut sets = UnionFind::<usize>::new(firms.len());
    for [one, other] in edges {
        sets.union(places[one], places[other]);
    }
    let mut groups: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for (place, firm) in firms.iter().enumerate() {
        groups.entry(sets.find(place)).or_default().push(*firm);
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    groups.sort_unstable();
    groups
}

/// Returns communities: unions of triangles that share an edge (clique percolation with k = 3: Palla, Derényi, Farkas and Vicsek,
/// *Uncovering the Overlapping Community Structure*, Nature 435, 2005), and edges in no triangle as pairs. Two rings that one firm
/// belongs to stay two.
pub(crate) fn communities(edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    for component in components(edges) {
        let own: Vec<[u32; 2]> = edges
            .iter()
            .filter(|[one, _]| component.binary_search(one).is_ok())
            .copied()
            .collect();
        if component.len() > MOST_FIRMS {
            found.push(component);
        } else {
            found.extend(percolated(&own));
        }
    }
    found.sort_unstable();
    found
}

fn places(edges: &[[u32; 2]]) -> (Vec<u32>, BTreeMap<u32, usize>) {
    let firms: BTreeSet<u32> = edges.iter().flatten().copied().collect();
    let places = firms.iter().enumerate().map(|(at, firm)| (*firm, at));
    (firms.iter().copied().collect(), places.collect())
}

fn percolated(edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
    let (firms, places) = places(edges);
    let mut graph: UnGraph<u32, ()> = UnGraph::new_undirected();
    firms.iter().for_each(|firm| {
        graph.add_node(*firm);
    });
    for [one, other] in edges {
        let (one, other) = (NodeIndex::new(places[one]), NodeIndex::new(places[other]));
        graph.add_edge(one, other, ());
    }
    let mut cliques: Vec<BTreeSet<u32>> = maximal_cliques(&graph)
        .into_iter()
        .map(|clique| clique.into_iter().map(|node| graph[node]).collect())
        .collect();
    cliques.sort_unstable();
    let mut sets = UnionFind::<usize>::new(cliques.len());
    for one in 0..cliques.len() {
        for other in one + 1..cliques.len() {
            if cliques[one].intersection(&cliques[other]).count() >= 2 {
                sets.union(one, other);
            }
        }
    }
    let mut groups: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for (at, clique) in cliques.iter().enumerate() {
        groups.entry(sets.find(at)).or_default().extend(clique);
    }
    groups
        .into_values()
        .map(|group| group.into_iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rings_that_share_a_firm_stay_two() {
        let edges = [[1, 2], [1, 3], [2, 3], [3, 4], [3, 5], [4, 5], [7, 8]];
        assert_eq!(
            communities(&edges),
            [vec![1, 2, 3], vec![3, 4, 5], vec![7, 8]]
        );
        assert_eq!(components(&edges), [vec![1, 2, 3, 4, 5], vec![7, 8]]);
    }

    #[test]
    fn a_ring_that_lacks_an_edge_is_whole() {
        let edges = [[1, 2], [1, 3], [2, 3], [2, 4], [3, 4]];
        assert_eq!(communities(&edges), [vec![1, 2, 3, 4]]);
    }
}
