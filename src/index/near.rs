//! Which flags some files define. Enters: the pool, a view of these files, the rules. Leaves: [`FlagDefinition`]s, found as [`super::build`] finds
//! them, and none of what else an index has; such as it would drop afterwards (what a program wrote and nobody reads, a setting that is no flag)
//! are among them. For who only wants to know whether a full index is worth making.

use std::collections::BTreeMap;

use super::FlagDefinition;
use super::code::Code;
use super::demand::Demand;
use super::harness::Harness;
use super::imports::Imports;
use super::modules::ViewModules;
use super::rounds::{Look, Round};
use super::site::Site;
use super::store::FactsStore;
use super::{Wanted, frameworks};
use crate::rules::RuleSet;
use crate::source::{FileId, Sources, View};

/// Rounds that may add files or wrappers.
const MAX_ROUNDS: usize = 6;

/// The flags that the files of a view define.
#[must_use]
pub fn definitions(sources: &Sources, view: &View, rules: &RuleSet, store: &FactsStore) -> Vec<FlagDefinition> {
    let (data, _) = super::data::definitions(sources, view, rules);
    let harness = Harness::of(sources, view);
    let demand = Demand::new(sources, view, rules, &harness);
    let mut files = demand.first(&Wanted::default(), store);
    // Without a file that asks for itself nothing leads to another one.
    if files.is_empty() && data.is_empty() {
        return Vec::new();
    }
    let look = Look {
        rules,
        store,
        demand: &demand,
        askers: demand.askers(&files),
        data: &data,
    };
    let imports = Imports::new(sources, view);
    let modules = ViewModules::new(&imports, sources, view);
    let mut sites: BTreeMap<FileId, Vec<Site>> = BTreeMap::new();
    let mut before = Round::default();
    for round in 1.. {
        let code = Code::new(store.units(sources, rules, &files), &modules);
        let (now, more) = look.round(&code, &files, &mut sites, &before);
        if (more.is_empty() && now.shared == before.shared) || round == MAX_ROUNDS {
            let made_up = |of: &FlagDefinition| frameworks::is_made_up(rules, sources.path(of.span.file));
            let mut found = now.definitions.definitions;
            found.retain(|of| !made_up(of));
            found.extend(data);
            return found;
        }
        files.extend(more);
        before = now;
    }
    Vec::new()
}
