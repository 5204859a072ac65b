//! What tests set flags to. Enters: the code of the tree, the sites of `force` rules, the outlines of its tests, what serves flags.
//! Leaves: [`Force`]s with their scope. Knows nothing of what a test needs.
//!
//! Three steps: every place that sets a flag becomes a `Setting` (`collect`); a setting in a function counts where the function is
//! called (`callers`), without what only puts back what was there (`restores`); and what each setting stands in says how far it reaches
//! (`scope`).

mod answers;
mod attributes;
mod callers;
mod carried;
mod collect;
pub mod compared;
mod fakes;
mod fixtures;
mod held;
mod later;
mod leaks;
mod listed;
mod mocks;
mod objects;
pub mod others;
mod owner;
mod parametrized;
mod parts;
mod patches;
mod product;
mod restores;
mod rows;
mod saved;
mod scope;
mod serves;
mod sources;
mod spread;
mod told;
mod undone;

use std::collections::BTreeSet;

use super::code::{At, Code};
use super::condition::Param;
use super::flow::SharedTable;
use super::keys::Handles;
use super::keys::KeyFound;
use super::site::Site;
use super::tests::Outline;
use super::{FlagDefinition, Force, Leak};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::tree::NodeId;
use crate::rules::rule::Reach;
use crate::rules::{RuleRef, RuleSet};
use crate::source::{Bytes, RepoPath};

/// Everything that is looked at to find what tests set.
pub struct Ground<'a> {
    /// The parsed files.
    pub code: &'a Code<'a>,
    /// The rules.
    pub rules: &'a RuleSet,
    /// The sites of each file, by its number.
    pub sites: &'a [&'a [Site]],
    /// The outline of each file, by its number.
    pub outlines: &'a [Outline<'a>],
    /// What stands for a flag.
    pub handles: &'a Handles,
    /// Functions whose value says something of flags.
    pub shared: &'a SharedTable,
    /// Where flags are defined.
    pub definitions: &'a [FlagDefinition],
    /// The flags that code defines or reads.
    pub known: &'a BTreeSet<FlagKey>,
    /// The name by which a flag is known everywhere.
    pub spelled: &'a dyn Fn(&FlagKey, RuleRef) -> FlagKey,
    /// Files that run before every test, and configurations of runners.
    pub setup: &'a BTreeSet<RepoPath>,
    /// Those of them that run in another process: only what they set in the environment counts.
    pub apart: &'a BTreeSet<RepoPath>,
    /// The number of the first test of each file in the index.
    pub first_test: &'a [usize],
}

/// Everything that tests set, by path and place, and what of it nothing takes back.
#[must_use]
pub fn forces(ground: &Ground<'_>) -> (Vec<Force>, Vec<Leak>) {
    let settings = restores::sorted(ground, once(collect::settings(ground)));
    let settings = once(callers::spread(ground, settings));
    let settings = told_twice(settings);
    let leaks = leaks::leaks(ground, &settings);
    (scope::scoped(ground, undone::kept(ground, settings)), leaks)
}

/// Two rules, or a rule and the code behind the call, may see one place: the first counts.
fn once(mut settings: Vec<Setting>) -> Vec<Setting> {
    let mut seen = BTreeSet::new();
    settings.retain(|setting| seen.insert((setting.at, setting.which.clone(), setting.to.clone(), setting.manner)));
    settings
}

/// A rule that knows the call, and the fake that the function behind it makes: one is enough.
fn told_twice(mut settings: Vec<Setting>) -> Vec<Setting> {
    let lists: BTreeSet<At> = settings
        .iter()
        .filter(|setting| matches!(setting.which, Which::Others(_)) && setting.manner == Manner::Value)
        .map(|setting| setting.at)
        .collect();
    let mut seen = BTreeSet::new();
    settings.retain(|setting| {
        !lists.contains(&setting.at) || seen.insert((setting.at, setting.which.clone(), setting.to.clone()))
    });
    settings
}

/// Which flag is set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Which {
    /// This one.
    Key(FlagKey),
    /// Every flag that a function of this file serves.
    Every(Option<RepoPath>),
    /// Every flag of the library but these.
    Others(BTreeSet<FlagKey>),
    /// The one that a caller passes.
    Passed(Param),
    /// Every flag of the object that a caller passes.
    Entries(Param),
    /// Every flag: those of the list that a caller passes are on, the others off.
    Listed(Param),
}

/// What a caller passes as a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Passed {
    /// The parameter.
    pub(super) param: Param,
    /// The opposite of it.
    pub(super) negative: bool,
    /// What it is where nothing is passed.
    pub(super) otherwise: Option<FlagValue>,
}

/// To what a flag is set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum To {
    /// Always this.
    Is(FlagValue),
    /// Both, one after the other.
    Both,
    /// Only sometimes.
    Partial,
    /// Back to what it is without tests.
    Reset,
    /// What a caller passes.
    Passed(Passed),
}

impl To {
    /// The opposite.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Is(value) => Self::Is(value.flipped()),
            Self::Passed(passed) => Self::Passed(Passed {
                negative: !passed.negative,
                ..passed
            }),
            other => other,
        }
    }

    /// One of several, each in its turn.
    pub(super) fn one_of(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let all: BTreeSet<Self> = all.into_iter().collect();
        let has = |value| all.contains(&Self::Is(value));
        let unknown = has(FlagValue::Unknown) || all.iter().any(|to| !matches!(to, Self::Is(_) | Self::Both));
        match all.len() {
            0 => None,
            1 => all.into_iter().next(),
            _ if unknown => Some(Self::Partial),
            _ => Some(Self::Both),
        }
    }
}

/// How a setting comes about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Manner {
    /// By running the place.
    Effect,
    /// By using the value that stands there.
    Value,
}

/// A place that sets a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Setting {
    pub(super) which: Which,
    pub(super) to: To,
    /// What it stands in decides how far it reaches.
    pub(super) at: At,
    /// What to show.
    pub(super) shown: Bytes,
    pub(super) manner: Manner,
    pub(super) reach: Reach,
    /// The function to which it is limited.
    pub(super) block: Option<NodeId>,
    /// Calls that end it.
    pub(super) ends: Vec<String>,
    /// It is taken back where what sets it ends (see `restores`).
    pub(super) held: bool,
    pub(super) rule: String,
    /// The rule file, whose resets end it.
    pub(super) file: Option<usize>,
}

impl Ground<'_> {
    fn at(&self, unit: usize, node: NodeId) -> At {
        debug_assert!(unit < self.code.units().len(), "BUG: a file that is not there");
        At { unit, node }
    }

    /// The key that an expression names.
    fn key(&self, at: At) -> Option<KeyFound> {
        super::keys::key_of(self.code, self.handles, at, &mut super::code::Trail::default())
    }

    /// True for a file with tests.
    fn is_test(&self, unit: usize) -> bool {
        let outline = &self.outlines[unit];
        (0..outline.sites.len()).any(|site| outline.is_test(site))
    }

    /// True for a file that is there for tests.
    fn is_support(&self, unit: usize) -> bool {
        let path = &self.code.facts(unit).path;
        let by_path = || super::frameworks::is_support_path(path) || super::frameworks::is_test_path(self.rules, path);
        self.is_test(unit) || self.setup.contains(path) || by_path()
    }
}

#[cfg(test)]
mod tests;
