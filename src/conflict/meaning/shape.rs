//! What is written out as a whole: a struct with all its fields, a match over all members of an enum. Enters: a definition as it was and as it is, a
//! use. Leaves: whether the use still is whole. Only Rust insists on it: there the compiler stops at a field or a member that is not named.

use std::collections::{BTreeMap, BTreeSet};

use super::contract::{Gone, How};
use super::demand;
use super::work::Parsed;
use crate::conflict::outline::ItemKind;
use crate::index::SymbolKind;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, RepoPath};

/// The names that a use writes out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Fields, or members.
    names: BTreeSet<String>,
    /// It takes the rest from elsewhere (`..base`), or whatever it may be (`_`).
    rest: bool,
}

impl Written {
    /// What is written out where this name stands: the fields of the struct that it makes, the members of the enum that is matched there.
    pub(super) fn of(facts: &FileFacts, node: NodeId) -> Option<Self> {
        let tree = &facts.tree;
        if let Some(names) = demand::implemented(facts, node) {
            let (names, rest) = names;
            return Some(Self { names, rest });
        }
        if facts.language != Language::Rust {
            return None;
        }
        let made = tree
            .ancestors(node)
            .next()
            .and_then(|parent| match tree.syntax(parent) {
                Syntax::Object {
                    type_name: Some(name),
                    entries,
                } if *name == node => Some(entries),
                _ => None,
            });
        match made {
            Some(entries) => Some(fields(tree, entries)),
            None => matched(facts, node),
        }
    }

    /// True if a definition that changed so does not let it stand.
    pub(super) fn misses(&self, how: &How) -> bool {
        match how {
            How::Fields { new, gone } => {
                (!self.rest && new.iter().any(|name| !self.names.contains(name)))
                    || gone.iter().any(|name| self.names.contains(name))
            }
            How::Joined { new } | How::Demands { new } => {
                !self.rest && new.iter().any(|name| !self.names.contains(name))
            }
            _ => false,
        }
    }
}

fn fields(tree: &Tree, entries: &[NodeId]) -> Written {
    let names = entries.iter().filter_map(|entry| match tree.syntax(*entry) {
        Syntax::Entry {
            key: Key::Name(name, _),
            ..
        } => Some(name.to_string()),
        _ => None,
    });
    let names: BTreeSet<String> = names.collect();
    // What is no plain field is the rest, or under a condition.
    let rest = names.len() < entries.len();
    Written { names, rest }
}

/// The members that the match names in one of whose patterns this name stands.
fn matched(facts: &FileFacts, node: NodeId) -> Option<Written> {
    let tree = &facts.tree;
    let case = tree
        .ancestors(node)
        .take(4)
        .find(|id| matches!(tree.syntax(*id), Syntax::Case { .. }))?;
    let Syntax::Case { tests, .. } = tree.syntax(case) else {
        return None;
    };
    if !tests.iter().any(|test| tree.bytes(*test).contains(tree.bytes(node))) {
        return None;
    }
    let parent = tree.ancestors(case).next()?;
    let Syntax::Switch { cases, .. } = tree.syntax(parent) else {
        return None;
    };
    let mut written = Written {
        names: BTreeSet::new(),
        rest: false,
    };
    for case in cases {
        let Syntax::Case { tests, .. } = tree.syntax(*case) else {
            written.rest = true;
            continue;
        };
        written.rest |= tests.is_empty();
        for test in tests {
            match member(facts, *test) {
                Some(name) => _ = written.names.insert(name.to_owned()),
                None => written.rest = true,
            }
        }
    }
    Some(written)
}

/// `A` of the patterns `Kind::A`, `Kind::A(x)` and `Kind::A { x }`; `None` for a name that is bound, and for all that is nested.
fn member(facts: &FileFacts, test: NodeId) -> Option<&str> {
    let path = match facts.tree.syntax(test) {
        Syntax::Name => test,
        Syntax::Other(parts) => *parts.first()?,
        _ => return None,
    };
    let (_, name) = facts.words(path).rsplit_once("::")?;
    name.chars().all(|c| c.is_alphanumeric() || c == '_').then_some(name)
}

/// The structs and enums of a file that have other fields or members than before.
pub(super) fn reshaped(path: &RepoPath, base: &Parsed, side: &Parsed) -> Vec<Gone> {
    if base.unit.facts.language != Language::Rust {
        return Vec::new();
    }
    let (had, has) = (shapes(base), shapes(side));
    let mut found = Vec::new();
    for (name, was) in &had {
        let Some(is) = has.get(name).filter(|is| is.members == was.members) else {
            continue;
        };
        let less = |a: &Shape, b: &Shape| a.names.difference(&b.names).cloned().collect::<Vec<String>>();
        let (new, gone) = (less(is, was), less(was, is));
        let one = |name: String, how: How, kind| Gone {
            path: path.clone(),
            name,
            kind: ItemKind::Symbol(kind),
            how,
            was: was.bytes.in_file(base.unit.facts.file),
            now: Some(is.bytes.in_file(side.unit.facts.file)),
            inside: true,
            outside: true,
        };
        let other = !new.is_empty() || !gone.is_empty();
        if !was.members && other {
            found.push(one(name.clone(), How::Fields { new, gone }, SymbolKind::Class));
        } else if was.members && !new.is_empty() {
            let stay = was.names.intersection(&is.names);
            let joined = stay.map(|member| format!("{name}::{member}"));
            found.extend(joined.map(|member| one(member, How::Joined { new: new.clone() }, SymbolKind::Enum)));
        }
    }
    found
}

/// The names of a struct's fields, or of an enum's members.
struct Shape {
    names: BTreeSet<String>,
    /// It is an enum.
    members: bool,
    /// Its name.
    bytes: Bytes,
}

/// By name; a struct of which one field has no name of its own, or a condition, has no shape here.
fn shapes(parsed: &Parsed) -> BTreeMap<String, Shape> {
    let tree = &parsed.unit.facts.tree;
    let mut found = BTreeMap::new();
    for id in tree.ids() {
        let (name, bytes, list, members) = match tree.syntax(id) {
            Syntax::Class {
                name: Some((name, bytes)),
                members,
                ..
            } => (name, *bytes, members, false),
            Syntax::Enum {
                name: (name, bytes),
                members,
                ..
            } => (name, *bytes, members, true),
            _ => continue,
        };
        let names = list.iter().map(|member| match tree.syntax(*member) {
            Syntax::Field {
                key: Key::Name(name, _),
                decorators,
                ..
            } if members || decorators.is_empty() => Some(name.to_string()),
            _ => None,
        });
        if let Some(names) = names.collect::<Option<BTreeSet<String>>>() {
            found.insert(name.to_string(), Shape { names, members, bytes });
        }
    }
    found
}
