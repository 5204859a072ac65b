//! A name that one side no longer brings in and the other one newly uses, in one file: an import that was unused here, and is used again there.
//! Git merges the two, and the name leads nowhere. And a name that both newly bring in, at different places of one file: git keeps both imports.
//! Enters: the [`Work`] of both. Leaves: [`Breach`]es.
//!
//! An import is missed only where the side that took the import away does not say the name any more: who still says it has it from elsewhere (a global, a prelude).

use std::collections::{BTreeMap, HashSet};

use super::spoken::breach;
use super::work::{Change, Parsed, Work};
use super::{Breach, BreachKind, Certainty};
use crate::conflict::LineRange;
use crate::index::bindings::Binding;
use crate::index::exports::Export;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Sources, Span};

/// The findings of both directions.
pub(super) fn unbound(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, change) in &works[0].code {
        if let Some(theirs) = works[1].code.get(path) {
            found.extend(brought_twice(sources, path, [change, theirs]));
        }
    }
    for (by, other) in [(0, 1), (1, 0)] {
        for (path, change) in &works[by].code {
            if let Some(theirs) = works[other].code.get(path) {
                found.extend(of_file(by, path, change, theirs));
            }
        }
    }
    found
}

fn of_file(by: usize, path: &RepoPath, change: &Change, theirs: &Change) -> Vec<Breach> {
    let (Some(base), Some(mine), Some(side)) = (&change.base, &change.side, &theirs.side) else {
        return Vec::new();
    };
    let dropped = dropped(base, mine);
    if dropped.is_empty() {
        return Vec::new();
    }
    let uses = new_uses(side, theirs, &dropped);
    let each = uses.into_iter().map(|(name, bytes)| {
        let (import, module) = &dropped[name];
        let deeds = [
            format!("takes the import of {name} from {module} out of {path}"),
            format!("uses {name} there in a new line"),
        ];
        let what = (BreachKind::Removed, Certainty::Seen, name);
        let spans = [
            import.in_file(base.unit.facts.file),
            bytes.in_file(side.unit.facts.file),
        ];
        breach(by, what, deeds, spans)
    });
    each.collect()
}

/// Names that both bring in at different places of one file. Where the places are one, the two are one change.
fn brought_twice(sources: &Sources, path: &RepoPath, changes: [&Change; 2]) -> Vec<Breach> {
    let [Some(ours), Some(theirs)] = changes.map(|change| new_imports(sources, change)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, (place, old)) in &ours {
        let Some((other, their_old)) = theirs.get(name) else {
            continue;
        };
        let apart = |a: &LineRange, b: &LineRange| a.start + a.count < b.start;
        if !apart(old, their_old) && !apart(their_old, old) {
            continue;
        }
        let deeds = [
            format!("brings {name} into {path}"),
            "does so too, at another place, and git keeps both".to_owned(),
        ];
        let what = (BreachKind::AddedTwice, Certainty::Seen, *name);
        found.push(breach(0, what, deeds, [*place, *other]));
    }
    found
}

/// The names that new lines bring in at the top of a file that did not have them, each with its place and the lines in whose place it stands; `None`
/// where a second import of a name does no harm, or where nothing of it is known.
fn new_imports<'c>(sources: &Sources, change: &'c Change) -> Option<BTreeMap<&'c str, (Span, LineRange)>> {
    let (base, side) = (change.base.as_ref()?, change.side.as_ref()?);
    let facts = &side.unit.facts;
    let strict = matches!(
        facts.language,
        Language::TypeScript | Language::Tsx | Language::JavaScript | Language::Rust | Language::Go
    );
    if !strict {
        return None;
    }
    let mut found = BTreeMap::new();
    for declaration in side.unit.bindings.all().iter().filter(|one| one.top) {
        let Binding::Import { node, .. } = declaration.binding else {
            continue;
        };
        let span = declaration.bytes.in_file(facts.file);
        let Some(old) = change.touched.instead_of(sources.start(span).line) else {
            continue;
        };
        // `#[cfg(unix)] use …`
        let attribute = |id: &NodeId| matches!(facts.tree.syntax(*id), Syntax::Decorator(_));
        let conditional = facts.tree.ancestors(node).any(|id| match facts.tree.syntax(id) {
            Syntax::Other(parts) => parts.iter().any(attribute),
            _ => false,
        });
        // `use a::B as _` brings in no name.
        if !conditional && &*declaration.name != "_" && !base.unit.exports.top.contains_key(&declaration.name) {
            found.insert(&*declaration.name, (span, old));
        }
    }
    Some(found)
}

