//! `!a.b().c`: the grammar reads it as `(!a).b().c`, Kotlin as `!(a.b().c)`. The `!` is lifted out of the chain before the chain is built,
//! and what is built begins behind it.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, mark, named};
use crate::lang::tree::{NodeId, Syntax, Through};
use crate::source::Bytes;

/// A `!` that was taken out of its chain.
#[derive(Clone, Copy)]
pub(super) struct Lifted {
    /// The grammar's node of the negation.
    node: usize,
    /// Where it begins.
    from: usize,
    /// Where what it negates begins.
    to: usize,
}

impl Walk<'_> {
    /// Builds a chain of calls, members and subscripts with `build`; a `!` at its very beginning negates all of it.
    pub(super) fn chain(&mut self, node: Node<'_>, build: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        let found = negation(node).filter(|lifted| self.lifted.iter().all(|own| own.node != lifted.node));
        let Some(lifted) = found else {
            return build(self);
        };
        self.lifted.push(lifted);
        let inner = build(self);
        self.lifted.pop();
        self.add(node, Syntax::Not(inner))
    }

    /// `!a`, `-a`, `a!!`; a `!` that was lifted is not there any more.
    pub(super) fn unary(&mut self, node: Node<'_>) -> NodeId {
        let Some(argument) = node.child_by_field_name("argument") else {
            return self.gap(node);
        };
        let is_lifted = self.lifted.last().is_some_and(|lifted| lifted.node == node.id());
        match mark(node, "operator") {
            "!" if is_lifted => self.value(argument),
            "!" => {
                let inner = self.value(argument);
                self.add(node, Syntax::Not(inner))
            }
            "!!" => self.chain(node, |walk| {
                let inner = walk.value(argument);
                let whole = walk.from(inner, node);
                walk.add_at(whole, Syntax::Wrap(Through::Assert, inner))
            }),
            _ => self.chain(node, |walk| {
                let inner = walk.value(argument);
                let whole = walk.from(inner, node);
                walk.add_at(whole, Syntax::Other(vec![inner]))
            }),
        }
    }

    /// What the `!` negates that was taken out; any other node is itself.
    pub(super) fn behind_lifted<'n>(&self, node: Node<'n>) -> Node<'n> {
        let is_lifted = self.lifted.last().is_some_and(|lifted| lifted.node == node.id());
        node.child_by_field_name("argument")
            .filter(|_| is_lifted)
            .unwrap_or(node)
    }

    /// The bytes of a part of a chain that begins with `first`.
    pub(super) fn from(&self, first: NodeId, node: Node<'_>) -> Bytes {
        Bytes {
            start: self.at.tree.bytes(first).start,
            end: bytes(node).end,
        }
    }

    /// The bytes of a part of a chain, without the `!` that was taken out.
    pub(super) fn span(&self, node: Node<'_>) -> Bytes {
        let own = bytes(node);
        match self.lifted.last() {
            Some(lifted) if lifted.from == node.start_byte() => Bytes::new(lifted.to, own.end as usize),
            _ => own,
        }
    }
}

/// The `!` that a chain begins with.
fn negation(node: Node<'_>) -> Option<Lifted> {
    let mut at = node;
    loop {
        at = match at.kind() {
            "call_expression" | "navigation_expression" | "index_expression" => *named(at).first()?,
            "unary_expression" => {
                let argument = at.child_by_field_name("argument")?;
                if argument.start_byte() > at.start_byte() {
                    let lifted = Lifted {
                        node: at.id(),
                        from: at.start_byte(),
                        to: argument.start_byte(),
                    };
                    let is_inside = at.id() != node.id() && mark(at, "operator") == "!";
                    return is_inside.then_some(lifted);
                }
                argument
            }
            _ => return None,
        };
    }
}
