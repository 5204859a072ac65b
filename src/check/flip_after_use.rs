//! `flip-after-use`: the flip is planned, by date, phase or PRD, after the phase that needs it.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Assumption, NeedCertainty, Role, Supply};
use crate::flag::FlagKey;
use crate::prd::{Claim, Flip, Prd, PrdId};
use crate::source::Span;
use crate::touchpoint::References;

/// A planned flip, as far as the plan can place it.
struct Planned<'a> {
    by: &'a PrdId,
    words: String,
    phase: u32,
    span: Span,
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for assumption in facts.assumptions {
        if assumption.supply != Supply::Nobody || assumption.certainty == NeedCertainty::Possible {
            continue;
        }
        let Some(used) = facts.phase(&assumption.prd) else {
            continue;
        };
        let late = facts
            .prds
            .iter()
            .flat_map(|prd| planned(facts, prd, assumption))
            .find(|planned| planned.phase >= used);
        if let Some(late) = late {
            findings.push(finding(assumption, &late, used));
        }
    }
    findings.dedup_by(|a, b| a.prd == b.prd && a.flag == b.flag);
    findings
}

/// The flips of the needed flag to the needed value that `prd` plans for a phase or with a PRD.
fn planned<'a>(facts: &'a Facts<'_>, prd: &'a Prd, need: &'a Assumption) -> impl Iterator<Item = Planned<'a>> {
    prd.statements.iter().filter_map(move |statement| {
        let (key, when) = match &statement.claim {
            Claim::PlansFlip { key, to, when, .. } if *to == need.needs => (key.as_ref(), when),
            Claim::Introduces {
                key, flips: Some(when), ..
            } => (key.as_ref(), when),
            _ => return None,
        };
        let (words, phase) = placed(facts, key, when, &need.flag)?;
        Some(Planned {
            by: &prd.id,
            words,
            phase,
            span: statement.span,
        })
    })
}

/// The phase at whose end the flip happens. "For the first week" has none: it is evidence of the state, not a step of the plan.
fn placed(facts: &Facts<'_>, key: Option<&FlagKey>, when: &Flip, flag: &FlagKey) -> Option<(String, u32)> {
    if key != Some(flag) {
        return None;
    }
    match when {
        Flip::Phase(phase) => Some((format!("in phase {phase}"), *phase)),
        Flip::WithPrd(reference) => {
            let prd = References::new(facts.prds).find(reference).ok()?.clone();
            Some((format!("with PRD {prd}"), facts.phase(&prd)?))
        }
        Flip::Later(_) => None,
    }
}

fn finding(need: &Assumption, late: &Planned<'_>, used: u32) -> Finding {
    let (flag, prd) = (&need.flag, &need.prd);
    let message = format!(
        "PRD {prd} needs `{flag}` {} in phase {used}, and PRD {} plans that flip {}",
        need.needs, late.by, late.words
    );
    Finding::new("flip-after-use", Level::Error, message)
        .about(prd)
        .with([late.by.clone()])
        .on(flag)
        .because(need.because.iter().take(2).cloned())
        .at(Role::Prd, late.span, "the flip is planned here")
        .help(Remedy::new(
            RemedyKind::Flip,
            format!("plan the flip before phase {used}"),
        ))
        .help(Remedy::new(
            RemedyKind::Reorder,
            format!("or let PRD {prd} say that it depends on the flip"),
        ))
}
