//! What tests need and what they run with. Enters: the code of one tree and what each flag is. Leaves: [`TestNeed`]s.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Need, needs};
use super::proof::{self, Proofs};
use super::supply::supplied;
use super::table::{FlagFacts, FlagTable};
use super::touched::may_set;
use super::verdict::judge;
use super::words::split;
use super::{Evidence, NeedCertainty, Role, RunsWith, Supply, TestNeed};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, ForceScope, ForcedKey, TestGate};
use crate::source::{RepoPath, Sources, View};

/// The code and the words on it that a judgement of tests needs.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Every text.
    pub sources: &'a Sources,
    /// The tree.
    pub view: &'a View,
    /// Its code.
    pub index: &'a CodeIndex,
    /// What each flag is.
    pub flags: &'a FlagTable,
    /// What a test sees that forces nothing, where the project states it.
    pub ambient: Option<FlagValue>,
    /// What was seen by running.
    pub proofs: &'a Proofs,
}

/// Judges every test, or only those in `files`. Sorted by test, then flag.
#[must_use]
pub fn judge_tests(ground: &Ground<'_>, files: Option<&BTreeSet<RepoPath>>) -> Vec<TestNeed> {
    let index = ground.index;
    let is_ours = |path: &RepoPath| files.is_none_or(|files| files.contains(path));
    let tests: Vec<usize> = (0..index.tests.len())
        .filter(|at| is_ours(&index.tests[*at].path))
        .collect();
    let aliases = ground
        .flags
        .flags
        .iter()
        .map(|(key, facts)| (key.clone(), facts.aliases.clone()))
        .collect();
    let mut found = needs(ground.sources, ground.view, index, &aliases, &tests);
    for (of, need) in super::singled::needs(ground.sources, index, ground.flags, &tests) {
        found.entry(of).or_insert(need);
    }
    let holding = ground.proofs.holding(ground, &tests);
    proof::apply(ground, &holding, &mut found, |test, key| sets(ground, test, key));
    let mut judged: BTreeMap<(usize, FlagKey), TestNeed> = BTreeMap::new();
    for (test, key) in forced(index, &tests) {
        let need = found.remove(&(test, key.clone()));
        judged.insert((test, key.clone()), judged_need(ground, test, key, need));
    }
    for ((test, key), need) in found {
        judged.insert((test, key.clone()), judged_need(ground, test, key, Some(need)));
    }
    judged.into_values().collect()
}

/// True if the test sees a value of the flag that something sets for tests.
#[must_use]
pub fn sets(ground: &Ground<'_>, test: usize, key: &FlagKey) -> bool {
    let known = ground.flags.get(key);
    supplied(ground.index, test, key, known, ground.ambient, None).supply == Supply::Stub
}

/// Every test and flag that the test itself sets.
fn forced(index: &CodeIndex, tests: &[usize]) -> BTreeSet<(usize, FlagKey)> {
    let mut pairs = BTreeSet::new();
    for force in &index.forces {
        let ForcedKey::Key(key) = &force.key else { continue };
        match &force.scope {
            ForceScope::Test(test) if tests.contains(test) => {
                pairs.insert((*test, key.clone()));
            }
            ForceScope::Region(region) => {
                let within = tests.iter().filter(|test| {
                    let span = index.tests[**test].span;
                    region.contains(span) || span.contains(*region)
                });
                pairs.extend(within.map(|test| (*test, key.clone())));
            }
            ForceScope::File(path) => {
                let within = tests.iter().filter(|test| index.tests[**test].path == *path);
                pairs.extend(within.map(|test| (*test, key.clone())));
            }
            ForceScope::Test(_) | ForceScope::Project => {}
        }
    }
    pairs
}

/// The words of a flag's names.
fn names_of(flag: &FlagKey, known: Option<&FlagFacts>) -> Vec<Vec<String>> {
    let aliases = known
        .into_iter()
        .flat_map(|facts| facts.aliases.iter().map(String::as_str));
    std::iter::once(flag.as_str()).chain(aliases).map(split).collect()
}

fn judged_need(ground: &Ground<'_>, test: usize, flag: FlagKey, need: Option<Need>) -> TestNeed {
    let case = &ground.index.tests[test];
    let assertion = need.as_ref().and_then(|need| need.assertion);
    let known = ground.flags.get(&flag);
    let mut supplied = supplied(ground.index, test, &flag, known, ground.ambient, assertion);
    let own = supplied.force.is_some_and(|force| case.span.contains(force));
    let unseen = match &need {
        Some(_) if !own => may_set(ground.index, case, &names_of(&flag, known)),
        _ => None,
    };
    if unseen.is_some() {
        (supplied.runs_with, supplied.supply, supplied.force) =
            (RunsWith::Is(FlagValue::Unknown), Supply::Ambient, None);
    }
    let gate = case.gate.as_ref().filter(|gate| match gate {
        TestGate::On(literal) => literal.key == flag,
        TestGate::Skipped | TestGate::Conditional => true,
    });
    let verdict = judge(
        need.as_ref().map(|need| need.value),
        supplied.runs_with,
        supplied.supply,
        gate,
    );
    let mut because = need.as_ref().map_or_else(Vec::new, |need| need.because.clone());
    if need.is_none() {
        because.push(Evidence {
            role: Role::Test,
            span: case.title_span,
            note: "sets the flag".into(),
        });
    }
    because.extend(supplied.force.map(|span| Evidence {
        role: Role::Stub,
        span,
        note: "set here".into(),
    }));
    because.extend(unseen.map(|span| Evidence {
        role: Role::Stub,
        span,
        note: "may set it, in a way that is not followed".into(),
    }));
    let unmet = verdict == super::TestVerdict::Blocked;
    TestNeed {
        test,
        needs: need.as_ref().map(|need| need.value),
        runs_with: supplied.runs_with,
        supply: if unmet { Supply::Nobody } else { supplied.supply },
        verdict,
        certainty: need.map_or(NeedCertainty::Possible, |need| need.certainty),
        because,
        flag,
    }
}
