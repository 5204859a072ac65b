//! `one-sided-flag`: a flag has tests for one state only.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level};
use crate::assumption::{NeedCertainty, Role, RunsWith};
use crate::flag::{FlagKey, FlagValue};

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
        .filter_map(|(flag, (on, off))| finding(facts, flag, on, off))
        .collect()
}

fn finding(facts: &Facts<'_>, flag: &FlagKey, on: bool, off: bool) -> Option<Finding> {
    let missing = match (on, off) {
        (true, false) => FlagValue::Off,
        (false, true) => FlagValue::On,
        _ => return None,
    };
    let guard = facts
        .index
        .guards
        .iter()
        .find(|guard| guard.needs(flag) == Some(missing))?;
    let message = format!("what runs with `{flag}` {missing} has no test that shows it");
    Some(Finding::new("one-sided-flag", Level::Note, message).on(flag).at(
        Role::Guard,
        guard.condition,
        format!("runs with `{flag}` {missing}"),
    ))
}
