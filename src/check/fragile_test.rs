//! `fragile-test`: a test passes only because of a default, and a flip that is planned breaks it.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{NeedCertainty, TestNeed, TestVerdict};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let fragile = facts
        .needs
        .iter()
        .filter(|need| need.verdict == TestVerdict::Fragile && need.certainty != NeedCertainty::Possible);
    fragile.filter_map(|need| finding(facts, need)).collect()
}

/// Speaks only where the plan flips the flag away from what the test needs.
fn finding(facts: &Facts<'_>, need: &TestNeed) -> Option<Finding> {
    let needs = need.needs?;
    let barrier = facts
        .plan
        .barriers
        .iter()
        .find(|barrier| barrier.flag == need.flag && barrier.to == needs.flipped())?;
    let test = facts.index.tests.get(need.test)?;
    let message = format!(
        "the test \"{}\" passes only while `{}` is {needs}, and the plan turns it {} before phase {}",
        test.name, need.flag, barrier.to, barrier.before_phase
    );
    let level = if need.certainty == NeedCertainty::Proven {
        Level::Error
    } else {
        Level::Warning
    };
    let detail = format!("set `{}` to {needs} in the test itself", need.flag);
    Some(
        Finding::new("fragile-test", level, message)
            .on(&need.flag)
            .because(need.because.iter().cloned())
            .help(Remedy::new(RemedyKind::Stub, detail)),
    )
}
