//! `unresolved-mention`: a PRD names a path, symbol, flag or PRD that does not exist.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let findings = facts.unresolved.iter().map(|mention| {
        let message = format!(
            "PRD {} names the {} `{}`, which neither the code nor any PRD has",
            mention.prd, mention.kind, mention.text
        );
        let finding = Finding::new("unresolved-mention", Level::Warning, message)
            .about(&mention.prd)
            .at(Role::Prd, mention.span, "named here");
        match mention.suggestions.first() {
            Some(name) => finding.help(Remedy::new(RemedyKind::Declare, format!("did you mean `{name}`?"))),
            None => finding,
        }
    });
    findings.collect()
}
