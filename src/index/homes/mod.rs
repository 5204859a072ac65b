//! Flag modules that teams write themselves, known by their form: a map of booleans that a function gives out by its parameter. Enters:
//! the parsed files, and the `lookup` rules, which say what the names beside it must be about. Leaves: `Site`s for the map's entries, for
//! the function, and for what sets an entry. Knows no names of its own.

mod asked;
mod lookups;
mod maps;
mod other;

pub(super) use asked::decides;

use std::collections::{BTreeMap, BTreeSet};

use super::code::{At, Code, Trail};
use super::frameworks;
use super::site::{KeySource, Site, SiteEntry, ValueSource};
use super::store::FactsStore;
use crate::lang::Language;
use crate::lang::tree::NodeId;
use crate::rules::rule::RuleKind;
use crate::rules::shape::{LookupShape, Shape};
use crate::rules::{RuleRef, RuleSet};
use crate::source::{FileId, RepoPath};

/// Homes of one file beyond which it is data.
const MOST: usize = 64;

/// A function that gives out, by a parameter, what a map holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Home {
    /// The file and the function.
    pub function: At,
    /// What the function is called.
    pub name: String,
    /// The parameter where it is used as the key.
    pub key: NodeId,
    /// What the map is called; empty where it has no name.
    pub map: String,
    /// The entries of the map; empty where they stand in a file that is no code.
    pub entries: Vec<Entry>,
    /// What sets an entry by a parameter: the setting, its key and its value.
    pub setters: Vec<Setter>,
    /// Where its value may come from beside the map: another call, the environment.
    pub other: Option<NodeId>,
    /// The words that say what it is about, without the path.
    pub words: String,
}

/// One entry of a map.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its file and its value.
    pub value: At,
    /// Its key as an expression or a written name.
    pub key: KeySource,
}

/// A place where an entry is set.
#[derive(Clone, PartialEq, Debug)]
pub struct Setter {
    /// The assignment or call.
    pub node: NodeId,
    /// The function around it.
    pub function: NodeId,
    /// The key.
    pub key: NodeId,
    /// The value.
    pub value: NodeId,
}

/// Adds the sites of every home whose names fit a `lookup` rule; each once, whichever round found it. Leaves how the calls begin, in a text,
/// that would show whether a home which no name tells from others is one of flags.
pub fn add(
    code: &Code<'_>,
    rules: &RuleSet,
    store: &FactsStore,
    sites: &mut BTreeMap<FileId, Vec<Site>>,
) -> BTreeSet<String> {
    let mut open: Vec<(Home, Vec<RuleRef>)> = Vec::new();
    if rules.lookup().lookups.is_empty() {
        return BTreeSet::new();
    }
    for unit in 0..code.units().len() {
        let facts = code.facts(unit);
        if frameworks::is_made_up(rules, &facts.path) {
            continue;
        }
        let active = store.active(rules, facts);
        let applies = |at: &&RuleRef| active[at.file] && rules.rule(**at).files.allow(facts.path.as_str());
        let asked: Vec<RuleRef> = rules.lookup().lookups.iter().filter(applies).copied().collect();
        if asked.is_empty() {
            continue;
        }
        for home in homes(code, unit) {
            let fitting = asked.iter().filter(|rule| fits(rules, **rule, &facts.path, &home));
            let (by_calls, by_name): (Vec<RuleRef>, Vec<RuleRef>) =
                fitting.copied().partition(|rule| is_by_calls(rules, *rule));
            for rule in &by_name {
                add_home(code, rules, *rule, &home, sites);
            }
            if by_name.is_empty() && !by_calls.is_empty() && asked::is_complete(code, &home) {
                open.push((home, by_calls));
            }
        }
    }
    let names: BTreeSet<&str> = open.iter().map(|(home, _)| home.name.as_str()).collect();
    if names.is_empty() {
        return BTreeSet::new();
    }
    let calls = asked::Calls::of(code, &names);
    let mut unsure = BTreeSet::new();
    for (home, by_calls) in &open {
        match calls.ask(code, home) {
            true => by_calls
                .iter()
                .for_each(|rule| add_home(code, rules, *rule, home, sites)),
            false => unsure.extend(asked::beginnings(code, home)),
        }
    }
    unsure
}

fn is_by_calls(rules: &RuleSet, rule: RuleRef) -> bool {
    shape(rules, rule).is_some_and(|shape| shape.asked.is_some())
}

