//! Contributions of a tree's features: exact Shapley values of the expectation along the tree's covers (TreeSHAP: Lundberg, Erion and Lee,
//! *Consistent Individualized Feature Attribution for Tree Ensembles*, 2018, algorithm 2). They sum to the leaf's value less the mean.

use super::tree::Tree;

/// A feature on the path from the root, with the share of covers that flows on where it is unknown (`zero`) or known (`one`).
#[derive(Debug, Clone, Copy)]
struct Step {
    feature: usize,
    zero: f64,
    one: f64,
    weight: f64,
}

const ROOT: usize = usize::MAX;

/// Adds the contributions of `row`'s features to `parts`.
pub(super) fn add(tree: &Tree, row: &[f64], parts: &mut [f64]) {
    let first = Step {
        feature: ROOT,
        zero: 1.0,
        one: 1.0,
        weight: 0.0,
    };
    descend(tree, row, parts, 0, Vec::new(), first);
}

fn descend(
    tree: &Tree,
    row: &[f64],
    parts: &mut [f64],
    place: usize,
    mut path: Vec<Step>,
    step: Step,
) {
    extend(&mut path, step);
    let node = &tree.nodes[place];
    let Some(split) = &node.split else {
        for at in 1..path.len() {
            let Step {
                feature, zero, one, ..
            } = path[at];
            parts[feature] += unwound_weight(&path, at) * (one - zero) * node.value;
        }
        return;
    };
    let feature = split.feature as usize;
    let (hot, cold) = split.children(row[feature]);
    let (mut zero, mut one) = (1.0, 1.0);
    if let Some(at) = path.iter().position(|step| step.feature == feature) {
        (zero, one) = (path[at].zero, path[at].one);
        unwind(&mut path, at);
    }
    for (child, one) in [(hot, one), (cold, 0.0)] {
        let share = tree.nodes[child].cover / node.cover;
        let step = Step {
            feature,
            zero: zero * share,
            one,
            weight: 0.0,
        };
        descend(tree, row, parts, child, path.clone(), step);
    }
}

fn extend(path: &mut Vec<Step>, mut step: Step) {
    step.weight = if path.is_empty() { 1.0 } else { 0.0 };
    path.push(step);
    let last = path.len() - 1;
    let count = path.len() as f64;
    for at in (0..last).rev() {
        let weight = path[at].weight;
        path[at + 1].weight += step.one * weight * (at + 1) as f64 / count;
        path[at].weight = step.zero * weight * (last - at) as f64 / count;
    }
}

fn unwind(path: &mut Vec<Step>, gone: usize) {
    let last = path.len() - 1;
    let count = path.len() as f64;
    let Step { zero, one, .. } = path[gone];
    let mut next = path[last].weight;
    for at in (0..last).rev() {
        if one == 0.0 {
            path[at].weight = path[at].weight * count / (zero * (last - at) as f64);
        } else {
            let before = path[at].weight;
            path[at].weight = next * count / ((at + 1) as f64 * one);
            next = before - path[at].weight * zero * (last - at) as f64 / count;
        }
    }
    for at in gone..last {
        let Step {
            feature, zero, one, ..
        } = path[at + 1];
        path[at] = Step {
            feature,
            zero,
            one,
            weight: path[at].weight,
        };
    }
    path.pop();
}

/// The sum of the path's weights, were the step at `gone` unwound.
fn unwound_weight(path: &[Step], gone: usize) -> f64 {
    let last = path.len() - 1;
    let count = path.len() as f64;
    let Step { zero, one, .. } = path[gone];
    let (mut next, mut total) = (path[last].weight, 0.0);
    for at in (0..last).rev() {
        if one == 0.0 {
            total += path[at].weight * count / (zero * (last - at) as f64);
        } else {
            let weight = next * count / ((at + 1) as f64 * one);
            total += weight;
            next = path[at].weight - weight * zero * (last - at) as f64 / count;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Node, Rule, Split, Tree};
    use super::add;

    fn leaf(cover: f64, value: f64) -> Node {
        Node {
            cover,
            value,
            split: None,
        }
    }

    fn inner(cover: f64, feature: u32, edge: f64, left: u32) -> Node {
        let split = Split {
            feature,
            rule: Rule::UpTo(edge),
            missing_left: true,
            left,
            right: left + 1,
        };
        Node {
            cover,
            value: 0.0,
            split: Some(split),
        }
    }

    /// Feature 0 is asked twice on one path, feature 1 on two.
    fn tree() -> Tree {
        let nodes = vec![
            inner(10.0, 0, 0.5, 1),
            inner(6.0, 1, 0.3, 3),
            inner(4.0, 2, 0.6, 5),
            inner(4.0, 0, 0.2, 7),
            leaf(2.0, 5.0),
            leaf(1.0, -3.0),
            inner(3.0, 1, 0.9, 9),
            leaf(1.0, 1.0),
            leaf(3.0, 2.0),
            leaf(2.0, 7.0),
            leaf(1.0, -8.0),
        ];
        Tree { nodes }
    }

    /// The mean of the leaves that a row can reach where only the features of `known` are.
    fn expectation(tree: &Tree, row: &[f64], known: u32, place: usize) -> f64 {
        let node = &tree.nodes[place];
        let Some(split) = &node.split else {
            return node.value;
        };
        if known >> split.feature & 1 == 1 {
            let (hot, _) = split.children(row[split.feature as usize]);
            return expectation(tree, row, known, hot);
        }
        let below = [split.left as usize, split.right as usize];
        let sum: f64 = below
            .iter()
            .map(|child| tree.nodes[*child].cover * expectation(tree, row, known, *child))
            .sum();
        sum / node.cover
    }

    #[test]
    fn contributions_are_shapley_values_by_their_definition() {
        let tree = tree();
        // Shares of the orders of three features in which none, one or two of the others come before.
        let share = [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0];
        for at in 0..27 {
            let value = |step: i32| [0.1, 0.4, f64::NAN][(at / step % 3) as usize] + 0.3;
            let row = [value(1), value(3), value(9)];
            let mut parts = [0.0; 3];
            add(&tree, &row, &mut parts);
            for (feature, part) in parts.iter().enumerate() {
                let wanted: f64 = (0..8_u32)
                    .filter(|known| known >> feature & 1 == 0)
                    .map(|known| {
                        let with = expectation(&tree, &row, known | 1 << feature, 0);
                        let without = expectation(&tree, &row, known, 0);
                        share[known.count_ones() as usize] * (with - without)
                    })
                    .sum();
                assert!((part - wanted).abs() < 1e-12, "{row:?} {feature}");
            }
        }
    }
}
