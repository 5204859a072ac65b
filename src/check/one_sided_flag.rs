//! `one-sided-flag`: a flag has tests for one state only. The tests of branches count: they land with what they test.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level};
use crate::assumption::{BranchTests, Evidence, NeedCertainty, Role, RunsWith, Supply, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;

/// How many tests that miss their state are shown.
const SHOWN: usize = 3;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut sides: BTreeMap<&FlagKey, (bool, bool)> = BTreeMap::new();
    let shown = all(facts).filter(|(_, need)| is_told(need) || sets_it(need));
    for (_, need) in shown.filter(|(_, need)| need.needs.is_some() || is_table(need) || sets_it(need)) {
        let side = sides.entry(&need.flag).or_default();
        side.0 |= matches!(
            need.runs_with,
            RunsWith::Is(FlagValue::On) | RunsWith::Both | RunsWith::Partial
        );
        side.1 |= matches!(
            need.runs_with,
            RunsWith::Is(FlagValue::Off) | RunsWith::Both | RunsWith::Partial
        );
    }
    sides
        .into_iter()
        .filter_map(|(flag, (on, off))| finding(facts, flag, missing(on, off)?))
        .collect()
}

/// A test that sets the flag to both states in turn shows both, whatever it asserts; one that may is not said to miss one.
fn is_table(need: &TestNeed) -> bool {
    need.supply == Supply::Stub && matches!(need.runs_with, RunsWith::Both | RunsWith::Partial)
}

/// A test that sets the flag for itself shows that state, as far as it shows anything: nothing is said to have no test.
fn sets_it(need: &TestNeed) -> bool {
    need.supply == Supply::Stub && matches!(need.runs_with, RunsWith::Is(_))
}

fn is_told(need: &TestNeed) -> bool {
    need.certainty != NeedCertainty::Possible || is_table(need)
}

/// What the tests of the base tree and of the branches surely need, each with the code that it is in.
fn told<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = (&'a CodeIndex, &'a TestNeed)> {
    all(facts).filter(|(_, need)| is_told(need))
}

fn all<'a>(facts: &'a Facts<'_>) -> impl Iterator<Item = (&'a CodeIndex, &'a TestNeed)> {
    let base = facts.needs.iter().map(|need| (facts.index, need));
    let branches = facts.branches.iter();
    let branches = branches.flat_map(|branch| branch.needs.iter().map(|need| (&branch.index, need)));
    base.chain(branches)
}

/// The state of a flag that has tests for the other one alone.
fn missing(on: bool, off: bool) -> Option<FlagValue> {
    match (on, off) {
        (true, false) => Some(FlagValue::Off),
        (false, true) => Some(FlagValue::On),
        _ => None,
    }
}

fn finding(facts: &Facts<'_>, flag: &FlagKey, missing: FlagValue) -> Option<Finding> {
    let trees = std::iter::once(facts.index).chain(facts.branches.iter().map(|branch| &branch.index));
    let mut guards = trees.flat_map(|index| &index.guards);
    let guard = guards.find(|guard| guard.needs(flag) == Some(missing))?;
    let meant = told(facts).filter(|(_, need)| need.flag == *flag && need.needs == Some(missing));
    let meant: Vec<(&CodeIndex, &TestNeed)> = meant.collect();
    // What a test runs with that is meant for this state may be untold.
    let other = missing.flipped();
    if meant.iter().any(|(_, need)| need.runs_with != RunsWith::Is(other)) {
        return None;
    }
    // What holds a branch was said with the branch.
    let held = |need: &TestNeed| {
        let blocked = |branch: &BranchTests| branch.needs.iter().any(|one| std::ptr::eq(one, need));
        need.verdict == TestVerdict::Blocked && facts.branches.iter().any(blocked)
    };
    if meant.iter().any(|(_, need)| held(need)) {
        return None;
    }
    let message = match meant.len() {
        0 => format!("what runs with `{flag}` {missing} has no test that shows it"),
        1 => format!("the only test for `{flag}` {missing} runs with it {other}"),
        count => format!("all {count} tests for `{flag}` {missing} run with it {other}"),
    };
    let tests = meant.iter().filter_map(|(index, need)| index.tests.get(need.test));
    let tests = tests.take(SHOWN).map(|test| Evidence {
        role: Role::Test,
        span: test.title_span,
        note: format!("runs with `{flag}` {other}"),
    });
    let finding = Finding::new("one-sided-flag", Level::Note, message).on(flag).at(
        Role::Guard,
        guard.condition,
        format!("runs with `{flag}` {missing}"),
    );
    Some(finding.because(tests))
}
