//! What an assertion looks at. Enters: what is asserted, and a call under test. Leaves: is it what the call gave, or was something else
//! made of that? A comparison, a fallback or a container around a value may hold where the value is nothing at all.

use crate::index::bindings::Binding;
use crate::lang::tree::{NodeId, Syntax};

use super::calls::Assertion;
use super::file::TestFile;
use super::yields::{Side, callee_name};
use crate::assumption::words::split;

/// Methods that give nothing, or fail, where there is nothing.
const KEEPS: [&str; 24] = [
    "map", "map_err", "flatMap", "filter", "find", "slice", "sort", "at", "get", "includes", "contains", "some",
    "json", "text", "unwrap", "expect", "as_ref", "as_deref", "as_str", "clone", "iter", "len", "is_some", "is_ok",
];
/// Functions that do.
const KEEP: [&str; 2] = ["len", "block_on"];
/// Words of questions that nothing answers with yes: `isEmpty()`, `is_none()`.
const ABSENCE: [&str; 13] = [
    "empty",
    "none",
    "null",
    "nil",
    "undefined",
    "missing",
    "absent",
    "not",
    "without",
    "unchanged",
    "err",
    "error",
    "falsy",
];
/// Such questions, where they are all of a name: `getAllByText()` is none.
const ABSENCES: [&str; 3] = ["all", "every", "no"];

impl TestFile<'_> {
    /// True if what is looked at is what the call gave, or a part of it: between them stand only `await`, parentheses, members, methods
    /// that keep nothing nothing, and a variable.
    #[must_use]
    pub fn is_given_by(self, got: NodeId, call: NodeId) -> bool {
        let tree = &self.facts.tree;
        let bytes = tree.bytes(call);
        if tree.bytes(got).contains(bytes) {
            return self.is_part_of(got, call);
        }
        let bound = |place: NodeId| {
            let value = match tree.syntax(place) {
                Syntax::Let { value, .. } => *value,
                Syntax::Assign { value, .. } => Some(*value),
                _ => None,
            };
            // What a loop goes through may have nothing to go through.
            !self.is_looped(place)
                && value.is_some_and(|value| tree.bytes(value).contains(bytes) && self.is_part_of(value, call))
        };
        let Some(declaration) = self.bindings().declaration(self.subject(got)) else {
            return false;
        };
        let first = match declaration.binding {
            Binding::Let(node) => Some(node),
            _ => None,
        };
        let mut places = first.into_iter().chain(declaration.assignments.iter().copied());
        places.any(bound)
    }

    fn is_part_of(self, whole: NodeId, call: NodeId) -> bool {
        let steps = std::iter::successors(Some(whole), |at| self.inner(*at));
        steps.take(64).any(|at| at == call)
    }

    /// What a part is of: `r()` of `(await r()).a`.
    fn inner(self, at: NodeId) -> Option<NodeId> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        match tree.syntax(at) {
            Syntax::Wrap(_, inner) => Some(*inner),
            Syntax::Member { object, .. } | Syntax::Index { object, .. } => Some(*object),
            Syntax::Call { callee, args, .. } => match tree.syntax(tree.bare(*callee)) {
                Syntax::Member { object, property } => {
                    let name = facts.slice(*property);
                    if name == "block_on" {
                        return args.first().copied();
                    }
                    let keeps = KEEPS.contains(&name);
                    // What Python's dictionaries give instead may be anything.
                    (keeps && !(name == "get" && args.len() > 1)).then_some(*object)
                }
                Syntax::Name if KEEP.contains(&callee_name(facts, *callee)) => args.first().copied(),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the parts are of in the end.
    fn subject(self, got: NodeId) -> NodeId {
        let steps = std::iter::successors(Some(got), |at| self.inner(*at));
        steps.take(64).last().unwrap_or(got)
    }

    /// True if what is looked at, after the call, is a thing of the test as it is: a name, its members, what its methods give. What is
    /// compared, turned around or asked for its absence may hold where the call did nothing, and what a loop or a callback is given may
    /// never come.
    #[must_use]
    pub fn is_plain(self, got: NodeId, call: NodeId) -> bool {
        let tree = &self.facts.tree;
        let Some(name) = self.root(got) else { return false };
        let Some(declaration) = self.bindings().declaration(name) else {
            return true;
        };
        match declaration.binding {
            Binding::Let(place) => match tree.syntax(place) {
                Syntax::Let { value: Some(value), .. } => !matches!(
                    tree.syntax(tree.bare(*value)),
                    Syntax::Compare { .. }
                        | Syntax::Not(_)
                        | Syntax::Logic { .. }
                        | Syntax::Choose { .. }
                        | Syntax::Other(_)
                ),
                _ => !self.is_looped(place),
            },
            Binding::Param { function, .. } => tree.bytes(function).contains(tree.bytes(call)),
            Binding::Catch(_) | Binding::Case(_) => false,
            Binding::Import { .. } | Binding::Item(_) => true,
        }
    }

    fn is_looped(self, place: NodeId) -> bool {
        let tree = &self.facts.tree;
        let up = tree.node(place).parent;
        up.is_some_and(|up| matches!(tree.syntax(up), Syntax::Loop { .. }))
    }

    /// The name that a chain of members and calls begins with.
    fn root(self, got: NodeId) -> Option<NodeId> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let asks =
            |name: &str| ABSENCES.contains(&name) || split(name).iter().any(|word| ABSENCE.contains(&word.as_str()));
        let mut at = got;
        loop {
            at = match tree.syntax(at) {
                Syntax::Name => return Some(at),
                Syntax::Wrap(_, inner) => *inner,
                Syntax::Member { object, .. } | Syntax::Index { object, .. } => *object,
                Syntax::Call { callee, .. } if !asks(callee_name(facts, *callee)) => *callee,
                _ => return None,
            };
        }
    }

    /// True if an assertion on what the call gave fails where that is nothing.
    #[must_use]
    pub fn fails_on_nothing(self, of: &Assertion<'_>, call: NodeId, side: &Side<'_>) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let bare = tree.bare(of.got);
        // `null` is defined.
        let whole = bare == call || matches!(tree.syntax(bare), Syntax::Name);
        let defined = of.matcher != "toBeDefined" || (side.undefined && whole);
        // `const none = null; expect(r()).toBe(none)`
        let named =
            of.expected.first().and_then(
                |expected| match self.bindings().declaration(tree.bare(*expected))?.binding {
                    Binding::Let(place) => match tree.syntax(place) {
                        Syntax::Let { value, .. } => *value,
                        _ => None,
                    },
                    _ => None,
                },
            );
        let something = named.is_none_or(|value| !super::calls::is_empty(facts, value));
        of.is_positive(facts) && defined && something && self.is_given_by(of.got, call)
    }
}

#[cfg(test)]
mod tests;
