//! The laws of planning, on drawn graphs: every plan respects what binds it, no plan beats its own bound, the order of the input
//! does not show, and less to respect never needs more phases.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::graph::{Edge, EdgeKind, Exclusion, ExclusionKind, Meeting, Overlap};
use crate::source::{Bytes, FileId, RepoPath};

pub(super) fn id(n: usize) -> PrdId {
    PrdId(format!("{n:05}"))
}

/// A graph of `count` PRDs; `edges` and `apart` are pairs of numbers.
pub(super) fn graph(
    count: usize,
    edges: &[(usize, usize)],
    apart: &[(usize, usize)],
    overlaps: &[(usize, usize)],
) -> DependencyGraph {
    let because = vec![Bytes::new(0, 1).in_file(FileId(0))];
    DependencyGraph {
        prds: (0..count).map(id).collect(),
        edges: edges
            .iter()
            .map(|&(from, to)| Edge {
                from: id(from),
                to: id(to),
                kind: EdgeKind::Declared,
                because: because.clone(),
            })
            .collect(),
        exclusions: apart
            .iter()
            .map(|&(a, b)| Exclusion {
                a: id(a.min(b)),
                b: id(a.max(b)),
                kind: ExclusionKind::SameSymbol,
                target: "s".into(),
                meeting: Meeting::Both,
                because: because.clone(),
            })
            .collect(),
        overlaps: overlaps
            .iter()
            .map(|&(a, b)| Overlap {
                a: id(a.min(b)),
                b: id(a.max(b)),
                paths: vec![RepoPath::new("f.ts").expect("a path")],
                unnamed: Vec::new(),
            })
            .collect(),
        ..DependencyGraph::default()
    }
}

fn phase_of(plan: &Plan) -> BTreeMap<PrdId, u32> {
    let phases = plan.phases.iter();
    phases
        .flat_map(|phase| phase.prds.iter().map(|prd| (prd.clone(), phase.number)))
        .collect()
}

fn respects(graph: &DependencyGraph, plan: &Plan, most: Option<u32>) {
    let of = phase_of(plan);
    assert_eq!(
        of.len() + plan.unplanned.len(),
        graph.prds.len(),
        "everybody is somewhere, once"
    );
    for edge in &graph.edges {
        if let Some(to) = of.get(&edge.to) {
            assert!(
                of.get(&edge.from).is_some_and(|from| from < to),
                "{} before {}",
                edge.from,
                edge.to
            );
        }
    }
    for exclusion in &graph.exclusions {
        if let (Some(a), Some(b)) = (of.get(&exclusion.a), of.get(&exclusion.b)) {
            assert_ne!(a, b, "{} apart from {}", exclusion.a, exclusion.b);
        }
    }
    for (number, phase) in (0..).zip(&plan.phases) {
        assert_eq!(phase.number, number);
        assert!(!phase.prds.is_empty() && most.is_none_or(|most| phase.prds.len() <= most as usize));
        assert_eq!(
            phase.prds.iter().collect::<BTreeSet<_>>(),
            phase.merge_order.iter().collect()
        );
    }
    let optimality = plan.optimality;
    assert_eq!(optimality.phases as usize, plan.phases.len());
    assert!(optimality.lower_bound <= optimality.phases);
    assert_eq!(
        optimality.proof == Proof::None,
        optimality.lower_bound < optimality.phases
    );
}

/// The fewest phases, by trying everything: `done` is a set of bits.
fn fewest(count: usize, edges: &[(usize, usize)], apart: &[(usize, usize)], most: u32) -> u32 {
    let mut best = vec![u32::MAX; 1 << count];
    best[0] = 0;
    for done in 0..1usize << count {
        if best[done] == u32::MAX {
            continue;
        }
        let ready = (0..count)
            .filter(|&v| done >> v & 1 == 0 && edges.iter().all(|&(from, to)| to != v || done >> from & 1 == 1))
            .fold(0, |set, v| set | 1usize << v);
        let mut take = ready;
        while take > 0 {
            let free = apart.iter().all(|&(a, b)| take >> a & take >> b & 1 == 0);
            if free && take.count_ones() <= most {
                best[done | take] = best[done | take].min(best[done] + 1);
            }
            take = (take - 1) & ready;
        }
    }
    best[(1 << count) - 1]
}

type Pairs = Vec<(usize, usize)>;

