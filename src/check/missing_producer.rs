//! `missing-producer`: a PRD uses what another creates and is not ordered after it, because the documents order them the other way. Where
//! each of several uses what another one creates, only the authors know the order: a warning.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::{Edge, EdgeKind};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let uses = facts
        .graph
        .contradicted
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Produces);
    let findings = uses.map(|edge| {
        let message = format!(
            "PRD {} uses what PRD {} creates, and the documents let {} come first",
            edge.to, edge.from, edge.to
        );
        Finding::new("missing-producer", Level::Error, message)
            .about(&edge.to)
            .with([edge.from.clone()])
            .because(places(edge))
            .help(
                Remedy::new(
                    RemedyKind::Reorder,
                    format!("let PRD {} depend on {}, and not the other way", edge.to, edge.from),
                )
                .with(is_declared(facts, edge).then(|| facts.turn_round(&edge.to, &edge.from))),
            )
    });
    findings.chain(circular(facts)).collect()
}

/// One warning for each edge of a circle.
fn circular<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = Finding> + 'a {
    facts.graph.circular.iter().map(|edge| {
        let message = format!(
            "PRD {} uses what PRD {} creates, and comes before it by what {} uses: nothing tells their order",
            edge.to, edge.from, edge.from
        );
        Finding::new("missing-producer", Level::Warning, message)
            .about(&edge.to)
            .with([edge.from.clone()])
            .because(places(edge))
            .help(
                Remedy::new(
                    RemedyKind::Declare,
                    format!(
                        "write down which comes first: `depends_on: [{}]` in {}, or the other way",
                        edge.from, edge.to
                    ),
                )
                .with_command(facts.wait(&edge.to, &edge.from)),
            )
    })
}

/// True if front matter alone, and directly, lets the two come the other way round.
fn is_declared(facts: &Facts<'_>, edge: &Edge) -> bool {
    let against = |other: &&Edge| other.from == edge.to && other.to == edge.from && other.kind == EdgeKind::Declared;
    let against = facts.graph.edges.iter().find(against);
    against.is_some_and(|other| other.because.iter().all(|span| facts.is_declared(&edge.from, *span)))
}

fn places(edge: &Edge) -> impl Iterator<Item = Evidence> + '_ {
    edge.because.iter().map(|span| Evidence {
        role: Role::Prd,
        span: *span,
        note: "created or used here".into(),
    })
}
