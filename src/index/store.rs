//! Parsed files, shared between the trees of a run. Enters: texts of the pool. Leaves: their [`Unit`]s. A base and several branch heads
//! have most texts in common; each is parsed once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::code::Unit;
use super::site::Site;
use crate::lang::{self, FileFacts, Language, ParseHealth};
use crate::rules::{Asked, RuleSet};
use crate::source::{FileId, RepoPath, Sources};

/// The parsed files of a run, by text.
#[derive(Debug, Default)]
pub struct FactsStore {
    units: Mutex<BTreeMap<FileId, Arc<Unit>>>,
    /// Files that somebody else parsed, without queries.
    given: BTreeMap<FileId, Arc<Unit>>,
    /// Where rules match in a file by itself.
    sites: Mutex<HashMap<FileId, Arc<[Site]>>>,
    /// Whether the rules ask for a file by its text alone.
    asked: Mutex<HashMap<FileId, bool>>,
    /// Which files of rules have to do with a file.
    active: Mutex<HashMap<FileId, Arc<[bool]>>>,
}

impl FactsStore {
    /// One that takes these for the files that no query asks about.
    #[must_use]
    pub fn given(units: Vec<Arc<Unit>>) -> Self {
        Self {
            given: units.into_iter().map(|unit| (unit.facts.file, unit)).collect(),
            ..Self::default()
        }
    }

    /// The units of these texts, parsed where that has not happened yet. Files of languages that are not read are left out.
    #[must_use]
    pub fn units(&self, sources: &Sources, rules: &RuleSet, files: &BTreeSet<FileId>) -> Vec<Arc<Unit>> {
        let known = {
            let units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
            let known = files.iter().filter_map(|file| Some((*file, units.get(file)?.clone())));
            known.collect::<BTreeMap<_, _>>()
        };
        let new: Vec<FileId> = files.iter().copied().filter(|file| !known.contains_key(file)).collect();
        let parsed: Vec<(FileId, Arc<Unit>)> = new
            .into_par_iter()
            .filter_map(|file| Some((file, self.parse(sources, rules, file)?)))
            .collect();
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        units.extend(parsed.iter().cloned());
        known
            .into_values()
            .chain(parsed.into_iter().map(|(_, unit)| unit))
            .collect()
    }

    /// Where rules match in a file, as `find` tells it if nobody asked before: one store goes with one set of rules.
    pub(super) fn sites(&self, file: FileId, find: impl FnOnce() -> Vec<Site>) -> Vec<Site> {
        let known = self
            .sites
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&file)
            .cloned();
        let sites = known.unwrap_or_else(|| {
            let found: Arc<[Site]> = find().into();
            let mut all = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(file, found.clone());
            found
        });
        sites.to_vec()
    }

    /// Whether the rules ask for a file by its text alone, as `tell` has it if nobody asked before.
    pub(super) fn asks(&self, file: FileId, tell: impl FnOnce() -> bool) -> bool {
        let known = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&file)
            .copied();
        known.unwrap_or_else(|| {
            let asked = tell();
            let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(file, asked);
            asked
        })
    }

    /// Which files of rules have to do with a parsed file.
    pub(super) fn active(&self, rules: &RuleSet, facts: &FileFacts) -> Arc<[bool]> {
        let known = self
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&facts.file)
            .cloned();
        known.unwrap_or_else(|| {
            let active: Arc<[bool]> = rules.applicable(facts.language, &facts.text).into();
            let mut all = self.active.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(facts.file, active.clone());
            active
        })
    }

    fn parse(&self, sources: &Sources, rules: &RuleSet, file: FileId) -> Option<Arc<Unit>> {
        let source = sources.file(file);
        let language = Language::of(&source.path)?;
        let asked = rules.asked(language, &source.text);
        if let Some(known) = self.given.get(&file).filter(|_| asked.is_empty()) {
            return Some(known.clone());
        }
        let facts = facts(file, &source.path, &source.text, language, (rules, &asked));
        Some(Arc::new(Unit::new(Arc::new(facts))))
    }
}

/// What a text says, and what these queries of the rules find in it, under the numbers that the rules know them by.
pub(super) fn facts(
    file: FileId,
    path: &RepoPath,
    text: &Arc<str>,
    language: Language,
    (rules, asked): (&RuleSet, &Asked),
) -> FileFacts {
    let read = |asked: &Asked| {
        let mut facts = lang::read(file, path, text, language, asked.queries());
        facts.matches = asked.numbered(std::mem::take(&mut facts.matches));
        facts
    };
    let facts = read(asked);
    // Where something was cut off it may be for want of room that each query by itself has.
    if asked.at_once() && facts.health != ParseHealth::Whole {
        return read(&rules.asked_each(language, text));
    }
    facts
}
