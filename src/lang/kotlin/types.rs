//! Types and annotations.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// A type, with the names in it.
    pub(super) fn ty(&mut self, node: Node<'_>) -> NodeId {
        let inside = self.deeper(node, |walk| walk.names_in_type(node), |gap| vec![gap]);
        self.add(node, Syntax::Type(inside))
    }

    fn names_in_type(&mut self, node: Node<'_>) -> Vec<NodeId> {
        match node.kind() {
            "user_type" => {
                let mut inside = vec![self.ty_name(node)];
                for list in named(node).into_iter().filter(|part| part.kind() == "type_arguments") {
                    inside.extend(self.type_arguments(list));
                }
                inside
            }
            _ => {
                let types = named(node).into_iter().filter(|part| part.kind().ends_with("_type"));
                types.map(|ty| self.ty(ty)).collect()
            }
        }
    }

    /// `<A, B<C>>`
    pub(super) fn type_arguments(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let projections = named(list).into_iter().flat_map(named);
        let types = projections.filter(|part| part.kind().ends_with("_type"));
        types.map(|ty| self.ty(ty)).collect()
    }

    /// The name of a type, as a value is named: `A`, `a.B`.
    pub(super) fn ty_name(&mut self, node: Node<'_>) -> NodeId {
        if node.kind() != "user_type" {
            return match named(node).first() {
                Some(inner) if node.kind() == "nullable_type" => {
                    self.deeper(*inner, |walk| walk.ty_name(*inner), |gap| gap)
                }
                _ if node.kind() == "identifier" => self.add(node, Syntax::Name),
                _ => self.ty(node),
            };
        }
        let names: Vec<Node<'_>> = named(node)
            .into_iter()
            .filter(|part| part.kind() == "identifier")
            .collect();
        let Some((first, rest)) = names.split_first() else {
            return self.gap(node);
        };
        let mut object = self.add(*first, Syntax::Name);
        for name in rest {
            let whole = Bytes::new(first.start_byte(), name.end_byte());
            let property = bytes(*name);
            object = self.add_at(whole, Syntax::Member { object, property });
        }
        object
    }

    /// True if this word stands among the modifiers of a declaration.
    pub(super) fn has_modifier(&self, node: Node<'_>, word: &str) -> bool {
        let modifiers = named(node).into_iter().filter(|part| part.kind() == "modifiers");
        modifiers.flat_map(named).any(|own| self.words(own) == word)
    }

    /// The annotations before a declaration.
    pub(super) fn annotations(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let modifiers = named(node).into_iter().filter(|part| part.kind() == "modifiers");
        let inside = modifiers.flat_map(named).filter(|part| part.kind() == "annotation");
        inside.flat_map(|part| self.annotation(part)).collect()
    }

    /// `@A`, `@get:A(b)`, `@A(b = c, d = [e])`, `@[A B]`
    pub(super) fn annotation(&mut self, node: Node<'_>) -> Vec<NodeId> {
        let mut found = Vec::new();
        for part in named(node) {
            let inner = match part.kind() {
                "use_site_target" => continue,
                "constructor_invocation" => self.construction(part, false),
                _ => self.ty_name(part),
            };
            found.push(self.add(part, Syntax::Decorator(inner)));
        }
        found
    }

    /// `A(b)`: a call, or what a class is made from.
    pub(super) fn construction(&mut self, node: Node<'_>, is_new: bool) -> NodeId {
        let parts = named(node);
        let callee = match parts.first() {
            Some(ty) => self.ty_name(*ty),
            None => self.gap(node),
        };
        let lists = parts.into_iter().filter(|part| part.kind() == "value_arguments");
        let args = lists.flat_map(named).map(|argument| self.argument(argument)).collect();
        let type_args = Vec::new();
        let syntax = match is_new {
            true => Syntax::New {
                callee,
                type_args,
                args,
            },
            false => Syntax::Call {
                callee,
                type_args,
                args,
            },
        };
        self.add(node, syntax)
    }
}
