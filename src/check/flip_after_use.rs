//! `flip-after-use`: the flip is planned, by date, phase or PRD, after the phase that needs it.

use super::{Facts, Finding, Level, Remedy, RemedyKind, assumes_unset_flag};
use crate::assumption::{Assumption, NeedCertainty, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::graph::Edge;
use crate::prd::{Claim, Flip, Prd, PrdId};
use crate::source::Span;
use crate::touchpoint::References;

/// A planned flip, as far as the plan can place it.
pub(super) struct Planned<'a> {
    by: &'a PrdId,
    /// The PRD with which it comes.
    with: Option<&'a PrdId>,
    phase: u32,
    span: Span,
}

impl Planned<'_> {
    fn told(&self) -> String {
        match self.with {
            Some(with) if with == self.by => format!("that flip comes with PRD {with} in phase {}", self.phase),
            Some(with) => format!(
                "PRD {} plans that flip with PRD {with}, which is in phase {}",
                self.by, self.phase
            ),
            None => format!("PRD {} plans that flip in phase {}", self.by, self.phase),
        }
    }
}

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for assumption in facts.assumptions {
        let said = |finding: &Finding| {
            finding.prd.as_ref() == Some(&assumption.prd) && finding.flag.as_ref() == Some(&assumption.flag)
        };
        let unmet = assumption.supply == Supply::Nobody && assumption.certainty != NeedCertainty::Possible;
        if unmet
            && !findings.iter().any(said)
            && let (Some(used), Some(late)) = (facts.phase(&assumption.prd), late(facts, assumption))
        {
            findings.push(finding(facts, assumption, &late, used));
        }
    }
    findings
}

/// The flip that is planned for what `need` needs, if it comes too late for it.
pub(super) fn late<'a>(facts: &'a Facts<'_>, need: &'a Assumption) -> Option<Planned<'a>> {
    let used = facts.phase(&need.prd)?;
    let all = facts.prds.iter().flat_map(|prd| planned(facts, prd, need));
    let first = all.min_by_key(|planned| planned.phase)?;
    // What a PRD flips itself it may well need.
    (first.phase >= used && first.with != Some(&need.prd)).then_some(first)
}

/// The flips of the needed flag to the needed value that `prd` plans for a phase or with a PRD.
fn planned<'a>(facts: &'a Facts<'_>, prd: &'a Prd, need: &'a Assumption) -> impl Iterator<Item = Planned<'a>> {
    prd.statements.iter().filter_map(move |statement| {
        let (with, phase) = placed(facts, flip(&statement.claim, &need.flag, need.needs)?)?;
        Some(Planned {
            by: &prd.id,
            with,
            phase,
            span: statement.span,
        })
    })
}

/// When this claim has the flag become `to`, if it says so.
pub(super) fn flip<'a>(claim: &'a Claim, flag: &FlagKey, to: FlagValue) -> Option<&'a Flip> {
    match claim {
        Claim::PlansFlip {
            key: Some(key),
            to: said,
            when,
            ..
        } if key == flag && *said == to => Some(when),
        Claim::Introduces {
            key: Some(key),
            default,
            flips: Some(when),
            ..
        } if key == flag && *default != to => Some(when),
        _ => None,
    }
}

/// The PRD with which the flag is to become `to`, where a document names one.
pub(super) fn with<'a>(facts: &'a Facts<'_>, flag: &FlagKey, to: FlagValue) -> Option<&'a PrdId> {
    let statements = facts.prds.iter().flat_map(|prd| &prd.statements);
    let mut flips = statements.filter_map(|statement| flip(&statement.claim, flag, to));
    flips.find_map(|when| match when {
        Flip::WithPrd(reference) => References::new(facts.prds).find(reference).ok(),
        Flip::Phase(_) | Flip::Later(_) => None,
    })
}

/// The phase at whose end the flip happens. "For the first week" has none: it is evidence of the state, not a step of the plan.
fn placed<'a>(facts: &'a Facts<'_>, when: &Flip) -> Option<(Option<&'a PrdId>, u32)> {
    match when {
        Flip::Phase(phase) => Some((None, *phase)),
        Flip::WithPrd(reference) => {
            let prd = References::new(facts.prds).find(reference).ok()?;
            let prd = &facts.prd(prd)?.id;
            Some((Some(prd), facts.phase(prd)?))
        }
        Flip::Later(_) => None,
    }
}

fn finding(facts: &Facts<'_>, need: &Assumption, late: &Planned<'_>, used: u32) -> Finding {
    let (flag, prd, needs) = (&need.flag, &need.prd, need.needs);
    let message = format!("PRD {prd} needs `{flag}` {needs} in phase {used}, and {}", late.told());
    let state = facts.flags.get(flag).map(|known| known.state_evidence(facts.index));
    let state = state.into_iter().flatten().filter(|place| place.role != Role::Prd);
    let test = need.test.as_ref().map(|(path, _)| path);
    let mut finding = Finding::new("flip-after-use", Level::Error, message)
        .about(prd)
        .with([late.by.clone()])
        .on(flag)
        .because(need.because.iter().take(2).cloned())
        .at(Role::Prd, late.span, "the flip is planned here")
        .because(state.take(2))
        .help(facts.turn(flag, needs, &format!("before phase {used}")))
        .help(Remedy::new(RemedyKind::Reorder, reorder(facts, prd, late)));
    finding
        .remedies
        .extend(assumes_unset_flag::stub(facts, prd, flag, needs, test));
    finding
}

fn reorder(facts: &Facts<'_>, prd: &PrdId, late: &Planned<'_>) -> String {
    let Some(with) = late.with else {
        return format!("or move PRD {prd} to a phase after the flip");
    };
    let waits = |edge: &Edge| edge.from == *prd && edge.to == *with;
    if facts.graph.edges.iter().any(waits) {
        format!("or turn the order round: PRD {with} waits for PRD {prd} now")
    } else {
        format!("or let PRD {prd} wait for the flip: `depends_on: [{with}]`")
    }
}
