//! Tests of a branch that reach what their flag keeps dark and say nothing of the flag: the row *info* of the table of verdicts.
//! Enters: [`Facts`]. Leaves: notes of `assumes-unset-flag`. They hold nobody: such a test may well mean the side that runs.

use std::collections::{BTreeMap, BTreeSet};

use super::unknown_flag::stands_in;
use super::{Facts, Finding, Level};
use crate::assumption::evidence::FARTHEST;
use crate::assumption::reach::Reach;
use crate::assumption::supply::supplied;
use crate::assumption::{BranchTests, Role, RunsWith};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, Symbol, SymbolKind};

/// How many flags of one branch are told.
const SHOWN: usize = 3;

/// The tests that reach one dark place.
struct Silent<'a> {
    dark: FlagValue,
    guard: &'a Guard,
    tests: BTreeSet<usize>,
}

pub(super) fn notes(facts: &Facts<'_>) -> Vec<Finding> {
    let branches = facts.branches.iter();
    branches.flat_map(|branch| of_branch(facts, branch)).collect()
}

fn of_branch(facts: &Facts<'_>, branch: &BranchTests) -> Vec<Finding> {
    let mut found: BTreeMap<&FlagKey, Silent<'_>> = BTreeMap::new();
    let own: Vec<usize> = (0..branch.index.tests.len())
        .filter(|test| is_own(facts, branch, *test))
        .collect();
    let reach = Reach::of(&branch.index);
    for (flag, known) in branch.flags.flags.iter().filter(|_| !own.is_empty()) {
        let dark = known.served().0.flipped();
        let guards = branch.index.guards.iter();
        for guard in guards.filter(|guard| dark != FlagValue::Unknown && guard.needs(flag) == Some(dark)) {
            let Some(host) = host(&branch.index, guard) else {
                continue;
            };
            let tests = own.iter().copied().filter(|test| {
                let near = reach.distance(&branch.index.tests[*test].path, guard.condition.file);
                near.is_some_and(|near| near <= FARTHEST)
                    && calls(facts, branch, *test, host)
                    && is_silent(facts, branch, *test, flag, dark)
            });
            let tests: BTreeSet<usize> = tests.collect();
            if !tests.is_empty() {
                let empty = || Silent {
                    dark,
                    guard,
                    tests: BTreeSet::new(),
                };
                found.entry(flag).or_insert_with(empty).tests.extend(tests);
            }
        }
    }
    let notes = found.iter().filter_map(|(flag, silent)| note(branch, flag, silent));
    notes.take(SHOWN).collect()
}

/// A test that the branch adds or changes.
fn is_own(facts: &Facts<'_>, branch: &BranchTests, test: usize) -> bool {
    let case = &branch.index.tests[test];
    let as_it_was = || {
        let mut base = facts.index.tests.iter();
        base.any(|old| old.path == case.path && facts.sources.text(old.span) == facts.sources.text(case.span))
    };
    branch.changed.contains(&case.path) && !as_it_was()
}

/// The function that decides by the guard.
fn host<'a>(index: &'a CodeIndex, guard: &Guard) -> Option<&'a Symbol> {
    let decides = |symbol: &&Symbol| {
        matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method) && symbol.span.contains(guard.condition)
    };
    let size = |symbol: &&Symbol| symbol.span.bytes.end - symbol.span.bytes.start;
    index.symbols.iter().filter(decides).min_by_key(size)
}

fn calls(facts: &Facts<'_>, branch: &BranchTests, test: usize, host: &Symbol) -> bool {
    let name = host.name.rsplit(['.', ':']).next().unwrap_or_default();
    stands_in(name, facts.sources.text(branch.index.tests[test].span))
}

/// True if the test neither needs nor sets the flag, as far as is known, and runs with the side that is not dark.
fn is_silent(facts: &Facts<'_>, branch: &BranchTests, test: usize, flag: &FlagKey, dark: FlagValue) -> bool {
    let said = branch.needs.iter().any(|need| need.test == test && need.flag == *flag);
    let known = branch.flags.get(flag);
    let runs = supplied(&branch.index, test, flag, known, facts.settings.ambient, None);
    !said && runs.force.is_none() && runs.runs_with == RunsWith::Is(dark.flipped())
}

fn note(branch: &BranchTests, flag: &FlagKey, silent: &Silent<'_>) -> Option<Finding> {
    let Silent { dark, guard, tests } = silent;
    let first = branch.index.tests.get(*tests.first()?)?;
    let message = match tests.len() {
        1 => format!(
            "1 test of `{}` reaches what runs only with `{flag}` {dark}, and sets nothing",
            branch.branch
        ),
        count => format!(
            "{count} tests of `{}` reach what runs only with `{flag}` {dark}, and set nothing",
            branch.branch
        ),
    };
    let mut finding = Finding::new("assumes-unset-flag", Level::Note, message)
        .on(flag)
        .at(
            Role::Test,
            first.title_span,
            format!("runs with `{flag}` {}", dark.flipped()),
        )
        .at(
            Role::Guard,
            guard.condition,
            format!("what is `{flag}` {dark} alone stands under this"),
        );
    finding.prd.clone_from(&branch.prd);
    Some(finding)
}
