//! Types: kept for the names and literals in them, structs and interfaces for their members.

use tree_sitter::Node;

use super::build::Build;
use crate::lang::descent::{bytes, in_field, named};
use crate::lang::tree::{Function, Key, NodeId, Syntax};

impl<'c> Build<'_, 'c> {
    /// The node of a type.
    pub(super) fn ty(&mut self, node: Node<'c>) -> NodeId {
        self.deeper(node, |build| build.bare_type(node))
    }

    fn bare_type(&mut self, node: Node<'c>) -> NodeId {
        let syntax = match node.kind() {
            "type_identifier" | "identifier" => Syntax::Name,
            "qualified_type" => {
                let package = self.wanted(node, "package");
                match node.child_by_field_name("name") {
                    Some(name) => Syntax::Member {
                        object: package,
                        property: bytes(name),
                    },
                    None => Syntax::Type(vec![package]),
                }
            }
            "struct_type" | "interface_type" => Syntax::Type(self.members(node)),
            // What it takes and gives says nothing here.
            "function_type" => Syntax::Type(Vec::new()),
            _ => {
                let inside = named(node).into_iter();
                let inside = inside.filter(|child| child.kind().contains("type")).collect::<Vec<_>>();
                Syntax::Type(inside.into_iter().map(|child| self.ty(child)).collect())
            }
        };
        self.add(node, syntax)
    }

    /// The fields of a struct, the methods of an interface.
    pub(super) fn members(&mut self, node: Node<'c>) -> Vec<NodeId> {
        let mut members = Vec::new();
        for child in named(node) {
            match child.kind() {
                "field_declaration_list" => members.extend(self.members(child)),
                "field_declaration" => self.field(child, &mut members),
                "method_elem" => members.push(self.signature(child)),
                "type_elem" => members.push(self.ty(child)),
                _ => {
                    let inside = self.statement(child);
                    members.extend(inside);
                }
            }
        }
        members
    }

    /// `A, B bool` with its tag; an embedded type is a field of its own name.
    fn field(&mut self, node: Node<'c>, members: &mut Vec<NodeId>) {
        let ty = node.child_by_field_name("type");
        let names = in_field(node, "name");
        if names.is_empty() {
            let embedded = ty.map(|ty| self.ty(ty));
            members.extend(embedded);
            return;
        }
        for name in names {
            let key = Key::Name(self.words(name).into(), bytes(name));
            let decorators = node.child_by_field_name("tag").map(|tag| self.tag(tag));
            let field = Syntax::Field {
                key,
                ty: ty.map(|ty| self.ty(ty)),
                value: None,
                decorators: decorators.unwrap_or_default(),
            };
            members.push(self.add(node, field));
        }
    }

    fn signature(&mut self, node: Node<'c>) -> NodeId {
        let name = node.child_by_field_name("name");
        let function = Function {
            name: name.map(|name| (self.words(name).into(), bytes(name))),
            method: true,
            ..Function::default()
        };
        self.add(node, Syntax::Function(function))
    }
}
