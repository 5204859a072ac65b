//! Why a PRD goes when it goes. Enters: the graph and its plan. Leaves: [`Why`] of one PRD, [`Apart`] of two: what holds them, and which
//! single decision would bring them forward. Each decision is tried by planning again.

use super::{Plan, derive};
use crate::graph::{Alone, DependencyGraph, Edge, Exclusion};
use crate::prd::PrdId;

/// So many decisions are tried; each is a plan.
const TRIED: usize = 24;

/// What keeps a PRD from the phase before its own.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Hold<'g> {
    /// It comes after a PRD of that phase.
    After(&'g Edge),
    /// It may not share that phase with one of its PRDs.
    Apart(&'g Exclusion),
    /// That PRD, or the one of that phase, shares a phase with nobody.
    Alone(&'g Alone),
    /// That phase has as many PRDs as may run at once.
    Full(u32),
}

/// One decision, and what it would save.
#[derive(Clone, PartialEq, Debug)]
pub struct Shortcut<'g> {
    /// What is given up.
    pub decision: Decision<'g>,
    /// The phase of the PRD then.
    pub phase: u32,
    /// How many phases the plan has then.
    pub phases: u32,
}

/// Something that can be given up.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Decision<'g> {
    /// All that puts `from` directly before `to`; one of its edges.
    Step(&'g Edge),
    /// All that keeps two PRDs apart; one of its exclusions.
    Pair(&'g Exclusion),
    /// That nothing is known of what a PRD touches: it is said, and meets nobody.
    Clear(&'g Alone),
}

/// Why a PRD is in its phase.
#[derive(Clone, PartialEq, Debug)]
pub struct Why<'g> {
    /// Who.
    pub prd: PrdId,
    /// Its phase; `None` where no phase can take it.
    pub phase: Option<u32>,
    /// What keeps it from the phase before; empty in the first phase.
    pub holds: Vec<Hold<'g>>,
    /// What would bring it forward, the largest step first. Nothing where none of the decisions that were tried does.
    pub shortcuts: Vec<Shortcut<'g>>,
    /// Decisions that were not tried, because there are too many.
    pub untried: usize,
}

/// Why two PRDs are in one phase or not.
#[derive(Clone, PartialEq, Debug)]
pub struct Apart<'g> {
    /// The phases of the two, in the order in which they were named.
    pub phases: [Option<u32>; 2],
    /// The way by which the one waits for the other, step by step; empty where neither does.
    pub way: Vec<&'g Edge>,
    /// What keeps them apart whoever comes first.
    pub exclusions: Vec<&'g Exclusion>,
    /// Those of the two that share a phase with nobody.
    pub alone: Vec<&'g Alone>,
}

/// Why `prd` is in its phase of `plan`, which was derived from `graph` with `max_parallel`.
#[must_use]
pub fn why<'g>(graph: &'g DependencyGraph, plan: &Plan, max_parallel: Option<u32>, prd: &PrdId) -> Why<'g> {
    let phase = plan.phase_of(prd);
    let decisions = match phase {
        Some(0) => Vec::new(),
        _ => decisions(graph, prd),
    };
    let tried = decisions.iter().take(TRIED);
    let mut shortcuts: Vec<Shortcut<'g>> = tried
        .filter_map(|decision| {
            let after = derive(&decided(graph, *decision), max_parallel);
            let then = after.phase_of(prd)?;
            phase.is_none_or(|now| then < now).then_some(Shortcut {
                decision: *decision,
                phase: then,
                phases: after.optimality.phases,
            })
        })
        .collect();
    shortcuts.sort_by_key(|shortcut| (shortcut.phase, shortcut.phases));
    Why {
        prd: prd.clone(),
        phase,
        holds: holds(graph, plan, max_parallel, prd),
        shortcuts,
        untried: decisions.len().saturating_sub(TRIED),
    }
}

fn decided(graph: &DependencyGraph, decision: Decision<'_>) -> DependencyGraph {
    match decision {
        Decision::Step(edge) => graph.without_step(&edge.from, &edge.to),
        Decision::Pair(pair) => graph.without_exclusion(&pair.a, &pair.b),
        Decision::Clear(alone) => graph.once_clear(&alone.prd),
    }
}

