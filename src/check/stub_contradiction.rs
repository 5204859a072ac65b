//! `stub-contradiction`: a test forces the opposite of what its own title, annotation or PRD says.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{NeedCertainty, TestNeed, TestVerdict};
use crate::index::CodeIndex;
use crate::prd::PrdId;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let base = facts.needs.iter().filter_map(|need| finding(facts.index, need, None));
    let branches = facts.branches.iter().flat_map(|branch| {
        branch
            .needs
            .iter()
            .filter_map(|need| finding(&branch.index, need, branch.prd.as_ref()))
    });
    base.chain(branches).collect()
}

fn finding(index: &CodeIndex, need: &TestNeed, prd: Option<&PrdId>) -> Option<Finding> {
    if need.verdict != TestVerdict::Contradiction || need.certainty == NeedCertainty::Possible {
        return None;
    }
    let (test, needs) = (index.tests.get(need.test)?, need.needs?);
    let message = format!(
        "the test \"{}\" says that it needs `{}` {needs}, and sets it to {}",
        test.name,
        need.flag,
        needs.flipped()
    );
    let mut finding = Finding::new("stub-contradiction", Level::Warning, message)
        .on(&need.flag)
        .because(need.because.iter().cloned())
        .help(Remedy::new(RemedyKind::Stub, "make the title and the stub agree"));
    finding.prd = prd.cloned();
    Some(finding)
}
