//! Who comes before whom. Enters: PRDs, touchpoints, assumptions. Leaves: [`DependencyGraph`]: edges, exclusions and overlaps, each
//! with the places that make us believe it. Knows nothing of phases.
//!
//! What a document declares always holds. What follows from facts holds unless a document contradicts it; then it is kept as
//! `contradicted` for a check to say so. Edges that only repeat a longer way are left out, unless they are declared or tell of a
//! flag.

mod cycle;
mod decided;
mod edges;
mod merges;
mod order;
mod schema;
#[cfg(test)]
mod tests;
mod unclear;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::flips::PlannedFlip;
use crate::assumption::{Assumption, NeedCertainty, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::{Prd, PrdId};
use crate::source::{RepoPath, Sources, Span};
use crate::touchpoint::Touchpoint;

pub use cycle::{Step, cheapest};
use edges::Edges;
pub use merges::{BranchBreak, BranchConflict, ConflictFile, Merges};
use order::Reach;
pub use unclear::{Alone, unclear};
pub use writes::Meeting;
use writes::Writes;

/// Why one PRD comes before another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum EdgeKind {
    /// A document says so.
    Declared,
    /// `to` uses what `from` makes.
    Produces,
    /// `to` needs a flag that `from` introduces.
    Flag,
    /// `to` needs the opposite of what a flag is, and `from` needs it as it is: it goes before the flip.
    Held,
    /// `to` takes away, or renames, what `from` uses: it goes last, and sees what is there to be changed with it.
    Gone,
    /// `from` is the migration that `to`'s schema change waits for.
    Schema,
    /// `from` is a hotfix, and `to` changes the same, or is a foundation.
    Hotfix,
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
    /// Their branches conflict, or merge cleanly and do not go together.
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
    /// The thing between them.
    pub target: String,
    /// Who does what with it.
    pub meeting: Meeting,
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

/// A flip that the landing of a PRD makes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlipMade {
    /// The PRD with which it comes.
    pub prd: PrdId,
    /// The flag.
    pub flag: FlagKey,
    /// What it becomes.
    pub to: FlagValue,
    /// The PRD that says so; most often the same.
    pub by: PrdId,
    /// Where.
    pub span: Span,
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
    /// Those that share a phase with nobody, sorted.
    pub alone: Vec<Alone>,
    /// Sorted by `a`, `b`.
    pub overlaps: Vec<Overlap>,
    /// PRDs that wait for each other, each group sorted along one cycle; empty where there is none.
    pub cycles: Vec<Vec<PrdId>>,
    /// Sorted by flag, then PRD.
    pub flips: Vec<FlipNeed>,
    /// The flips that PRDs make, sorted by flag, then PRD; of two that tell of one flip, the one that makes it.
    pub made: Vec<FlipMade>,
    /// Edges that the facts ask for and the documents contradict (`to` is declared to come before `from`): not followed, sorted
    /// as `edges`.
    pub contradicted: Vec<Edge>,
    /// Edges of the kind *produces* that lead in a circle: not followed, sorted as `edges`.
    pub circular: Vec<Edge>,
    /// What the edges above say already; it counts again where one of them is given up.
    pub implied: Implied,
}

/// What need not be said as long as all edges stand.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Implied {
    /// Edges that repeat a longer way, sorted as the graph's edges.
    pub edges: Vec<Edge>,
    /// Pairs that the order keeps apart anyhow, sorted as the graph's exclusions.
    pub exclusions: Vec<Exclusion>,
}

impl DependencyGraph {
    /// The PRDs that cannot go without those of `gone`, each with the one that it waits for: what waits for them, and what waits for
    /// that. What has landed is waited for no more.
    #[must_use]
    pub fn waiting(&self, gone: &BTreeSet<PrdId>, landed: &BTreeSet<PrdId>) -> BTreeMap<PrdId, PrdId> {
        let mut waiting: BTreeMap<PrdId, PrdId> = BTreeMap::new();
        loop {
            let is_gone = |prd: &PrdId| gone.contains(prd) || waiting.contains_key(prd);
            let next = self.edges.iter().find(|edge| {
                is_gone(&edge.from) && !landed.contains(&edge.from) && !is_gone(&edge.to) && !landed.contains(&edge.to)
            });
            let Some(edge) = next else { return waiting };
            waiting.insert(edge.to.clone(), edge.from.clone());
        }
    }
}

