//! What a branch adds to lists: entries of a map, elements of an array, members of an enum, fields of a struct. Enters: the facts of one
//! file before and after. Leaves: what was added, where nothing else was changed. Two additions to one list change no common thing.

use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, RepoPath};

use super::{CodeIndex, Symbol};

/// The names of the entries that `symbol` of `path` has in `head` and not in `base`, each with its owners; `None` if anything else in it is
/// different, or it is not there in both.
#[must_use]
pub fn added(base: &CodeIndex, head: &CodeIndex, path: &RepoPath, symbol: &str) -> Option<Vec<String>> {
    let before = Side::of(base, path, symbol)?;
    let after = Side::of(head, path, symbol)?;
    let mut found = Vec::new();
    let same = compare(before, after, symbol, &mut found);
    (same && !found.is_empty()).then_some(found)
}

/// A node of one side.
#[derive(Clone, Copy)]
struct Side<'a> {
    facts: &'a FileFacts,
    node: NodeId,
}

impl<'a> Side<'a> {
    /// The one symbol of this name.
    fn of(index: &'a CodeIndex, path: &RepoPath, name: &str) -> Option<Self> {
        let facts = index.files.get(path)?;
        let named = |symbol: &&Symbol| symbol.path == *path && symbol.name == name;
        let mut symbols = index.symbols.iter().filter(named);
        let (symbol, None) = (symbols.next()?, symbols.next()) else {
            return None;
        };
        let within = |node: &NodeId| {
            let bytes = facts.tree.bytes(*node);
            symbol.span.bytes.contains(bytes)
        };
        // Children come before their parents: the last one is the widest.
        let node = facts.tree.ids().filter(within).max_by_key(|node| {
            let bytes = facts.tree.bytes(*node);
            (bytes.end - bytes.start, node.0)
        })?;
        Some(Self { facts, node })
    }

    fn at(self, node: NodeId) -> Self {
        Self { node, ..self }
    }

    fn syntax(self) -> &'a Syntax {
        self.facts.tree.syntax(self.node)
    }

    fn words(self) -> &'a str {
        self.facts.words(self.node).trim()
    }

    /// The entries, if it is a list of such.
    fn entries(self) -> Option<Vec<Self>> {
        let nodes = match self.syntax() {
            Syntax::Object { entries: nodes, .. } | Syntax::Array(nodes) | Syntax::Enum { members: nodes, .. } => nodes,
            Syntax::Class { members: nodes, .. }
                if nodes
                    .iter()
                    .all(|node| matches!(self.at(*node).syntax(), Syntax::Field { .. })) =>
            {
                nodes
            }
            _ => return None,
        };
        Some(nodes.iter().map(|node| self.at(*node)).collect())
    }

    /// What tells an entry from the others of its list.
    fn name(self) -> &'a str {
        match self.syntax() {
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                ..
            } => name,
            _ => self.words(),
        }
    }

    /// Its own words, without those of its children.
    fn frame(self) -> String {
        let (tree, whole) = (&self.facts.tree, self.facts.tree.bytes(self.node));
        let (mut frame, mut from) = (String::new(), whole.start);
        let mut gap = |from: u32, to: u32| {
            let bytes = Bytes {
                start: from,
                end: to.max(from),
            };
            frame.extend(self.facts.slice(bytes).split_whitespace());
            frame.push(' ');
        };
        for child in tree.children(self.node) {
            let bytes = tree.bytes(child);
            gap(from, bytes.start);
            from = bytes.end.max(from);
        }
        gap(from, whole.end);
        frame
    }
}

/// True if `after` is `before` with entries added to its lists; notes these under their owners.
fn compare(before: Side<'_>, after: Side<'_>, owner: &str, found: &mut Vec<String>) -> bool {
    if before.words() == after.words() {
        return true;
    }
    if let (Some(old), Some(new)) = (before.entries(), after.entries()) {
        return compare_lists(&old, &new, owner, found);
    }
    let (old, new) = (
        before.facts.tree.children(before.node),
        after.facts.tree.children(after.node),
    );
    let alike = std::mem::discriminant(before.syntax()) == std::mem::discriminant(after.syntax());
    if !alike || old.is_empty() || old.len() != new.len() || before.frame() != after.frame() {
        return false;
    }
    let mut pairs = old.into_iter().zip(new);
    pairs.all(|(old, new)| compare(before.at(old), after.at(new), owner, found))
}

fn compare_lists(old: &[Side<'_>], new: &[Side<'_>], owner: &str, found: &mut Vec<String>) -> bool {
    let mut rest: Vec<Side<'_>> = new.to_vec();
    for entry in old {
        let Some(at) = rest.iter().position(|one| one.name() == entry.name()) else {
            return false;
        };
        let now = rest.remove(at);
        if !compare(*entry, now, &format!("{owner}.{}", entry.name()), found) {
            return false;
        }
    }
    found.extend(rest.iter().map(|entry| format!("{owner}.{}", entry.name())));
    true
}
