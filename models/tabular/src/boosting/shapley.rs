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
    let first = Step { feature: ROOT, zero: 1.0, one: 1.0, weight: 0.0 };
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
            let Step { feature, zero, one, .. } = path[at];
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
        let step = Step { feature, zero: zero * share, one, weight: 0.0 };
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
        let Step { feature, zero, one, .. } = path[at + 1];
        path[at] = Step { feature, zero, one, weight: path[at].weight };
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
