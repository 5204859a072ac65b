//! What a test runs with. Enters: the forces of the code, what each flag is. Leaves: the value that one test sees of one flag, who
//! supplies it, and the place that does.
//!
//! The strongest wins: the test's own force, a block around the assertion, the hooks of the nearest suite, outer suites, the file,
//! a set-up file; and where nothing is forced, what the harness or the recorded state says.

use super::table::FlagFacts;
use super::{RunsWith, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForceScope, ForcedKey, ForcedValue, TestCase};
use crate::source::Span;

/// Rules of forces that take a variable out of the environment.
const UNSET: [&str; 4] = ["delenv", "remove-var", "temp-env-unset", "unsetenv"];

/// What a test sees of a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Supplied {
    /// The value.
    pub runs_with: RunsWith,
    /// Who supplies it.
    pub supply: Supply,
    /// The place that forces it.
    pub force: Option<Span>,
}

/// What the test number `test` sees of `key`. `assertion` narrows it to the block around the assertion in question.
#[must_use]
pub fn supplied(
    index: &CodeIndex,
    test: usize,
    key: &FlagKey,
    facts: Option<&FlagFacts>,
    policy: Option<FlagValue>,
    assertion: Option<Span>,
) -> Supplied {
    if let Some(force) = strongest(index, test, key, facts, assertion) {
        let runs_with = match force.value {
            // Without the variable the code is left to what it falls back to.
            ForcedValue::Is(_) if is_unset(force) => {
                RunsWith::Is(facts.map_or(FlagValue::Off, |facts| unset_value(index, facts)))
            }
            // Nobody says which of its blocks is meant.
            ForcedValue::Is(_) if assertion.is_none() && sets_both(index, test, key, facts) => RunsWith::Both,
            ForcedValue::Is(value) => RunsWith::Is(value),
            ForcedValue::Both => RunsWith::Both,
            ForcedValue::Partial | ForcedValue::Reset => RunsWith::Partial,
        };
        return Supplied {
            runs_with,
            supply: Supply::Stub,
            force: Some(force.span),
        };
    }
    let below = index
        .tests
        .get(test)
        .and_then(|case| index.ambient.files.get(&case.path));
    let (value, supply) = match (facts, below) {
        (Some(facts), None) => facts.ambient(policy),
        (Some(facts), Some(_)) if facts.ambient.is_some() => facts.ambient(policy),
        (_, Some(below)) => (policy.unwrap_or(*below), Supply::Ambient),
        (None, None) => (policy.unwrap_or_default(), Supply::Ambient),
    };
    Supplied {
        runs_with: RunsWith::Is(value),
        supply,
        force: None,
    }
}

/// True for a force that takes a variable out of the environment.
fn is_unset(force: &Force) -> bool {
    let by = force.rule.rsplit('/').next().unwrap_or_default();
    force.rule.contains("/env/") && UNSET.contains(&by)
}

/// What a flag is whose variable is not there. What a file of the environment declares is what was taken away.
fn unset_value(index: &CodeIndex, facts: &FlagFacts) -> FlagValue {
    let of_file = |at: &usize| {
        let definition = index.definitions.get(*at);
        definition.is_some_and(|one| one.rule.starts_with("any/env-files/"))
    };
    match facts.fallback {
        FlagValue::Unknown if facts.definitions.iter().any(of_file) => FlagValue::Unknown,
        FlagValue::Unknown => match facts.default_value() {
            // Nothing says otherwise: a switch that is not there is off.
            FlagValue::Unknown if facts.reads.is_empty() => FlagValue::Off,
            value => value,
        },
        value => value,
    }
}

/// True if blocks of the test set the flag to both values.
fn sets_both(index: &CodeIndex, test: usize, key: &FlagKey, facts: Option<&FlagFacts>) -> bool {
    let Some(case) = index.tests.get(test) else {
        return false;
    };
    let in_blocks = |force: &&Force| match &force.scope {
        ForceScope::Region(region) => case.span.contains(*region) && is_for(index, &force.key, key, facts),
        _ => false,
    };
    let sets = |value: FlagValue| {
        let mut blocks = index.forces.iter().filter(in_blocks);
        blocks.any(|force| force.value == ForcedValue::Is(value))
    };
    sets(FlagValue::On) && sets(FlagValue::Off)
}

/// How near a force is to a test: smaller is stronger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Nearness {
    /// A block within the test, around the assertion.
    Block(u32),
    /// The test's body.
    Test,
    /// A suite of this length in bytes.
    Suite(u32),
    /// The file.
    File,
    /// The project.
    Project,
}

fn strongest<'a>(
    index: &'a CodeIndex,
    test: usize,
    key: &FlagKey,
    facts: Option<&FlagFacts>,
    assertion: Option<Span>,
) -> Option<&'a Force> {
    let case = index.tests.get(test)?;
    let candidates = index
        .forces
        .iter()
        .filter(|force| is_for(index, &force.key, key, facts));
    let near = candidates.filter_map(|force| Some((nearness(force, test, case, assertion)?, force)));
    // Of two equally near ones the named beats the one for every flag, and then the later one counts.
    let best = near.min_by_key(|(near, force)| {
        let named = match &force.key {
            ForcedKey::Key(_) => true,
            ForcedKey::Every(_) => false,
            ForcedKey::Others { .. } => force.value != ForcedValue::Partial,
        };
        (*near, !named, std::cmp::Reverse(force.span.bytes.start))
    });
    best.map(|(_, force)| force)
        .filter(|force| force.value != ForcedValue::Reset)
}

fn is_for(index: &CodeIndex, forced: &ForcedKey, key: &FlagKey, facts: Option<&FlagFacts>) -> bool {
    let is = |name: &FlagKey| name == key || facts.is_some_and(|facts| facts.aliases.contains(name.as_str()));
    forced.is_for(index, key, is)
}

fn nearness(force: &Force, test: usize, case: &TestCase, assertion: Option<Span>) -> Option<Nearness> {
    match &force.scope {
        ForceScope::Test(of) => (*of == test).then_some(Nearness::Test),
        ForceScope::Region(region) if case.span.contains(*region) => {
            let around = assertion.is_none_or(|assertion| region.contains(assertion));
            around.then_some(Nearness::Block(length(*region)))
        }
        ForceScope::Region(region) => region.contains(case.span).then_some(Nearness::Suite(length(*region))),
        ForceScope::File(path) => (*path == case.path).then_some(Nearness::File),
        ForceScope::Project => Some(Nearness::Project),
    }
}

fn length(region: Span) -> u32 {
    region.bytes.end - region.bytes.start
}