/// The homes of one file, whatever they are about.
#[must_use]
pub fn homes(code: &Code<'_>, unit: usize) -> Vec<Home> {
    let (mut found, pairs) = (Vec::new(), lookups::Pairs::default());
    for id in code.units()[unit].doors(lookups::doors) {
        found.extend(lookups::home(
            code,
            At { unit, node: *id },
            &pairs,
            &mut Trail::default(),
        ));
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// True for a file whose path is about flags and whose text has a boolean: it may hold a home although no name in it says so.
#[must_use]
pub fn may_hold(rules: &RuleSet, path: &RepoPath, text: &str) -> bool {
    let Some(language) = Language::of(path) else {
        return false;
    };
    let about = |at: &RuleRef| {
        let speaks = rules.files[at.file].languages.contains(&language);
        let tells = |shape: &LookupShape| shape.asked.is_none() && shape.about.regex().is_match(&of_path(path));
        speaks && shape(rules, *at).is_some_and(tells)
    };
    let has_boolean = ["false", "true", "False", "True"]
        .iter()
        .any(|word| text.contains(word));
    has_boolean && rules.lookup().lookups.iter().any(about)
}

fn shape(rules: &RuleSet, rule: RuleRef) -> Option<&LookupShape> {
    match &rules.rule(rule).shape {
        Some(Shape::Lookup(shape)) => Some(shape),
        _ => None,
    }
}

fn fits(rules: &RuleSet, rule: RuleRef, path: &RepoPath, home: &Home) -> bool {
    let Some(shape) = shape(rules, rule) else {
        return false;
    };
    let words = format!("{} {}", of_path(path), home.words);
    // Where only the form speaks for it, the path may speak against it.
    let against = if shape.asked.is_some() { &words } else { &home.words };
    shape.about.regex().is_match(&words)
        && shape
            .unless
            .as_ref()
            .is_none_or(|unless| !unless.regex().is_match(against))
        && shape
            .asked
            .as_ref()
            .is_none_or(|asked| asked.regex().is_match(&home.name))
}

/// The end of a path without its extension, with the folder's name. A folder `features` says nothing of what lies in it, unless the file only
/// stands for its folder.
fn of_path(path: &RepoPath) -> String {
    let stem = path.file_name().split('.').next().unwrap_or_default();
    let folder = path.parent().rsplit('/').next().unwrap_or_default();
    let stands_for = matches!(stem, "index" | "mod" | "lib" | "main");
    match folder {
        "features" | "feature" if !stands_for => stem.to_owned(),
        _ => format!(
            "{folder}/{}",
            path.file_name().rsplit_once('.').map_or(stem, |(name, _)| name)
        ),
    }
}

fn add_home(code: &Code<'_>, rules: &RuleSet, rule: RuleRef, home: &Home, sites: &mut BTreeMap<FileId, Vec<Site>>) {
    let mut add = |unit: usize, node: NodeId, entries: Vec<SiteEntry>| {
        let of_file = sites.entry(code.file(unit)).or_default();
        let is_known = of_file.iter().any(|site| site.rule == rule && site.node == node);
        if !is_known && !entries.is_empty() {
            of_file.push(Site {
                rule,
                node,
                entries,
                captures: Vec::new(),
                target: None,
                target_object: None,
                imported: None,
                confidence: rules.rule(rule).confidence,
            });
        }
    };
    match &rules.rule(rule).kind {
        RuleKind::Define(_) => {
            for entry in &home.entries {
                add(entry.value.unit, entry.value.node, vec![defined(code, entry)]);
            }
        }
        RuleKind::Read(_) => add(
            home.function.unit,
            home.function.node,
            vec![bare(KeySource::Node(home.key), None)],
        ),
        RuleKind::Force(_) => {
            for setter in &home.setters {
                let value = Some(ValueSource::Node(setter.value));
                add(
                    home.function.unit,
                    setter.node,
                    vec![bare(KeySource::Node(setter.key), value)],
                );
            }
        }
        _ => {}
    }
}

/// The entry stands for its flag: to name it is to read it.
fn defined(code: &Code<'_>, entry: &Entry) -> SiteEntry {
    let facts = code.facts(entry.value.unit);
    let handle = match &entry.key {
        KeySource::Known(text, bytes) => Some((text.clone(), *bytes)),
        KeySource::Node(id) => Some((facts.words(*id).to_owned(), facts.tree.bytes(*id))),
        KeySource::Every => None,
    };
    SiteEntry {
        handle,
        ..bare(entry.key.clone(), Some(ValueSource::Node(entry.value.node)))
    }
}

fn bare(key: KeySource, value: Option<ValueSource>) -> SiteEntry {
    SiteEntry {
        key,
        value,
        fallback: None,
        handle: None,
        ambient: None,
    }
}

#[cfg(test)]
mod tests;
