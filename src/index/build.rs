//! From texts to the index of one tree. Enters: the pool, a view, the rules, what the PRDs mention. Leaves: [`CodeIndex`]. Pure: nothing
//! is read here.
//!
//! Parsing is what costs, so a file is parsed only when something demands it ([`super::demand`]). Demands are found in the files that are
//! parsed already, and wrappers in the round before, hence the rounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::code::{Code, Unit};
use super::demand::Demand;
use super::flow::Flow;
use super::harness::Harness;
use super::imports::Imports;
use super::matching::ImportContext;
use super::modules::ViewModules;
use super::reads::{Collect, Sourced};
use super::rounds::{Look, Round};
use super::site::Site;
use super::spelling::Names;
use super::store::FactsStore;
use super::test_code;
use super::test_side::{Production, test_side};
use super::{
    CodeIndex, FlagDefinition, FlagRead, Force, ForcedKey, ImportEdge, Route, Symbol, Wanted, frameworks, guards,
    symbols,
};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::ParseHealth;
use crate::rules::{Confidence, RuleKind, RuleSet};
use crate::source::{Bytes, FileId, RepoPath, SkipReason, Skipped, Sources, View, is_generated};

/// Rounds that may add files or wrappers: two for files, two for wrappers of wrappers, the tests, and those that request a route.
const MAX_ROUNDS: usize = 8;
/// Helpers of helpers of tests.
const HELPERS: usize = 2;

/// The index of one tree. `store` keeps parsed files for the other trees of the run.
#[must_use]
pub fn build(sources: &Sources, view: &View, rules: &RuleSet, wanted: &Wanted, store: &FactsStore) -> CodeIndex {
    let imports = Imports::new(sources, view);
    let modules = ViewModules::new(&imports, sources, view);
    let harness = Harness::of(sources, view);
    let demand = Demand::new(sources, view, rules, &harness);
    let mut files = demand.first(wanted, store);
    let (data, unread) = super::data::definitions(sources, view, rules);
    let look = Look {
        rules,
        store,
        demand: &demand,
        askers: demand.askers(&files),
        data: &data,
    };
    let mut sites: BTreeMap<FileId, Vec<Site>> = BTreeMap::new();
    let mut before = Round::default();
    let (mut tests_asked, mut requests_asked, mut helpers_asked) = (false, false, 0);
    for round in 1.. {
        let code = Code::new(store.units(sources, rules, &files), &modules);
        let (now, mut more) = look.round(&code, &files, &mut sites, &before);
        // Which tests matter is known once every wrapper is: a file may read a flag through one that was found in this round.
        let known = more.is_empty() && now.shared == before.shared;
        if (known || round + 2 == MAX_ROUNDS) && !tests_asked {
            tests_asked = true;
            let callers = demand.callers(&files, &code, &now.flows);
            let sets = |file| sets_flags(rules, &sites, file);
            more.extend(demand.tests(&files, &code, &now.flows, &sets, &callers));
            more.extend(callers);
            more.extend(demand.mounts(&files, &code, &now.flows));
        } else if known && more.is_empty() && !requests_asked {
            // The whole paths are known once the files that mount the routers are parsed.
            requests_asked = true;
            more.extend(demand.requests(&files, &code, &now.flows));
        } else if known && more.is_empty() && helpers_asked < HELPERS {
            helpers_asked += 1;
            more.extend(demand.helpers(&files, &code));
        }
        let settled = known && more.is_empty();
        if settled || round == MAX_ROUNDS {
            let setup = frameworks::setup_files_of_manifests(sources, view);
            let setup = Before {
                setup,
                harness: &harness,
            };
            let mut index = finish(&code, rules, &imports, &sites, &now, setup, data);
            add_schema(&mut index, sources, view);
            index.skipped.extend(unread);
            index.skipped.sort();
            index.skipped.dedup();
            super::forces::compared::refine(&mut index);
            let ground = super::ambient::Ground {
                sources,
                view,
                rules,
                code: &code,
                harness: &harness,
            };
            index.ambient = super::ambient::ambients(&ground, &index, &now.definitions);
            return index;
        }
        files.extend(more);
        before = now;
    }
    CodeIndex::default()
}

/// What runs before the tests.
struct Before<'a> {
    /// What manifests name.
    setup: BTreeSet<RepoPath>,
    harness: &'a Harness,
}

