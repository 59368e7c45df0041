//! Groups in a graph of firms: components, and within them cliques that overlap.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::maximal_cliques;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::unionfind::UnionFind;

/// Firms of a component beyond which its cliques are not enumerated, which could take for ever.
const MOST_FIRMS: usize = 40;

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

/// Returns the largest groups of three firms or more all of which are joined, of weighted edges. Of a component too large to enumerate, the
/// lighter half of the edges stays (those of the smaller chance), until it falls apart.
pub(crate) fn cliques(edges: &[([u32; 2], f64)]) -> Vec<Vec<u32>> {
    let (mut found, mut left) = (Vec::new(), vec![edges.to_vec()]);
    while let Some(edges) = left.pop() {
        let ends: Vec<[u32; 2]> = edges.iter().map(|(ends, _)| *ends).collect();
        for component in components(&ends) {
            let is_own = |one: &u32| component.binary_search(one).is_ok();
            let own = edges.iter().filter(|([one, _], _)| is_own(one)).copied();
            let mut own: Vec<([u32; 2], f64)> = own.collect();
            if component.len() > MOST_FIRMS {
                own.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
                own.truncate(own.len() / 2);
                left.push(own);
            } else {
                let ends: Vec<[u32; 2]> = own.iter().map(|(ends, _)| *ends).collect();
                let all = maximal(&ends)
                    .into_iter()
                    .filter(|clique| clique.len() >= 3);
                found.extend(all.map(|clique| clique.into_iter().collect()));
            }
        }
    }
    found.sort_unstable();
    found
}

/// Returns communities: unions of triangles that share an edge (clique percolation with k = 3: Palla, Derényi, Farkas and Vicsek,
/// *Uncovering the Overlapping Community Structure*, Nature 435, 2005), and edges in no triangle as pairs. Two rings that one firm
/// belongs to stay two. A component too large to enumerate is taken as it is.
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

/// The cliques that are in no other, sorted.
fn maximal(edges: &[[u32; 2]]) -> Vec<BTreeSet<u32>> {
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
    cliques
}

fn percolated(edges: &[[u32; 2]]) -> Vec<Vec<u32>> {
    let cliques = maximal(edges);
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
    fn cliques_of_a_large_component_are_those_of_its_strongest_edges() {
        // A chain of 99 firms, and a triangle at its end.
        let chain = (0..98).map(|at| ([at, at + 1], 1e-3));
        let edges: Vec<([u32; 2], f64)> =
            chain.chain([([97, 99], 1e-9), ([98, 99], 1e-9)]).collect();
        let strong: Vec<_> = edges
            .iter()
            .map(|(ends, p)| (*ends, if ends[0] >= 97 { 1e-9 } else { *p }))
            .collect();
        assert_eq!(cliques(&strong), [vec![97, 98, 99]]);
        assert!(cliques(&[([1, 2], 0.1), ([2, 3], 0.1)]).is_empty());
    }

    #[test]
    fn a_ring_that_lacks_an_edge_is_whole() {
        let edges = [[1, 2], [1, 3], [2, 3], [2, 4], [3, 4]];
        assert_eq!(communities(&edges), [vec![1, 2, 3, 4]]);
    }
}
