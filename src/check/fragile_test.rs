//! `fragile-test`: a test passes only because of a default, and a flip that is planned breaks it.

use super::{Facts, Finding, Level, Remedy, RemedyKind, flip_after_use};
use crate::assumption::{Evidence, NeedCertainty, Role, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::plan::Barrier;
use crate::prd::{Flip, PrdId};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let fragile = |need: &&TestNeed| need.verdict == TestVerdict::Fragile && need.certainty != NeedCertainty::Possible;
    let base = facts.needs.iter().filter(fragile);
    let mut findings: Vec<Finding> = base
        .filter_map(|need| finding(facts, facts.index, need, None))
        .collect();
    for branch in facts.branches {
        let needs = branch.needs.iter().filter(fragile);
        findings.extend(needs.filter_map(|need| finding(facts, &branch.index, need, branch.prd.as_ref())));
    }
    findings
}

/// The flip that breaks a test.
enum Breaks<'a> {
    /// A step of this plan.
    Barrier(&'a Barrier),
    /// A document says that it will come.
    Document(&'a PrdId, String, Evidence),
}

/// Speaks only where somebody plans to turn the flag away from what the test needs.
fn finding(facts: &Facts<'_>, index: &CodeIndex, need: &TestNeed, prd: Option<&PrdId>) -> Option<Finding> {
    let (needs, flag) = (need.needs?, &need.flag);
    let test = index.tests.get(need.test)?;
    let breaks = breaks(facts, flag, needs.flipped())?;
    let (level, when) = match &breaks {
        Breaks::Barrier(barrier) => (
            Level::Error,
            format!("the plan turns it {} before phase {}", barrier.to, barrier.before_phase),
        ),
        Breaks::Document(by, when, _) => (Level::Warning, format!("PRD {by} turns it {} {when}", needs.flipped())),
    };
    let message = format!(
        "the test \"{}\" passes only while `{flag}` is {needs}, and {when}",
        test.name
    );
    let mut finding = Finding::new("fragile-test", level, message)
        .on(flag)
        .because(need.because.iter().cloned());
    finding.prd = prd.cloned();
    // Without a branch it is the business of those for whom the flag is flipped, and of nobody else.
    match breaks {
        Breaks::Barrier(barrier) => finding.others.extend(barrier.unlocks.iter().cloned()),
        Breaks::Document(by, _, place) => {
            finding.others.push(by.clone());
            finding.places.push(place);
        }
    }
    if finding.prd.is_none() && !finding.others.is_empty() {
        finding.prd = Some(finding.others.remove(0));
    }
    let detail = format!("set `{flag}` to {needs} in the test itself, so that it proves the same after the flip");
    Some(finding.help(Remedy::new(RemedyKind::Stub, detail)))
}

fn breaks<'a>(facts: &'a Facts<'_>, flag: &FlagKey, to: FlagValue) -> Option<Breaks<'a>> {
    let barriers = &facts.plan.barriers;
    if let Some(barrier) = barriers
        .iter()
        .find(|barrier| barrier.flag == *flag && barrier.to == to)
    {
        return Some(Breaks::Barrier(barrier));
    }
    facts
        .prds
        .iter()
        .flat_map(|prd| prd.statements.iter().map(move |statement| (prd, statement)))
        .find_map(|(prd, statement)| {
            let when = match flip_after_use::flip(&statement.claim, flag, to)? {
                Flip::Phase(number) => format!("in phase {number}"),
                Flip::WithPrd(other) if other.trim() == prd.id.0 => "itself".to_owned(),
                Flip::WithPrd(other) => format!("with {other}"),
                Flip::Later(words) => format!("later (\"{words}\")"),
            };
            let place = Evidence {
                role: Role::Prd,
                span: statement.span,
                note: "the flip is planned here".to_owned(),
            };
            Some(Breaks::Document(&prd.id, when, place))
        })
}
