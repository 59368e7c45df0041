//! What is suggested.

/// The reserved tenant whose entries every tenant sees.
pub const SHARED_TENANT: &str = "tenant_public";

/// What an entry stands for, in the order in which equals are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Kind {
    /// A concept, by its label or a synonym.
    #[default]
    Concept,
    /// A glossary node.
    Node,
    /// A past query.
    Query,
    /// A company.
    Company,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 4] = [Self::Concept, Self::Node, Self::Query, Self::Company];

    /// Returns the kind's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Concept => "concept",
            Self::Node => "node",
            Self::Query => "query",
            Self::Company => "company",
        }
    }

    /// Returns the kind of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub(crate) fn number(self) -> u32 {
        self as u32
    }
}

/// One text to suggest. A thing (kind and id) may have several: it is suggested once, by the best of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Owner.
    pub tenant: String,
    /// What it stands for.
    pub kind: Kind,
    /// Identifier of the thing within its kind; a query's own text stands for one.
    pub id: String,
    /// The text that is completed.
    pub text: String,
    /// The thing's preferred name: a concept's label where `text` is a synonym.
    pub label: String,
    /// Labels from the Métier down, where it has a place in the glossary.
    pub path: Vec<String>,
    /// Larger is listed first among equally good completions.
    pub weight: u32,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            tenant: SHARED_TENANT.to_owned(),
            kind: Kind::default(),
            id: String::new(),
            text: String::new(),
            label: String::new(),
            path: Vec::new(),
            weight: 0,
        }
    }
}

impl Entry {
    /// The order in which a part numbers its entries.
    pub(crate) fn rank(&self) -> impl Ord + '_ {
        (
            std::cmp::Reverse(self.weight),
            &self.text,
            self.kind,
            &self.id,
        )
    }
}