/// What the graph is made of.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Every PRD.
    pub prds: &'a [Prd],
    /// What they touch.
    pub touchpoints: &'a [Touchpoint],
    /// What they need of flags.
    pub assumptions: &'a [Assumption],
    /// The flips that are still to come.
    pub flips: &'a [PlannedFlip],
    /// What became of the branches of PRDs when they were really merged with each other.
    pub merges: &'a Merges,
    /// PRDs of which nothing is known may share a phase, as the project wants it.
    pub unclear_together: bool,
    /// The texts of the PRDs.
    pub sources: &'a Sources,
}

/// The PRDs as numbers: places in the sorted list of their ids.
struct Numbers<'a> {
    ids: Vec<&'a PrdId>,
}

impl<'a> Numbers<'a> {
    fn new(prds: &'a [Prd]) -> Self {
        let mut ids: Vec<&PrdId> = prds.iter().map(|prd| &prd.id).collect();
        ids.sort();
        ids.dedup();
        Self { ids }
    }

    fn of(&self, id: &PrdId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    fn id(&self, number: usize) -> &'a PrdId {
        self.ids[number]
    }

    fn reach(&self, edges: &Edges) -> Reach {
        Reach::new(self.ids.len(), &ends(edges))
    }
}

/// The order that the facts force on the PRDs.
#[must_use]
pub fn build(inputs: &Inputs<'_>) -> DependencyGraph {
    let numbers = Numbers::new(inputs.prds);
    let mut kept = Edges::new();
    edges::declared(inputs, &numbers, &mut kept);
    let declared = numbers.reach(&kept);
    let mut derived = Edges::new();
    edges::flags(inputs, &numbers, &mut derived);
    edges::produces(inputs, &numbers, |a, b| declared.reaches(a, b), &mut derived);
    schema::migrations(inputs, &numbers, |a, b| declared.reaches(a, b), &mut derived);
    let (contradicted, followed) = derived
        .into_iter()
        .partition(|((from, to, _), _)| declared.reaches(*to, *from));
    kept.extend::<Edges>(followed);
    let circular = cut_circles(&numbers, &mut kept);
    edges::turns(inputs, &numbers, &mut kept);
    let reach = numbers.reach(&kept);
    // Who waits for a flag, or for a foundation because everybody does, need not know what the other one does to the schema.
    let knowing = numbers.reach(
        &kept
            .iter()
            .filter(|((_, _, kind), _)| *kind != EdgeKind::Flag)
            .map(|(key, places)| (*key, places.clone()))
            .collect(),
    );
    kept.extend(edges::foundations(inputs.prds, &numbers, |a, b| reach.reaches(a, b)));
    edges::held(inputs, &numbers, &mut kept);
    edges::gone(inputs, &numbers, &mut kept);
    let writes = Writes::new(inputs, &numbers);
    edges::hotfixes(inputs, &numbers, &writes, &mut kept);
    let reach = numbers.reach(&kept);
    let all = kept.clone();
    let kept = without_detours(kept, &reach);
    let detours: Edges = all.into_iter().filter(|(key, _)| !kept.contains_key(key)).collect();
    let mut exclusions = writes.exclusions(|a, b| reach.ordered(a, b), |a, b| knowing.ordered(a, b));
    let titles = inputs.prds.iter().map(|prd| (&prd.id, prd.title_span)).collect();
    exclusions.extend(inputs.merges.exclusions(&titles));
    sort_exclusions(&mut exclusions);
    let mut implied = writes.exclusions(|_, _| false, |_, _| false);
    sort_exclusions(&mut implied);
    implied.retain(|pair| !exclusions.contains(pair));
    let excluded: BTreeSet<(usize, usize)> = exclusions
        .iter()
        .filter_map(|pair| Some((numbers.of(&pair.a)?, numbers.of(&pair.b)?)))
        .collect();
    DependencyGraph {
        prds: numbers.ids.iter().copied().cloned().collect(),
        cycles: cycles(&numbers, &kept, &reach),
        edges: named(&numbers, kept),
        overlaps: writes.overlaps(|a, b| excluded.contains(&(a, b)) || reach.ordered(a, b)),
        exclusions,
        alone: unclear::alone(inputs),
        flips: flips(inputs.assumptions),
        made: made(inputs.flips),
        contradicted: named(&numbers, contradicted),
        circular: named(&numbers, circular),
        implied: Implied {
            edges: named(&numbers, detours),
            exclusions: implied,
        },
    }
}

fn sort_exclusions(exclusions: &mut Vec<Exclusion>) {
    exclusions.sort_by(|a, b| (&a.a, &a.b, a.kind, &a.target).cmp(&(&b.a, &b.b, b.kind, &b.target)));
    exclusions.dedup_by(|a, b| (&a.a, &a.b, a.kind, &a.target) == (&b.a, &b.b, b.kind, &b.target));
}

