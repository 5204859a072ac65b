//! Who comes before whom. Enters: PRDs, touchpoints, assumptions. Leaves: [`DependencyGraph`].

use crate::flag::{FlagKey, FlagValue};
use crate::prd::PrdId;
use crate::source::{RepoPath, Span};

/// Why one PRD comes before another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum EdgeKind {
    /// A document says so.
    Declared,
    /// `to` uses what `from` makes.
    Produces,
    /// `to` needs a flag that `from` introduces.
    Flag,
    /// `from` is the migration that `to`'s schema change waits for.
    Schema,
    /// `from` says that it ships before everything else.
    Foundation,
}

/// `from` comes before `to`.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// Earlier.
    pub from: PrdId,
    /// Later.
    pub to: PrdId,
    /// Why.
    pub kind: EdgeKind,
    /// The places that say so; never empty.
    pub because: Vec<Span>,
}

/// Why two PRDs may not share a phase.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ExclusionKind {
    /// Both write one symbol.
    SameSymbol,
    /// Both write one schema object.
    SameSchemaObject,
    /// Both take one migration slot.
    SameMigration,
    /// Their branches conflict.
    Conflict,
}

/// Two PRDs that may not share a phase; `a < b`.
#[derive(Clone, PartialEq, Debug)]
pub struct Exclusion {
    /// The one.
    pub a: PrdId,
    /// The other.
    pub b: PrdId,
    /// Why.
    pub kind: ExclusionKind,
    /// The thing that they both write.
    pub target: String,
    /// The places that say so; never empty.
    pub because: Vec<Span>,
}

/// Two PRDs that write different parts of the same files: allowed in one phase, at a price; `a < b`.
#[derive(Clone, PartialEq, Debug)]
pub struct Overlap {
    /// The one.
    pub a: PrdId,
    /// The other.
    pub b: PrdId,
    /// The files, sorted.
    pub paths: Vec<RepoPath>,
    /// Those of the files for which one of the two does not say which part it writes: there they may meet.
    pub unnamed: Vec<RepoPath>,
}

/// A flag value that PRDs need and that is not there yet: a flip that a barrier of the plan could make.
#[derive(Clone, PartialEq, Debug)]
pub struct FlipNeed {
    /// The PRD that needs it.
    pub prd: PrdId,
    /// The flag.
    pub flag: FlagKey,
    /// The value that is needed.
    pub to: FlagValue,
}

/// The order that the facts force on the PRDs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DependencyGraph {
    /// Every PRD, sorted.
    pub prds: Vec<PrdId>,
    /// Sorted by `from`, `to`, kind. At most one for each of these.
    pub edges: Vec<Edge>,
    /// Sorted by `a`, `b`, kind.
    pub exclusions: Vec<Exclusion>,
    /// Sorted by `a`, `b`.
    pub overlaps: Vec<Overlap>,
    /// PRDs that wait for each other, each group sorted along one cycle; empty where there is none.
    pub cycles: Vec<Vec<PrdId>>,
    /// Sorted by flag, then PRD.
    pub flips: Vec<FlipNeed>,
    /// Edges that the facts ask for and the documents contradict (`to` is declared to come before `from`): not followed, sorted
    /// as `edges`.
    pub contradicted: Vec<Edge>,
}
