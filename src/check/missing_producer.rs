//! `missing-producer`: a PRD uses what another creates and is not ordered after it, because the documents order them the other way.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::EdgeKind;

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
        let places = edge.because.iter().map(|span| Evidence {
            role: Role::Prd,
            span: *span,
            note: "created or used here".into(),
        });
        Finding::new("missing-producer", Level::Error, message)
            .about(&edge.to)
            .with([edge.from.clone()])
            .because(places)
            .help(Remedy::new(
                RemedyKind::Reorder,
                format!("let PRD {} depend on {}", edge.to, edge.from),
            ))
    });
    findings.collect()
}
