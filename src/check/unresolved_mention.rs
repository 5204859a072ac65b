//! `unresolved-mention`: a PRD names a path, symbol, flag or PRD that does not exist, or its front matter a key or value that means nothing.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::prd::{Contract, Mention, PrdId};
use crate::source::Span;
use crate::touchpoint::Unresolved;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    // What a document that is done once named is nobody's business any more.
    let open = facts
        .unresolved
        .iter()
        .filter(|mention| !facts.landed.contains(&mention.prd));
    let there = open.filter(|mention| !has_landed(facts, mention));
    let findings = there.map(|mention| {
        let several = mention.kind == "PRD" && mention.suggestions.len() > 1;
        let what = if several {
            let all: Vec<String> = mention.suggestions.iter().map(|name| format!("`{name}`")).collect();
            format!("may be {}", all.join(" or "))
        } else {
            "neither the code nor any PRD has".to_owned()
        };
        let taken = taken_by(facts, mention);
        let what = match taken {
            Some((prd, _)) => format!("PRD {prd}, which has landed, took away or renamed"),
            None => what,
        };
        let message = format!(
            "PRD {} names the {} `{}`, which {what}",
            mention.prd, mention.kind, mention.text
        );
        let mut finding = Finding::new("unresolved-mention", Level::Warning, message)
            .about(&mention.prd)
            .at(Role::Prd, mention.span, "named here");
        if let Some((prd, span)) = taken {
            finding = finding.with([prd.clone()]).at(Role::Prd, span, "taken away here");
        }
        // Whether what it waits for is there nobody can know.
        let waits = mention.kind == "PRD" && facts.is_declared(&mention.prd, mention.span);
        finding.undecided = waits && !is_ticket(&mention.text);
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
            // Whether it is to be made, or is a slip, the author alone knows.
            None if taken.is_none() && matches!(mention.kind, "path" | "symbol") => {
                let makes = [format!("creates+={}", mention.text)];
                let text = format!(
                    "if this PRD makes it, say so (\"new `{}`\"); else name what is there",
                    mention.text
                );
                let command = facts.declare(&mention.prd, &makes);
                finding.help(Remedy::new(RemedyKind::Declare, text).with(Some(command)))
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

/// The PRD that has landed and says that it takes the thing away, and where: what this document says of it has gone stale.
fn taken_by<'a>(facts: &'a Facts<'_>, mention: &Unresolved) -> Option<(&'a PrdId, Span)> {
    let gone = facts
        .prds
        .iter()
        .filter(|prd| facts.landed.contains(&prd.id) && prd.id != mention.prd);
    let mut each = gone.flat_map(|prd| prd.mentions.iter().map(move |said| (prd, said)));
    let takes = |said: &Mention| {
        said.contract == Some(Contract::Gone)
            && !said.negated
            && said.text.trim_end_matches("()") == mention.text.trim_end_matches("()")
    };
    each.find(|(_, said)| takes(said))
        .map(|(prd, said)| (&prd.id, said.span))
}

/// `SHOP-123`, `#45`, a link: what a tracker has is no document of this wave, and no slip of one.
fn is_ticket(text: &str) -> bool {
    let keyed = text.split_once('-').is_some_and(|(project, number)| {
        let letters = project.len() > 1 && project.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        letters && project != "PRD" && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    });
    let letters = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    (keyed && letters(text)) || text.starts_with('#') || text.contains("://")
}

/// True for a PRD that is done, whose document is gone.
fn has_landed(facts: &Facts<'_>, mention: &Unresolved) -> bool {
    let number = mention.text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number = number.parse().ok();
    let called = mention.text.trim_end_matches(".md").to_lowercase();
    let called = called
        .strip_prefix("story ")
        .map_or(called.clone(), |story| story.replace('.', "-"));
    let is_it = |id: &PrdId| {
        let rest = id.0.to_lowercase().strip_prefix(called.as_str()).map(ToOwned::to_owned);
        let by_name = rest.is_some_and(|rest| rest.is_empty() || (called.contains('-') && rest.starts_with('-')));
        by_name || (number.is_some() && id.number() == number)
    };
    mention.kind == "PRD" && facts.landed.iter().any(is_it)
}
