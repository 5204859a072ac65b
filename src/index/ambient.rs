//! What a test sees that forces nothing. Enters: the rules, the reads and definitions of one tree, and its files that are set before tests
//! run: `.env.test`, the `env` of a runner's configuration, variables that a manifest's test script sets. Leaves: [`Ambients`]. What set-up
//! files force is a force of the whole project and not found here. Where two sources disagree the state is unknown: it never blocks.

mod stores;
pub mod unsure;
pub mod writes;

use std::collections::{BTreeMap, BTreeSet};

use unsure::Unsure;

use super::code::Code;
use super::definitions::Definitions;
use super::forces::compared::Compared;
use super::harness::Harness;
use super::{CodeIndex, data};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::RuleKind;
use crate::rules::{Ambient, RuleSet};
use crate::source::{RepoPath, Sources, View};

/// Files of settings that are read for tests, by their whole name.
const TEST_SETTINGS: [&str; 4] = [".env.test", ".env.testing", ".env.test.local", ".env.ci"];

/// What tests see that force nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ambients {
    /// By flag, for every test.
    pub flags: BTreeMap<FlagKey, FlagValue>,
    /// By test file, for every flag that is not in [`Self::flags`]: what a rule says of the tests below a path.
    pub files: BTreeMap<RepoPath, FlagValue>,
    /// What may be otherwise without anybody being able to tell.
    pub unsure: Unsure,
}

/// What ambient states are found in.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// Every text.
    pub sources: &'a Sources,
    /// The tree.
    pub view: &'a View,
    /// The rules.
    pub rules: &'a RuleSet,
    /// The parsed files.
    pub code: &'a Code<'a>,
    /// How tests are started.
    pub harness: &'a Harness,
}

/// Finds the ambient states of a tree. `stated` are those that definitions state themselves.
#[must_use]
pub fn ambients(ground: &Ground<'_>, index: &CodeIndex, stated: &Definitions) -> Ambients {
    let &Ground {
        sources, view, rules, ..
    } = ground;
    let mut flags = of_rules(rules, index);
    flags.extend(stated.ambient.iter().cloned());
    let set = settings(ground, index);
    for (key, value) in by_flag(index, &set) {
        flags.insert(key, value);
    }
    flags.extend(super::build_tags::given(sources, view, index));
    Ambients {
        flags,
        files: of_paths(rules, index),
        unsure: unsure::unsure(ground, index),
    }
}

/// What the libraries say through which a flag is read. A library of which nothing is known in tests makes a flag unknown only where no
/// code defines it: what a definition declares is declared in tests too.
fn of_rules(rules: &RuleSet, index: &CodeIndex) -> BTreeMap<FlagKey, FlagValue> {
    let mut found: BTreeMap<FlagKey, FlagValue> = BTreeMap::new();
    let manifested = index
        .definitions
        .iter()
        .filter(|of| of.rule.contains("openfeature-manifest"));
    let manifested: BTreeSet<&FlagKey> = manifested.map(|of| &of.key).collect();
    for read in &index.reads {
        let file = read.rule.rsplit_once('/').map_or(&*read.rule, |(file, _)| file);
        let Some(file) = rules.files.iter().find(|of| of.id == file) else {
            continue;
        };
        let value = match file.flags.ambient {
            Ambient::Value(value) => value,
            // A manifest says what is asked for, not what answers: without a provider it is the call.
            Ambient::CallFallback if manifested.contains(&read.key) => match read.fallback {
                Some(value) => value,
                None => continue,
            },
            Ambient::Declared | Ambient::CallFallback | Ambient::Undefined | Ambient::Unknown => continue,
        };
        agree(&mut found, read.key.clone(), value);
    }
    found
}

fn agree(found: &mut BTreeMap<FlagKey, FlagValue>, key: FlagKey, value: FlagValue) {
    let known = found.entry(key).or_insert(value);
    if *known != value {
        *known = FlagValue::Unknown;
    }
}

/// The test files below the paths of `ambient` rules; the last rule that names a file counts.
fn of_paths(rules: &RuleSet, index: &CodeIndex) -> BTreeMap<RepoPath, FlagValue> {
    let mut found = BTreeMap::new();
    for (_, rule) in rules.rules() {
        let RuleKind::Ambient(ambient) = &rule.kind else {
            continue;
        };
        let below = index
            .test_files
            .iter()
            .filter(|path| ambient.files.allow(path.as_str()));
        found.extend(below.map(|path| (path.clone(), ambient.value)));
    }
    found
}

/// The settings that are made before tests run, each with its text.
fn settings(ground: &Ground<'_>, index: &CodeIndex) -> Vec<(String, String)> {
    let mut found = ground.harness.set.clone();
    for (path, file) in &ground.view.files {
        if TEST_SETTINGS.contains(&path.file_name()) || ground.harness.settings.contains(path) {
            found.extend(data::settings(&ground.sources.file(*file).text));
        }
    }
    let configurations = index.files.values();
    let configurations = configurations.filter(|facts| ground.harness.configurations.contains(&facts.path));
    found.extend(configurations.flat_map(|facts| of_configuration(facts)));
    found
}

/// `test: { env: { NAME: 'value' } }`
fn of_configuration(facts: &FileFacts) -> Vec<(String, String)> {
    let tree = &facts.tree;
    let named = |id: NodeId, name: &str| matches!(tree.syntax(id), Syntax::Entry { key: Key::Name(key, _), .. } if &**key == name);
    let mut found = Vec::new();
    for id in tree.ids().filter(|id| named(*id, "env")) {
        let in_test = tree.ancestors(id).any(|up| named(up, "test") || named(up, "webServer"));
        let Syntax::Entry { value, .. } = tree.syntax(id) else {
            continue;
        };
        let Syntax::Object { entries, .. } = tree.syntax(tree.bare(*value)) else {
            continue;
        };
        for entry in entries.iter().filter(|_| in_test) {
            if let Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } = tree.syntax(*entry)
            {
                let text = match tree.syntax(tree.bare(*value)) {
                    Syntax::Text(text) => text.to_string(),
                    _ => facts.words(*value).to_owned(),
                };
                found.push((name.to_string(), text));
            }
        }
    }
    found
}

/// The flags by their keys and their other names.
fn names(index: &CodeIndex) -> BTreeMap<&str, &FlagKey> {
    let mut names: BTreeMap<&str, &FlagKey> = BTreeMap::new();
    for definition in &index.definitions {
        names.extend(definition.aliases.iter().map(|alias| (alias.as_str(), &definition.key)));
    }
    let keys = index
        .definitions
        .iter()
        .map(|of| &of.key)
        .chain(index.reads.iter().map(|of| &of.key));
    names.extend(keys.map(|key| (key.as_str(), key)));
    names
}

/// The flags that settings name, by their keys or by another of their names.
fn by_flag(index: &CodeIndex, settings: &[(String, String)]) -> BTreeMap<FlagKey, FlagValue> {
    let names = names(index);
    let compared = Compared::of(index);
    let mut found = BTreeMap::new();
    for (name, value) in settings {
        if let Some(key) = names.get(name.as_str()) {
            let seen = compared.value(key, value);
            agree(
                &mut found,
                FlagKey::clone(key),
                seen.unwrap_or_else(|| FlagValue::parse(value)),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests;
