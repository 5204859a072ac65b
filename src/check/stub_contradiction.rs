//! `stub-contradiction`: a test forces the opposite of what its own title, annotation or PRD says.

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{Assumption, BranchTests, NeedCertainty, Role, TestNeed, TestVerdict};
use crate::index::{CodeIndex, Force, ForcedKey, ForcedValue};

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let base = facts.needs.iter().filter_map(|need| finding(facts.index, need, None));
    let branches = facts.branches.iter().flat_map(|branch| {
        branch
            .needs
            .iter()
            .filter_map(|need| finding(&branch.index, need, Some(branch)))
    });
    let documents = facts.branches.iter().flat_map(|branch| against_the_prd(facts, branch));
    base.chain(branches).chain(documents).collect()
}

/// The tests of a PRD's branch set the opposite of what the PRD needs, and none of them sets what it needs.
fn against_the_prd(facts: &Facts<'_>, branch: &BranchTests) -> Vec<Finding> {
    let needed = facts.assumptions.iter().filter(|assumption| {
        let of_document = assumption.test.is_none() && assumption.certainty != NeedCertainty::Possible;
        of_document && branch.prd.as_ref() == Some(&assumption.prd)
    });
    let contradiction = |assumption: &Assumption| {
        let (flag, needs) = (&assumption.flag, assumption.needs);
        let set = |force: &&Force| {
            let ours = branch.changed.contains(facts.sources.path(force.span.file));
            ours && matches!(&force.key, ForcedKey::Key(key) if key == flag)
        };
        let opposite = ForcedValue::Is(needs.flipped());
        let forces: Vec<&Force> = branch.index.forces.iter().filter(set).collect();
        let first = forces.first()?;
        if !forces.iter().all(|force| force.value == opposite) {
            return None;
        }
        let message = format!(
            "PRD {} needs `{flag}` {needs}, and the tests of `{}` set it to {}",
            assumption.prd,
            branch.branch,
            needs.flipped()
        );
        let finding = Finding::new("stub-contradiction", Level::Warning, message)
            .about(&assumption.prd)
            .on(flag)
            .at(Role::Stub, first.span, format!("set to {} here", needs.flipped()))
            .because(assumption.because.iter().take(1).cloned());
        Some(finding.help(Remedy::new(
            RemedyKind::Stub,
            "let the tests set what the PRD needs, or correct the PRD",
        )))
    };
    needed.filter_map(contradiction).collect()
}

fn finding(index: &CodeIndex, need: &TestNeed, of: Option<&BranchTests>) -> Option<Finding> {
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
    finding.prd = of.and_then(|branch| branch.prd.clone());
    finding.standing = of.is_none();
    Some(finding)
}
