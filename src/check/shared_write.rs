//! `shared-write`: two PRDs of one phase write one symbol.
//!
//! What documents say is kept apart by the plan. What a branch turns out to write was not known when its phase was dispatched: that is
//! what is found here.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{Exclusion, ExclusionKind};
use crate::prd::PrdId;
use crate::source::Span;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let symbols = |exclusion: &&Exclusion| exclusion.kind == ExclusionKind::SameSymbol;
    let shared = facts.graph.exclusions.iter().filter(symbols);
    shared.filter_map(|shared| finding(facts, shared)).collect()
}

fn finding(facts: &Facts<'_>, shared: &Exclusion) -> Option<Finding> {
    let (a, b) = (&shared.a, &shared.b);
    let phase = facts.together(a, b)?;
    let message = format!(
        "PRDs {a} and {b} both change `{}`, and phase {phase} has both of them at work at the same time",
        shared.target
    );
    let places = shared.because.iter().map(|span| Evidence {
        role: if facts.is_prd(*span) { Role::Prd } else { Role::Branch },
        span: *span,
        note: writer(facts, *span).map_or_else(|| "changed here".into(), |prd| format!("changed by PRD {prd}")),
    });
    let order =
        format!("let one start from what the other made: `depends_on: [{a}]` in PRD {b} (it costs {b} a phase)");
    let finding = Finding::new("shared-write", Level::Error, message)
        .about(a)
        .with([b.clone()])
        .because(places)
        .help(Remedy::new(RemedyKind::Reorder, order).with_command(facts.command("plan")));
    let apart = format!("or leave `{}` to one of the two", shared.target);
    Some(finding.help(Remedy::new(RemedyKind::Coordinate, apart)))
}

/// The PRD whose document or branch a place belongs to.
fn writer<'a>(facts: &'a Facts<'_>, span: Span) -> Option<&'a PrdId> {
    let touch = facts.touchpoints.iter().find(|touch| touch.because.contains(&span));
    touch.map(|touch| &touch.prd)
}
