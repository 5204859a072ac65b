//! What a test sees that forces nothing. Enters: the rules, the reads and definitions of one tree, and its files that are set before tests
//! run: `.env.test`, the `env` of a runner's configuration, variables that a manifest's test script sets. Leaves: [`Ambients`]. What set-up
//! files force is a force of the whole project and not found here. Where two sources disagree the state is unknown: it never blocks.

use std::collections::BTreeMap;

use super::definitions::Definitions;
use super::{CodeIndex, data, frameworks};
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
}

/// Finds the ambient states of a tree. `stated` are those that definitions state themselves.
#[must_use]
pub fn ambients(sources: &Sources, view: &View, rules: &RuleSet, index: &CodeIndex, stated: &Definitions) -> Ambients {
    let mut flags = of_rules(rules, index);
    flags.extend(stated.ambient.iter().cloned());
    let set = settings(sources, view, index);
    for (key, value) in by_flag(index, &set) {
        flags.insert(key, value);
    }
    flags.extend(super::build_tags::given(sources, view, index));
    Ambients {
        flags,
        files: of_paths(rules, index),
    }
}

/// What the libraries say through which a flag is read. A library of which nothing is known in tests makes a flag unknown only where no
/// code defines it: what a definition declares is declared in tests too.
fn of_rules(rules: &RuleSet, index: &CodeIndex) -> BTreeMap<FlagKey, FlagValue> {
    let mut found: BTreeMap<FlagKey, FlagValue> = BTreeMap::new();
    for read in &index.reads {
        let file = read.rule.rsplit_once('/').map_or(&*read.rule, |(file, _)| file);
        let Some(file) = rules.files.iter().find(|of| of.id == file) else {
            continue;
        };
        let value = match file.flags.ambient {
            Ambient::Value(value) => value,
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
fn settings(sources: &Sources, view: &View, index: &CodeIndex) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, file) in &view.files {
        let text = || &*sources.file(*file).text;
        if TEST_SETTINGS.contains(&path.file_name()) {
            found.extend(data::settings(text()));
        } else if path.file_name() == "package.json" {
            found.extend(of_scripts(text()));
        }
    }
    let configurations = index
        .files
        .values()
        .filter(|facts| frameworks::is_configuration(&facts.path));
    found.extend(configurations.flat_map(|facts| of_configuration(facts)));
    found
}

/// `NAME=value` before the command of a script that runs tests.
fn of_scripts(text: &str) -> Vec<(String, String)> {
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(text) else {
        return Vec::new();
    };
    let Some(scripts) = manifest.get("scripts").and_then(serde_json::Value::as_object) else {
        return Vec::new();
    };
    let tests = scripts
        .iter()
        .filter(|(name, _)| name.split(':').next() == Some("test"));
    let words = tests
        .filter_map(|(_, script)| script.as_str())
        .flat_map(str::split_whitespace);
    let set = words.filter_map(|word| word.split_once('='));
    let is_name = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    set.filter(|(name, _)| !name.is_empty() && is_name(name))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
        .collect()
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

/// The flags that settings name, by their keys or by another of their names.
fn by_flag(index: &CodeIndex, settings: &[(String, String)]) -> BTreeMap<FlagKey, FlagValue> {
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
    let mut found = BTreeMap::new();
    for (name, value) in settings {
        if let Some(key) = names.get(name.as_str()) {
            agree(&mut found, FlagKey::clone(key), FlagValue::parse(value));
        }
    }
    found
}

#[cfg(test)]
mod tests;
