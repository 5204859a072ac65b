//! Who is before whom, near and far. Enters: edges between numbers. Leaves: [`Reach`], and one cycle for each group of PRDs that
//! wait for each other.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Which numbers can be reached from which, by any number of edges.
#[derive(Debug)]
pub(super) struct Reach {
    /// The group of each number: those that reach each other.
    group: Vec<usize>,
    /// Bits of the numbers that each group reaches.
    rows: Vec<Vec<u64>>,
    /// Groups of more than one number, and numbers with an edge to themselves.
    loops: Vec<Vec<usize>>,
}

impl Reach {
    /// The reach of `edges` between the numbers below `count`.
    pub(super) fn new(count: usize, edges: &[(usize, usize)]) -> Self {
        let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(count, edges.len());
        (0..count).for_each(|_| {
            graph.add_node(());
        });
        for &(from, to) in edges {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
        // Not Tarjan's: petgraph's form of it is recursive, and a chain of PRDs can be long.
        let groups = kosaraju_scc(&graph);
        let mut group = vec![0; count];
        for (at, members) in groups.iter().enumerate() {
            members.iter().for_each(|v| group[v.index()] = at);
        }
        let words = count.div_ceil(64);
        let (mut rows, mut loops): (Vec<Vec<u64>>, _) = (Vec::with_capacity(groups.len()), Vec::new());
        // Groups come after all groups that they reach.
        for (at, members) in groups.iter().enumerate() {
            let mut row = vec![0u64; words];
            let mut closed = members.len() > 1;
            for next in members.iter().flat_map(|&v| graph.neighbors(v)) {
                closed |= group[next.index()] == at;
                row[next.index() / 64] |= 1 << (next.index() % 64);
                if let Some(further) = rows.get(group[next.index()]) {
                    row.iter_mut().zip(further).for_each(|(to, from)| *to |= from);
                }
            }
            if closed {
                let mut numbers: Vec<usize> = members.iter().map(|v| v.index()).collect();
                numbers.sort_unstable();
                loops.push(numbers);
            }
            rows.push(row);
        }
        loops.sort();
        Self { group, rows, loops }
    }

    /// True if `to` comes after `from`, directly or not.
    pub(super) fn reaches(&self, from: usize, to: usize) -> bool {
        self.rows[self.group[from]][to / 64] >> (to % 64) & 1 == 1
    }

    /// True if the two are in an order, either way.
    pub(super) fn ordered(&self, a: usize, b: usize) -> bool {
        self.reaches(a, b) || self.reaches(b, a)
    }

    /// True if nobody waits for itself.
    pub(super) fn is_acyclic(&self) -> bool {
        self.loops.is_empty()
    }

    /// For each group of numbers that wait for each other, a shortest cycle through its smallest number, beginning there.
    pub(super) fn cycles(&self, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); self.group.len()];
        for &(from, to) in edges {
            if self.group[from] == self.group[to] {
                after[from].push(to);
            }
        }
        after.iter_mut().for_each(|list| list.sort_unstable());
        self.loops
            .iter()
            .map(|members| shortest_cycle(members[0], &after))
            .collect()
    }
}

fn shortest_cycle(start: usize, after: &[Vec<usize>]) -> Vec<usize> {
    let mut came_from: Vec<Option<usize>> = vec![None; after.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(v) = queue.pop_front() {
        for &w in &after[v] {
            if w == start {
                let mut cycle = vec![v];
                while let Some(previous) = came_from[cycle[cycle.len() - 1]] {
                    cycle.push(previous);
                }
                cycle.reverse();
                return cycle;
            }
            if came_from[w].is_none() {
                came_from[w] = Some(v);
                queue.push_back(w);
            }
        }
    }
    vec![start]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_order_and_cycles() {
        let edges = [(0, 1), (1, 2), (3, 4), (4, 5), (5, 3), (5, 4), (2, 3), (6, 6)];
        let reach = Reach::new(8, &edges);
        assert!(reach.reaches(0, 5) && !reach.reaches(5, 0) && reach.ordered(2, 0));
        assert!(reach.reaches(4, 4) && !reach.reaches(0, 0) && !reach.ordered(7, 0));
        assert!(!reach.is_acyclic());
        assert_eq!(reach.cycles(&edges), [vec![3, 4, 5], vec![6]]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let edges: Vec<(usize, usize)> = (1..20_000).map(|v| (v - 1, v)).collect();
        assert!(Reach::new(20_000, &edges).reaches(0, 19_999));
    }
}
