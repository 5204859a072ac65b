//! The order in which the PRDs go. Enters: [`DependencyGraph`](crate::graph::DependencyGraph). Leaves: [`Plan`].

use crate::flag::{FlagKey, FlagValue};
use crate::prd::PrdId;

/// PRDs that may be dispatched together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phase {
    /// Zero-based.
    pub number: u32,
    /// Sorted.
    pub prds: Vec<PrdId>,
    /// The order in which their branches are merged with the least pain.
    pub merge_order: Vec<PrdId>,
}

/// A flip between two phases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Barrier {
    /// The flip comes before this phase.
    pub before_phase: u32,
    /// The flag.
    pub flag: FlagKey,
    /// To what.
    pub to: FlagValue,
    /// The PRDs of that phase or later that need it, sorted.
    pub unlocks: Vec<PrdId>,
}

/// Why fewer phases are impossible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The longest chain of edges has as many PRDs as there are phases.
    CriticalPath,
    /// As many PRDs exclude each other, with the chains before and after them.
    Clique,
    /// Every shorter plan was tried.
    Exhaustive,
    /// Not proven: fewer may be possible.
    None,
}

/// How good the plan is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Optimality {
    /// The number of phases.
    pub phases: u32,
    /// No plan has fewer.
    pub lower_bound: u32,
    /// Why.
    pub proof: Proof,
}

/// The order in which the PRDs go.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// In order. PRDs on a cycle, and what waits for them, are in none.
    pub phases: Vec<Phase>,
    /// By phase, then flag.
    pub barriers: Vec<Barrier>,
    /// PRDs that no phase can take because they wait for a cycle, sorted.
    pub unplanned: Vec<PrdId>,
    /// How good it is.
    pub optimality: Optimality,
}
