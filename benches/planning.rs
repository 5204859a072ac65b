//! What a plan costs: `cargo bench --bench planning`. Problems are drawn from a fixed seed, so that every run solves the same ones.
//!
//! Time is stated as a ratio: how often petgraph sorts the same graph topologically in that time. A machine that is twice as fast, or half as
//! busy, has the same ratios.

#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::time::{Duration, Instant};

use flagman::graph::{DependencyGraph, Edge, EdgeKind, Exclusion, ExclusionKind, Meeting};
use flagman::plan::derive;
use flagman::prd::PrdId;
use flagman::source::{Bytes, FileId};
use petgraph::graph::DiGraph;

/// A problem to draw: PRDs, edges, and exclusions.
struct Size {
    prds: usize,
    edges: usize,
    apart: usize,
}

/// Sizes: a night, a large night, the largest that is searched exhaustively, and one that only bounds can speak of.
const SIZES: [Size; 5] = [
    Size {
        prds: 22,
        edges: 24,
        apart: 80,
    },
    Size {
        prds: 40,
        edges: 40,
        apart: 100,
    },
    Size {
        prds: 40,
        edges: 40,
        apart: 240,
    },
    Size {
        prds: 400,
        edges: 1_200,
        apart: 2_000,
    },
    Size {
        prds: 10_000,
        edges: 200_000,
        apart: 20_000,
    },
];

/// Problems of one size.
const DRAWN: u64 = 5;

fn main() {
    println!("  PRDs    edges  apart  phases  bound  proven      plan  × one topological sort  peak memory");
    for size in &SIZES {
        let solved: Vec<Solved> = (0..DRAWN).map(|seed| solve(&draw(size, seed))).collect();
        let mut ratios: Vec<f64> = solved.iter().map(|one| one.plan / one.sort).collect();
        let mut times: Vec<f64> = solved.iter().map(|one| one.plan).collect();
        ratios.sort_by(f64::total_cmp);
        times.sort_by(f64::total_cmp);
        println!(
            "{:>6}  {:>7}  {:>5}  {:>6}  {:>5}  {} of {DRAWN}  {:>7.2} ms  {:>22.1}  {}",
            size.prds,
            size.edges,
            size.apart,
            solved.iter().map(|one| one.phases).sum::<u32>(),
            solved.iter().map(|one| one.bound).sum::<u32>(),
            solved.iter().filter(|one| one.phases == one.bound).count(),
            times[times.len() / 2] * 1e3,
            ratios[ratios.len() / 2],
            peak_memory().unwrap_or_default(),
        );
    }
}

/// What came of one problem; the times in seconds.
struct Solved {
    phases: u32,
    bound: u32,
    plan: f64,
    sort: f64,
}

/// Plans and sorts one problem. Only one is held at a time, so that the peak is that of one.
fn solve(problem: &DependencyGraph) -> Solved {
    let (plan, time) = fastest(|| derive(problem, None));
    Solved {
        phases: plan.optimality.phases,
        bound: plan.optimality.lower_bound,
        plan: time.as_secs_f64(),
        sort: fastest(|| sorted(problem)).1.as_secs_f64(),
    }
}

/// The answer, and the fastest of some runs: what disturbs a run makes it slower, never faster.
fn fastest<T>(mut run: impl FnMut() -> T) -> (T, Duration) {
    let mut timed = || {
        let start = Instant::now();
        let answer = run();
        (answer, start.elapsed())
    };
    let mut best = timed();
    for _ in 0..4 {
        let next = timed();
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}

/// A random problem: edges lead from smaller to larger numbers, mostly over short distances, as PRDs of one area wait for each other.
fn draw(size: &Size, seed: u64) -> DependencyGraph {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let ids: Vec<PrdId> = (0..size.prds).map(|n| PrdId(format!("{n:05}"))).collect();
    let because = vec![Bytes::new(0, 1).in_file(FileId(0))];
    let mut pairs = |count: usize, reach: usize| {
        let mut pairs: Vec<(usize, usize)> = (0..count)
            .map(|_| {
                let from = random.below(size.prds - 1);
                (from, from + 1 + random.below(reach.min(size.prds - 1 - from)))
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    };
    let edges = pairs(size.edges, 200);
    let apart = pairs(size.apart, size.prds);
    DependencyGraph {
        edges: edges
            .iter()
            .map(|&(from, to)| Edge {
                from: ids[from].clone(),
                to: ids[to].clone(),
                kind: EdgeKind::Declared,
                because: because.clone(),
            })
            .collect(),
        exclusions: apart
            .iter()
            .map(|&(a, b)| Exclusion {
                a: ids[a].clone(),
                b: ids[b].clone(),
                kind: ExclusionKind::SameSymbol,
                target: "s".into(),
                meeting: Meeting::Both,
                because: because.clone(),
            })
            .collect(),
        prds: ids,
        ..DependencyGraph::default()
    }
}

/// The yardstick: the same names and edges, as petgraph sorts them.
fn sorted(problem: &DependencyGraph) -> usize {
    let place = |id: &PrdId| problem.prds.binary_search(id).expect("it is there");
    let edges = problem
        .edges
        .iter()
        .map(|edge| (place(&edge.from) as u32, place(&edge.to) as u32));
    let graph = DiGraph::<(), ()>::from_edges(edges);
    petgraph::algo::toposort(&graph, None).expect("no cycle").len()
}

/// Peak resident memory of the process so far, with the problem itself, where the system tells it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}

/// Xorshift: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