/// The names that a file brought in and that it neither has nor says any more, each with its import and the module.
fn dropped<'b>(base: &'b Parsed, mine: &Parsed) -> BTreeMap<&'b str, (Bytes, &'b str)> {
    let facts = &base.unit.facts;
    let plain = matches!(
        facts.language,
        Language::TypeScript | Language::Tsx | Language::JavaScript | Language::Python | Language::Rust | Language::Go
    );
    let mut found = BTreeMap::new();
    if !plain || brings_all(mine) {
        return found;
    }
    let said = said(mine);
    for id in facts.tree.ids() {
        let Syntax::Import { from, names, .. } = facts.tree.syntax(id) else {
            continue;
        };
        for name in names.iter().filter(|name| &*name.local != "*") {
            let top = base.unit.exports.top.contains_key(&name.local);
            let left = mine.unit.exports.top.contains_key(&name.local) || said.contains(&*name.local);
            if top && !left {
                found.insert(&*name.local, (facts.tree.bytes(id), &**from));
            }
        }
    }
    found
}

/// True for `use a::*`, `from a import *`: what comes with it is not listed.
fn brings_all(parsed: &Parsed) -> bool {
    let tree = &parsed.unit.facts.tree;
    let python = parsed.unit.facts.language == Language::Python;
    (python && !parsed.unit.exports.stars.is_empty())
        || tree.ids().any(|id| match tree.syntax(id) {
            Syntax::Import { names, .. } => names.iter().any(|name| &*name.local == "*"),
            _ => false,
        })
}

/// The first part of a path, or the name itself.
fn first(words: &str) -> &str {
    words.split(['.', ':', '<']).next().unwrap_or(words)
}

/// Every name that a file says, wherever it leads.
fn said(parsed: &Parsed) -> HashSet<&str> {
    let facts = &parsed.unit.facts;
    let names = facts
        .tree
        .ids()
        .filter(|id| matches!(facts.tree.syntax(*id), Syntax::Name));
    names.map(|id| first(facts.words(id))).collect()
}

/// The first use of each of these names on a new line, where the file still brings the name in, by an import that is not new.
fn new_uses<'d>(
    side: &Parsed,
    change: &Change,
    dropped: &BTreeMap<&'d str, (Bytes, &str)>,
) -> BTreeMap<&'d str, Bytes> {
    let facts = &side.unit.facts;
    let tree = &facts.tree;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(facts.text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let is_new = |bytes: Bytes| {
        let line = starts.partition_point(|start| *start <= bytes.start as usize);
        u32::try_from(line).is_ok_and(|line| change.lines.contains(&line))
    };
    let kept: HashSet<&str> = tree
        .ids()
        .filter(|id| !is_new(tree.bytes(*id)))
        .filter_map(|id| match tree.syntax(id) {
            Syntax::Import { names, .. } => Some(names.iter().map(|name| &*name.local)),
            _ => None,
        })
        .flatten()
        .collect();
    let brought = |name: &str| {
        let from = side.unit.exports.top.get(name);
        kept.contains(name) && matches!(from, Some(Export::From { .. }))
    };
    let is_import = |id: NodeId| {
        side.unit
            .bindings
            .declaration(id)
            .is_none_or(|own| matches!(own.binding, Binding::Import { .. }))
    };
    let mut found = BTreeMap::new();
    for id in tree.ids().filter(|id| matches!(tree.syntax(*id), Syntax::Name)) {
        let name = first(facts.words(id));
        let Some((name, _)) = dropped.get_key_value(name) else {
            continue;
        };
        if is_new(tree.bytes(id)) && brought(name) && is_import(id) {
            found.entry(*name).or_insert_with(|| tree.bytes(id));
        }
    }
    found
}
