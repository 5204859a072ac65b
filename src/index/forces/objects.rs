//! The objects and functions that stand in for real ones, taken apart. Enters: an expression of a mock. Leaves: the members of its
//! object, what its function returns or hands its arguments on to, and the flags in what it gives.

use super::mocks::MAX_DEPTH;
use super::{Ground, To, Which};
use crate::index::code::{At, Trail};
use crate::lang::tree::{Key, NodeId, Syntax};

impl Ground<'_> {
    /// The call in a chain that limits a mock to certain arguments.
    pub(super) fn limiting_call(&self, chain: At) -> Option<At> {
        let tree = self.code.tree(chain.unit);
        let mut node = chain.node;
        // A chain is as long as the file at most, and every step goes down.
        loop {
            node = match tree.syntax(tree.bare(node)) {
                Syntax::Call { callee, .. } => {
                    let Syntax::Member { object, property } = tree.syntax(tree.bare(*callee)) else {
                        return None;
                    };
                    if matches!(self.code.slice(chain.unit, *property), "withArgs" | "calledWith") {
                        return Some(chain.with(tree.bare(node)));
                    }
                    *object
                }
                _ => return None,
            };
        }
    }

    /// True for an object literal.
    pub(super) fn is_object(&self, at: At) -> bool {
        matches!(self.code.syntax(at), Syntax::Object { .. })
    }

    /// The members of an object literal; those of spread objects are left out.
    pub(super) fn members(&self, object: At) -> Vec<(String, At)> {
        let Syntax::Object { entries, .. } = self.code.syntax(object) else {
            return Vec::new();
        };
        let member = |id: &NodeId| match self.code.syntax(object.with(*id)) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } => Some((name.to_string(), object.with(*value))),
            Syntax::Function(function) => Some((function.name.as_ref()?.0.to_string(), object.with(*id))),
            _ => None,
        };
        entries.iter().filter_map(member).collect()
    }

    /// The object that a function returns in the end.
    pub(super) fn returned(&self, function: At) -> Option<At> {
        let Syntax::Function(of) = self.code.syntax(function) else {
            return None;
        };
        let body = of.body?;
        let value = match self.code.syntax(function.with(body)) {
            Syntax::Block(list) => list
                .iter()
                .rev()
                .find_map(|id| match self.code.syntax(function.with(*id)) {
                    Syntax::Return(value) => *value,
                    _ => None,
                })?,
            Syntax::Return(value) => (*value)?,
            _ => body,
        };
        Some(self.code.settle(function.with(value), &mut Trail::default()))
    }

    /// The flags of the object that a function (or a mock of one) gives: `useFlags: () => ({ a: true })`.
    pub(super) fn bag(&self, value: At, open: Option<NodeId>) -> Vec<(Which, To)> {
        let mut at = self.code.settle(value, &mut Trail::default());
        for _ in 0..MAX_DEPTH {
            if let Some(returned) = self.returned(at) {
                at = returned;
            } else if let Syntax::Call { args, .. } = self.code.syntax(at)
                && let Some(first) = args.first()
            {
                at = self.code.settle(at.with(*first), &mut Trail::default());
            } else {
                break;
            }
        }
        self.entries_of(at, open)
    }

    /// The mock that a function hands its arguments on to: `(...args) => mockUseFlag(...args)`.
    pub(super) fn passes_on(&self, function: At) -> Option<At> {
        let function = self.code.settle(function, &mut Trail::default());
        let Syntax::Function(of) = self.code.syntax(function) else {
            return None;
        };
        let mut body = of.body?;
        if let Syntax::Block(list) = self.code.syntax(function.with(body)) {
            body = match list.as_slice() {
                [only] => *only,
                _ => return None,
            };
        }
        if let Syntax::Return(Some(value)) = self.code.syntax(function.with(body)) {
            body = *value;
        }
        match self.code.syntax(function.with(body)) {
            Syntax::Call { callee, .. } => Some(function.with(*callee)),
            _ => None,
        }
    }
}
