//! The graph after a decision: PRDs that stay behind, a step of the order that is given up, or a thing that two PRDs no longer both write. Enters: the graph.
//! Leaves: the graph as it would then be; what the order said without words is said again.

use super::{DependencyGraph, Edge, ExclusionKind, Implied};
use crate::prd::PrdId;

impl DependencyGraph {
    /// The graph of the PRDs that `stays` knows.
    #[must_use]
    pub fn only(&self, stays: impl Fn(&PrdId) -> bool) -> Self {
        let edges = |edges: &[Edge]| -> Vec<Edge> {
            let kept = edges.iter().filter(|edge| stays(&edge.from) && stays(&edge.to));
            kept.cloned().collect()
        };
        let both = |a: &PrdId, b: &PrdId| stays(a) && stays(b);
        Self {
            prds: self.prds.iter().filter(|prd| stays(prd)).cloned().collect(),
            edges: edges(&self.edges),
            exclusions: self
                .exclusions
                .iter()
                .filter(|pair| both(&pair.a, &pair.b))
                .cloned()
                .collect(),
            alone: self.alone.iter().filter(|one| stays(&one.prd)).cloned().collect(),
            overlaps: self
                .overlaps
                .iter()
                .filter(|pair| both(&pair.a, &pair.b))
                .cloned()
                .collect(),
            cycles: self
                .cycles
                .iter()
                .filter(|cycle| cycle.iter().all(&stays))
                .cloned()
                .collect(),
            flips: self.flips.iter().filter(|need| stays(&need.prd)).cloned().collect(),
            made: self
                .made
                .iter()
                .filter(|made| both(&made.prd, &made.by))
                .cloned()
                .collect(),
            contradicted: edges(&self.contradicted),
            circular: edges(&self.circular),
            implied: Implied {
                edges: edges(&self.implied.edges),
                exclusions: self
                    .implied
                    .exclusions
                    .iter()
                    .filter(|pair| both(&pair.a, &pair.b))
                    .cloned()
                    .collect(),
            },
        }
    }

    /// The graph in which nothing puts `from` directly before `to`. What both write keeps them apart as before.
    #[must_use]
    pub fn without_step(&self, from: &PrdId, to: &PrdId) -> Self {
        let mut graph = self.said();
        graph.edges.retain(|edge| edge.from != *from || edge.to != *to);
        graph
    }

    /// The graph in which `a` and `b` may share a phase. They stay ordered where they were.
    #[must_use]
    pub fn without_exclusion(&self, a: &PrdId, b: &PrdId) -> Self {
        let mut graph = self.clone();
        graph.exclusions.retain(|pair| pair.a != *a || pair.b != *b);
        graph
    }

    /// The graph in which the symbol or file `target` is in as many parts as there are PRDs that write it.
    #[must_use]
    pub fn split(&self, target: &str) -> Self {
        let mut graph = self.clone();
        graph
            .exclusions
            .retain(|pair| pair.kind != ExclusionKind::SameSymbol || pair.target != target);
        graph
    }

    /// The symbols and files that can be split: what keeps two PRDs apart and is no schema object; sorted.
    #[must_use]
    pub fn splittable(&self) -> Vec<&str> {
        let symbols = self.exclusions.iter();
        let symbols = symbols.filter(|pair| pair.kind == ExclusionKind::SameSymbol);
        let mut all: Vec<&str> = symbols.map(|pair| pair.target.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The same order in full.
    fn said(&self) -> Self {
        let mut graph = self.clone();
        let implied = std::mem::take(&mut graph.implied);
        graph.edges.extend(implied.edges);
        graph
            .edges
            .sort_by(|a, b| (&a.from, &a.to, a.kind).cmp(&(&b.from, &b.to, b.kind)));
        graph.exclusions.extend(implied.exclusions);
        super::sort_exclusions(&mut graph.exclusions);
        graph
    }
}
