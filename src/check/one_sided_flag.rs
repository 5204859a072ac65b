//! `one-sided-flag`: a flag has tests for one state only.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level};
use crate::assumption::{Evidence, NeedCertainty, Role, RunsWith, TestNeed};
use crate::flag::{FlagKey, FlagValue};

/// How many tests that miss their state are shown.
const SHOWN: usize = 3;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut sides: BTreeMap<&FlagKey, (bool, bool)> = BTreeMap::new();
    for need in facts
        .needs
        .iter()
        .filter(|need| need.needs.is_some() && need.certainty != NeedCertainty::Possible)
    {
        let side = sides.entry(&need.flag).or_default();
        side.0 |= matches!(need.runs_with, RunsWith::Is(FlagValue::On) | RunsWith::Both);
        side.1 |= matches!(need.runs_with, RunsWith::Is(FlagValue::Off) | RunsWith::Both);
    }
    sides
        .into_iter()
        .filter_map(|(flag, (on, off))| finding(facts, flag, missing(on, off)?))
        .collect()
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
    let guard = facts
        .index
        .guards
        .iter()
        .find(|guard| guard.needs(flag) == Some(missing))?;
    let meant = facts
        .needs
        .iter()
        .filter(|need| need.flag == *flag && need.needs == Some(missing) && need.certainty != NeedCertainty::Possible);
    let meant: Vec<&TestNeed> = meant.collect();
    // What a test runs with that is meant for this state may be untold.
    let other = missing.flipped();
    if meant.iter().any(|need| need.runs_with != RunsWith::Is(other)) {
        return None;
    }
    let message = match meant.len() {
        0 => format!("what runs with `{flag}` {missing} has no test that shows it"),
        1 => format!("the only test for `{flag}` {missing} runs with it {other}"),
        count => format!("all {count} tests for `{flag}` {missing} run with it {other}"),
    };
    let tests = meant.iter().filter_map(|need| facts.index.tests.get(need.test));
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
