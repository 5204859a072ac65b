//! Calls, members and objects that are made.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{CompareOp, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `a.b(c)`, `b(c)`, `a.<T>b(c)`; `a.equals(b)` compares.
    pub(super) fn call(&mut self, node: Node<'_>) -> NodeId {
        if let Some(comparison) = self.equals(node) {
            return comparison;
        }
        let Some(name) = node.child_by_field_name("name") else {
            return self.gap(node);
        };
        let callee = match node.child_by_field_name("object") {
            Some(object) => {
                let object = self.value(object);
                let whole = Bytes::new(node.start_byte(), name.end_byte());
                let property = bytes(name);
                self.add_at(whole, Syntax::Member { object, property })
            }
            None => self.add(name, Syntax::Name),
        };
        let type_args = node
            .child_by_field_name("type_arguments")
            .map_or_else(Vec::new, |list| self.type_arguments(list));
        let args = self.arguments(node);
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        )
    }

    /// `a.equals(b)`, `a.equalsIgnoreCase(b)`, `Objects.equals(a, b)`
    fn equals(&mut self, node: Node<'_>) -> Option<NodeId> {
        let name = self.words(node.child_by_field_name("name")?);
        if !matches!(name, "equals" | "equalsIgnoreCase") {
            return None;
        }
        let object = node.child_by_field_name("object")?;
        let args = named(node.child_by_field_name("arguments")?);
        let (left, right) = match args[..] {
            [only] => (object, only),
            [left, right] if matches!(self.words(object), "Objects" | "StringUtils") => (left, right),
            _ => return None,
        };
        let (left, right) = (self.value(left), self.value(right));
        let op = CompareOp::Equal;
        Some(self.add(node, Syntax::Compare { op, left, right }))
    }

    /// The arguments of a call, a construction or a constant of an enum.
    pub(super) fn arguments(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let list = node.child_by_field_name("arguments");
        list.map_or_else(Vec::new, |list| self.inside(list))
    }

    /// `a.b`
    pub(super) fn member(&mut self, node: Node<'_>, object: &str, name: &str) -> NodeId {
        let words = self.words(node);
        if matches!(words, "Boolean.TRUE" | "Boolean.FALSE") {
            return self.add(node, Syntax::Bool(words == "Boolean.TRUE"));
        }
        let Some(property) = node.child_by_field_name(name).map(bytes) else {
            return self.gap(node);
        };
        let object = self.wanted(node, object);
        self.add(node, Syntax::Member { object, property })
    }

    /// `new A<T>(b) { … }`: what stands in the braces are members of a class without a name, behind the arguments.
    pub(super) fn made(&mut self, node: Node<'_>) -> NodeId {
        let ty = node.child_by_field_name("type");
        let type_args = ty
            .into_iter()
            .flat_map(named)
            .find(|part| part.kind() == "type_arguments")
            .map_or_else(Vec::new, |list| self.type_arguments(list));
        let callee = match ty {
            Some(ty) => self.ty_name(ty),
            None => self.gap(node),
        };
        let mut args = self.arguments(node);
        if let Some(body) = named(node).into_iter().find(|part| part.kind() == "class_body") {
            let members = self.members(body);
            args.push(self.add(
                body,
                Syntax::Class {
                    name: None,
                    extends: Vec::new(),
                    members,
                    decorators: Vec::new(),
                },
            ));
        }
        self.add(
            node,
            Syntax::New {
                callee,
                type_args,
                args,
            },
        )
    }
}
