//! `unresolved-mention`: a PRD names a path, symbol, flag or PRD that does not exist, or its front matter a key or value that means nothing.

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
    let slips = facts.prds.iter().flat_map(|prd| {
        let slips = prd.problems.iter().filter(|problem| !problem.hides);
        slips.map(|problem| {
            let message = format!("PRD {}: {}", prd.id, problem.message);
            Finding::new("unresolved-mention", Level::Warning, message)
                .about(&prd.id)
                .at(Role::Prd, problem.span, "written here")
        })
    });
    findings.chain(slips).collect()
}
