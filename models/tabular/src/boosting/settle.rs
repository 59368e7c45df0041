//! Leaves' final values: within what monotone splits above allow; then the means of inner nodes.

use super::params::Direction;
use super::tree::Tree;

/// Sets inner nodes to the mean of what is below, by cover, and holds leaves to the directions: at a split on a rising feature no leaf on
/// the left is above the mean of both sides, and none on the right below it. So no path can break a direction, whatever the values of
/// the other features.
pub(super) fn settle(tree: &mut Tree, directions: &[Option<Direction>]) {
    means(tree);
    if directions.iter().any(Option::is_some) {
        hold(tree, directions, 0, (f64::NEG_INFINITY, f64::INFINITY));
        means(tree);
    }
}

fn means(tree: &mut Tree) {
    // Children stand behind their parents.
    for place in (0..tree.nodes.len()).rev() {
        if let Some(split) = &tree.nodes[place].split {
            let (left, right) = (
                &tree.nodes[split.left as usize],
                &tree.nodes[split.right as usize],
            );
            let sum = left.cover * left.value + right.cover * right.value;
            tree.nodes[place].value = sum / (left.cover + right.cover);
        }
    }
}

fn hold(tree: &mut Tree, directions: &[Option<Direction>], place: usize, within: (f64, f64)) {
    let node = &mut tree.nodes[place];
    let (low, high) = within;
    let Some(split) = &node.split else {
        node.value = node.value.clamp(low, high);
        return;
    };
    let middle = node.value.clamp(low, high);
    let (left, right) = (split.left as usize, split.right as usize);
    let (left_within, right_within) = match directions[split.feature as usize] {
        None => (within, within),
        Some(Direction::Rising) => ((low, middle), (middle, high)),
        Some(Direction::Falling) => ((middle, high), (low, middle)),
    };
    hold(tree, directions, left, left_within);
    hold(tree, directions, right, right_within);
}
