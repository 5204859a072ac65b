//! `unresolved-mention`: a PRD names a path, symbol, flag or PRD that does not exist, or its front matter a key or value that means nothing.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let findings = facts.unresolved.iter().map(|mention| {
        let several = mention.kind == "PRD" && mention.suggestions.len() > 1;
        let what = if several {
            let all: Vec<String> = mention.suggestions.iter().map(|name| format!("`{name}`")).collect();
            format!("may be {}", all.join(" or "))
        } else {
            "neither the code nor any PRD has".to_owned()
        };
        let message = format!(
            "PRD {} names the {} `{}`, which {what}",
            mention.prd, mention.kind, mention.text
        );
        let finding = Finding::new("unresolved-mention", Level::Warning, message)
            .about(&mention.prd)
            .at(Role::Prd, mention.span, "named here");
        match mention.suggestions.first() {
            Some(_) if several => finding.help(Remedy::new(
                RemedyKind::Declare,
                "name the one that is meant by its whole id",
            )),
            Some(name) => {
                let right = [format!("depends_on-={}", mention.text), format!("depends_on+={name}")];
                let declared = mention.kind == "PRD" && facts.is_declared(&mention.prd, mention.span);
                let command = declared.then(|| facts.declare(&mention.prd, &right));
                finding.help(Remedy::new(RemedyKind::Declare, format!("did you mean `{name}`?")).with(command))
            }
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
