//! A snapshot that a share of nodes serves before all do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Environment, Pointer, SnapshotId};

/// What `snapshots/CANARY` holds: the snapshot that some nodes serve in the place of the announced one.
///
/// It counts only beside the announcement that it was begun against: once anything else is announced it is over, whoever forgot to
/// take it away. So one change of `snapshots/CURRENT` ends it for every node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    /// The snapshot tried out.
    pub id: SnapshotId,
    /// BLAKE3 of its manifest, in hexadecimal.
    pub manifest_blake3: String,
    /// The snapshot that was announced when it began, which the other nodes serve.
    pub against: SnapshotId,
    /// The share of nodes that take part, in [0, 1].
    pub share: f64,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// Who began it, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The environment that made it, whose tables are published with it when it is announced to all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Environment>,
}

impl Canary {
    /// Returns what points to the snapshot.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        Pointer {
            id: self.id.clone(),
            manifest_blake3: self.manifest_blake3.clone(),
        }
    }

    /// Says whether it counts while `announced` is: it was begun against that, and nothing was announced since.
    #[must_use]
    pub fn stands_beside(&self, announced: &SnapshotId) -> bool {
        self.against == *announced && self.id != *announced
    }

    /// Says whether the node of a name takes part: by a hash of the name and the snapshot, so that a larger share adds nodes and takes
    /// none out, and another snapshot is tried on other nodes.
    #[must_use]
    pub fn takes(&self, node: &str) -> bool {
        let mut hasher = blake3::Hasher::new();
        for part in ["canary", self.id.as_str(), node] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        // 53 bits: every place is a number in [0, 1) as it is.
        let place = (u64::from_le_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64;
        place < self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary(share: f64) -> Canary {
        Canary {
            id: "0123456789abcdef0123456789abcdef".parse().unwrap(),
            manifest_blake3: String::new(),
            against: "ffffffffffffffffffffffffffffffff".parse().unwrap(),
            share,
            begun_at: DateTime::UNIX_EPOCH,
            by: None,
            from: None,
        }
    }

    fn taking_part(canary: &Canary) -> Vec<usize> {
        let all = 0..2_000;
        all.filter(|number| canary.takes(&format!("node-{number}")))
            .collect()
    }

    #[test]
    fn about_the_share_of_nodes_takes_part_and_a_larger_share_takes_none_out() {
        let (fifth, half) = (taking_part(&canary(0.2)), taking_part(&canary(0.5)));
        assert!((350..450).contains(&fifth.len()), "{}", fifth.len());
        assert!((900..1_100).contains(&half.len()), "{}", half.len());
        assert!(fifth.iter().all(|node| half.contains(node)));
        assert!(taking_part(&canary(0.0)).is_empty());
        assert_eq!(taking_part(&canary(1.0)).len(), 2_000);
    }

    #[test]
    fn another_snapshot_is_tried_on_other_nodes() {
        let mut other = canary(0.2);
        other.id = "00000000000000000000000000000001".parse().unwrap();
        assert_ne!(taking_part(&canary(0.2)), taking_part(&other));
    }

    #[test]
    fn it_is_over_once_anything_else_is_announced() {
        let canary = canary(0.2);
        assert!(canary.stands_beside(&canary.against));
        assert!(!canary.stands_beside(&canary.id), "announced to all");
        let later = "00000000000000000000000000000002".parse().unwrap();
        assert!(!canary.stands_beside(&later), "another night");
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let mut canary = canary(0.25);
        canary.from = "next".parse().ok();
        let text = serde_json::to_string(&canary).unwrap();
        assert_eq!(serde_json::from_str::<Canary>(&text).unwrap(), canary);
    }
}
