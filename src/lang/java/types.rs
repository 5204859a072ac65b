//! Types, and the annotations and modifiers before declarations.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// A type, with the names in it.
    pub(super) fn ty(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.names_in_type(node);
        self.add(node, Syntax::Type(inside))
    }

    fn names_in_type(&mut self, node: Node<'_>) -> Vec<NodeId> {
        match node.kind() {
            "type_identifier" | "identifier" => vec![self.add(node, Syntax::Name)],
            "scoped_type_identifier" => vec![self.scoped(node)],
            "generic_type" => {
                let mut inside = Vec::new();
                for part in named(node) {
                    match part.kind() {
                        "type_arguments" => inside.extend(self.type_arguments(part)),
                        _ => inside.extend(self.names_in_type(part)),
                    }
                }
                inside
            }
            "array_type" => match node.child_by_field_name("element") {
                Some(element) => self.names_in_type(element),
                None => Vec::new(),
            },
            _ => {
                let types = named(node)
                    .into_iter()
                    .filter(|part| part.kind().ends_with("_type") || part.kind().ends_with("type_identifier"));
                types.flat_map(|ty| self.names_in_type(ty)).collect()
            }
        }
    }

    /// `<A, B<C>>`
    pub(super) fn type_arguments(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let types = named(list).into_iter().filter(|ty| ty.kind() != "wildcard");
        types.map(|ty| self.deeper(ty, |walk| walk.ty(ty), |gap| gap)).collect()
    }

    /// `a.B` in a type.
    fn scoped(&mut self, node: Node<'_>) -> NodeId {
        let parts: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|part| part.kind() != "marker_annotation" && part.kind() != "annotation")
            .collect();
        match parts[..] {
            [object, name] => {
                let object = self.deeper(object, |walk| walk.ty_name(object), |gap| gap);
                let property = bytes(name);
                self.add(node, Syntax::Member { object, property })
            }
            _ => self.add(node, Syntax::Name),
        }
    }

    /// The name of a type, as a value is named.
    pub(super) fn ty_name(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "type_identifier" | "identifier" => self.add(node, Syntax::Name),
            "scoped_type_identifier" => self.scoped(node),
            "generic_type" => match named(node).first() {
                Some(inner) => self.deeper(*inner, |walk| walk.ty_name(*inner), |gap| gap),
                None => self.gap(node),
            },
            _ => self.ty(node),
        }
    }

    /// True if this word stands among the modifiers of a declaration.
    pub(super) fn has_modifier(&self, node: Node<'_>, word: &str) -> bool {
        let modifiers = named(node).into_iter().find(|part| part.kind() == "modifiers");
        modifiers.is_some_and(|modifiers| self.words(modifiers).split_whitespace().any(|own| own == word))
    }

    /// The annotations before a declaration.
    pub(super) fn annotations(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let modifiers = named(node).into_iter().find(|part| part.kind() == "modifiers");
        let inside = modifiers.map_or_else(Vec::new, named).into_iter();
        let inside = inside.filter(|part| part.kind().ends_with("annotation"));
        inside.map(|part| self.annotation(part)).collect()
    }

    /// `@A`, `@A(b)`, `@A(b = c, d = {e})`
    pub(super) fn annotation(&mut self, node: Node<'_>) -> NodeId {
        let callee = self.wanted(node, "name");
        let Some(list) = node.child_by_field_name("arguments") else {
            return self.add(node, Syntax::Decorator(callee));
        };
        let args = named(list).into_iter().map(|arg| self.annotated(arg)).collect();
        let type_args = Vec::new();
        let start = self.at.tree.bytes(callee).start;
        let whole = Bytes {
            start,
            end: bytes(node).end,
        };
        let call = self.add_at(
            whole,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        );
        self.add(node, Syntax::Decorator(call))
    }

    fn annotated(&mut self, node: Node<'_>) -> NodeId {
        let (Some(key), Some(_)) = (node.child_by_field_name("key"), node.child_by_field_name("value")) else {
            return self.value(node);
        };
        let value = Some(self.wanted(node, "value"));
        let name = bytes(key);
        self.add(node, Syntax::Attribute { name, value })
    }
}
