//! Whether this node serves a canary: a snapshot that some nodes try out before it is announced to all.

use clap::{Args, ValueEnum};
use schemas::Canary;
use serde::Serialize;

/// Whether a node takes part in canaries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CanaryChoice {
    /// Always: this node tries new snapshots first.
    Yes,
    /// Never.
    No,
    /// Where a hash of the node's name and the snapshot falls into the canary's share.
    #[default]
    ByShare,
}

/// What an operator says of canaries.
#[derive(Debug, Clone, Args)]
pub struct CanarySettings {
    /// Whether this node tries a snapshot that is announced to a share of nodes first (`pipeline snapshot canary`). `by-share` draws by the
    /// node's name, so nodes need different ones (--node); with few nodes say `yes` to one of them
    #[arg(
        id = "canary",
        long = "canary",
        env = "MARKETLOUNGE_CANARY",
        value_enum,
        default_value = "by-share"
    )]
    pub choice: CanaryChoice,
}

/// A node's part in canaries.
#[derive(Debug, Default)]
pub(crate) struct Part {
    choice: CanaryChoice,
    node: String,
}

impl Part {
    /// The part of the node of a name.
    pub(crate) fn new(choice: CanaryChoice, node: String) -> Self {
        Self { choice, node }
    }

    /// Says whether the node takes part in a canary.
    pub(crate) fn takes(&self, canary: &Canary) -> bool {
        match self.choice {
            CanaryChoice::Yes => true,
            CanaryChoice::No => false,
            CanaryChoice::ByShare => canary.takes(&self.node),
        }
    }
}

/// What a node makes of the canary that there is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CanaryState {
    /// The snapshot.
    pub(crate) id: String,
    /// The share of nodes that take part.
    pub(crate) share: f64,
    /// Whether this node is one of them.
    pub(crate) takes_part: bool,
    /// Whether it answers from it.
    pub(crate) is_served: bool,
    /// Why it does not, though it takes part.
    pub(crate) refused: Option<String>,
}
