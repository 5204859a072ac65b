//! `vacuous-test`: a test that should prove a needed state is skipped or gated on the flag.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{BranchTests, NeedCertainty, TestNeed, TestVerdict};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for branch in facts.branches {
        let vacuous = branch
            .needs
            .iter()
            .filter(|need| need.verdict == TestVerdict::Vacuous && need.certainty != NeedCertainty::Possible);
        findings.extend(vacuous.filter_map(|need| finding(branch, need)));
    }
    findings
}

fn finding(branch: &BranchTests, need: &TestNeed) -> Option<Finding> {
    let (test, needs) = (branch.index.tests.get(need.test)?, need.needs?);
    let message = format!(
        "the test \"{}\" of `{}` should prove what runs with `{}` {needs}, and does not run: it is skipped or waits for the flag",
        test.name, branch.branch, need.flag
    );
    let mut finding = Finding::new("vacuous-test", Level::Warning, message)
        .on(&need.flag)
        .because(need.because.iter().cloned())
        .help(Remedy::new(
            RemedyKind::Stub,
            format!("let it run with `{}` set to {needs}", need.flag),
        ));
    finding.prd.clone_from(&branch.prd);
    Some(finding)
}
