//! What a test says by setting a flag that its neighbours leave alone. Enters: the forces and titles of one tree. Leaves: needs.
//!
//! A title that speaks of "the flag" without its name ("does nothing when the flag is disabled") means the one flag that the test itself
//! sets, or the one that its neighbours set. And a test that sets a flag in its own body, where most tests of its file do not, has a
//! reason to, as has one whose neighbours set the opposite: it *may* need the value. That is never more than possible, because settings are also copied from test to test.

mod called;
mod neutral;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use called::strangers;
pub(super) use neutral::neutral;

use super::evidence::Need;
use super::short;
use super::supply::supplied;
use super::table::FlagTable;
use super::title::phrase::condition;
use super::title::{Words, qualifiers, unnamed_value, unnamed_value_of_own};
use super::words::split;
use super::{Evidence, NeedCertainty, Role, RunsWith, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForceScope, ForcedKey, ForcedValue, TestCase};
use crate::source::{RepoPath, Sources, Span};

/// What the tests of one file set, each by itself.
#[derive(Default)]
struct Own<'a> {
    tests: Vec<usize>,
    /// By test: what it sets in its own body.
    forces: BTreeMap<usize, BTreeMap<&'a FlagKey, (FlagValue, &'a Force)>>,
    /// Tests that set a flag to both values, one after the other: they say nothing of either.
    both: BTreeSet<(usize, &'a FlagKey)>,
    /// Flags that the whole file, or a suite of it, sets.
    shared: BTreeSet<(&'a FlagKey, FlagValue)>,
}

/// The needs of `tests`, by test and flag.
#[must_use]
pub fn needs(
    sources: &Sources,
    index: &CodeIndex,
    flags: &FlagTable,
    tests: &[usize],
) -> Vec<((usize, FlagKey), Need)> {
    let files = by_file(index);
    let mut found = Vec::new();
    for test in tests {
        let Some(case) = index.tests.get(*test) else { continue };
        let Some(own) = files.get(&case.path) else { continue };
        found.extend(by_title(index, flags, own, *test, case));
        found.extend(by_word(sources, index, flags, own, *test, case));
        found.extend(by_setting(sources, flags, own, *test, case));
    }
    found
}

fn by_file(index: &CodeIndex) -> BTreeMap<&RepoPath, Own<'_>> {
    let mut files: BTreeMap<&RepoPath, Own<'_>> = BTreeMap::new();
    for (at, case) in index.tests.iter().enumerate() {
        files.entry(&case.path).or_default().tests.push(at);
    }
    for force in &index.forces {
        let (ForcedKey::Key(key), ForcedValue::Is(value)) = (&force.key, force.value) else {
            continue;
        };
        let holds = |case: &TestCase, force: &Force| match &force.scope {
            ForceScope::Region(region) => case.span.contains(*region),
            _ => false,
        };
        for own in files.values_mut() {
            let set = own.tests.iter().copied().find(|test| match &force.scope {
                ForceScope::Test(of) => of == test,
                _ => holds(&index.tests[*test], force),
            });
            if let Some(test) = set {
                let known = own.forces.entry(test).or_default().insert(key, (value, force));
                if known.is_some_and(|(known, _)| known != value) {
                    own.both.insert((test, key));
                }
            } else if covers(index, own, force) {
                own.shared.insert((key, value));
            }
        }
    }
    for own in files.values_mut() {
        for (test, key) in &own.both {
            if let Some(set) = own.forces.get_mut(test) {
                set.remove(key);
            }
        }
    }
    files
}

/// True if a force reaches tests of the file without standing in one of them.
fn covers(index: &CodeIndex, own: &Own<'_>, force: &Force) -> bool {
    own.tests.iter().any(|test| match &force.scope {
        ForceScope::Region(region) => region.contains(index.tests[*test].span),
        ForceScope::File(path) => *path == index.tests[*test].path,
        ForceScope::Test(_) | ForceScope::Project => false,
    })
}

