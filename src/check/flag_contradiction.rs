//! `flag-contradiction`: two documents, or a document and the code, state different defaults for one flag.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::Role;
use crate::assumption::table::FlagFacts;
use crate::flag::{FlagKey, FlagValue};
use crate::prd::{Claim, PrdId};
use crate::source::Span;

/// What one document states.
struct Stated<'a> {
    prd: &'a PrdId,
    value: FlagValue,
    span: Span,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    facts
        .flags
        .flags
        .iter()
        .filter_map(|(flag, known)| contradiction(facts, flag, known))
        .collect()
}

fn contradiction(facts: &Facts<'_>, flag: &FlagKey, known: &FlagFacts) -> Option<Finding> {
    let stated = stated(facts, flag);
    let first = stated.first()?;
    if let Some(other) = stated
        .iter()
        .find(|other| other.value != first.value && other.prd != first.prd)
    {
        let message = format!(
            "PRD {} says that `{flag}` is {} by default, and PRD {} says {}",
            first.prd, first.value, other.prd, other.value
        );
        let finding = Finding::new("flag-contradiction", Level::Error, message)
            .with([first.prd.clone()])
            .at(Role::Prd, other.span, format!("{} here", other.value))
            .at(Role::Prd, first.span, format!("{} here", first.value));
        return Some(with_help(finding, other.prd, flag));
    }
    let disagrees = |value: FlagValue| known.declared != FlagValue::Unknown && value != known.declared;
    let wrong = stated.iter().find(|stated| disagrees(stated.value))?;
    let message = format!(
        "PRD {} says that `{flag}` is {} by default, and the code declares it {}",
        wrong.prd, wrong.value, known.declared
    );
    let finding = Finding::new("flag-contradiction", Level::Error, message)
        .at(Role::Prd, wrong.span, format!("{} here", wrong.value))
        .because(
            known
                .state_evidence(facts.index)
                .into_iter()
                .filter(|place| place.role == Role::Definition),
        );
    Some(with_help(finding, wrong.prd, flag))
}

fn with_help(finding: Finding, prd: &PrdId, flag: &FlagKey) -> Finding {
    finding.about(prd).on(flag).help(Remedy::new(
        RemedyKind::Declare,
        "decide which of the two holds, and change the other",
    ))
}

/// What documents say the default of this flag is, in the order of their ids.
fn stated<'a>(facts: &'a Facts<'_>, flag: &FlagKey) -> Vec<Stated<'a>> {
    let mut stated = Vec::new();
    for prd in facts.prds {
        for statement in &prd.statements {
            if let Claim::Introduces {
                key: Some(key),
                default,
                ..
            } = &statement.claim
                && key == flag
                && *default != FlagValue::Unknown
            {
                stated.push(Stated {
                    prd: &prd.id,
                    value: *default,
                    span: statement.span,
                });
            }
            if let Claim::States { key, value } = &statement.claim
                && key == flag
                && *value != FlagValue::Unknown
            {
                stated.push(Stated {
                    prd: &prd.id,
                    value: *value,
                    span: statement.span,
                });
            }
        }
    }
    stated
}
