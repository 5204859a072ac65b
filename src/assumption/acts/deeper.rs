//! What a function calls. Enters: a function. Leaves: what it calls by a name of its file or of another one, or as a method of its own
//! object, so that what decides there counts for it as well.

use std::collections::BTreeSet;

use super::across::{Code, Place};
use crate::index::bindings::{Binding, Bindings};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};

/// How many calls may stand between a function and one that decides.
const CALLS: usize = 2;
/// A function that calls more than this is a main program.
const MANY: usize = 24;

/// The functions that `function` calls, and those that these call. Those of its own file count apart from all others, so that none of either hides the other.
pub(super) fn called<'c>(code: &'c Code<'c>, of: Place<'c>) -> Vec<Place<'c>> {
    let (mut found, mut seen, mut last) = (Vec::new(), BTreeSet::new(), vec![of]);
    for _ in 0..CALLS {
        let mut next = Vec::new();
        for caller in last {
            for id in caller.facts.tree.below(caller.function) {
                let Syntax::Call { callee, .. } = caller.facts.tree.syntax(id) else {
                    continue;
                };
                let place = code.function(caller.facts, *callee, &mut Vec::new());
                let is_other = |place: &Place<'_>| (place.facts.file, place.function) != (of.facts.file, of.function);
                if let Some(place) = place.filter(is_other)
                    && seen.insert((place.facts.file, place.function))
                {
                    found.push(place);
                    next.push(place);
                }
            }
        }
        last = next;
        if found.len() > 2 * MANY {
            break;
        }
    }
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|place| place.facts.file == of.facts.file);
    [own, others]
        .into_iter()
        .filter(|list| list.len() <= MANY)
        .flatten()
        .collect()
}

/// The function of the file that is called: by its name, or as a method of the caller's own object.
pub(super) fn function(facts: &FileFacts, bindings: &Bindings, callee: NodeId) -> Option<NodeId> {
    let tree = &facts.tree;
    let callee = tree.bare(callee);
    let found = match tree.syntax(callee) {
        Syntax::Name => match bindings.declaration(callee)?.binding {
            Binding::Item(item) => Some(item),
            Binding::Let(place) => match tree.syntax(place) {
                Syntax::Let { value, .. } => value.map(|value| tree.bare(value)),
                _ => None,
            },
            _ => None,
        },
        Syntax::Member { object, property } if matches!(facts.words(*object), "this" | "self") => {
            own_method(facts, callee, facts.slice(*property))
        }
        _ => None,
    };
    found.filter(|id| matches!(tree.syntax(*id), Syntax::Function(of) if of.body.is_some()))
}

/// The method of this name of the class or `impl` around a place.
fn own_method(facts: &FileFacts, place: NodeId, name: &str) -> Option<NodeId> {
    let tree = &facts.tree;
    let members = tree.ancestors(place).find_map(|up| match tree.syntax(up) {
        // What extends another may have been replaced, but not what stands in it.
        Syntax::Class { members, .. } | Syntax::Impl { members, .. } => Some(members),
        _ => None,
    })?;
    let is_it = |id: &&NodeId| match tree.syntax(**id) {
        Syntax::Function(of) => of.name.as_ref().is_some_and(|(of, _)| **of == *name),
        _ => false,
    };
    let mut found = members.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(*one),
        _ => None,
    }
}