/// "when the flag is disabled", where one flag can be meant.
fn by_title(
    index: &CodeIndex,
    flags: &FlagTable,
    own: &Own<'_>,
    test: usize,
    case: &TestCase,
) -> Option<((usize, FlagKey), Need)> {
    let titles: Vec<Words> = case
        .suite
        .iter()
        .chain([&case.name])
        .map(|title| Words::of(title))
        .collect();
    let value = match unnamed_value(&titles) {
        Some(value) => value,
        None => {
            let value = unnamed_value_of_own(&titles)?;
            if !own.forces.contains_key(&test) {
                return set_around(index, flags, own, test, value);
            }
            value
        }
    };
    let key = match own.forces.get(&test) {
        // The others that it sets may be what they are for every test.
        Some(mine) => {
            let fitting = mine
                .iter()
                .filter(|(key, (set, _))| *set == value && !own.shared.contains(&(**key, value)));
            only(fitting.map(|(key, _)| *key))?
        }
        None => {
            let near = own
                .tests
                .iter()
                .filter(|other| index.tests[**other].suite == case.suite && **other != test);
            let set = near.filter_map(|other| own.forces.get(other)).flatten();
            let against = set.filter(|(_, (set, _))| *set == value.flipped());
            let near: BTreeSet<&FlagKey> = against.map(|(key, _)| *key).collect();
            let key = if near.is_empty() {
                only_of_file(index, own, case, value)?
            } else {
                only(near.into_iter())?
            };
            // "the buildless feature flag" beside tests that set another flag.
            let own = split(key.as_str());
            let meant = qualifiers(&titles).iter().all(|word| own.contains(word));
            if !meant {
                return None;
            }
            key
        }
    };
    Some(((test, key.clone()), of_title(case, key, value)))
}

/// "with the toggle off", in a suite that sets the one flag of its file so.
fn set_around(
    index: &CodeIndex,
    flags: &FlagTable,
    own: &Own<'_>,
    test: usize,
    value: FlagValue,
) -> Option<((usize, FlagKey), Need)> {
    let by_tests = own.forces.values().flatten().map(|(key, _)| *key);
    let all: BTreeSet<&FlagKey> = by_tests.chain(own.shared.iter().map(|(key, _)| *key)).collect();
    let key = only(all.into_iter())?;
    let supplied = supplied(index, test, key, flags.get(key), None, None);
    let is_set = supplied.supply == Supply::Stub && supplied.runs_with == RunsWith::Is(value);
    is_set.then(|| ((test, key.clone()), of_title(&index.tests[test], key, value)))
}

fn of_title(case: &TestCase, key: &FlagKey, value: FlagValue) -> Need {
    Need {
        value,
        certainty: NeedCertainty::Likely,
        because: vec![Evidence {
            role: Role::Test,
            span: case.title_span,
            note: format!("says {value}, and `{key}` is the flag that is set here"),
        }],
        assertion: None,
    }
}

/// "when Kessel is off", in a test for which the flag `rbac` is set so by `mockUseKesselFlag.mockReturnValue(false)`.
fn by_word(
    sources: &Sources,
    index: &CodeIndex,
    flags: &FlagTable,
    own: &Own<'_>,
    test: usize,
    case: &TestCase,
) -> Option<((usize, FlagKey), Need)> {
    let titles: Vec<Words> = case
        .suite
        .iter()
        .chain([&case.name])
        .map(|title| Words::of(title))
        .collect();
    let by_tests = own.forces.values().flatten().map(|(key, _)| *key);
    let keys: BTreeSet<&FlagKey> = by_tests.chain(own.shared.iter().map(|(key, _)| *key)).collect();
    let said = |key: &FlagKey| -> BTreeSet<String> {
        let here = index.forces.iter().filter(|force| force.span.file == case.span.file);
        let here = here.filter(|force| matches!(&force.key, ForcedKey::Key(of) if of == key));
        let names = here.map(|force| sources.text(force.span).split('(').next().unwrap_or_default());
        let mut words: BTreeSet<String> = names.flat_map(short::words_of).collect();
        words.extend(short::core(key.as_str()));
        words
    };
    let words: Vec<(&FlagKey, BTreeSet<String>)> = keys.into_iter().map(|key| (key, said(key))).collect();
    let mut found = words.iter().filter_map(|(key, own)| {
        let others = || words.iter().filter(|(other, _)| other != key);
        let names =
            |word: &str| word.len() > 2 && own.contains(word) && !others().any(|(_, words)| words.contains(word));
        let value = condition(&titles, &names)?;
        let supplied = supplied(index, test, key, flags.get(key), None, None);
        let is_set = supplied.supply == Supply::Stub && supplied.runs_with == RunsWith::Is(value);
        is_set.then_some((*key, value))
    });
    let (key, value) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let need = Need {
        value,
        certainty: NeedCertainty::Likely,
        because: vec![Evidence {
            role: Role::Test,
            span: case.title_span,
            note: format!("says {value} of what sets `{key}` here"),
        }],
        assertion: None,
    };
    Some(((test, key.clone()), need))
}

