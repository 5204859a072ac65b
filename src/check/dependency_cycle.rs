//! `dependency-cycle`: PRDs wait for each other.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{Edge, EdgeKind};
use crate::prd::PrdId;

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
    let next = cycle.iter().cycle().skip(1);
    let edges: Vec<&Edge> = cycle
        .iter()
        .zip(next)
        .filter_map(|(from, to)| {
            facts
                .graph
                .edges
                .iter()
                .find(|edge| edge.from == *from && edge.to == *to)
        })
        .collect();
    let path: Vec<&str> = cycle.iter().chain([first]).map(|prd| prd.0.as_str()).collect();
    let message = format!("PRDs wait for each other: {}", path.join(" before "));
    let places = edges.iter().filter_map(|edge| {
        let span = *edge.because.first()?;
        Some(Evidence {
            role: Role::Prd,
            span,
            note: format!("puts {} before {}", edge.from, edge.to),
        })
    });
    // What the program concluded is cheaper to give up than what a person wrote.
    let cut = edges
        .iter()
        .min_by_key(|edge| (edge.kind == EdgeKind::Declared, &edge.from, &edge.to))?;
    let detail = format!("the cheapest order to give up is {} before {}", cut.from, cut.to);
    Some(
        Finding::new("dependency-cycle", Level::Error, message)
            .about(first)
            .with(cycle.iter().skip(1).cloned())
            .because(places)
            .help(Remedy::new(RemedyKind::Reorder, detail)),
    )
}
