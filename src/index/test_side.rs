//! The test side of the index: which tests there are, what stands between them and running, what they set, what they say that they need.
//! Enters: the parsed files with their sites, and the production side of the index. Leaves: [`TestSide`].

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::code::{At, Code};
use super::condition::Condition;
use super::definitions::Definitions;
use super::flow::{Flow, SharedTable};
use super::forces::{Ground, forces};
use super::frameworks;
use super::gates::Gates;
use super::harness::Harness;
use super::matching::{self, ImportContext};
use super::site::{Site, TestSite};
use super::stated::stated;
use super::tests::{Outline, tests};
use super::{FlagDefinition, Force, Guard, Leak, StatedNeed, TestCase};
use crate::flag::FlagKey;
use crate::rules::{RuleRef, RuleSet};
use crate::source::RepoPath;

/// What the test side looks at.
pub struct Production<'a> {
    /// The parsed files.
    pub code: &'a Code<'a>,
    /// The rules.
    pub rules: &'a RuleSet,
    /// The sites of each file, by its number.
    pub sites: Vec<&'a [Site]>,
    /// What the surroundings of each file say of its imports, by its number.
    pub contexts: Vec<&'a ImportContext>,
    /// How flags flow through each file, by its number.
    pub flows: &'a [&'a Flow],
    /// What stands for a flag.
    pub handles: &'a Definitions,
    /// Functions whose value says something of flags.
    pub shared: &'a SharedTable,
    /// Where flags are defined.
    pub definitions: &'a [FlagDefinition],
    /// The flags that code defines or reads.
    pub known: &'a BTreeSet<FlagKey>,
    /// Regions that run only under a flag.
    pub guards: &'a [Guard],
    /// The name by which a flag is known everywhere.
    pub spelled: &'a dyn Fn(&FlagKey, RuleRef) -> FlagKey,
    /// The name by which a flag is known that a comment or an annotation calls so.
    pub said: &'a dyn Fn(&FlagKey) -> FlagKey,
    /// Set-up files that manifests name.
    pub setup: BTreeSet<RepoPath>,
    /// How the tests are started.
    pub harness: &'a Harness,
}

/// The test side of the index.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TestSide {
    /// By path, then place.
    pub tests: Vec<TestCase>,
    /// By path, then place.
    pub forces: Vec<Force>,
    /// By path, then place.
    pub leaks: Vec<Leak>,
    /// By test, then place.
    pub stated: Vec<StatedNeed>,
    /// Files that have tests, or are tests by their name.
    pub test_files: Vec<RepoPath>,
}

/// Finds the test side of the index.
#[must_use]
pub fn test_side(production: &Production<'_>) -> TestSide {
    let (code, rules) = (production.code, production.rules);
    let test_sites: Vec<Vec<TestSite>> = code
        .units()
        .par_iter()
        .zip(&production.contexts)
        .map(|(unit, context)| matching::test_sites(rules, &unit.facts, context))
        .collect();
    let outlines: Vec<Outline<'_>> = code
        .units()
        .iter()
        .zip(&test_sites)
        .map(|(unit, sites)| Outline::new(&unit.facts, &unit.bindings, sites))
        .collect();
    let mut found = TestSide::default();
    let mut first_test = Vec::new();
    for (unit, outline) in outlines.iter().enumerate() {
        let first = found.tests.len();
        first_test.push(first);
        let cases = gated(production, unit, outline);
        let numbers: Vec<usize> = cases.iter().map(|(at, _)| *at).collect();
        let number = |at: usize| first + numbers.partition_point(|other| *other < at);
        let mut stated = stated(outline, rules, production.sites[unit], &number);
        for need in &mut stated {
            need.literal.key = (production.said)(&need.literal.key);
        }
        found.stated.extend(stated);
        let path = &outline.facts.path;
        if !cases.is_empty() || frameworks::is_test_path(rules, path) {
            found.test_files.push(path.clone());
        }
        found.tests.extend(cases.into_iter().map(|(_, case)| case));
    }
    let (setup, apart) = setup_files(production);
    (found.forces, found.leaks) = forces(&Ground {
        code,
        rules,
        sites: &production.sites,
        outlines: &outlines,
        handles: &production.handles.handles,
        shared: production.shared,
        definitions: production.definitions,
        known: production.known,
        spelled: production.spelled,
        setup: &setup,
        apart: &apart,
        first_test: &first_test,
    });
    found
}

/// The tests of a file with their gates and their numbers in the outline.
fn gated(production: &Production<'_>, unit: usize, outline: &Outline<'_>) -> Vec<(usize, TestCase)> {
    let mut cases = tests(outline, production.rules);
    if cases.is_empty() {
        return cases;
    }
    let file = production.code.file(unit);
    let guards: Vec<&Guard> = production
        .guards
        .iter()
        .filter(|guard| guard.region.file == file)
        .collect();
    let condition =
        |at: At| -> Option<Condition> { production.flows[at.unit].meanings.get(&at.node)?.condition().cloned() };
    let gates = Gates {
        outline,
        unit,
        condition: &condition,
        guards: &guards,
        sites: production.sites[unit],
        rules: production.rules,
    };
    gates.set(&mut cases);
    cases
}

/// Every file that runs before all tests, with the configurations that say so; and those of them that run in another process.
fn setup_files(production: &Production<'_>) -> (BTreeSet<RepoPath>, BTreeSet<RepoPath>) {
    let harness = production.harness;
    let mut setup = production.setup.clone();
    setup.extend(harness.setup.iter().cloned());
    let mut apart = BTreeSet::new();
    for unit in production.code.units() {
        let path = &unit.facts.path;
        if harness.configurations.contains(path) {
            apart.extend(frameworks::setup_files_apart(&unit.facts));
            apart.insert(path.clone());
            setup.extend(frameworks::setup_files_of(&unit.facts));
        }
        if frameworks::is_setup_path(production.rules, path) {
            setup.insert(path.clone());
        }
    }
    apart.retain(|path| !setup.contains(path));
    setup.extend(apart.iter().cloned());
    (setup, apart)
}
