//! The order in which the PRDs go. Enters: [`DependencyGraph`]. Leaves: [`Plan`]: as few phases as the edges and exclusions allow,
//! with the reason why fewer are impossible, and the flips between them. Knows nothing of why an edge is there.
//!
//! `instance` turns the graph into numbers, `bounds` says what no plan can beat, `list` finds a good plan at once, `search`
//! finds the best one or proves that there is none, `windows` does what it can of that for thousands of PRDs, `polish` chooses among the plans of one length, `barriers` adds the flips;
//! `why` tells what holds a PRD, `compare` what a decision saves.

mod barriers;
mod bounds;
pub mod compare;
mod instance;
#[cfg(test)]
mod laws;
mod list;
mod polish;
mod search;
pub mod why;
mod windows;

use std::collections::BTreeMap;

use crate::flag::{FlagKey, FlagValue};
use crate::graph::{DependencyGraph, FlipMade};
use crate::prd::PrdId;

use bounds::Bound;
use instance::Instance;
use search::Answer;

/// Larger problems are not searched exhaustively.
const SEARCH_LIMIT: usize = 400;

/// Steps of the exhaustive search: about a fifth of a second.
const SEARCH_BUDGET: u64 = 12_000_000;

/// Looks of the search by windows, which comes where the exhaustive one has no answer: well below a tenth of a second.
const WINDOW_LOOKS: u64 = 5_000_000;

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
    /// The PRD of the phase before that makes it; `None` for a flip that somebody has to make by hand.
    pub made: Option<FlipMade>,
}

/// Why fewer phases are impossible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The longest chain of edges has as many PRDs as there are phases.
    CriticalPath,
    /// As many PRDs exclude each other, with the chains before and after them.
    Clique,
    /// Every shorter plan was tried, or ruled out by counting.
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
    /// The chain (in order) or the clique (sorted) that proves it; empty where the proof is another.
    pub witness: Vec<PrdId>,
}

impl Plan {
    /// Every PRD that it knows of, those without a phase last.
    pub fn prds(&self) -> impl Iterator<Item = &PrdId> {
        let planned = self.phases.iter().flat_map(|phase| &phase.prds);
        planned.chain(&self.unplanned)
    }

    /// The phase of a PRD; `None` where none can take it.
    #[must_use]
    pub fn phase_of(&self, prd: &PrdId) -> Option<u32> {
        let phase = self.phases.iter().find(|phase| phase.prds.contains(prd));
        phase.map(|phase| phase.number)
    }

    /// The flip by which a PRD of an earlier phase sees to it that `flag` is `to` when `prd` goes.
    #[must_use]
    pub fn made_before(&self, prd: &PrdId, flag: &FlagKey, to: FlagValue) -> Option<&FlipMade> {
        let barriers = self.barriers.iter().filter(|one| one.flag == *flag && one.to == to);
        let made = |one: &&Barrier| one.made.is_some() && one.unlocks.contains(prd);
        barriers.filter(made).find_map(|one| one.made.as_ref())
    }
}

/// A PRD that this plan goes without.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LeftOut {
    /// The PRD.
    pub prd: PrdId,
    /// The PRD that it waits for and that is left out, too; `None` for one that was named.
    pub waits_for: Option<PrdId>,
}

impl Plan {
    /// The same for the PRDs of `graph`, which are a part of its PRDs: each keeps its phase, so that the number of a phase means what it
    /// did, and a phase may be empty. The flips between the phases are those that these PRDs need.
    #[must_use]
    pub fn only(&self, graph: &DependencyGraph, max_parallel: Option<u32>) -> Self {
        let stays = |prd: &&PrdId| graph.prds.binary_search(prd).is_ok();
        let kept = |prds: &[PrdId]| -> Vec<PrdId> { prds.iter().filter(stays).cloned().collect() };
        let phases: Vec<Phase> = self
            .phases
            .iter()
            .map(|phase| Phase {
                number: phase.number,
                prds: kept(&phase.prds),
                merge_order: kept(&phase.merge_order),
            })
            .collect();
        let places = phases
            .iter()
            .flat_map(|phase| phase.prds.iter().map(|prd| (prd, phase.number)));
        let places: BTreeMap<&PrdId, u32> = places.collect();
        let barriers = barriers::barriers(&graph.flips, &graph.made, &places);
        let used = phases.iter().filter(|phase| !phase.prds.is_empty()).count();
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        // They may fit into fewer phases now; what proves the number is what proves it for them alone.
        let alone = derive(graph, max_parallel);
        let proven = alone.optimality.lower_bound >= used;
        Self {
            barriers,
            phases,
            unplanned: kept(&self.unplanned),
            optimality: Optimality {
                phases: used,
                lower_bound: alone.optimality.lower_bound,
                proof: if proven { alone.optimality.proof } else { Proof::None },
            },
            witness: if proven { alone.witness } else { Vec::new() },
        }
    }
}

