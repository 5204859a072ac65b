//! `shared-write`: two PRDs of one phase write one symbol.
//!
//! What documents say is kept apart by the plan. What a branch turns out to write was not known when its phase was dispatched: that is
//! what is found here. Where the plan keeps the two apart by now, it is a warning: nobody has to be held, and one has to be merged first.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{Exclusion, ExclusionKind, Meeting};
use crate::prd::PrdId;
use crate::source::Span;
use crate::touchpoint::{TargetKind, Touchpoint};

/// What the number of what is built is called (`touchpoint::version`); two values of another setting are `value-contradiction`.
const VERSION: &str = "version";

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let symbols =
        |one: &&Exclusion| one.kind == ExclusionKind::SameSymbol && !matches!(one.meeting, Meeting::Contract(_));
    let shared = facts.graph.exclusions.iter().filter(symbols);
    shared
        .filter_map(|shared| version(facts, shared).or_else(|| finding(facts, shared)))
        .collect()
}

/// Two that each choose the next number choose the same one, or the second one chooses what the first one took: a plan that keeps them apart
/// does not make that right.
fn version(facts: &Facts<'_>, shared: &Exclusion) -> Option<Finding> {
    let (a, b) = (&shared.a, &shared.b);
    let of = |point: &&Touchpoint| {
        (point.prd == *a || point.prd == *b)
            && point.target.kind == TargetKind::Config
            && point.target.name == VERSION
            && point.target.name == shared.target
    };
    let point = facts.touchpoints.iter().find(of)?;
    let place = point
        .target
        .path
        .as_ref()
        .map_or(String::new(), |path| format!(" in {path}"));
    let apart = match (facts.phase(a), facts.phase(b)) {
        (Some(first), Some(second)) if first != second => {
            format!("; the plan keeps them apart (phases {first} and {second})")
        }
        _ => String::new(),
    };
    let message = format!(
        "PRDs {a} and {b} both give the {}{place} a new number{apart}",
        shared.target
    );
    let places = shared.because.iter().map(|span| Evidence {
        role: Role::Prd,
        span: *span,
        note: writer(facts, *span).map_or_else(|| "said here".into(), |prd| format!("said by PRD {prd}")),
    });
    let one = format!(
        "leave the number to one of the two, or to the release that has both; or let {b} choose its own after {a}"
    );
    Some(
        Finding::new("shared-write", Level::Warning, message)
            .about(a)
            .with([b.clone()])
            .because(places)
            .help(Remedy::new(RemedyKind::Coordinate, one).with_command(facts.wait(b, a))),
    )
}

fn finding(facts: &Facts<'_>, shared: &Exclusion) -> Option<Finding> {
    let (a, b) = (&shared.a, &shared.b);
    let promised = facts.together(a, b)?;
    let (level, how) = match (facts.phase(a), facts.phase(b)) {
        (Some(first), Some(second)) if first != second => {
            let there = if facts.branch_of(a).is_some() && facts.branch_of(b).is_some() {
                ", each on a branch that exists already"
            } else {
                ", which the documents do not say"
            };
            let apart = format!("{there}: the plan keeps them apart (phases {first} and {second}), so merge one first");
            (Level::Warning, apart)
        }
        _ => {
            let at_work = format!(", and phase {promised} has both of them at work at the same time");
            (Level::Error, at_work)
        }
    };
    let message = format!("PRDs {a} and {b} both change `{}`{how}", shared.target);
    let places = shared.because.iter().map(|span| Evidence {
        role: if facts.is_prd(*span) { Role::Prd } else { Role::Branch },
        span: *span,
        note: writer(facts, *span).map_or_else(|| "changed here".into(), |prd| changed_by(facts, prd, *span)),
    });
    let order =
        format!("let one start from what the other made: `depends_on: [{a}]` in PRD {b} (it costs {b} a phase)");
    let finding = Finding::new("shared-write", level, message)
        .about(a)
        .with([b.clone()])
        .because(places)
        .help(Remedy::new(RemedyKind::Reorder, order).with_command(facts.wait(b, a)));
    let apart = format!("or leave `{}` to one of the two", shared.target);
    Some(finding.help(Remedy::new(RemedyKind::Coordinate, apart)))
}

/// The PRD whose document or branch a place belongs to.
fn writer<'a>(facts: &'a Facts<'_>, span: Span) -> Option<&'a PrdId> {
    let touch = facts.touchpoints.iter().find(|touch| touch.because.contains(&span));
    touch.map(|touch| &touch.prd)
}

/// Two branches have their own texts of one file: a place in one of them says nothing without its name.
fn changed_by(facts: &Facts<'_>, prd: &PrdId, span: Span) -> String {
    let branch = facts.branch_of(prd).filter(|_| !facts.is_prd(span));
    let on = branch.map_or_else(String::new, |branch| format!(" on `{}`", branch.branch));
    format!("changed by PRD {prd}{on}")
}
