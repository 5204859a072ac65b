//! `fragile-test`: a test passes only because of a default, and a flip that is planned, or that a branch makes, breaks it.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::flips::{Turned, turned};
use crate::assumption::{BranchTests, NeedCertainty, Role, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::plan::Barrier;
use crate::prd::{Flip, PrdId};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let fragile = |need: &&TestNeed| need.verdict == TestVerdict::Fragile && need.certainty != NeedCertainty::Possible;
    let mut findings: Vec<Finding> = Vec::new();
    for branch in facts.branches {
        let needs = branch.needs.iter().filter(fragile);
        findings.extend(needs.filter_map(|need| finding(facts, &branch.index, need, branch.prd.as_ref())));
        let turned = turned(facts.flags, &branch.flags, &branch.index);
        let broken = branch.broken.iter();
        findings.extend(broken.filter_map(|need| broken_by(facts, branch, need, &turned)));
    }
    // What a branch shows of its own PRD's flip is not said again as a plan.
    let shown = |need: &TestNeed, by: &PrdId| {
        let test = &facts.index.tests[need.test];
        let of_theirs = facts.branches.iter().filter(|branch| branch.prd.as_ref() == Some(by));
        of_theirs.into_iter().any(|branch| {
            let mut broken = branch.broken.iter().filter(|broken| broken.flag == need.flag);
            broken.any(|broken| {
                let other = &branch.index.tests[broken.test];
                (&other.path, &other.name, &other.suite) == (&test.path, &test.name, &test.suite)
                    && broken.certainty != NeedCertainty::Possible
            })
        })
    };
    let base = facts.needs.iter().filter(fragile).filter_map(|need| {
        let found = finding(facts, facts.index, need, None)?;
        (!found.prd.as_ref().is_some_and(|by| shown(need, by))).then_some(found)
    });
    findings.extend(base);
    findings
}

/// A test that the branch leaves as it was, and that has no longer what it needs once the branch has turned the flag: it is red after the
/// merge. Where the need is merely possible nothing is said.
fn broken_by(facts: &Facts<'_>, branch: &BranchTests, need: &TestNeed, turned: &[Turned]) -> Option<Finding> {
    let (needs, flag) = (need.needs?, &need.flag);
    let test = branch.index.tests.get(need.test)?;
    let turned = turned
        .iter()
        .find(|turned| turned.flag == *flag && turned.to == needs.flipped())?;
    if need.certainty == NeedCertainty::Possible {
        return None;
    }
    let message = format!(
        "the test \"{}\" passes only while `{flag}` is {needs}, and `{}` turns it {}",
        test.name, branch.branch, turned.to
    );
    let leave = format!(
        "or leave `{flag}` {needs} in `{}`, and turn it with the test",
        branch.branch
    );
    let mut finding = Finding::new("fragile-test", Level::Error, message)
        .on(flag)
        .because(need.because.iter().cloned())
        .at(Role::Branch, turned.span, format!("turned {} here", turned.to))
        .help(own_stub(flag, needs))
        .help(Remedy::new(RemedyKind::Drop, leave))
        .help(facts.prove(flag));
    finding.prd.clone_from(&branch.prd);
    // What its document plans is the same flip, said in words.
    let by = branch.prd.as_ref();
    let mut planned = facts.planned(flag, turned.to);
    let said = planned.find(|flip| by.is_some_and(|prd| flip.is_made_by(prd)) && facts.is_prd(flip.span));
    Some(match said {
        Some(flip) => finding.at(Role::Prd, flip.span, "the flip is planned here"),
        None => finding,
    })
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
        // What is turned for some, or for a while, leaves tests the default that they have.
        facts.is_prd(flip.span) && !over && !matches!(flip.when, Flip::Part(_))
    })?;
    let when = match &flip.when {
        Flip::Phase(number) => format!("in phase {number}"),
        Flip::WithPrd(_) if flip.is_made_by(&flip.by) => "itself".to_owned(),
        Flip::WithPrd(other) => format!("with {}", flip.with.as_ref().map_or(other, |with| &with.0)),
        Flip::Later(words) => format!("later (\"{words}\")"),
        Flip::Part(part) => format!("only {}", part.words),
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