/// PRDs, edges without cycles, exclusions, overlaps.
fn drawn(most: usize) -> impl Strategy<Value = (usize, Pairs, Pairs, Pairs)> {
    (1..=most).prop_flat_map(|count| {
        let pair = move |(a, b): (usize, usize)| (a % count.max(2), b % count.max(2));
        let pairs = move |density: usize| {
            prop::collection::vec((0..count, 0..count), 0..=count * density / 2).prop_map(move |pairs| {
                let pairs = pairs.into_iter().map(pair).filter(|(a, b)| a != b);
                pairs.map(|(a, b)| (a.min(b), a.max(b))).collect::<Pairs>()
            })
        };
        (Just(count), pairs(2), pairs(4), pairs(3))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_respects_every_edge_and_exclusion((count, edges, apart, overlaps) in drawn(24), most in prop::option::of(1u32..6)) {
        let graph = graph(count, &edges, &apart, &overlaps);
        respects(&graph, &derive(&graph, most), most);
    }

    #[test]
    fn a_small_plan_is_the_shortest((count, edges, apart, _) in drawn(9), most in prop::option::of(1u32..5)) {
        let plan = derive(&graph(count, &edges, &apart, &[]), most);
        let truth = fewest(count, &edges, &apart, most.unwrap_or(u32::MAX));
        prop_assert_eq!(plan.optimality.phases, truth);
        prop_assert_eq!(plan.optimality.lower_bound, truth);
        prop_assert!(plan.optimality.proof != Proof::None);
    }

    #[test]
    fn windows_know_what_trying_everything_knows((count, edges, apart, _) in drawn(9), phases in 1u32..9) {
        let graph = graph(count, &edges, &apart, &[]);
        let (instance, _) = Instance::new(&graph, None);
        let fits = fewest(count, &edges, &apart, u32::MAX) <= phases;
        match windows::search(&instance, phases, &mut 1_000_000) {
            Answer::Found(plan) => {
                prop_assert!(fits && list::count(&plan) <= phases);
                prop_assert!(edges.iter().all(|&(from, to)| plan[from] < plan[to]));
                prop_assert!(apart.iter().all(|&(a, b)| plan[a] != plan[b]));
            }
            Answer::Impossible => prop_assert!(!fits),
            Answer::GaveUp => prop_assert!(false, "so small a problem is never given up"),
        }
    }

    #[test]
    fn the_order_of_the_input_does_not_show((count, edges, apart, overlaps) in drawn(20), seed in any::<u64>()) {
        let one = graph(count, &edges, &apart, &overlaps);
        let mut other = one.clone();
        let turn = |n: usize| (seed as usize) % n.max(1);
        other.prds.rotate_left(turn(one.prds.len()));
        other.edges.rotate_left(turn(one.edges.len()));
        other.exclusions.reverse();
        other.overlaps.rotate_left(turn(one.overlaps.len()));
        prop_assert_eq!(derive(&one, None), derive(&other, None));
    }

    #[test]
    fn less_to_respect_never_needs_more_phases((count, edges, apart, _) in drawn(16), at in any::<prop::sample::Index>()) {
        let full = derive(&graph(count, &edges, &apart, &[]), None);
        let (mut fewer_edges, mut fewer_apart) = (edges.clone(), apart.clone());
        if !edges.is_empty() { fewer_edges.remove(at.index(edges.len())); }
        if !apart.is_empty() { fewer_apart.remove(at.index(apart.len())); }
        for (edges, apart) in [(&fewer_edges, &apart), (&edges, &fewer_apart)] {
            let less = derive(&graph(count, edges, apart, &[]), None);
            prop_assert!(less.optimality.phases <= full.optimality.phases);
        }
    }

    #[test]
    fn a_planted_plan_of_forty_is_found(phases in 2usize..9, seed in any::<u64>()) {
        let (edges, apart) = planted(40, phases, seed);
        let graph = graph(40, &edges, &apart, &[]);
        let plan = derive(&graph, None);
        respects(&graph, &plan, None);
        prop_assert_eq!(plan.optimality.phases as usize, phases);
    }

    #[test]
    fn cycles_and_what_waits_for_them_are_left_out((count, mut edges, apart, _) in drawn(14)) {
        edges.push((count - 1, 0));
        edges.push((0, count - 1));
        let graph = graph(count, &edges, &apart, &[]);
        let plan = derive(&graph, None);
        respects(&graph, &plan, None);
        prop_assert!(plan.unplanned.contains(&id(0)) && plan.unplanned.contains(&id(count - 1)));
    }
}

/// `a` and `b` may not share their second phase, so that one of them is late, and whoever is late meets `c`, which has no room in
/// five phases: no chain and no clique says so, and with the others there are too many PRDs to try everything.
#[test]
fn what_leaves_nobody_room_is_a_bound_for_hundreds() {
    let chain = |from: usize, length: usize| (from + 1..from + length).map(|v| (v - 1, v));
    let (a, b, c) = (0, 4, 8);
    let edges: Pairs = chain(a, 4).chain(chain(b, 4)).chain(chain(c, 5)).collect();
    let apart = [(a + 1, b + 1), (a + 2, c + 3), (b + 2, c + 3)];
    let graph = graph(SEARCH_LIMIT + 20, &edges, &apart, &[]);
    let (instance, _) = Instance::new(&graph, None);
    assert_eq!(bounds::bound(&instance, u32::MAX).0.phases, 5);
    let plan = derive(&graph, None);
    respects(&graph, &plan, None);
    assert_eq!((plan.optimality.phases, plan.optimality.lower_bound), (6, 6));
    assert_eq!(plan.optimality.proof, Proof::Exhaustive);
}

/// A problem that fits into `phases` phases and, by one chain, into no fewer; the pairs keep to a hidden plan.
pub(super) fn planted(count: usize, phases: usize, seed: u64) -> (Pairs, Pairs) {
    let mut state = seed | 1;
    let mut draw = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let hidden: Vec<usize> = (0..count).map(|v| if v < phases { v } else { draw(phases) }).collect();
    let mut edges: Pairs = (1..phases).map(|v| (v - 1, v)).collect();
    let mut apart = Pairs::new();
    for _ in 0..count * 4 {
        let (a, b) = (draw(count), draw(count));
        match hidden[a].cmp(&hidden[b]) {
            std::cmp::Ordering::Less if draw(3) == 0 => edges.push((a, b)),
            std::cmp::Ordering::Equal => {}
            _ => apart.push((a.min(b), a.max(b))),
        }
    }
    (edges, apart)
}
