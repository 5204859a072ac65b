//! One flag under several names. Enters: definitions and reads, with the transforms of their rule files. Leaves: [`Names`], which gives
//! the name by which a flag is known everywhere: that of its definition. Where two flags would share a name, nothing is changed.

use std::collections::{BTreeMap, BTreeSet};

use super::FlagDefinition;
use super::condition::KeyTerm;
use super::flow::Flow;
use super::keys;
use super::meaning::LocalRead;
use crate::flag::{FlagKey, FlagValue};
use crate::rules::shape::Shape;
use crate::rules::{FlagTraits, RuleRef, RuleSet};

/// As many flags that are read make a project one that has flags.
const SEVERAL: usize = 3;

/// The names by which flags are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// By the number of the rule file, then the other spelling: the keys that are spelled so.
    by_file: BTreeMap<usize, BTreeMap<String, BTreeSet<FlagKey>>>,
    /// By the setting (an environment variable) that supplies a flag: the flags.
    supplied: BTreeMap<FlagKey, BTreeSet<FlagKey>>,
    known: BTreeSet<FlagKey>,
    /// The flags that are defined, with their other names.
    defined: BTreeSet<FlagKey>,
    /// There are flags in this project that are no settings.
    has_flags: bool,
    /// By the letters of a name: the flags that are called so, however it is spelled.
    by_letters: BTreeMap<String, BTreeSet<FlagKey>>,
}

impl Names {
    /// The names of every flag that is defined, or read by a rule file that changes no spelling. `supplies` pairs the settings that
    /// stand in definitions with the flags that they supply.
    #[must_use]
    pub fn new(
        rules: &RuleSet,
        definitions: &[FlagDefinition],
        supplies: &[(FlagKey, FlagKey)],
        flows: &[&Flow],
    ) -> Self {
        let mut names = Self::default();
        for (setting, flag) in supplies {
            names.supplied.entry(setting.clone()).or_default().insert(flag.clone());
        }
        for definition in definitions {
            names.defined.insert(definition.key.clone());
            names
                .defined
                .extend(definition.aliases.iter().map(|alias| FlagKey::new(alias)));
        }
        let transforms = |file: usize| !rules.files[file].flags.transforms.is_empty();
        let defined = definitions.iter().map(|definition| definition.key.clone());
        names.known.extend(defined);
        let mut files = BTreeSet::new();
        for read in flows.iter().flat_map(|flow| flow.reads.values()) {
            match &read.key {
                _ if transforms(read.rule.file) => {
                    files.insert(read.rule.file);
                }
                Some(KeyTerm::Known(key)) if !names.supplied.contains_key(key) => {
                    names.known.insert(key.clone());
                }
                _ => {}
            }
        }
        names.has_flags = !names.defined.is_empty() || has_flags(rules, flows);
        let aliases = definitions
            .iter()
            .flat_map(|of| of.aliases.iter().map(|name| (name.as_str(), &of.key)));
        for (name, key) in names.known.iter().map(|key| (key.as_str(), key)).chain(aliases) {
            names.by_letters.entry(letters(name)).or_default().insert(key.clone());
        }
        for file in files {
            let mut spelled: BTreeMap<String, BTreeSet<FlagKey>> = BTreeMap::new();
            for key in &names.known {
                for spelling in rules.files[file].flags.spellings(key.as_str()) {
                    spelled.entry(spelling).or_default().insert(key.clone());
                }
            }
            names.by_file.insert(file, spelled);
        }
        names
    }

    /// What a plain file of flags (`config/flags.json`) says is on or off, and what asks by that name, vouch for each other: neither is
    /// sure alone. Files of an environment hold anything, hence the filter of their rules, and vouch for nothing.
    pub fn vouch(&mut self, rules: &RuleSet, settings: &[FlagDefinition]) {
        let is_plain = |of: &&FlagDefinition| {
            let id = of.rule.rsplit_once('/').map_or(&*of.rule, |(file, _)| file);
            let file = rules.files.iter().find(|file| file.id == id);
            file.is_some_and(|file| file.flags.key_filter.is_none())
                && matches!(of.declared, FlagValue::On | FlagValue::Off)
        };
        let keys = settings.iter().filter(is_plain).map(|of| of.key.clone());
        self.defined.extend(keys);
    }

    /// The name by which the flag of a read is known.
    #[must_use]
    pub fn of(&self, key: &FlagKey, read: &LocalRead) -> FlagKey {
        self.known_as(key, read.rule)
    }

    /// False for what is more likely a setting than a flag, going by the rule file that found it: nothing defines a flag of that name,
    /// although the project has flags.
    #[must_use]
    pub fn is_flag(&self, key: &FlagKey, of: &FlagTraits) -> bool {
        if of.only_defined || !keys::is_one_word(key.as_str()) {
            return self.defined.contains(key) || of.declared.contains(key.as_str());
        }
        of.is_sure(key.as_str()) || !self.has_flags || self.defined.contains(key)
    }

    /// The name by which a flag is known that somebody calls so in a comment: people write `quote-read` for `quoteRead`.
    #[must_use]
    pub fn said(&self, key: &FlagKey) -> FlagKey {
        if self.known.contains(key) {
            return key.clone();
        }
        only(self.by_letters.get(&letters(key.as_str()))).unwrap_or(key).clone()
    }

    /// The name by which a flag is known that a match of this rule spells so.
    #[must_use]
    pub fn known_as(&self, key: &FlagKey, rule: RuleRef) -> FlagKey {
        if self.known.contains(key) {
            return key.clone();
        }
        let spelled = self.by_file.get(&rule.file);
        let spelled = spelled.and_then(|spelled| spelled.get(key.as_str()));
        only(spelled)
            .or_else(|| only(self.supplied.get(key)))
            .unwrap_or(key)
            .clone()
    }
}

/// True if several flags are read by rules that are about nothing else.
fn has_flags(rules: &RuleSet, flows: &[&Flow]) -> bool {
    let is_about_flags = |read: &&LocalRead| {
        let file = &rules.files[read.rule.file];
        let built = file.rules.iter().any(|rule| matches!(rule.shape, Some(Shape::Cfg)));
        file.flags.key_sure.is_none() && !file.flags.only_defined && !built
    };
    let reads = flows.iter().flat_map(|flow| flow.reads.values()).filter(is_about_flags);
    let mut keys = BTreeSet::new();
    for read in reads {
        if let Some(KeyTerm::Known(key)) = &read.key {
            keys.insert(key);
        }
    }
    keys.len() >= SEVERAL
}

/// A name without its spelling.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn only(keys: Option<&BTreeSet<FlagKey>>) -> Option<&FlagKey> {
    keys.filter(|keys| keys.len() == 1)?.first()
}