/// Takes out the edges that only say who makes what another one mentions, where they lead in a circle: which of them is meant is
/// anybody's guess, and a guess must not hold a plan.
fn cut_circles(numbers: &Numbers<'_>, kept: &mut Edges) -> Edges {
    let reach = numbers.reach(kept);
    if reach.is_acyclic() {
        return Edges::new();
    }
    let (circular, rest) = std::mem::take(kept)
        .into_iter()
        .partition(|((from, to, kind), _)| *kind == EdgeKind::Produces && reach.reaches(*to, *from));
    *kept = rest;
    circular
}

fn ends(edges: &Edges) -> Vec<(usize, usize)> {
    let mut ends: Vec<(usize, usize)> = edges.keys().map(|&(from, to, _)| (from, to)).collect();
    ends.dedup();
    ends
}

/// Leaves out what a longer way (or a better reason for the same step) says already. On a cycle everything is a longer way:
/// then all edges stay, for the story of the cycle.
fn without_detours(edges: Edges, reach: &Reach) -> Edges {
    if !reach.is_acyclic() {
        return edges;
    }
    let ends = ends(&edges);
    let detour = |from: usize, to: usize| {
        let first = ends.partition_point(|end| *end < (from, 0));
        let steps = ends[first..].iter().take_while(|end| end.0 == from);
        steps
            .into_iter()
            .any(|&(_, step)| step != to && reach.reaches(step, to))
    };
    let repeated = |from: usize, to: usize| {
        let same = edges.range((from, to, EdgeKind::Declared)..=(from, to, EdgeKind::Foundation));
        same.count() > 1
    };
    let needed = |(from, to, kind): &(usize, usize, EdgeKind)| match kind {
        EdgeKind::Declared | EdgeKind::Flag | EdgeKind::Held => true,
        EdgeKind::Produces | EdgeKind::Gone | EdgeKind::Schema => !detour(*from, *to),
        EdgeKind::Foundation | EdgeKind::Hotfix => !repeated(*from, *to) && !detour(*from, *to),
    };
    edges
        .iter()
        .filter(|(key, _)| needed(key))
        .map(|(key, places)| (*key, places.clone()))
        .collect()
}

fn named(numbers: &Numbers<'_>, edges: Edges) -> Vec<Edge> {
    let edge = |((from, to, kind), because): ((usize, usize, EdgeKind), BTreeSet<Span>)| Edge {
        from: numbers.id(from).clone(),
        to: numbers.id(to).clone(),
        kind,
        because: because.into_iter().collect(),
    };
    edges.into_iter().map(edge).collect()
}

fn cycles(numbers: &Numbers<'_>, edges: &Edges, reach: &Reach) -> Vec<Vec<PrdId>> {
    let cycles = reach.cycles(&ends(edges)).into_iter();
    cycles
        .map(|cycle| cycle.into_iter().map(|number| numbers.id(number).clone()).collect())
        .collect()
}

/// The flag values that PRDs need and nobody supplies; what is merely possible asks for no flip.
fn flips(assumptions: &[Assumption]) -> Vec<FlipNeed> {
    let mut needs: Vec<FlipNeed> = assumptions
        .iter()
        .filter(|assumption| assumption.supply == Supply::Nobody && assumption.certainty >= NeedCertainty::Likely)
        .filter(|assumption| assumption.needs != FlagValue::Unknown)
        .map(|assumption| FlipNeed {
            prd: assumption.prd.clone(),
            flag: assumption.flag.clone(),
            to: assumption.needs,
        })
        .collect();
    needs.sort_by(|a, b| (&a.flag, &a.prd, a.to).cmp(&(&b.flag, &b.prd, b.to)));
    needs.dedup();
    needs
}

/// The flips that come with PRDs.
fn made(flips: &[PlannedFlip]) -> Vec<FlipMade> {
    let with = flips.iter().filter_map(|flip| {
        Some(FlipMade {
            prd: flip.with.clone()?,
            flag: flip.flag.clone(),
            to: flip.to,
            by: flip.by.clone(),
            span: flip.span,
        })
    });
    let mut all: Vec<FlipMade> = with.filter(|flip| flip.to != FlagValue::Unknown).collect();
    all.sort_by(|a, b| {
        (&a.flag, &a.prd, a.to, a.by != a.prd, a.span).cmp(&(&b.flag, &b.prd, b.to, b.by != b.prd, b.span))
    });
    all.dedup_by(|a, b| (&a.flag, &a.prd, a.to) == (&b.flag, &b.prd, b.to));
    all
}
