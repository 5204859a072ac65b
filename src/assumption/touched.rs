//! What a test may set without anybody seeing how. Enters: a test, the names of a flag. Leaves: the place that looks like it: a call that
//! is named after the flag and begins with a verb of setting (`toggleMaintenanceMode({ enabled: true })`), one that is given its key, an
//! assignment to a member of its name, a comparison with its key, or an entry of that name; in the test itself or in a function of its file that it calls.
//!
//! Such a place is no force, because nobody knows the value or what it reaches. But a test that has one cannot be said to run with a
//! default: it would be blocked on a guess.

use std::collections::BTreeSet;

use super::words::split;
use crate::index::{CodeIndex, TestCase};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, Span};

/// Verbs that begin the names of functions which set something.
const SETS: &[&str] = &[
    "activate",
    "change",
    "configure",
    "deactivate",
    "disable",
    "enable",
    "force",
    "mock",
    "override",
    "set",
    "start",
    "stop",
    "stub",
    "switch",
    "toggle",
    "turn",
    "update",
    "with",
];

/// The first place in the test's own code that may set a flag of one of these names.
#[must_use]
pub fn may_set(index: &CodeIndex, case: &TestCase, names: &[Vec<String>]) -> Option<Span> {
    let facts = index.files.get(&case.path)?;
    let own = case.span.bytes;
    let found = place(facts, own, names).or_else(|| {
        let called = called_in(facts, own);
        let mut helpers = functions(facts).filter(|(name, _)| called.contains(name));
        helpers.find_map(|(_, body)| place(facts, body, names))
    });
    found.map(|bytes| bytes.in_file(facts.file))
}

fn within(facts: &FileFacts, region: Bytes) -> impl Iterator<Item = NodeId> + '_ {
    let inside = move |id: &NodeId| region.contains(facts.tree.bytes(*id));
    facts.tree.ids().filter(inside)
}

fn place(facts: &FileFacts, region: Bytes, names: &[Vec<String>]) -> Option<Bytes> {
    let is_name = |text: &str| {
        let words = split(text);
        names.iter().any(|name| !name.is_empty() && *name == words)
    };
    let sets = |id: &NodeId| match facts.tree.syntax(*id) {
        Syntax::Call { callee, args, .. } => {
            let words = split(last_word(facts.words(*callee)));
            let verb = words.first().is_some_and(|first| SETS.contains(&first.as_str()));
            let named = |name: &Vec<String>| name.len() > 1 && words.windows(name.len()).any(|window| window == name);
            let given = |arg: &NodeId| matches!(facts.tree.syntax(*arg), Syntax::Text(text) if is_name(text));
            verb && (names.iter().any(named) || args.iter().any(given))
        }
        // `isEnabled: (name) => name === 'new_checkout'`: a fake that answers by the key.
        Syntax::Compare { left, right, .. } => [left, right]
            .iter()
            .any(|side| matches!(facts.tree.syntax(facts.tree.bare(**side)), Syntax::Text(text) if is_name(text))),
        Syntax::Assign { target, .. } | Syntax::Delete(target) => match facts.tree.syntax(facts.tree.bare(*target)) {
            Syntax::Member { property, .. } => is_name(facts.slice(*property)),
            Syntax::Index { index, .. } => matches!(facts.tree.syntax(*index), Syntax::Text(text) if is_name(text)),
            _ => false,
        },
        Syntax::Entry {
            key: Key::Name(name, _),
            ..
        } => is_name(name),
        _ => false,
    };
    within(facts, region).find(sets).map(|id| facts.tree.bytes(id))
}

fn last_word(callee: &str) -> &str {
    callee.rsplit(['.', ':']).next().unwrap_or(callee)
}

fn called_in(facts: &FileFacts, region: Bytes) -> BTreeSet<&str> {
    let callee = |id: NodeId| match facts.tree.syntax(id) {
        Syntax::Call { callee, .. } if matches!(facts.tree.syntax(*callee), Syntax::Name) => Some(facts.words(*callee)),
        _ => None,
    };
    within(facts, region).filter_map(callee).collect()
}

/// The functions of a file by name.
fn functions(facts: &FileFacts) -> impl Iterator<Item = (&str, Bytes)> {
    facts.tree.ids().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Function(function) => Some((&*function.name.as_ref()?.0, facts.tree.bytes(id))),
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } if matches!(facts.tree.syntax(facts.tree.bare(*value)), Syntax::Function(_)) => {
            Some((facts.words(*pattern), facts.tree.bytes(*value)))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
