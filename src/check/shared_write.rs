//! `shared-write`: two PRDs that nothing keeps apart write one symbol.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Evidence, Role};
use crate::graph::ExclusionKind;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let together = |exclusion: &&crate::graph::Exclusion| {
        exclusion.kind == ExclusionKind::SameSymbol && facts.phase(&exclusion.a) == facts.phase(&exclusion.b)
    };
    let findings = facts.graph.exclusions.iter().filter(together).map(|shared| {
        let message = format!(
            "PRDs {} and {} both change `{}` at the same time",
            shared.a, shared.b, shared.target
        );
        let places = shared.because.iter().map(|span| Evidence {
            role: Role::Prd,
            span: *span,
            note: "changed here".into(),
        });
        Finding::new("shared-write", Level::Error, message)
            .about(&shared.a)
            .with([shared.b.clone()])
            .because(places)
            .help(Remedy::new(
                RemedyKind::Reorder,
                format!("let one of them depend on the other: `depends_on: [{}]`", shared.a),
            ))
    });
    findings.collect()
}
