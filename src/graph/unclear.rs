//! PRDs of which nobody can say whom they meet. Enters: PRDs and what they touch. Leaves: those that do not say what they change, and those
//! of them that go by themselves.
//!
//! A document that says of nothing that it changes it, whose branch shows nothing and whose head declares nothing, may change anything: to
//! let it go beside others would take a gap in knowledge for a yes. That it names a file in passing tells no more of what it changes. A
//! flag that it ships behind tells how, and not what; a test that it names beside code tells less than the code. Research, and
//! what says of itself that it changes nothing, only looks.

use std::collections::BTreeSet;

use super::{DependencyGraph, Inputs};
use crate::prd::{Access, Prd, PrdId, is_test_path, only_looks};
use crate::source::Span;
use crate::touchpoint::{TargetKind, Touchpoint};

/// A PRD that shares its phase with nobody, because nothing is known of what it changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alone {
    /// The PRD.
    pub prd: PrdId,
    /// Its title: there is no other place to point at.
    pub because: Vec<Span>,
}

/// The PRDs of which neither words nor head nor a branch (`shown`) say what they change, in their order: whom they meet is not known.
#[must_use]
pub fn unclear<'a>(prds: &'a [Prd], points: &[Touchpoint], shown: &BTreeSet<PrdId>) -> Vec<&'a Prd> {
    let code = |point: &Touchpoint| {
        let path = point.target.path.as_ref();
        matches!(point.target.kind, TargetKind::File | TargetKind::Symbol)
            && !path.is_some_and(|path| is_test_path(path.as_str()))
    };
    let named = points.iter().filter(|point| code(point) && point.unsaid);
    let named: BTreeSet<&PrdId> = named.map(|point| &point.prd).collect();
    let says = |point: &&Touchpoint| match point.access {
        Access::Read => false,
        Access::Create if point.target.kind == TargetKind::Flag => false,
        _ => code(point) || point.target.kind != TargetKind::File || !named.contains(&point.prd),
    };
    let says: BTreeSet<&PrdId> = points.iter().filter(says).map(|point| &point.prd).collect();
    let touches: BTreeSet<&PrdId> = points.iter().map(|point| &point.prd).collect();
    let clear = |prd: &&Prd| {
        let known = prd.footprint.is_some() || shown.contains(&prd.id) || says.contains(&prd.id);
        known || (touches.contains(&prd.id) && only_looks(prd))
    };
    prds.iter().filter(|prd| !clear(prd)).collect()
}

/// The PRDs that go by themselves, sorted.
pub(super) fn alone(inputs: &Inputs<'_>) -> Vec<Alone> {
    if inputs.unclear_together {
        return Vec::new();
    }
    let unclear = unclear(inputs.prds, inputs.touchpoints, &inputs.merges.shown);
    let each = unclear.into_iter().map(|prd| Alone {
        prd: prd.id.clone(),
        because: vec![prd.title_span],
    });
    let mut all: Vec<Alone> = each.collect();
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
