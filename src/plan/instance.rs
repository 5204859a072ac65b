//! A planning problem in numbers. Enters: [`DependencyGraph`]. Leaves: [`Instance`], where a PRD is its place in the sorted list
//! of those that can be planned. Knows nothing of why an edge is there.

use std::collections::{BTreeSet, HashMap};

use crate::graph::DependencyGraph;
use crate::prd::PrdId;

/// The PRDs that can be planned, and what binds them.
#[derive(Debug, Default)]
pub(super) struct Instance {
    /// Sorted; a PRD's number is its place here.
    pub ids: Vec<PrdId>,
    /// Who must be in an earlier phase; sorted, without repeats.
    pub before: Vec<Vec<u32>>,
    /// Who must be in a later phase; sorted, without repeats.
    pub after: Vec<Vec<u32>>,
    /// Who must be in another phase; sorted, without repeats, symmetric.
    pub apart: Vec<Vec<u32>>,
    /// Who writes the same files, and how heavily; sorted by number.
    pub overlaps: Vec<Vec<(u32, u32)>>,
    /// Every number, predecessors first, else by number.
    pub order: Vec<u32>,
    /// The phases that must come before it: the longest chain that ends in it, without itself.
    pub heads: Vec<u32>,
    /// The phases that must come after it: the longest chain that begins in it, without itself.
    pub tails: Vec<u32>,
    /// As many PRDs fit into one phase.
    pub capacity: Option<u32>,
}

impl Instance {
    /// The problem, and the PRDs that are on a cycle or wait for one, sorted.
    pub(super) fn new(graph: &DependencyGraph, max_parallel: Option<u32>) -> (Self, Vec<PrdId>) {
        let mut all = graph.prds.clone();
        all.sort();
        all.dedup();
        let number: HashMap<&PrdId, u32> = all.iter().zip(0..).collect();
        let edges = edges(graph, &number);
        let free = freed(all.len(), &edges);
        let mut renumber = vec![None; all.len()];
        let mut ids = Vec::new();
        let mut unplanned = Vec::new();
        for (at, id) in all.iter().enumerate() {
            if free[at] {
                renumber[at] = u32::try_from(ids.len()).ok();
                ids.push(id.clone());
            } else {
                unplanned.push(id.clone());
            }
        }
        let place = |id: &PrdId| renumber[*number.get(id)? as usize];
        let mut instance = Self {
            before: vec![Vec::new(); ids.len()],
            after: vec![Vec::new(); ids.len()],
            apart: vec![Vec::new(); ids.len()],
            overlaps: vec![Vec::new(); ids.len()],
            capacity: max_parallel.map(|most| most.max(1)),
            ids,
            ..Self::default()
        };
        for (from, to) in edges {
            if let (Some(from), Some(to)) = (renumber[from as usize], renumber[to as usize]) {
                instance.after[from as usize].push(to);
                instance.before[to as usize].push(from);
            }
        }
        instance.fill_apart(graph, place);
        instance.fill_overlaps(graph, place);
        instance.measure();
        (instance, unplanned)
    }

    /// How many PRDs.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The longest chain of edges, counted in PRDs.
    pub(super) fn critical(&self) -> u32 {
        (0..self.len())
            .map(|v| self.heads[v] + self.tails[v] + 1)
            .max()
            .unwrap_or(0)
    }

    /// True if `a` and `b` may not share a phase because of an exclusion.
    pub(super) fn excluded(&self, a: u32, b: u32) -> bool {
        self.apart[a as usize].binary_search(&b).is_ok()
    }

    /// True if there is no edge at all: then every phase is as good as another.
    pub(super) fn is_unordered(&self) -> bool {
        self.before.iter().all(Vec::is_empty)
    }

