//! From texts to the index of one tree. Enters: the pool, a view, the rules, what the PRDs mention. Leaves: [`CodeIndex`]. Pure: nothing
//! is read here.
//!
//! Parsing is what costs, so a file is parsed only when something demands it ([`super::demand`]). Demands are found in the files that are
//! parsed already, and wrappers in the round before, hence the rounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::code::{Code, Modules, Trail, Unit};
use super::definitions::{self, Definitions};
use super::demand::Demand;
use super::exports::Export;
use super::flow::{self, Flow, SharedTable, World};
use super::matching::{self, ImportContext};
use super::site::Site;
use super::spelling::Spellings;
use super::store::FactsStore;
use super::{CodeIndex, Wanted, guards, reads};
use crate::lang::ParseHealth;
use crate::rules::RuleSet;
use crate::source::{FileId, RepoPath, SkipReason, Skipped, Sources, View};

/// Rounds that may add files or wrappers: two for files, two for wrappers of wrappers, and the tests.
const MAX_ROUNDS: usize = 7;

/// The index of one tree. `store` keeps parsed files for the other trees of the run.
#[must_use]
pub fn build(sources: &Sources, view: &View, rules: &RuleSet, wanted: &Wanted, store: &FactsStore) -> CodeIndex {
    let modules = super::modules::modules(sources, view);
    let demand = Demand::new(sources, view, rules);
    let mut files = demand.first(wanted);
    let mut sites: BTreeMap<FileId, Vec<Site>> = BTreeMap::new();
    let mut flows: BTreeMap<FileId, Flow> = BTreeMap::new();
    let mut shared = SharedTable::default();
    let mut tests_asked = false;
    for round in 1.. {
        let code = Code::new(store.units(sources, rules, &files), &*modules);
        match_new(&code, rules, &mut sites);
        let round_of = follow(&code, rules, &sites, &flows, &shared);
        let mut more = demand.more(&files, &round_of.missing, &code, &round_of.shared);
        if more.is_empty() && !tests_asked {
            tests_asked = true;
            more = demand.tests(&files, &code, &round_of.flows);
        }
        let settled = more.is_empty() && round_of.shared == shared;
        if settled || round == MAX_ROUNDS {
            return finish(sources, &code, rules, &round_of);
        }
        files.extend(more);
        flows = round_of.flows;
        shared = round_of.shared;
    }
    CodeIndex::default()
}

/// What one round found.
struct Round {
    definitions: Definitions,
    flows: BTreeMap<FileId, Flow>,
    shared: SharedTable,
    missing: BTreeSet<RepoPath>,
}

/// Matches the rules in the files that are new.
fn match_new(code: &Code<'_>, rules: &RuleSet, sites: &mut BTreeMap<FileId, Vec<Site>>) {
    let new: Vec<&Arc<Unit>> = code
        .units()
        .iter()
        .filter(|unit| !sites.contains_key(&unit.facts.file))
        .collect();
    let context = ImportContext::default();
    let found: Vec<(FileId, Vec<Site>)> = new
        .into_par_iter()
        .map(|unit| (unit.facts.file, matching::sites(rules, &unit.facts, &context)))
        .collect();
    sites.extend(found);
}

/// Definitions, then the flow of every file.
fn follow(
    code: &Code<'_>,
    rules: &RuleSet,
    sites: &BTreeMap<FileId, Vec<Site>>,
    before: &BTreeMap<FileId, Flow>,
    shared: &SharedTable,
) -> Round {
    let mut trail = Trail::default();
    let of_unit = |unit: usize| sites.get(&code.file(unit)).map_or(&[][..], Vec::as_slice);
    let definitions = definitions::collect(code, rules, &of_unit, &mut trail);
    let world = World {
        code,
        rules,
        handles: &definitions.handles,
        shared,
    };
    let numbers: Vec<usize> = (0..code.units().len()).collect();
    let flows: BTreeMap<FileId, Flow> = numbers
        .into_par_iter()
        .map(|unit| {
            let file = code.file(unit);
            (file, flow::flow(&world, unit, of_unit(unit), before.get(&file)))
        })
        .collect();
    let mut now = SharedTable::default();
    let mut missing = trail.missing;
    for flow in flows.values() {
        flow.shared.iter().for_each(|shared| now.insert(shared));
        missing.extend(flow.missing.iter().cloned());
    }
    other_names(code, &mut now);
    Round {
        definitions,
        flows,
        shared: now,
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

/// Puts the parts together.
fn finish(sources: &Sources, code: &Code<'_>, rules: &RuleSet, round: &Round) -> CodeIndex {
    let flows: Vec<&Flow> = code.units().iter().map(|unit| &round.flows[&unit.facts.file]).collect();
    let mut definitions = round.definitions.definitions.clone();
    definitions.sort_by(|a, b| (&a.key, a.span, &a.rule).cmp(&(&b.key, b.span, &b.rule)));
    let spellings = Spellings::new(rules, &definitions, &flows);
    let found = reads::collect(code, rules, &flows, &spellings);
    let guards = guards::collect(code, &flows, &found);
    let files = code
        .units()
        .iter()
        .map(|unit| (unit.facts.path.clone(), unit.facts.clone()));
    let skipped = code.units().iter().filter_map(|unit| skipped(sources, unit));
    CodeIndex {
        files: files.collect(),
        definitions,
        reads: found.reads,
        dynamic: found.dynamic,
        guards,
        skipped: skipped.collect(),
        ..CodeIndex::default()
    }
}

/// What was not understood of a file.
fn skipped(sources: &Sources, unit: &Unit) -> Option<Skipped> {
    let reason = match &unit.facts.health {
        ParseHealth::Whole => return None,
        ParseHealth::Partial(places) => SkipReason::HalfParsed(*places),
        ParseHealth::Failed(reason) => reason.clone(),
    };
    let path = sources.path(unit.facts.file).clone();
    Some(Skipped { path, reason })
}
