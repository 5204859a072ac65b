//! `flip-after-use`: the flip is planned, by date, phase or PRD, after the phase that needs it.

use super::{Facts, Finding, Level, Remedy, RemedyKind, assumes_unset_flag};
use crate::assumption::flips::PlannedFlip;
use crate::assumption::{Assumption, NeedCertainty, Role, Supply};
use crate::graph::Edge;
use crate::prd::{Flip, PrdId};
use crate::source::Span;

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
    let all = facts.planned(&need.flag, need.needs);
    let first = all
        .filter_map(|flip| placed(facts, flip))
        .min_by_key(|planned| planned.phase)?;
    // What a PRD flips itself it may well need.
    (first.phase >= used && first.with != Some(&need.prd)).then_some(first)
}

/// When this flip comes, if the plan can place it: the PRD with which it comes, and the phase at whose end it happens. "For the first
/// week" has none: it is evidence of the state, not a step of the plan.
fn placed<'a>(facts: &'a Facts<'_>, flip: &'a PlannedFlip) -> Option<Planned<'a>> {
    let with = flip.with.as_ref();
    let phase = match (with, &flip.when) {
        (Some(with), _) => facts.phase(with)?,
        (None, Flip::Phase(phase)) => *phase,
        (None, _) => return None,
    };
    Some(Planned {
        by: &flip.by,
        with,
        phase,
        span: flip.span,
    })
}

fn finding(facts: &Facts<'_>, need: &Assumption, late: &Planned<'_>, used: u32) -> Finding {
    let (flag, prd, needs) = (&need.flag, &need.prd, need.needs);
    let message = format!("PRD {prd} needs `{flag}` {needs} in phase {used}, and {}", late.told());
    let state = facts.flags.get(flag).map(|known| known.state_evidence(facts.index));
    let state = state.into_iter().flatten().filter(|place| place.role != Role::Prd);
    let test = need.test.as_ref();
    let mut finding = Finding::new("flip-after-use", Level::Error, message)
        .about(prd)
        .on(flag)
        .because(need.because.iter().take(2).cloned())
        .at(facts.flip_role(late.span), late.span, "the flip is planned here")
        .because(state.take(2))
        .because(assumes_unset_flag::broken(facts, flag, needs))
        .help(facts.turn(flag, needs, &format!("before phase {used}")))
        .help(reorder(facts, need, late));
    finding
        .remedies
        .extend(assumes_unset_flag::stub(facts, prd, flag, needs, test));
    finding
}

fn reorder(facts: &Facts<'_>, need: &Assumption, late: &Planned<'_>) -> Remedy {
    let prd = &need.prd;
    let Some(with) = late.with else {
        let detail =
            format!("or move PRD {prd} to a phase after the flip: make a PRD of it, and let {prd} wait for that");
        return Remedy::new(RemedyKind::Reorder, detail).with(facts.wait_for_flip(prd, &need.flag, need.needs));
    };
    let waits = |edge: &&Edge| edge.from == *prd && edge.to == *with;
    let (detail, command) = match facts.graph.edges.iter().find(waits) {
        Some(edge) => {
            let declared = edge.because.iter().all(|span| facts.is_declared(with, *span));
            (
                format!("or turn the order round: PRD {with} waits for PRD {prd} now"),
                declared.then(|| facts.turn_round(prd, with)),
            )
        }
        None => (
            format!("or let PRD {prd} wait for the flip: `depends_on: [{with}]`"),
            Some(facts.wait(prd, with)),
        ),
    };
    Remedy::new(RemedyKind::Reorder, detail).with(command)
}
