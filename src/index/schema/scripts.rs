//! Migrations in code. Enters: the tree of a migration, and what its tool's words mean. Leaves: what the way there does, in the order of
//! the text, and how many calls were not understood. The way back is passed over, with what only it calls.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::Calls;
use super::constants::Constants;
use super::tools::Tool;
use crate::index::SchemaChange;
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};

/// What the migration does.
pub(super) fn migration(facts: &FileFacts, tool: &Tool) -> (Vec<SchemaChange>, u32) {
    let constants = Constants::new(facts);
    let named = functions(facts);
    let is_one_of = |names: &[String], id: &NodeId| {
        named
            .iter()
            .any(|(name, of)| names.iter().any(|one| one == name) && of.contains(id))
    };
    let all: Vec<NodeId> = named.values().flatten().copied().collect();
    let back: BTreeSet<NodeId> = all.iter().copied().filter(|id| is_one_of(&tool.down, id)).collect();
    let mut queue: Vec<NodeId> = all.iter().copied().filter(|id| is_one_of(&tool.words.up, id)).collect();
    if queue.is_empty() {
        queue.extend(facts.tree.root());
    }
    queue.sort_unstable();
    let mut calls = Calls::new(&constants, &tool.words);
    let mut seen = back;
    while let Some(start) = queue.pop() {
        let mut stack = vec![start];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(name) = called(facts, id) {
                queue.extend(named.get(name).into_iter().flatten());
            }
            if matches!(facts.tree.syntax(id), Syntax::Call { .. }) {
                calls.call(id);
            }
            stack.extend(facts.tree.children(id).into_iter().rev());
        }
    }
    calls.finish()
}

/// The functions of a file, by the names that they are declared with or bound to.
fn functions(facts: &FileFacts) -> BTreeMap<&str, Vec<NodeId>> {
    let mut functions: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    for id in facts.tree.ids() {
        let bound = match facts.tree.syntax(id) {
            Syntax::Function(function) => function.name.as_ref().map(|(name, _)| (&**name, id)),
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } => Some((facts.words(*pattern), *value)),
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                value: Some(value),
                ..
            } => Some((&**name, *value)),
            Syntax::Assign { target, value } => match facts.tree.syntax(*target) {
                Syntax::Member { property, .. } => Some((facts.slice(*property), *value)),
                _ => None,
            },
            _ => None,
        };
        let Some((name, value)) = bound else { continue };
        let value = facts.tree.bare(value);
        if matches!(facts.tree.syntax(value), Syntax::Function(_)) {
            functions.entry(name).or_default().push(value);
        }
    }
    functions
}

/// The function of this file that a node may call: `helper`, `this.helper`.
fn called(facts: &FileFacts, id: NodeId) -> Option<&str> {
    match facts.tree.syntax(id) {
        Syntax::Name => Some(facts.words(id)),
        Syntax::Member { object, property } if facts.words(*object) == "this" => Some(facts.slice(*property)),
        _ => None,
    }
}
