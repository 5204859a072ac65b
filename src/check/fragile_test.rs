//! `fragile-test`: a test passes only because of a default, and a flip that is planned breaks it.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::flips::{Turned, turned};
use crate::assumption::{BranchTests, NeedCertainty, Role, TestNeed, TestVerdict};
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
        let turned = turned(facts.flags, &branch.flags, &branch.index);
        findings.extend(
            branch
                .broken
                .iter()
                .filter_map(|need| broken(facts, branch, need, &turned)),
        );
    }
    findings
}

/// A test that the branch leaves as it was, and that has no longer what it needs once the branch has turned the flag.
fn broken(facts: &Facts<'_>, branch: &BranchTests, need: &TestNeed, turned: &[Turned]) -> Option<Finding> {
    let (needs, flag) = (need.needs?, &need.flag);
    let test = branch.index.tests.get(need.test)?;
    let turned = turned
        .iter()
        .find(|turned| turned.flag == *flag && turned.to == needs.flipped())?;
    // What the document of the branch plans was said with that document.
    let said = |prd: &PrdId| {
        let mut planned = facts.planned(flag, turned.to);
        planned.any(|flip| flip.is_made_by(prd) && facts.is_prd(flip.span))
    };
    if need.certainty == NeedCertainty::Possible || branch.prd.as_ref().is_some_and(said) {
        return None;
    }
    let message = format!(
        "the test \"{}\" passes only while `{flag}` is {needs}, and `{}` turns it {}",
        test.name, branch.branch, turned.to
    );
    let mut finding = Finding::new("fragile-test", Level::Warning, message)
        .on(flag)
        .because(need.because.iter().cloned())
        .at(Role::Branch, turned.span, format!("turned {} here", turned.to))
        .help(own_stub(flag, needs));
    finding.prd.clone_from(&branch.prd);
    Some(finding)
}

fn own_stub(flag: &FlagKey, needs: FlagValue) -> Remedy {
    let detail = format!("set `{flag}` to {needs} in the test itself, so that it proves the same after the flip");
    Remedy::new(RemedyKind::Stub, detail)
}

/// Speaks only where a document plans to turn the flag away from what the test needs. A flip that nothing but this plan proposes is
/// the way out of a finding that tells what it breaks.
fn finding(facts: &Facts<'_>, index: &CodeIndex, need: &TestNeed, prd: Option<&PrdId>) -> Option<Finding> {
    let (needs, flag) = (need.needs?, &need.flag);
    let test = index.tests.get(need.test)?;
    let flip = facts.planned(flag, needs.flipped()).find(|flip| {
        // What was to turn it and has landed turns nothing any more.
        let over = flip.with.as_ref().is_some_and(|with| facts.landed.contains(with));
        facts.is_prd(flip.span) && !over
    })?;
    let when = match &flip.when {
        Flip::Phase(number) => format!("in phase {number}"),
        Flip::WithPrd(_) if flip.is_made_by(&flip.by) => "itself".to_owned(),
        Flip::WithPrd(other) => format!("with {}", flip.with.as_ref().map_or(other, |with| &with.0)),
        Flip::Later(words) => format!("later (\"{words}\")"),
    };
    let message = format!(
        "the test \"{}\" passes only while `{flag}` is {needs}, and PRD {} turns it {} {when}",
        test.name, flip.by, flip.to
    );
    // A barrier that a PRD makes comes for certain: whoever is behind it meets a red test.
    let made = |barrier: &Barrier| barrier.made.is_some() && barrier.flag == *flag && barrier.to == flip.to;
    let level = if facts.plan.barriers.iter().any(made) {
        Level::Error
    } else {
        Level::Warning
    };
    let mut finding = Finding::new("fragile-test", level, message)
        .on(flag)
        .because(need.because.iter().cloned())
        .at(Role::Prd, flip.span, "the flip is planned here");
    // Without a branch it is the business of who plans the flip, and of nobody else.
    match prd {
        Some(prd) => {
            finding.prd = Some(prd.clone());
            finding.others.push(flip.by.clone());
        }
        None => finding.prd = Some(flip.by.clone()),
    }
    Some(finding.help(own_stub(flag, needs)))
}
