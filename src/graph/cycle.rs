//! A cycle, step by step. Enters: the graph and one of its cycles. Leaves: [`Step`]s, each with all that puts the one PRD before the
//! other, and which of them is the cheapest to give up.

use super::{DependencyGraph, Edge, EdgeKind};
use crate::prd::PrdId;
use crate::source::Span;

/// One step of a cycle.
#[derive(Clone, PartialEq, Debug)]
pub struct Step<'g> {
    /// Earlier.
    pub from: &'g PrdId,
    /// Later.
    pub to: &'g PrdId,
    /// All that puts `from` before `to`, the surest first; never empty. To give up the step is to give up all of it.
    pub reasons: Vec<&'g Edge>,
}

impl Edge {
    /// The place to read first: the words of a document that declare it, else what the later PRD says, which stands last.
    #[must_use]
    pub fn words(&self) -> Option<Span> {
        self.because.first().copied()
    }
}

impl DependencyGraph {
    /// The steps of a cycle, in its order, the last one back to its beginning.
    #[must_use]
    pub fn steps<'g>(&'g self, cycle: &'g [PrdId]) -> Vec<Step<'g>> {
        let next = cycle.iter().cycle().skip(1);
        let steps = cycle.iter().zip(next).map(|(from, to)| Step {
            from,
            to,
            // They are sorted by kind, and what is declared comes first.
            reasons: self
                .edges
                .iter()
                .filter(|edge| edge.from == *from && edge.to == *to)
                .collect(),
        });
        steps.filter(|step| !step.reasons.is_empty()).collect()
    }
}

/// The step that is cheapest to give up: what the program concluded rather than what a person wrote, then the one with the fewest
/// words to change.
#[must_use]
pub fn cheapest<'s, 'g>(steps: &'s [Step<'g>]) -> Option<&'s Step<'g>> {
    let places = |step: &Step<'_>| step.reasons.iter().map(|edge| edge.because.len()).sum::<usize>();
    let declared = |step: &Step<'_>| step.reasons.iter().any(|edge| edge.kind == EdgeKind::Declared);
    steps
        .iter()
        .min_by_key(|step| (declared(step), places(step), step.from, step.to))
}
