//! `unknown-flag`: an assumed flag exists neither in code nor in any PRD that introduces it.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::flag::FlagKey;
use crate::nearest::nearest;
use crate::prd::Claim;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for prd in facts.prds {
        for statement in &prd.statements {
            let Claim::Assumes { key: Some(key), .. } = &statement.claim else {
                continue;
            };
            let said = findings
                .iter()
                .any(|finding| finding.prd.as_ref() == Some(&prd.id) && finding.flag.as_ref() == Some(key));
            if said || exists(facts, key) {
                continue;
            }
            findings.push(
                finding(facts, key)
                    .about(&prd.id)
                    .on(key)
                    .at(Role::Prd, statement.span, "assumed here"),
            );
        }
    }
    findings
}

/// Defined, read, recorded, or promised under this name or an alias.
fn exists(facts: &Facts<'_>, key: &FlagKey) -> bool {
    facts.flags.get(key).is_some()
        || facts
            .flags
            .flags
            .values()
            .any(|known| known.aliases.contains(key.as_str()))
}

fn finding(facts: &Facts<'_>, key: &FlagKey) -> Finding {
    let unread = facts
        .base
        .skipped
        .iter()
        .chain(&facts.index.skipped)
        .filter(|skip| crate::lang::Language::of(&skip.path).is_some())
        .count();
    let message = match unread {
        0 => format!("`{key}` is assumed, and neither the code nor any PRD knows a flag of that name"),
        n => format!("`{key}` is assumed, and no flag of that name was found ({n} code files could not be read)"),
    };
    let mut finding = Finding::new(
        "unknown-flag",
        if unread == 0 { Level::Error } else { Level::Warning },
        message,
    );
    // Absence proves nothing where something was not read.
    finding.undecided = unread > 0;
    if let Some(name) = nearest(key.as_str(), facts.flags.flags.keys().map(FlagKey::as_str)) {
        finding = finding.help(Remedy::new(RemedyKind::Declare, format!("did you mean `{name}`?")));
    }
    finding.help(Remedy::new(
        RemedyKind::Declare,
        "name the PRD that ships it, or correct the name",
    ))
}
