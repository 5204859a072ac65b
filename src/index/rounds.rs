//! One round of looking. Enters: the files that are parsed, what the round before found. Leaves: [`Round`], and the files that it asks for. What is
//! made of the last round is another's ([`super::build`], [`super::near`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::FlagDefinition;
use super::code::{Code, Trail, Unit};
use super::definitions::{self, Definitions};
use super::demand::{Demand, Words};
use super::exports::Export;
use super::flow::{self, Flow, SharedTable, World};
use super::matching::{self, ImportContext};
use super::site::Site;
use super::store::FactsStore;
use crate::rules::RuleSet;
use crate::source::{FileId, RepoPath};

/// What the rounds look with.
pub(super) struct Look<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) store: &'a FactsStore,
    pub(super) demand: &'a Demand<'a>,
    /// Files that ask for what others define.
    pub(super) askers: BTreeSet<FileId>,
    /// What data files define.
    pub(super) data: &'a [FlagDefinition],
}

impl Look<'_> {
    /// What the parsed `files` hold, and which files that asks for.
    pub(super) fn round(
        &self,
        code: &Code<'_>,
        files: &BTreeSet<FileId>,
        sites: &mut BTreeMap<FileId, Vec<Site>>,
        before: &Round,
    ) -> (Round, BTreeSet<FileId>) {
        let (rules, demand) = (self.rules, self.demand);
        match_new(code, rules, self.store, sites);
        let unsure = super::homes::add(code, rules, self.store, sites);
        let mut now = follow(code, rules, sites, before);
        super::registries::add(code, rules, &now.flows, self.data, &mut now.definitions);
        let handles = &now.definitions.handles;
        let mut more = demand.more(files, &now.missing, code, &now.shared, handles);
        more.extend(demand.holding(files, &unsure));
        let definitions: Vec<&FlagDefinition> = now.definitions.definitions.iter().chain(self.data).collect();
        more.extend(demand.asked(&self.askers, files, code, &definitions, handles));
        (now, more)
    }
}

/// What one round found.
#[derive(Default)]
pub(super) struct Round {
    pub(super) definitions: Definitions,
    pub(super) flows: BTreeMap<FileId, Flow>,
    /// What the flows of this round share.
    pub(super) shared: SharedTable,
    /// What they could use: the shared of the round before.
    used: SharedTable,
    pub(super) missing: BTreeSet<RepoPath>,
}

/// Matches the rules in the files that are new.
fn match_new(code: &Code<'_>, rules: &RuleSet, store: &FactsStore, sites: &mut BTreeMap<FileId, Vec<Site>>) {
    let new: Vec<&Arc<Unit>> = code
        .units()
        .iter()
        .filter(|unit| !sites.contains_key(&unit.facts.file))
        .collect();
    let context = ImportContext::default();
    let found: Vec<(FileId, Vec<Site>)> = new
        .into_par_iter()
        .map(|unit| {
            let find = || matching::sites(rules, &unit.facts, &context);
            (unit.facts.file, store.sites(unit.facts.file, find))
        })
        .collect();
    sites.extend(found);
}

/// Definitions, then the flow of every file.
fn follow(code: &Code<'_>, rules: &RuleSet, sites: &BTreeMap<FileId, Vec<Site>>, before: &Round) -> Round {
    let mut trail = Trail::default();
    let of_unit = |unit: usize| sites.get(&code.file(unit)).map_or(&[][..], Vec::as_slice);
    let definitions = definitions::collect(code, rules, &of_unit, &mut trail);
    let world = World {
        code,
        rules,
        handles: &definitions.handles,
        shared: &before.shared,
    };
    // With the same wrappers and handles as in the round before, only what lacked a file can turn out otherwise.
    let is_same = before.used == before.shared && before.definitions.handles == definitions.handles;
    let names = before
        .shared
        .names()
        .iter()
        .map(String::as_str)
        .chain(definitions.handles.names());
    let names = Words::new(names);
    let of_file = |unit: usize| {
        let known = before.flows.get(&code.file(unit));
        match known {
            Some(known) if is_same && known.missing.is_empty() => known.clone(),
            _ if of_unit(unit).is_empty() && !world.reaches(unit, &names) => Flow::default(),
            _ => flow::flow(&world, unit, of_unit(unit), known),
        }
    };
    let numbers: Vec<usize> = (0..code.units().len()).collect();
    let flows = numbers.into_par_iter().map(|unit| (code.file(unit), of_file(unit)));
    let flows: BTreeMap<FileId, Flow> = flows.collect();
    let mut shared = SharedTable::default();
    let mut missing = trail.missing;
    for flow in flows.values() {
        flow.shared.iter().for_each(|one| shared.insert(one));
        missing.extend(flow.missing.iter().cloned());
    }
    other_names(code, &mut shared);
    Round {
        definitions,
        flows,
        shared,
        used: before.shared.clone(),
        missing,
    }
}

/// Adds the names under which files give out what is shared, also those that only pass it on.
fn other_names(code: &Code<'_>, shared: &mut SharedTable) {
    // Twice: a name may be passed on under another one, and that again.
    for _ in 0..2 {
        for unit in code.units() {
            for (name, export) in &unit.exports.names {
                let is_shared = match export {
                    Export::Node(node, _) => shared.at((unit.facts.file, *node)).is_some(),
                    Export::From { name, .. } => shared.names().contains(&**name),
                };
                if is_shared && &**name != "default" {
                    shared.also_named(name);
                }
            }
        }
    }
}