/// What could be given up: what holds the PRD itself first, then what holds those that it waits for.
fn decisions<'g>(graph: &'g DependencyGraph, prd: &PrdId) -> Vec<Decision<'g>> {
    let mut all: Vec<Decision<'g>> = Vec::new();
    let mut seen: Vec<&PrdId> = vec![graph.prds.iter().find(|one| *one == prd).unwrap_or(&graph.prds[0])];
    let mut at = 0;
    while let Some(&later) = seen.get(at) {
        for edge in graph.edges.iter().filter(|edge| edge.to == *later) {
            let known = |one: &Decision<'_>| matches!(one, Decision::Step(step) if (&step.from, &step.to) == (&edge.from, &edge.to));
            if !all.iter().any(known) {
                all.push(Decision::Step(edge));
            }
            if !seen.contains(&&edge.from) {
                seen.push(&edge.from);
            }
        }
        for pair in graph
            .exclusions
            .iter()
            .filter(|pair| pair.a == *later || pair.b == *later)
        {
            let known =
                |one: &Decision<'_>| matches!(one, Decision::Pair(other) if (&other.a, &other.b) == (&pair.a, &pair.b));
            if !all.iter().any(known) {
                all.push(Decision::Pair(pair));
            }
        }
        at += 1;
    }
    // Who goes by himself takes a phase from everybody; what holds the PRD itself is tried first.
    let (its_own, others): (Vec<&Alone>, Vec<&Alone>) = graph.alone.iter().partition(|one| one.prd == *prd);
    let mut first: Vec<Decision<'g>> = its_own.into_iter().map(Decision::Clear).collect();
    first.append(&mut all);
    first.extend(others.into_iter().map(Decision::Clear));
    first
}

fn holds<'g>(graph: &'g DependencyGraph, plan: &Plan, max_parallel: Option<u32>, prd: &PrdId) -> Vec<Hold<'g>> {
    let Some(before) = plan.phase_of(prd).and_then(|phase| phase.checked_sub(1)) else {
        return Vec::new();
    };
    let Some(phase) = plan.phases.iter().find(|phase| phase.number == before) else {
        return Vec::new();
    };
    let mut holds: Vec<Hold<'g>> = Vec::new();
    let edges = graph
        .edges
        .iter()
        .filter(|edge| edge.to == *prd && phase.prds.contains(&edge.from));
    holds.extend(edges.map(Hold::After));
    let other = |pair: &&Exclusion| match (pair.a == *prd, pair.b == *prd) {
        (true, _) => phase.prds.contains(&pair.b),
        (_, true) => phase.prds.contains(&pair.a),
        _ => false,
    };
    holds.extend(graph.exclusions.iter().filter(other).map(Hold::Apart));
    let there = phase.prds.iter().filter_map(|one| graph.alone(one));
    holds.extend(graph.alone(prd).into_iter().chain(there).take(1).map(Hold::Alone));
    if max_parallel.is_some_and(|most| phase.prds.len() >= most.max(1) as usize) {
        holds.push(Hold::Full(before));
    }
    holds
}

/// Why `a` and `b` are in one phase of `plan`, or not.
#[must_use]
pub fn apart<'g>(graph: &'g DependencyGraph, plan: &Plan, a: &PrdId, b: &PrdId) -> Apart<'g> {
    let way = way(graph, a, b);
    let way = if way.is_empty() { self::way(graph, b, a) } else { way };
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    let pairs = graph.exclusions.iter().chain(&graph.implied.exclusions);
    Apart {
        phases: [plan.phase_of(a), plan.phase_of(b)],
        way,
        exclusions: pairs.filter(|pair| pair.a == *first && pair.b == *second).collect(),
        alone: [a, b].into_iter().filter_map(|one| graph.alone(one)).collect(),
    }
}

