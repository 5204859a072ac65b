//! `assumes-unset-flag`: a PRD, or a test of its branch, needs a flag value that is neither set nor stubbed.

use std::collections::BTreeMap;

use super::{Facts, Finding, Level, Remedy, RemedyKind, flip_after_use, listed};
use crate::assumption::{Assumption, BranchTests, Evidence, NeedCertainty, Role, Supply, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::PrdId;

/// How many places of one kind a finding shows; the rest says the same again.
const SHOWN: usize = 3;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<(&PrdId, &FlagKey, FlagValue), Vec<&Assumption>> = BTreeMap::new();
    for assumption in facts.assumptions {
        let unmet = assumption.supply == Supply::Nobody && assumption.certainty != NeedCertainty::Possible;
        // Of a flip that is planned too late `flip-after-use` tells more.
        let told = unmet && flip_after_use::late(facts, assumption).is_some();
        if unmet && !told && facts.flags.get(&assumption.flag).is_some() {
            groups
                .entry((&assumption.prd, &assumption.flag, assumption.needs))
                .or_default()
                .push(assumption);
        }
    }
    groups
        .into_iter()
        .map(|((prd, flag, needs), group)| finding(facts, prd, flag, needs, &group))
        .chain(of_nobody(facts))
        .collect()
}

/// The tests of a branch that no PRD claims.
fn of_nobody(facts: &Facts<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for branch in facts.branches.iter().filter(|branch| branch.prd.is_none()) {
        let mut groups: BTreeMap<(&FlagKey, FlagValue), Vec<&TestNeed>> = BTreeMap::new();
        for need in &branch.needs {
            let unmet = need.verdict == TestVerdict::Blocked && need.certainty != NeedCertainty::Possible;
            if let Some(value) = need.needs.filter(|_| unmet) {
                groups.entry((&need.flag, value)).or_default().push(need);
            }
        }
        found.extend(
            groups
                .into_iter()
                .map(|((flag, needs), group)| of_branch(facts, branch, flag, needs, &group)),
        );
    }
    found
}

fn of_branch(
    facts: &Facts<'_>,
    branch: &BranchTests,
    flag: &FlagKey,
    needs: FlagValue,
    group: &[&TestNeed],
) -> Finding {
    let state = facts.flags.get(flag).map(|known| known.served().0).unwrap_or_default();
    let message = format!(
        "`{}` tests what runs only with `{flag}` {needs}, and `{flag}` is {state}",
        branch.branch
    );
    let said = group.iter().flat_map(|need| need.because.iter().cloned());
    let known = facts
        .flags
        .get(flag)
        .into_iter()
        .flat_map(|known| known.state_evidence(facts.index));
    let stub = format!("or let the tests set `{flag}` to {needs} themselves");
    Finding::new("assumes-unset-flag", Level::Error, message)
        .on(flag)
        .because(said.take(SHOWN * 2).chain(known))
        .help(
            Remedy::new(RemedyKind::Flip, format!("turn `{flag}` {needs} first")).with_command(facts.flip(flag, needs)),
        )
        .help(Remedy::new(RemedyKind::Stub, stub))
}

fn finding(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey, needs: FlagValue, group: &[&Assumption]) -> Finding {
    let state = facts.flags.get(flag).map(|known| known.served().0).unwrap_or_default();
    let undecided = state == FlagValue::Unknown;
    let subject = match facts.phase(prd) {
        Some(phase) if !undecided => format!("phase {phase} is held: PRD {prd}"),
        _ => format!("PRD {prd}"),
    };
    let does = if group.iter().any(|assumption| assumption.test.is_some()) {
        "tests what"
    } else {
        "assumes what"
    };
    let is = match state {
        FlagValue::Unknown => "whether it is cannot be told".to_owned(),
        state => format!("`{flag}` is {state}"),
    };
    let message = format!("{subject} {does} runs only with `{flag}` {needs}, and {is}");
    let mut finding = Finding::new(
        "assumes-unset-flag",
        if undecided { Level::Warning } else { Level::Error },
        message,
    )
    .about(prd)
    .on(flag)
    .because(places(facts, flag, needs, group));
    finding.undecided = undecided;
    finding.remedies = remedies(facts, prd, flag, needs, group);
    finding
}

/// What assumes, what says otherwise, and the code that decides; each kind at most [`SHOWN`] times.
fn places(facts: &Facts<'_>, flag: &FlagKey, needs: FlagValue, group: &[&Assumption]) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = group
        .iter()
        .flat_map(|assumption| assumption.because.iter().cloned())
        .collect();
    // A test's own words come before the document's: they are what will turn red.
    all.sort_by_key(|evidence| match evidence.role {
        Role::Assertion => 0,
        Role::Test => 1,
        _ => 2,
    });
    if let Some(known) = facts.flags.get(flag) {
        all.extend(known.state_evidence(facts.index));
    }
    let decides = facts
        .index
        .guards
        .iter()
        .filter(|guard| guard.needs(flag) == Some(needs));
    all.extend(decides.map(|guard| {
        let note = format!("what is needed runs only where this finds `{flag}` {needs}");
        Evidence {
            role: Role::Guard,
            span: guard.condition,
            note,
        }
    }));
    let (mut shown, mut seen) = (BTreeMap::new(), std::collections::BTreeSet::new());
    all.retain(|evidence| {
        let count: &mut usize = shown.entry(evidence.role).or_default();
        seen.insert(evidence.span) && {
            *count += 1;
            *count <= SHOWN
        }
    });
    all
}

fn remedies(facts: &Facts<'_>, prd: &PrdId, flag: &FlagKey, needs: FlagValue, group: &[&Assumption]) -> Vec<Remedy> {
    let before = facts
        .phase(prd)
        .map_or_else(|| "first".to_owned(), |phase| format!("before phase {phase}"));
    let flip = facts.flip(flag, needs);
    let tests: Vec<String> = group
        .iter()
        .filter_map(|assumption| assumption.test.as_ref())
        .map(|test| test.0.to_string())
        .collect();
    let stub = match tests.first() {
        Some(path) => format!("or let the tests set `{flag}` to {needs} themselves, as in {path}"),
        None => format!("or let the PRD's tests set `{flag}` to {needs} themselves and say so in its test plan"),
    };
    let recheck = facts.command(&format!("gate --prd {prd}"));
    let waiting = facts
        .graph
        .edges
        .iter()
        .filter(|edge| edge.from == *prd)
        .map(|edge| &edge.to);
    let waiting = listed(waiting);
    let price = if waiting.is_empty() {
        "nothing waits for it".to_owned()
    } else {
        format!("{waiting} would wait too")
    };
    let reorder = format!("or move PRD {prd} to a phase after the flip ({price})");
    let plan = facts.command("plan");
    vec![
        Remedy::new(RemedyKind::Flip, format!("turn `{flag}` {needs} {before}")).with_command(flip),
        Remedy::new(RemedyKind::Stub, stub).with_command(recheck),
        Remedy::new(RemedyKind::Reorder, reorder).with_command(plan),
        Remedy::new(
            RemedyKind::Drop,
            format!("or take PRD {prd} out of this wave ({price})"),
        ),
    ]
}
