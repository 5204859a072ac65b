//! Calls, objects that are made, and what stands behind a `.`.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `a.b<T>(c)`; `nameof(A.B)` is the text `B`.
    pub(super) fn call(&mut self, node: Node<'_>) -> NodeId {
        let Some(function) = node.child_by_field_name("function") else {
            return self.gap(node);
        };
        if self.words(function) == "nameof"
            && let Some(list) = node.child_by_field_name("arguments")
            && let [argument] = named(list)[..]
        {
            let words = self.words(argument);
            let name = words.rsplit('.').next().unwrap_or(words).trim().into();
            return self.add(node, Syntax::Text(name));
        }
        // `a?.b(c)` stands as `a?` and `.b(c)`: it is a call of `a.b`.
        let type_args = self.type_arguments(function);
        let callee = self.value(function);
        let args = node
            .child_by_field_name("arguments")
            .map_or_else(Vec::new, |list| self.arguments(list));
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        )
    }

    /// The type arguments of the last name of a callee.
    fn type_arguments(&mut self, function: Node<'_>) -> Vec<NodeId> {
        let name = match function.kind() {
            "conditional_access_expression" => {
                let binding = named(function)
                    .into_iter()
                    .find(|part| part.kind() == "member_binding_expression");
                binding.and_then(|binding| binding.child_by_field_name("name"))
            }
            "generic_name" => Some(function),
            _ => function.child_by_field_name("name"),
        };
        let list = name
            .into_iter()
            .flat_map(named)
            .find(|part| part.kind() == "type_argument_list");
        list.map_or_else(Vec::new, |list| named(list).into_iter().map(|ty| self.ty(ty)).collect())
    }

    /// `(a, b: c, out var d)`
    pub(super) fn arguments(&mut self, list: Node<'_>) -> Vec<NodeId> {
        named(list)
            .into_iter()
            .map(|argument| self.argument(argument))
            .collect()
    }

    fn argument(&mut self, node: Node<'_>) -> NodeId {
        let name = node.child_by_field_name("name");
        let value = named(node)
            .into_iter()
            .rfind(|inner| Some(inner.id()) != name.map(|name| name.id()));
        let Some(value) = value else { return self.gap(node) };
        let value = self.value(value);
        match name {
            Some(name) => self.add(
                node,
                Syntax::Attribute {
                    name: bytes(name),
                    value: Some(value),
                },
            ),
            None => value,
        }
    }

    /// `a.b`, the bytes of `b` without its type arguments.
    pub(super) fn member(&mut self, node: Node<'_>) -> NodeId {
        let Some(name) = node.child_by_field_name("name") else {
            return self.gap(node);
        };
        let object = match node.child_by_field_name("expression") {
            Some(object) => self.value(object),
            None => self.wanted(node, "qualifier"),
        };
        let property = plain_name(name);
        let whole = Bytes::new(node.start_byte(), name.end_byte());
        self.add_at(whole, Syntax::Member { object, property })
    }

    /// `a?.b`, `a?[b]`
    pub(super) fn conditional_access(&mut self, node: Node<'_>) -> NodeId {
        let Some(condition) = node.child_by_field_name("condition") else {
            return self.gap(node);
        };
        let object = self.value(condition);
        let rest = named(node).into_iter().rfind(|part| part.id() != condition.id());
        let Some(rest) = rest else { return object };
        self.asked.push(object);
        let id = self.value(rest);
        // Broken text may have no place for it.
        match self.asked.pop() {
            Some(unused) if unused == object && self.at.tree.node(object).parent.is_none() => {
                self.add(node, Syntax::Other(vec![object, id]))
            }
            _ => id,
        }
    }

    /// The `.b` or `[b]` of `a?.b`.
    pub(super) fn bound(&mut self, node: Node<'_>) -> NodeId {
        let object = match self.asked.last() {
            Some(object) if self.at.tree.node(*object).parent.is_none() => *object,
            _ => self.gap(node),
        };
        let start = self.at.tree.bytes(object).start;
        let whole = Bytes {
            start,
            end: bytes(node).end,
        };
        match node.child_by_field_name("name") {
            Some(name) => {
                let property = plain_name(name);
                self.add_at(whole, Syntax::Member { object, property })
            }
            None => {
                let index = match named(node).first() {
                    Some(argument) => self.argument(*argument),
                    None => self.gap(node),
                };
                self.add_at(whole, Syntax::Index { object, index })
            }
        }
    }

    /// `a[b]`
    pub(super) fn element(&mut self, node: Node<'_>) -> NodeId {
        let object = self.wanted(node, "expression");
        let mut inside = node
            .child_by_field_name("subscript")
            .map_or_else(Vec::new, |list| self.arguments(list));
        let syntax = match inside[..] {
            [index] => Syntax::Index { object, index },
            _ => {
                inside.insert(0, object);
                Syntax::Other(inside)
            }
        };
        self.add(node, syntax)
    }

    /// `new A(b)`, `new A { B = c }`, `new() { … }`, `new { … }`
    pub(super) fn made(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let find = |kind: &str| parts.iter().copied().find(|part| part.kind() == kind);
        let ty = node.child_by_field_name("type");
        let args = find("argument_list").map_or_else(Vec::new, |list| self.arguments(list));
        if let Some(initializer) = find("initializer_expression") {
            let entries = self.entries(initializer);
            if args.is_empty() {
                let type_name = ty.map(|ty| self.ty_name(ty));
                return self.add(node, Syntax::Object { type_name, entries });
            }
            let object = self.add(
                initializer,
                Syntax::Object {
                    type_name: None,
                    entries,
                },
            );
            let args = args.into_iter().chain([object]).collect();
            return self.new_of(node, ty, args);
        }
        self.new_of(node, ty, args)
    }

    fn new_of(&mut self, node: Node<'_>, ty: Option<Node<'_>>, args: Vec<NodeId>) -> NodeId {
        let type_args = ty.map_or_else(Vec::new, |ty| self.type_arguments(ty));
        let callee = match ty {
            Some(ty) => self.ty_name(ty),
            None => {
                let start = bytes(node).start;
                self.add_at(Bytes { start, end: start }, Syntax::Name)
            }
        };
        self.add(
            node,
            Syntax::New {
                callee,
                type_args,
                args,
            },
        )
    }

    /// `{ A = b, ["c"] = d, { "e", f }, g }`: those with keys are entries.
    pub(super) fn entries(&mut self, initializer: Node<'_>) -> Vec<NodeId> {
        named(initializer).into_iter().map(|inner| self.entry(inner)).collect()
    }

    fn entry(&mut self, node: Node<'_>) -> NodeId {
        match node.kind() {
            "assignment_expression" => {
                let Some(left) = node.child_by_field_name("left") else {
                    return self.gap(node);
                };
                let key = self.key(left);
                let value = self.wanted(node, "right");
                self.add(node, Syntax::Entry { key, value })
            }
            "initializer_expression" => match named(node)[..] {
                [key, value] => {
                    let key = match key.kind() {
                        "identifier" => Key::Computed(self.value(key)),
                        _ => self.key(key),
                    };
                    let value = self.value(value);
                    self.add(node, Syntax::Entry { key, value })
                }
                _ => self.value(node),
            },
            _ => self.value(node),
        }
    }

    /// `A`, `"a"`, `["a"]`
    fn key(&mut self, node: Node<'_>) -> Key {
        let inner = match node.kind() {
            "element_binding_expression" | "bracketed_argument_list" | "argument" => named(node).first().copied(),
            "element_access_expression" => node.child_by_field_name("subscript"),
            _ => None,
        };
        if let Some(inner) = inner {
            return match inner.kind() {
                "argument" | "bracketed_argument_list" => self.key(inner),
                "identifier" => Key::Computed(self.value(inner)),
                _ => self.key(inner),
            };
        }
        match node.kind() {
            "identifier" if node.parent().is_some_and(|parent| parent.kind() != "argument") => {
                Key::Name(self.words(node).into(), bytes(node))
            }
            "string_literal" if !self.words(node).contains('\\') => {
                let inside = Bytes::new(
                    node.start_byte() + 1,
                    node.end_byte().saturating_sub(1).max(node.start_byte() + 1),
                );
                Key::Name(self.slice(inside).into(), inside)
            }
            _ => Key::Computed(self.value(node)),
        }
    }
}

/// The bytes of a name without its type arguments.
pub(super) fn plain_name(name: Node<'_>) -> Bytes {
    match named(name).first() {
        Some(inner) if name.kind() == "generic_name" => bytes(*inner),
        _ => bytes(name),
    }
}