    fn fill_apart(&mut self, graph: &DependencyGraph, place: impl Fn(&PrdId) -> Option<u32>) {
        let mut last: Option<(&PrdId, Option<u32>)> = None;
        for exclusion in &graph.exclusions {
            // The list is sorted by `a`: most look-ups repeat the one before.
            let a = match last {
                Some((id, a)) if *id == exclusion.a => a,
                _ => place(&exclusion.a),
            };
            last = Some((&exclusion.a, a));
            if let (Some(a), Some(b)) = (a, place(&exclusion.b))
                && a != b
            {
                self.apart[a as usize].push(b);
                self.apart[b as usize].push(a);
            }
        }
        // Who goes alone is kept apart from everybody; two of them are each in the list of the other already.
        let alone: BTreeSet<u32> = graph.alone.iter().filter_map(|one| place(&one.prd)).collect();
        for at in (0u32..).take(self.len()) {
            if alone.contains(&at) {
                self.apart[at as usize] = (0u32..).take(self.len()).filter(|other| *other != at).collect();
            } else {
                self.apart[at as usize].extend(&alone);
            }
        }
        sort_each(&mut self.apart);
    }

    fn fill_overlaps(&mut self, graph: &DependencyGraph, place: impl Fn(&PrdId) -> Option<u32>) {
        for overlap in &graph.overlaps {
            let (Some(a), Some(b)) = (place(&overlap.a), place(&overlap.b)) else {
                continue;
            };
            if a != b {
                let weight = u32::try_from(overlap.paths.len() + overlap.unnamed.len()).unwrap_or(u32::MAX);
                self.overlaps[a as usize].push((b, weight));
                self.overlaps[b as usize].push((a, weight));
            }
        }
        self.overlaps.iter_mut().for_each(|list| list.sort_unstable());
    }

    fn measure(&mut self) {
        sort_each(&mut self.before);
        sort_each(&mut self.after);
        self.order = topological(&self.before, &self.after);
        self.heads = vec![0; self.len()];
        self.tails = vec![0; self.len()];
        for &v in &self.order {
            let head = self.before[v as usize]
                .iter()
                .map(|&u| self.heads[u as usize] + 1)
                .max();
            self.heads[v as usize] = head.unwrap_or(0);
        }
        for &v in self.order.iter().rev() {
            let tail = self.after[v as usize].iter().map(|&w| self.tails[w as usize] + 1).max();
            self.tails[v as usize] = tail.unwrap_or(0);
        }
    }
}

fn sort_each(lists: &mut [Vec<u32>]) {
    for list in lists {
        list.sort_unstable();
        list.dedup();
    }
}

fn edges(graph: &DependencyGraph, number: &HashMap<&PrdId, u32>) -> Vec<(u32, u32)> {
    let mut edges: Vec<(u32, u32)> = graph
        .edges
        .iter()
        .filter_map(|edge| Some((*number.get(&edge.from)?, *number.get(&edge.to)?)))
        .collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Which PRDs can come at all, one after another: the others are on a cycle or wait for one.
fn freed(count: usize, edges: &[(u32, u32)]) -> Vec<bool> {
    let mut waits = vec![0u32; count];
    let mut after: Vec<Vec<u32>> = vec![Vec::new(); count];
    for &(from, to) in edges {
        waits[to as usize] += 1;
        after[from as usize].push(to);
    }
    let mut free = vec![false; count];
    let mut ready: Vec<usize> = (0..count).filter(|&v| waits[v] == 0).collect();
    while let Some(v) = ready.pop() {
        free[v] = true;
        for &w in &after[v] {
            waits[w as usize] -= 1;
            if waits[w as usize] == 0 {
                ready.push(w as usize);
            }
        }
    }
    free
}

/// Predecessors first, level by level, and by number within a level.
fn topological(before: &[Vec<u32>], after: &[Vec<u32>]) -> Vec<u32> {
    let mut waits: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut level: Vec<u32> = (0u32..)
        .zip(&waits)
        .filter(|(_, waits)| **waits == 0)
        .map(|(v, _)| v)
        .collect();
    let mut order = Vec::with_capacity(before.len());
    while !level.is_empty() {
        let mut next = Vec::new();
        for &v in &level {
            for &w in &after[v as usize] {
                waits[w as usize] -= 1;
                if waits[w as usize] == 0 {
                    next.push(w);
                }
            }
        }
        order.append(&mut level);
        next.sort_unstable();
        level = next;
    }
    order
}
