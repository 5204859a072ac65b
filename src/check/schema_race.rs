//! `schema-race`: two PRDs write one table, column, constraint, enum or migration slot.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{EdgeKind, Exclusion, ExclusionKind, Meeting};
use crate::prd::PrdId;
use crate::touchpoint::TargetKind;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let races = |exclusion: &&Exclusion| {
        let schema = matches!(
            exclusion.kind,
            ExclusionKind::SameSchemaObject | ExclusionKind::SameMigration
        );
        schema && exclusion.meeting == Meeting::Both
    };
    facts
        .graph
        .exclusions
        .iter()
        .filter(races)
        .map(|race| finding(facts, race))
        .collect()
}

fn finding(facts: &Facts<'_>, race: &Exclusion) -> Finding {
    let (first, second) = (facts.phase(&race.a), facts.phase(&race.b));
    let together = first == second || facts.together(&race.a, &race.b).is_some();
    let what = match race.kind {
        ExclusionKind::SameMigration if race.is_script() => format!("the script `{}`", race.target),
        ExclusionKind::SameMigration => format!("the migration slot {}", race.target),
        _ => format!("`{}`", race.target),
    };
    // The plan has one of them first: it may go, and the other one, which was not made on it, is held until it is.
    let order = match (first, second) {
        (Some(one), Some(other)) if one < other => Some((&race.a, one, &race.b)),
        (Some(one), Some(other)) if other < one => Some((&race.b, other, &race.a)),
        _ => None,
    };
    let apart = match (order, first, second) {
        (Some((earlier, phase, later)), ..) if together => {
            format!("; PRD {earlier} goes first (phase {phase}), and {later} has to be built on it")
        }
        (Some(_), Some(first), Some(second)) => {
            format!("; the plan keeps them apart (phases {first} and {second})")
        }
        _ => String::new(),
    };
    let level = if together { Level::Error } else { Level::Warning };
    let message = format!("PRDs {} and {} both write {what}{apart}", race.a, race.b);
    let places = race.because.iter().map(|span| Evidence {
        role: Role::Prd,
        span: *span,
        note: "written here".into(),
    });
    let finding = match order {
        Some((_, _, later)) if together => Finding::new("schema-race", level, message).about(later),
        _ => Finding::new("schema-race", level, message)
            .about(&race.a)
            .with([race.b.clone()]),
    };
    finding.because(places).help(coordinate(facts, race, &what))
}

/// A PRD that both wait for with their schema change already shares the migration; otherwise one is to be made.
fn coordinate(facts: &Facts<'_>, race: &Exclusion, what: &str) -> Remedy {
    let before = |prd: &PrdId| -> Vec<&PrdId> {
        let edges = facts.graph.edges.iter();
        edges
            .filter(|edge| edge.kind == EdgeKind::Schema && edge.to == *prd)
            .map(|edge| &edge.from)
            .collect()
    };
    let shared = before(&race.a)
        .into_iter()
        .find(|owner| before(&race.b).contains(owner));
    let detail = match shared {
        Some(owner) => {
            format!(
                "PRD {owner} already changes {what} for both: let neither touch it again, and they may share a phase"
            )
        }
        None => format!(
            "put one coordinated migration of {what} for both{} into phase 0, and let both depend on it",
            values(facts, race)
        ),
    };
    Remedy::new(RemedyKind::Coordinate, detail)
}

/// The values that both put into it: " (`held` of 001-a, `sold` of 002-b)"; nothing where the documents name none.
fn values(facts: &Facts<'_>, race: &Exclusion) -> String {
    let of = |prd: &PrdId| {
        let touched = facts
            .touchpoints
            .iter()
            .filter(|touch| touch.prd == *prd && touch.target.kind == TargetKind::Enum);
        let named = touched.filter(|touch| touch.because.iter().any(|span| race.because.contains(span)));
        let names: Vec<String> = named
            .filter(|touch| touch.target.name != race.target)
            .map(|touch| format!("`{}`", touch.target.name))
            .collect();
        (!names.is_empty()).then(|| format!("{} of {prd}", names.join(", ")))
    };
    let both: Vec<String> = [&race.a, &race.b].into_iter().filter_map(of).collect();
    if both.is_empty() {
        String::new()
    } else {
        format!(" ({})", both.join("; "))
    }
}
