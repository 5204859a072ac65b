//! Classes, decorators, types.

use tree_sitter::Node;

use super::walk::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Key, NodeId, Syntax};

impl Walk<'_> {
    /// `@a`, `@b(…)` before a function or class.
    pub(super) fn decorated(&mut self, node: Node<'_>, method: bool) -> NodeId {
        let mut decorators = Vec::new();
        for decorator in named(node).into_iter().filter(|child| child.kind() == "decorator") {
            let Some(inner) = named(decorator).first().map(|inner| self.value(*inner)) else {
                continue;
            };
            // The line break belongs to the grammar's decorator, and not to the reader's.
            let end = self.at.tree.bytes(inner).end;
            let bytes = crate::source::Bytes {
                end,
                ..bytes(decorator)
            };
            decorators.push(self.at.tree.add(bytes, Syntax::Decorator(inner)));
        }
        match node.child_by_field_name("definition") {
            Some(item) if item.kind() == "class_definition" => self.class(item, node, decorators),
            Some(item) => self.function(item, node, decorators, method),
            None => self.add(node, Syntax::Other(decorators)),
        }
    }

    /// `class Name(Base): …`; `whole` covers its decorators too.
    pub(super) fn class(&mut self, node: Node<'_>, whole: Node<'_>, decorators: Vec<NodeId>) -> NodeId {
        let name = node.child_by_field_name("name");
        if let Some(name) = name {
            self.names.bind(self.words(name));
        }
        let bases = node.child_by_field_name("superclasses").map_or_else(Vec::new, named);
        let extends = self.values(&bases);
        self.names.enter();
        let mut members = Vec::new();
        for member in node.child_by_field_name("body").map_or_else(Vec::new, named) {
            self.member_of_class(member, &mut members);
        }
        self.names.leave();
        let name = name.map(|name| (self.words(name).into(), bytes(name)));
        self.add(
            whole,
            Syntax::Class {
                name,
                extends,
                members,
                decorators,
            },
        )
    }

    fn member_of_class(&mut self, node: Node<'_>, members: &mut Vec<NodeId>) {
        match node.kind() {
            "function_definition" => {
                let method = self.deeper(node, |walk| walk.function(node, node, Vec::new(), true), |gap| gap);
                members.push(method);
            }
            "decorated_definition" => {
                let method = self.deeper(node, |walk| walk.decorated(node, true), |gap| gap);
                members.push(method);
            }
            "expression_statement" => match named(node).as_slice() {
                [only] if only.kind() == "assignment" => self.field(*only, members),
                _ => members.extend(self.listed(node)),
            },
            "pass_statement" => {}
            _ => self.statement(node, members),
        }
    }

    /// `NAME = value`, `name: type = value` in a class.
    fn field(&mut self, node: Node<'_>, members: &mut Vec<NodeId>) {
        let left = node.child_by_field_name("left");
        let simple = left.filter(|left| left.kind() == "identifier");
        let chained = node
            .child_by_field_name("right")
            .is_some_and(|right| right.kind() == "assignment");
        let Some(name) = simple.filter(|_| !chained) else {
            let value = self.value(node);
            members.push(value);
            return;
        };
        let key = Key::Name(self.words(name).into(), bytes(name));
        let ty = node.child_by_field_name("type").map(|ty| self.type_node(ty));
        let value = self.optional(node, "right");
        let syntax = Syntax::Field {
            key,
            ty,
            value,
            decorators: Vec::new(),
        };
        members.push(self.add(node, syntax));
    }

    /// A type: kept for the names and literals in it.
    pub(super) fn type_node(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.values(&named(node));
        self.add(node, Syntax::Type(inside))
    }
}