/// The plan that `graph` allows, with at most `max_parallel` PRDs in a phase.
///
/// Fewest phases first; of these plans one in which PRDs come as early as possible, then one with the fewest and smallest
/// overlaps inside a phase, then smaller ids first. Up to a few dozen PRDs the number of phases is proven; beyond that the
/// plan says how far it is from the bound.
#[must_use]
pub fn derive(graph: &DependencyGraph, max_parallel: Option<u32>) -> Plan {
    let (instance, unplanned) = Instance::new(graph, max_parallel);
    let (phase_of, mut bound) = solve(&instance);
    let phase_of = polish::polish(&instance, phase_of);
    if bound.phases < list::count(&phase_of) {
        bound.proof = Proof::None;
        bound.witness.clear();
    }
    let places: BTreeMap<&PrdId, u32> = instance.ids.iter().zip(phase_of.iter().copied()).collect();
    Plan {
        barriers: barriers::barriers(&graph.flips, &graph.made, &places),
        phases: phases(&instance, &phase_of),
        unplanned,
        optimality: Optimality {
            phases: list::count(&phase_of),
            lower_bound: bound.phases,
            proof: bound.proof,
        },
        witness: bound
            .witness
            .iter()
            .map(|&v| instance.ids[v as usize].clone())
            .collect(),
    }
}

/// The phase of each PRD, and what no plan can beat.
fn solve(instance: &Instance) -> (Vec<u32>, Bound) {
    let (mut bound, cliques) = bounds::bound(instance, u32::MAX);
    let mut plan = list::schedule(instance, bound.phases);
    let mut budget = SEARCH_BUDGET;
    while bound.phases < list::count(&plan) && instance.len() <= SEARCH_LIMIT {
        match search::search(instance, bound.phases, &cliques, &mut budget) {
            Answer::Found(found) => plan = found,
            Answer::Impossible => {
                bound = Bound {
                    phases: bound.phases + 1,
                    proof: Proof::Exhaustive,
                    witness: Vec::new(),
                }
            }
            Answer::GaveUp => break,
        }
    }
    close_gap(instance, &mut plan, &mut bound);
    (plan, bound)
}

/// Looks between `bound` and `plan` for a shorter plan or a better bound, where the exhaustive search has no answer.
fn close_gap(instance: &Instance, plan: &mut Vec<u32>, bound: &mut Bound) {
    let mut looks = WINDOW_LOOKS;
    let mut phases = bound.phases;
    while phases < list::count(plan) {
        let share = looks / u64::from(list::count(plan) - phases);
        let mut rest = share;
        let answer = windows::search(instance, phases, &mut rest);
        looks -= share - rest;
        match answer {
            Answer::Found(found) => return *plan = found,
            Answer::Impossible => {
                *bound = Bound {
                    phases: phases + 1,
                    proof: Proof::Exhaustive,
                    witness: Vec::new(),
                }
            }
            Answer::GaveUp => {}
        }
        phases += 1;
    }
}

fn phases(instance: &Instance, phase_of: &[u32]) -> Vec<Phase> {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); list::count(phase_of) as usize];
    for (&phase, v) in phase_of.iter().zip(0u32..) {
        members[phase as usize].push(v);
    }
    let ids = |list: &[u32]| list.iter().map(|&v| instance.ids[v as usize].clone()).collect();
    let phase = |(number, prds): (u32, &Vec<u32>)| Phase {
        number,
        prds: ids(prds),
        merge_order: ids(&merge_order(instance, prds)),
    };
    (0..).zip(&members).map(phase).collect()
}

/// Who shares the fewest files with the others of the phase is merged first, so that those who have to rebase come last.
fn merge_order(instance: &Instance, prds: &[u32]) -> Vec<u32> {
    let mut order = prds.to_vec();
    order.sort_by_cached_key(|&v| {
        let here = instance.overlaps[v as usize]
            .iter()
            .filter(|(w, _)| prds.binary_search(w).is_ok());
        let (pairs, files) = here.fold((0u64, 0u64), |(pairs, files), (_, weight)| {
            (pairs + 1, files + u64::from(*weight))
        });
        (pairs, files, v)
    });
    order
}