/// The one flag that tests or suites of a file set, where they set it the other way and nothing does so for this test.
fn only_of_file<'k>(index: &CodeIndex, own: &Own<'k>, case: &TestCase, value: FlagValue) -> Option<&'k FlagKey> {
    let by_tests = own.forces.values().flatten().map(|(key, (set, _))| (*key, *set));
    let all: BTreeSet<(&FlagKey, FlagValue)> = by_tests.chain(own.shared.iter().copied()).collect();
    // Suites side by side are about other things.
    let outer = case.suite_spans.first();
    let elsewhere = |span: &Span| outer.is_some_and(|outer| !outer.contains(*span));
    let places = index.forces.iter().filter(|force| force.span.file == case.span.file);
    if places
        .filter(|force| matches!(force.key, ForcedKey::Key(_)))
        .any(|force| elsewhere(&force.span))
    {
        return None;
    }
    let key = only(all.iter().map(|(key, _)| *key).collect::<BTreeSet<_>>().into_iter())?;
    let against_it = index.forces.iter().any(|force| {
        let here = match &force.scope {
            ForceScope::Region(region) => region.contains(case.span),
            ForceScope::File(path) => *path == case.path,
            ForceScope::Test(_) | ForceScope::Project => false,
        };
        here && matches!(&force.key, ForcedKey::Key(of) if of == key) && force.value != ForcedValue::Is(value)
    });
    (!against_it && all.contains(&(key, value.flipped()))).then_some(key)
}

fn only<'k>(mut keys: impl Iterator<Item = &'k FlagKey>) -> Option<&'k FlagKey> {
    keys.next().filter(|_| keys.next().is_none())
}

/// Flags that this test sets and few others of its file do.
fn by_setting(
    sources: &Sources,
    flags: &FlagTable,
    own: &Own<'_>,
    test: usize,
    case: &TestCase,
) -> Vec<((usize, FlagKey), Need)> {
    let mut found = Vec::new();
    for (key, (value, force)) in own.forces.get(&test).into_iter().flatten() {
        let like_it = own
            .forces
            .values()
            .filter(|set| set.get(key).is_some_and(|(set, _)| set == value))
            .count();
        let against = own
            .forces
            .values()
            .any(|set| set.get(key).is_some_and(|(set, _)| *set == value.flipped()));
        let few = like_it == 1 || like_it * 2 <= own.tests.len() || against;
        let default = flags.get(key).map(super::table::FlagFacts::default_value);
        let names = split(key.as_str());
        let said = default != Some(*value)
            || split(sources.text(force.span))
                .windows(names.len())
                .any(|words| words == names);
        if !few || !said || own.shared.contains(&(*key, *value)) {
            continue;
        }
        let because = vec![Evidence {
            role: Role::Test,
            span: case.title_span,
            note: format!("sets `{key}` for itself, unlike most of its file"),
        }];
        let need = Need {
            value: *value,
            certainty: NeedCertainty::Possible,
            because,
            assertion: None,
        };
        found.push(((test, FlagKey::clone(key)), need));
    }
    found
}

#[cfg(test)]
mod tests;
