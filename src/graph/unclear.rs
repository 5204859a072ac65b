//! PRDs of which nobody can say whom they meet. Enters: PRDs and what they touch. Leaves: those that go by themselves.
//!
//! A document that names neither a file nor a symbol, a table, a route or a flag, whose branch shows nothing and whose head declares
//! nothing, may change anything: to let it go beside others would take a gap in knowledge for a yes.

use std::collections::BTreeSet;

use super::{DependencyGraph, Inputs};
use crate::prd::{Prd, PrdId};
use crate::source::Span;

/// A PRD that shares its phase with nobody, because nothing is known of what it touches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alone {
    /// The PRD.
    pub prd: PrdId,
    /// Its title: there is no other place to point at.
    pub because: Vec<Span>,
}

/// The PRDs that go by themselves, sorted.
pub(super) fn alone(inputs: &Inputs<'_>) -> Vec<Alone> {
    if inputs.unclear_together {
        return Vec::new();
    }
    let known: BTreeSet<&PrdId> = inputs.touchpoints.iter().map(|point| &point.prd).collect();
    let shown = |prd: &Prd| known.contains(&prd.id) || inputs.merges.shown.contains(&prd.id);
    let nothing = |prd: &&Prd| prd.footprint.is_none() && !shown(prd);
    let mut all: Vec<Alone> = inputs
        .prds
        .iter()
        .filter(nothing)
        .map(|prd| Alone {
            prd: prd.id.clone(),
            because: vec![prd.title_span],
        })
        .collect();
    all.sort_by(|a, b| a.prd.cmp(&b.prd));
    all
}

impl DependencyGraph {
    /// That the PRD goes by itself; `None` where it may share a phase.
    #[must_use]
    pub fn alone(&self, prd: &PrdId) -> Option<&Alone> {
        let at = self.alone.binary_search_by(|one| one.prd.cmp(prd)).ok()?;
        self.alone.get(at)
    }

    /// The graph in which what the PRD touches is known, and meets nobody.
    #[must_use]
    pub fn once_clear(&self, prd: &PrdId) -> Self {
        let mut graph = self.clone();
        graph.alone.retain(|one| one.prd != *prd);
        graph
    }
}
