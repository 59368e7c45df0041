//! What a route needs of who asks, and what it costs.

use access::Scope;

/// Who may ask a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, with or without a key: probes.
    Anyone,
    /// A key with the scope `operate`; anybody where the operator opened it (`--open-metrics`).
    Operator,
    /// Any key.
    AnyKey,
    /// A key with this scope.
    Has(Scope),
}

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Who may ask it.
    pub who: Who,
    /// Units that a request costs: about the milliseconds of a core that it takes.
    pub cost: u32,
}

impl Needs {
    /// Open to anybody, and free.
    pub(crate) const NOTHING: Self = Self {
        who: Who::Anyone,
        cost: 0,
    };
    /// For operators, and free: watching a node must not be refused when it is busy.
    pub(crate) const OPERATOR: Self = Self {
        who: Who::Operator,
        cost: 0,
    };

    /// Any key, for so many units.
    pub(crate) const fn any_key(cost: u32) -> Self {
        Self {
            who: Who::AnyKey,
            cost,
        }
    }

    /// A scope, for so many units.
    pub(crate) const fn scope(scope: Scope, cost: u32) -> Self {
        Self {
            who: Who::Has(scope),
            cost,
        }
    }

    /// Returns the scope that a key must have, where one is needed.
    #[must_use]
    pub const fn scope_needed(self) -> Option<Scope> {
        match self.who {
            Who::Anyone | Who::AnyKey => None,
            Who::Operator => Some(Scope::Operate),
            Who::Has(scope) => Some(scope),
        }
    }
}
