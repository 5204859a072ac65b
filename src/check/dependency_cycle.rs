//! `dependency-cycle`: PRDs wait for each other.

use std::collections::BTreeSet;

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{Edge, EdgeKind, Step, cheapest};
use crate::prd::PrdId;
use crate::source::Span;

/// So many places are shown for each reason of a step.
const PLACES: usize = 2;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .graph
        .cycles
        .iter()
        .filter_map(|cycle| finding(facts, cycle))
        .collect()
}

fn finding(facts: &Facts<'_>, cycle: &[PrdId]) -> Option<Finding> {
    let first = cycle.first()?;
    let steps = facts.graph.steps(cycle);
    let path: Vec<&str> = cycle.iter().chain([first]).map(|prd| prd.0.as_str()).collect();
    let message = format!("PRDs wait for each other: {}", path.join(" before "));
    let cut = cheapest(&steps)?;
    let places = steps.iter().flat_map(|step| {
        let reasons = step.reasons.iter();
        reasons.flat_map(|edge| {
            edge.because
                .iter()
                .take(PLACES)
                .map(|span| place(step, edge.kind, *span))
        })
    });
    let words: Vec<String> = cut.reasons.iter().filter_map(|edge| at(facts, edge)).collect();
    let detail = format!(
        "the cheapest order to give up is {} before {} ({})",
        cut.from,
        cut.to,
        words.join(", ")
    );
    Some(
        Finding::new("dependency-cycle", Level::Error, message)
            .about(first)
            .with(cycle.iter().skip(1).cloned())
            .with(waiting(facts, cycle))
            .because(places)
            .help(Remedy::new(RemedyKind::Reorder, detail).with(give_up(facts, cut))),
    )
}

/// Who is in no phase because it waits for the circle.
fn waiting(facts: &Facts<'_>, cycle: &[PrdId]) -> Vec<PrdId> {
    let mut reached: BTreeSet<PrdId> = BTreeSet::new();
    let mut open: Vec<&PrdId> = cycle.iter().collect();
    while let Some(id) = open.pop() {
        for edge in facts.graph.edges.iter().filter(|edge| edge.from == *id) {
            if !cycle.contains(&edge.to) && reached.insert(edge.to.clone()) {
                open.push(&edge.to);
            }
        }
    }
    reached.into_iter().collect()
}

/// What takes the step out of front matter; `None` where the words of a document ask for it.
fn give_up(facts: &Facts<'_>, cut: &Step<'_>) -> Option<String> {
    let mut spans = cut
        .reasons
        .iter()
        .flat_map(|edge| edge.because.iter().map(move |span| (edge.kind, span)));
    let declared = spans.all(|(kind, span)| kind == EdgeKind::Declared && facts.is_declared(cut.to, *span));
    declared.then(|| facts.declare(cut.to, &[format!("depends_on-={}", cut.from)]))
}

fn place(step: &Step<'_>, kind: EdgeKind, span: Span) -> Evidence {
    let why = match kind {
        EdgeKind::Declared => "",
        EdgeKind::Produces => ", which uses what it makes",
        EdgeKind::Flag => ", which needs its flag",
        EdgeKind::Schema => ", which waits for its migration",
        EdgeKind::Gone => ", which takes away what it uses",
        EdgeKind::Held => ", which needs the flag turned",
        EdgeKind::Hotfix => ", as it is a hotfix",
        EdgeKind::Foundation => ", as it ships before all",
    };
    Evidence {
        role: Role::Prd,
        span,
        note: format!("puts {} before {}{why}", step.from, step.to),
    }
}

/// `path:line` of the words that ask for this order.
fn at(facts: &Facts<'_>, edge: &Edge) -> Option<String> {
    let span = edge.words()?;
    let line = facts.sources.start(span).line;
    Some(format!("{}:{line}", facts.sources.path(span.file)))
}
