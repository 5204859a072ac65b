//! One flag under several spellings. Enters: definitions and reads, with the transforms of their rule files. Leaves: [`Spellings`], which
//! gives the name by which a flag is known everywhere. Where two flags would be spelled alike, nothing is changed.

use std::collections::{BTreeMap, BTreeSet};

use super::FlagDefinition;
use super::condition::KeyTerm;
use super::flow::Flow;
use super::meaning::LocalRead;
use crate::flag::FlagKey;
use crate::rules::RuleSet;

/// The names by which flags are known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spellings {
    /// By the number of the rule file, then the other spelling: the keys that are spelled so.
    by_file: BTreeMap<usize, BTreeMap<String, BTreeSet<FlagKey>>>,
    known: BTreeSet<FlagKey>,
}

impl Spellings {
    /// The spellings of every key that is defined, or read by a rule file that changes no spelling.
    #[must_use]
    pub fn new(rules: &RuleSet, definitions: &[FlagDefinition], flows: &[&Flow]) -> Self {
        let transforms = |file: usize| !rules.files[file].flags.transforms.is_empty();
        let mut known: BTreeSet<FlagKey> = definitions.iter().map(|definition| definition.key.clone()).collect();
        let mut files = BTreeSet::new();
        for read in flows.iter().flat_map(|flow| flow.reads.values()) {
            match &read.key {
                _ if transforms(read.rule.file) => drop(files.insert(read.rule.file)),
                Some(KeyTerm::Known(key)) => drop(known.insert(key.clone())),
                _ => {}
            }
        }
        let mut by_file = BTreeMap::new();
        for file in files {
            let mut spelled: BTreeMap<String, BTreeSet<FlagKey>> = BTreeMap::new();
            for key in &known {
                for spelling in rules.files[file].flags.spellings(key.as_str()) {
                    spelled.entry(spelling).or_default().insert(key.clone());
                }
            }
            by_file.insert(file, spelled);
        }
        Self { by_file, known }
    }

    /// The name by which the flag of a read is known.
    #[must_use]
    pub fn of(&self, key: &FlagKey, read: &LocalRead) -> FlagKey {
        if self.known.contains(key) {
            return key.clone();
        }
        let candidates = self
            .by_file
            .get(&read.rule.file)
            .and_then(|spelled| spelled.get(key.as_str()));
        match candidates.map(|keys| (keys.len(), keys.first())) {
            Some((1, Some(only))) => only.clone(),
            _ => key.clone(),
        }
    }
}