/// Puts the parts together.
fn finish(
    code: &Code<'_>,
    rules: &RuleSet,
    imports: &Imports,
    sites: &BTreeMap<FileId, Vec<Site>>,
    round: &Round,
    before: Before<'_>,
    data: Vec<FlagDefinition>,
) -> CodeIndex {
    let flows: Vec<&Flow> = code.units().iter().map(|unit| &round.flows[&unit.facts.file]).collect();
    let sources = Sourced::new(&round.definitions.definitions, &round.definitions.sources);
    let supplies = sources.supplies(code, &flows);
    let mut definitions = real(code, rules, &round.definitions.definitions);
    call_as_supplied(&mut definitions, &supplies);
    // What a plain file or an environment file sets is a flag only where code reads it as one.
    let (settings, data): (Vec<_>, Vec<_>) = data.into_iter().partition(|of| of.confidence == Confidence::Low);
    definitions = super::settings::without(rules, best(definitions.into_iter().chain(data).collect()));
    let symbols: Vec<Vec<Symbol>> = code
        .units()
        .par_iter()
        .map(|unit| symbols::symbols(&unit.facts))
        .collect();
    let edges: Vec<Vec<ImportEdge>> = code.units().par_iter().map(|unit| imports.edges(&unit.facts)).collect();
    let mut names = Names::new(rules, &definitions, &supplies, &flows);
    names.vouch(rules, &settings);
    let found = Collect {
        code,
        rules,
        flows: &flows,
        symbols: &symbols,
        sources: &sources,
        names: &names,
    };
    let found = found.reads();
    let definitions = without_generated(code, definitions.clone(), &found.reads);
    let guards = guards::collect(code, &flows, &found);
    let files = code
        .units()
        .iter()
        .map(|unit| (unit.facts.path.clone(), unit.facts.clone()));
    let context = ImportContext::default();
    let sites = code
        .units()
        .iter()
        .map(|unit| sites.get(&unit.facts.file).map_or(&[][..], Vec::as_slice));
    let known = found.reads.iter().map(|read| &read.key);
    let known = known.chain(definitions.iter().map(|of| &of.key)).cloned().collect();
    let test_side = test_side(&Production {
        code,
        rules,
        sites: sites.collect(),
        contexts: vec![&context; code.units().len()],
        flows: &flows,
        handles: &round.definitions,
        shared: &round.shared,
        definitions: &definitions,
        known: &known,
        guards: &guards,
        spelled: &|key, rule| names.known_as(key, rule),
        said: &|key| names.said(key),
        setup: before.setup,
        harness: before.harness,
    });
    let read: BTreeSet<&FlagKey> = found.reads.iter().map(|read| &read.key).collect();
    let settings = settings.into_iter().filter(|of| read.contains(&of.key));
    let definitions = best(definitions.into_iter().chain(settings).collect());
    let is_set = |force: &Force| match &force.key {
        ForcedKey::Key(key) => read.contains(key) || is_flag(rules, &names, key, &force.rule),
        ForcedKey::Every(_) | ForcedKey::Others { .. } => true,
    };
    CodeIndex {
        libraries: libraries(&definitions, &found.reads),
        tests: test_side.tests,
        forces: test_side.forces.into_iter().filter(is_set).collect(),
        stated: test_side.stated,
        leaks: test_side.leaks,
        test_files: test_side.test_files,
        files: files.collect(),
        symbols: symbols.into_iter().flatten().collect(),
        imports: edges.into_iter().flatten().collect(),
        definitions,
        reads: found.reads,
        dynamic: found.dynamic,
        guards,
        routes: routes(code),
        served: super::routes::served::served(code),
        skipped: code.units().iter().filter_map(|unit| skipped(unit)).collect(),
        ..CodeIndex::default()
    }
}

/// What a program wrote defines flags only where people did not, and only where their code reads one of the file's flags or an SDK vouches
/// for it: lists of a protocol are no flags, and a module that is made from a registry does not define its flags anew. A registry that is
/// itself generated is taken whole where several of its flags are read: the ones that nobody reads yet are flags as well. One that is read
/// may share its name with something else: then it alone is taken.
fn without_generated(code: &Code<'_>, mut definitions: Vec<FlagDefinition>, reads: &[FlagRead]) -> Vec<FlagDefinition> {
    let by_program = |unit: &&Arc<Unit>| is_generated(&unit.facts.path, unit.facts.text.as_bytes());
    let generated: BTreeSet<FileId> = code
        .units()
        .iter()
        .filter(by_program)
        .map(|unit| unit.facts.file)
        .collect();
    let by_people = |file: FileId| !generated.contains(&file);
    let defined = definitions.iter().filter(|of| by_people(of.span.file));
    let defined: BTreeSet<FlagKey> = defined.map(|of| of.key.clone()).collect();
    let read = reads.iter().filter(|read| by_people(read.span.file));
    let read: BTreeSet<&FlagKey> = read.map(|read| &read.key).collect();
    let is_asked = |of: &&FlagDefinition| read.contains(&of.key) && !defined.contains(&of.key);
    let mut asked: BTreeMap<FileId, BTreeSet<FlagKey>> = BTreeMap::new();
    for of in definitions.iter().filter(is_asked) {
        asked.entry(of.span.file).or_default().insert(of.key.clone());
    }
    definitions.retain(|of| {
        let of_file = asked.get(&of.span.file);
        let is_asked = of_file.is_some_and(|keys| keys.len() > 1 || keys.contains(&of.key));
        let vouched = of.confidence == Confidence::High || is_asked;
        by_people(of.span.file) || (vouched && !defined.contains(&of.key))
    });
    definitions
}