/// A shortest way of edges from `a` to `b`.
fn way<'g>(graph: &'g DependencyGraph, a: &PrdId, b: &PrdId) -> Vec<&'g Edge> {
    let mut reached: Vec<(&PrdId, Option<(usize, &'g Edge)>)> = vec![(a, None)];
    let mut at = 0;
    while at < reached.len() {
        let here = reached[at].0;
        for edge in graph.edges.iter().filter(|edge| edge.from == *here) {
            if reached.iter().any(|(prd, _)| **prd == edge.to) {
                continue;
            }
            reached.push((&edge.to, Some((at, edge))));
            if edge.to == *b {
                return back(&reached);
            }
        }
        at += 1;
    }
    Vec::new()
}

/// The steps that led to the last one that was reached.
fn back<'g>(reached: &[(&PrdId, Option<(usize, &'g Edge)>)]) -> Vec<&'g Edge> {
    let mut steps = Vec::new();
    let mut at = reached.len().saturating_sub(1);
    while let Some((before, edge)) = reached[at].1 {
        steps.push(edge);
        at = before;
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::super::laws::{graph, id};
    use super::*;

    /// 0 → 1 → 2, and 3 that may share a phase with neither 0 nor 1.
    fn example() -> (DependencyGraph, Plan) {
        let graph = graph(4, &[(0, 1), (1, 2)], &[(0, 3), (1, 3)], &[]);
        let plan = derive(&graph, None);
        (graph, plan)
    }

    #[test]
    fn what_holds_a_prd_is_what_stands_in_the_phase_before() {
        let (graph, plan) = example();
        let why = why(&graph, &plan, None, &id(2));
        assert_eq!(why.phase, Some(2));
        assert!(
            matches!(why.holds[..], [Hold::After(edge)] if edge.from == id(1)),
            "{:?}",
            why.holds
        );
        let phases: Vec<u32> = why.shortcuts.iter().map(|one| one.phase).collect();
        // Not to wait for 1 is the whole way; that 1 need not wait for 0 is a step.
        assert_eq!(phases, [0, 1], "{:?}", why.shortcuts);
    }

    #[test]
    fn a_pair_that_is_apart_comes_together_only_if_all_that_keeps_it_apart_goes() {
        let (graph, plan) = example();
        let why = why(&graph, &plan, None, &id(3));
        assert_eq!(why.phase, Some(2));
        assert!(matches!(why.holds[..], [Hold::Apart(_)]), "{:?}", why.holds);
        let pairs: Vec<(&PrdId, u32)> = why
            .shortcuts
            .iter()
            .filter_map(|one| match one.decision {
                Decision::Pair(pair) => Some((&pair.a, one.phase)),
                Decision::Step(_) | Decision::Clear(_) => None,
            })
            .collect();
        assert_eq!(pairs, [(&id(0), 0), (&id(1), 1)]);
    }

    #[test]
    fn what_the_order_said_without_words_counts_when_a_step_is_given_up() {
        // 2 waits for 0 by itself, too, which the way over 1 made needless to say.
        let mut graph = graph(3, &[(0, 1), (1, 2)], &[], &[]);
        let detour = Edge {
            from: id(0),
            to: id(2),
            ..graph.edges[0].clone()
        };
        graph.implied.edges.push(detour);
        let plan = derive(&graph, None);
        let why = why(&graph, &plan, None, &id(2));
        assert!(why.shortcuts.iter().all(|one| one.phase == 1), "{:?}", why.shortcuts);
    }

    #[test]
    fn who_goes_by_himself_holds_and_is_freed_by_a_word() {
        let mut graph = graph(3, &[], &[], &[]);
        let alone = Alone {
            prd: id(1),
            because: vec![crate::source::Bytes::new(0, 1).in_file(crate::source::FileId(0))],
        };
        graph.alone.push(alone);
        let plan = derive(&graph, None);
        assert_eq!((plan.optimality.phases, plan.optimality.lower_bound), (2, 2));
        let late = plan.phases[1].prds[0].clone();
        let why = why(&graph, &plan, None, &late);
        assert!(
            matches!(why.holds[..], [Hold::Alone(one)] if one.prd == id(1)),
            "{:?}",
            why.holds
        );
        assert!(matches!(
            why.shortcuts[..],
            [Shortcut {
                decision: Decision::Clear(_),
                phase: 0,
                phases: 1
            }]
        ));
        assert_eq!(apart(&graph, &plan, &id(0), &id(1)).alone.len(), 1);
    }

    #[test]
    fn hundreds_that_go_by_themselves_have_a_phase_each() {
        let mut graph = graph(500, &[(0, 1)], &[], &[]);
        let alone = |n: usize| Alone {
            prd: id(n),
            because: vec![crate::source::Bytes::new(0, 1).in_file(crate::source::FileId(0))],
        };
        graph.alone = (2..500).map(alone).collect();
        graph.alone.sort_by(|a, b| a.prd.cmp(&b.prd));
        let plan = derive(&graph, None);
        assert_eq!((plan.optimality.phases, plan.optimality.lower_bound), (500, 500));
    }

    #[test]
    fn a_full_phase_holds() {
        let graph = graph(3, &[], &[], &[]);
        let plan = derive(&graph, Some(2));
        let why = why(&graph, &plan, Some(2), &id(2));
        assert_eq!(why.holds, [Hold::Full(0)]);
    }

    #[test]
    fn two_are_apart_by_the_shortest_way() {
        let (graph, plan) = example();
        let found = apart(&graph, &plan, &id(2), &id(0));
        let steps: Vec<(&PrdId, &PrdId)> = found.way.iter().map(|edge| (&edge.from, &edge.to)).collect();
        assert_eq!(steps, [(&id(0), &id(1)), (&id(1), &id(2))]);
        assert_eq!(found.phases, [Some(2), Some(0)]);
        let found = apart(&graph, &plan, &id(3), &id(0));
        assert_eq!((found.way.len(), found.exclusions.len()), (0, 1));
    }
}
