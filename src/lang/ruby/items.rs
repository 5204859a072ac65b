//! Methods, classes and modules.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, named};
use crate::lang::tree::{Function, Key, NodeId, Syntax};

impl Walk<'_, '_> {
    /// `def a(b) … end`, `def self.a … end`, `def a = b`
    pub(super) fn method(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        self.names.enter();
        let mut params = Vec::new();
        for parameter in node.child_by_field_name("parameters").map_or_else(Vec::new, named) {
            self.bind_parameter(parameter);
            params.push(self.pattern(parameter));
        }
        let body = node.child_by_field_name("body").map(|body| match body.kind() {
            "body_statement" => self.function_body(body),
            _ => {
                let value = self.value(body);
                self.add(body, Syntax::Return(Some(value)))
            }
        });
        self.names.leave();
        let constructor = name.as_ref().is_some_and(|(name, _)| &**name == "initialize");
        let body = body.unwrap_or_else(|| {
            let end = crate::lang::descent::bytes(node).end;
            self.add_at(crate::source::Bytes { start: end, end }, Syntax::Block(Vec::new()))
        });
        self.add(
            node,
            Syntax::Function(Function {
                name,
                params,
                body: Some(body),
                method: true,
                constructor,
                ..Function::default()
            }),
        )
    }

    /// `class A < B … end`; `class << self` is a class without a name.
    pub(super) fn class(&mut self, node: Node<'_>) -> NodeId {
        let name = self.name_in(node, "name");
        let extends = node
            .child_by_field_name("superclass")
            .map_or_else(Vec::new, |superclass| self.inside(superclass));
        self.names.enter();
        let members = self.members(node);
        self.names.leave();
        self.add(
            node,
            Syntax::Class {
                name,
                extends,
                members,
                decorators: Vec::new(),
            },
        )
    }

    /// `module A … end`
    pub(super) fn module(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = self.name_in(node, "name") else {
            return self.gap(node);
        };
        self.names.enter();
        let items = node
            .child_by_field_name("body")
            .map_or_else(Vec::new, |body| self.statements(body));
        self.names.leave();
        self.add(
            node,
            Syntax::Module {
                name,
                items: Some(items),
                decorators: Vec::new(),
            },
        )
    }

    /// A constant of a class is a field of it; whatever else stands there runs when the class is made.
    fn members(&mut self, class: Node<'_>) -> Vec<NodeId> {
        let Some(body) = class.child_by_field_name("body") else {
            return Vec::new();
        };
        let mut members = Vec::new();
        for statement in named(body) {
            let left = statement.child_by_field_name("left");
            members.push(
                match left.filter(|left| left.kind() == "constant" && statement.kind() == "assignment") {
                    Some(left) => {
                        let key = Key::Name(self.words(left).into(), crate::lang::descent::bytes(left));
                        let value = self.optional(statement, "right");
                        let (ty, decorators) = (None, Vec::new());
                        self.add(
                            statement,
                            Syntax::Field {
                                key,
                                ty,
                                value,
                                decorators,
                            },
                        )
                    }
                    None => self.value(statement),
                },
            );
        }
        members
    }
}