/// The flags of each library.
fn libraries(definitions: &[FlagDefinition], reads: &[FlagRead]) -> BTreeMap<String, BTreeSet<FlagKey>> {
    let defined = definitions.iter().map(|of| (&of.rule, &of.key));
    let read = reads.iter().map(|of| (&of.rule, &of.key));
    let mut found: BTreeMap<String, BTreeSet<FlagKey>> = BTreeMap::new();
    for (rule, key) in defined.chain(read) {
        let library = super::forces::others::library(rule).to_owned();
        found.entry(library).or_default().insert(key.clone());
    }
    found
}

/// The definitions that no made-up file has.
fn real(code: &Code<'_>, rules: &RuleSet, definitions: &[FlagDefinition]) -> Vec<FlagDefinition> {
    let made_up = code
        .units()
        .iter()
        .filter(|unit| frameworks::is_made_up(rules, &unit.facts.path));
    let made_up: BTreeSet<FileId> = made_up.map(|unit| unit.facts.file).collect();
    let mut definitions = best(definitions.to_vec());
    definitions.retain(|of| !made_up.contains(&of.span.file));
    let with: BTreeSet<FileId> = definitions.iter().map(|of| of.span.file).collect();
    let units = code.units().iter().filter(|unit| with.contains(&unit.facts.file));
    let tests: BTreeMap<FileId, Vec<Bytes>> = units
        .map(|unit| (unit.facts.file, test_code::unit_tests(&unit.facts)))
        .filter(|(_, parts)| !parts.is_empty())
        .collect();
    let in_tests = |of: &FlagDefinition| {
        let parts = tests.get(&of.span.file);
        parts.is_some_and(|parts| parts.iter().any(|part| part.contains(of.span.bytes)))
    };
    definitions.retain(|of| !in_tests(of));
    definitions
}

/// A flag is known by the names of the settings that supply it, too.
fn call_as_supplied(definitions: &mut [FlagDefinition], supplies: &[(FlagKey, FlagKey)]) {
    for definition in definitions {
        let own = supplies.iter().filter(|(_, flag)| *flag == definition.key);
        definition
            .aliases
            .extend(own.map(|(setting, _)| setting.as_str().to_owned()));
        definition.aliases.sort();
        definition.aliases.dedup();
    }
}

/// The routes of the parsed files, by their paths.
fn routes(code: &Code<'_>) -> Vec<Route> {
    let mut found: Vec<Route> = code
        .units()
        .par_iter()
        .flat_map_iter(|unit| super::routes::routes(&unit.facts))
        .collect();
    found.sort_by(|a, b| (&a.path, &a.method, a.span).cmp(&(&b.path, &b.method, b.span)));
    found
}

/// What migrations and models do to the database.
fn add_schema(index: &mut CodeIndex, sources: &Sources, view: &View) {
    let (changes, half_read) = super::schema::changes(sources, view);
    index.schema = changes;
    index.skipped.extend(half_read);
}

/// False for what is more likely a setting than a flag, going by the file of the rule that found it.
fn is_flag(rules: &RuleSet, names: &Names, key: &FlagKey, rule: &str) -> bool {
    let of = rule.rsplit_once('/').map_or(rule, |(file, _)| file);
    let file = rules.files.iter().find(|file| file.id == of);
    file.is_none_or(|file| names.is_flag(key, &file.flags))
}

/// The definitions by key and place; of several rules that found the same one, the rule that knows its value, else the surest.
fn best(mut definitions: Vec<FlagDefinition>) -> Vec<FlagDefinition> {
    let rank = |of: &FlagDefinition| (of.declared == FlagValue::Unknown, std::cmp::Reverse(of.confidence));
    definitions.sort_by(|a, b| (&a.key, a.span, rank(a), &a.rule).cmp(&(&b.key, b.span, rank(b), &b.rule)));
    definitions.dedup_by(|next, kept| (&next.key, next.span) == (&kept.key, kept.span));
    definitions
}

/// True if a file sets flags: it may be a helper of tests.
fn sets_flags(rules: &RuleSet, sites: &BTreeMap<FileId, Vec<Site>>, file: FileId) -> bool {
    let sites = sites.get(&file).into_iter().flatten();
    sites
        .map(|site| &rules.rule(site.rule).kind)
        .any(|kind| matches!(kind, RuleKind::Force(_)))
}

/// What was not understood of a file.
fn skipped(unit: &Unit) -> Option<Skipped> {
    let reason = match &unit.facts.health {
        ParseHealth::Whole => return None,
        ParseHealth::Partial(places) => SkipReason::HalfParsed(*places),
        ParseHealth::Failed(reason) => reason.clone(),
    };
    let path = unit.facts.path.clone();
    Some(Skipped { path, reason })
}
