//! `dead-stub`: a test forces a flag that has no definition and no read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Finding, Level, Remedy, RemedyKind};
use crate::assumption::{BranchTests, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForcedKey, ForcedValue};
use crate::nearest::nearest;
use crate::source::FileId;

pub(super) fn run(facts: &Facts<'_>) -> Vec<Finding> {
    // Without a single definition there is no authority that says which flags exist.
    if facts.index.definitions.is_empty() {
        return Vec::new();
    }
    let mut findings = dead(facts, facts.index, None, |_| true);
    for branch in facts.branches {
        let changed = |force: &Force| branch.changed.contains(facts.sources.path(force.span.file));
        findings.extend(dead(facts, &branch.index, Some(branch), changed));
    }
    findings
}

/// One finding for each flag: its first stub, and how many more there are.
fn dead(
    facts: &Facts<'_>,
    index: &CodeIndex,
    of: Option<&BranchTests>,
    wanted: impl Fn(&Force) -> bool,
) -> Vec<Finding> {
    let means = Means::of(facts, index);
    let mut stubs: BTreeMap<&FlagKey, Vec<&Force>> = BTreeMap::new();
    for force in index.forces.iter().filter(|force| wanted(force)) {
        if let ForcedKey::Key(key) = &force.key
            && !is_alive(facts, index, key)
            && !may_be_read(index, force)
            && force.value != ForcedValue::Is(FlagValue::Unknown)
            && means.speak_of_flags(force)
        {
            stubs.entry(key).or_default().push(force);
        }
    }
    stubs
        .into_iter()
        .map(|(key, stubs)| finding(facts, key, &stubs, of))
        .collect()
}

fn is_alive(facts: &Facts<'_>, index: &CodeIndex, key: &FlagKey) -> bool {
    let known = facts.flags.get(key).is_some()
        || index.definitions.iter().any(|definition| definition.key == *key)
        || index.reads.iter().any(|read| read.key == *key);
    known
        || facts
            .flags
            .flags
            .values()
            .any(|known| known.aliases.contains(key.as_str()))
}

/// Whether what looks like a stub of a flag is one: `flags: { sidebarOpen: true }` may as well be somebody's settings, and a test of the
/// flag machinery itself sets flags that it makes up.
struct Means<'a> {
    /// By rule: the flags that exist, and those that do not.
    by_rule: BTreeMap<&'a str, [BTreeSet<&'a FlagKey>; 2]>,
    /// The same by file.
    by_file: BTreeMap<FileId, [BTreeSet<&'a FlagKey>; 2]>,
}

impl<'a> Means<'a> {
    fn of(facts: &Facts<'_>, index: &'a CodeIndex) -> Self {
        let (mut by_rule, mut by_file) = (
            BTreeMap::<&str, [BTreeSet<_>; 2]>::new(),
            BTreeMap::<FileId, [BTreeSet<_>; 2]>::new(),
        );
        for force in &index.forces {
            if let ForcedKey::Key(key) = &force.key {
                let dead = usize::from(!is_alive(facts, index, key));
                by_rule.entry(&force.rule).or_default()[dead].insert(key);
                by_file.entry(force.span.file).or_default()[dead].insert(key);
            }
        }
        Self { by_rule, by_file }
    }

    /// False if what the rule finds in this project are for the most part no flags, or if the file makes up several.
    fn speak_of_flags(&self, force: &Force) -> bool {
        let proven = |[alive, dead]: &[BTreeSet<&FlagKey>; 2]| dead.len() <= alive.len().max(1);
        let invents = |[alive, dead]: &[BTreeSet<&FlagKey>; 2]| alive.is_empty() && dead.len() > 1;
        self.by_rule.get(&*force.rule).is_some_and(proven) && !self.by_file.get(&force.span.file).is_some_and(invents)
    }
}

/// A read by the same means whose name is put together at run time (`process.env[`FLAG_${key}`]`) may be a read of this flag.
fn may_be_read(index: &CodeIndex, force: &Force) -> bool {
    let means = |rule: &str| rule.rsplit_once('/').map(|(file, _)| file.to_owned());
    index.dynamic.iter().any(|read| means(&read.rule) == means(&force.rule))
}

fn finding(facts: &Facts<'_>, key: &FlagKey, stubs: &[&Force], of: Option<&BranchTests>) -> Finding {
    let more = match stubs.len() - 1 {
        0 => String::new(),
        n => format!(" (and in {n} more places)"),
    };
    let message = format!("a test sets `{key}`{more}, and nothing defines or reads a flag of that name");
    let mut finding =
        Finding::new("dead-stub", Level::Warning, message)
            .on(key)
            .at(Role::Stub, stubs[0].span, "set here");
    finding.prd = of.and_then(|branch| branch.prd.clone());
    finding.standing = of.is_none();
    let detail = nearest(key.as_str(), facts.flags.flags.keys().map(FlagKey::as_str)).map_or_else(
        || "remove the stub".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    finding.help(Remedy::new(RemedyKind::Stub, detail))
}
