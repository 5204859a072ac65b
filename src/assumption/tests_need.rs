//! What tests need and what they run with. Enters: the code of one tree and what each flag is. Leaves: [`TestNeed`]s.

use std::collections::{BTreeMap, BTreeSet};

use super::elsewhere::{self, Distance};
use super::evidence::{Need, needs};
use super::proof::{self, Proofs};
use super::supply::{Supplied, supplied};
use super::table::{FlagTable, StateSource};
use super::touched::{self, Sought};
use super::unsure;
use super::verdict::judge;
use super::{Evidence, NeedCertainty, Role, RunsWith, Supply, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, ForceScope, ForcedKey, TestCase, TestGate};
use crate::source::{RepoPath, Sources, Span, View};

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
    let mut by_setting = Vec::new();
    for (of, need) in super::singled::needs(ground.sources, index, ground.flags, &tests) {
        if need.certainty == NeedCertainty::Possible && !found.contains_key(&of) {
            by_setting.push(of.clone());
        }
        found.entry(of).or_insert(need);
    }
    let strangers = super::singled::strangers(index, &found, &by_setting);
    let neutral = super::singled::neutral(ground.sources, index, ground.flags, ground.ambient, &found);
    for of in strangers.into_iter().chain(neutral) {
        found.remove(&of);
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

/// What a test runs with.
struct Runs {
    with: RunsWith,
    supply: Supply,
    /// The place that forces it.
    force: Option<Span>,
    /// Why nobody knows it, and the place that says so.
    unknown: Option<Evidence>,
}

fn runs(ground: &Ground<'_>, test: usize, flag: &FlagKey, need: Option<&Need>) -> Runs {
    let case = &ground.index.tests[test];
    let known = ground.flags.get(flag);
    let assertion = need.and_then(|need| need.assertion);
    let supplied = supplied(ground.index, test, flag, known, ground.ambient, assertion);
    let unknown = need.and_then(|need| {
        let unseen = unseen(ground, case, flag, &supplied);
        let unseen = unseen
            .or_else(|| unsure(ground, test, flag, need, &supplied))
            .map(|span| Evidence {
                role: Role::Stub,
                span,
                note: "may set it, in a way that is not followed".into(),
            });
        unseen.or_else(|| is_elsewhere(ground, case, flag, need, &supplied))
    });
    match unknown {
        None => Runs {
            with: supplied.runs_with,
            supply: supplied.supply,
            force: supplied.force,
            unknown: None,
        },
        unknown => Runs {
            with: RunsWith::Is(FlagValue::Unknown),
            supply: Supply::Ambient,
            force: None,
            unknown,
        },
    }
}

/// The place that may set the flag for this test without anybody seeing how.
fn unseen(ground: &Ground<'_>, case: &TestCase, flag: &FlagKey, supplied: &Supplied) -> Option<Span> {
    let known = ground.flags.get(flag);
    if supplied.force.is_some_and(|force| case.span.contains(force)) {
        return None;
    }
    if supplied.supply == Supply::Stub {
        return touched::may_set(ground.index, case, &Sought::named(flag, known));
    }
    let sought = Sought::widely(flag, known, ground.sources, ground.index);
    touched::may_set(ground.index, case, &sought)
        .or_else(|| touched::may_be_set_around(ground.index, case, flag, &sought))
}

/// Where the default would block it, the place that may give the test what it needs.
fn unsure(ground: &Ground<'_>, test: usize, flag: &FlagKey, need: &Need, supplied: &Supplied) -> Option<Span> {
    let blocked = supplied.supply != Supply::Stub && supplied.runs_with == RunsWith::Is(need.value.flipped());
    let asked = blocked && ground.ambient.is_none();
    asked.then(|| unsure::may_be(ground.index, test, flag, ground.flags.get(flag), need.value))?
}

/// What is declared in code says nothing of a program that somebody else started, maybe with another configuration. What is recorded, supposed
/// or promised does, and so does the project's word on its tests.
fn is_elsewhere(
    ground: &Ground<'_>,
    case: &TestCase,
    flag: &FlagKey,
    need: &Need,
    supplied: &Supplied,
) -> Option<Evidence> {
    let said = ground.ambient.is_some() || ground.index.ambient.files.contains_key(&case.path);
    let declared = ground.flags.get(flag).is_none_or(|known| {
        known.ambient.is_none() && known.introduced.is_empty() && known.served().1 == StateSource::Default
    });
    if said || !declared || supplied.supply != Supply::Ambient {
        return None;
    }
    let unmet = supplied.runs_with != RunsWith::Is(need.value);
    let away = match elsewhere::distance(case, &ground.sources.file(case.span.file).text) {
        Distance::Here => false,
        // That the default fits shows that it may be what the test runs with; that it does not shows that it is not.
        Distance::Perhaps => unmet,
        Distance::Elsewhere => true,
    };
    away.then(|| Evidence {
        role: Role::Test,
        span: case.title_span,
        note: "tests a program that somebody else configures".into(),
    })
}

fn judged_need(ground: &Ground<'_>, test: usize, flag: FlagKey, need: Option<Need>) -> TestNeed {
    let case = &ground.index.tests[test];
    let runs = runs(ground, test, &flag, need.as_ref());
    let gate = case.gate.as_ref().map(|gate| match gate {
        TestGate::On(literal) if literal.key != flag => &TestGate::Conditional,
        gate => gate,
    });
    let verdict = judge(need.as_ref().map(|need| need.value), runs.with, runs.supply, gate);
    let possible = need
        .as_ref()
        .is_some_and(|need| need.certainty == NeedCertainty::Possible);
    let verdict = match verdict {
        // Against what may be needed nothing is said.
        TestVerdict::Blocked | TestVerdict::Contradiction if possible => TestVerdict::Unknown,
        verdict => verdict,
    };
    let mut because = need.as_ref().map_or_else(Vec::new, |need| need.because.clone());
    if need.is_none() {
        because.push(Evidence {
            role: Role::Test,
            span: case.title_span,
            note: "sets the flag".into(),
        });
    }
    because.extend(runs.force.map(|span| Evidence {
        role: Role::Stub,
        span,
        note: "set here".into(),
    }));
    because.extend(runs.unknown);
    let unmet = verdict == TestVerdict::Blocked;
    TestNeed {
        test,
        needs: need.as_ref().map(|need| need.value),
        runs_with: runs.with,
        supply: if unmet { Supply::Nobody } else { runs.supply },
        verdict,
        certainty: need.map_or(NeedCertainty::Possible, |need| need.certainty),
        because,
        flag,
    }
}

#[cfg(test)]
mod tests;
