//! Calls, members and subscripts; maps and lists that are made by calls.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `a.b<T>(c, d = e) { f }`: the lambda is the last argument.
    pub(super) fn call(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        let Some(mut function) = parts.first().copied() else {
            return self.gap(node);
        };
        let mut lists = parts.get(1..).unwrap_or_default().to_vec();
        // `f(a) { b }` is one call with two arguments.
        if let [lambda] = lists[..]
            && lambda.kind() == "annotated_lambda"
            && function.kind() == "call_expression"
            && let [inner, rest @ ..] = &named(function)[..]
            && !rest.iter().any(|part| part.kind() == "annotated_lambda")
        {
            lists = rest.iter().copied().chain([lambda]).collect();
            function = *inner;
        }
        let arguments: Vec<Node<'_>> = lists
            .iter()
            .flat_map(|part| match part.kind() {
                "value_arguments" => named(*part),
                "annotated_lambda" => vec![*part],
                _ => Vec::new(),
            })
            .collect();
        if let Some(made) = self.collection(node, self.behind_lifted(function), &arguments) {
            return made;
        }
        if let [object, name] = named(function)[..]
            && arguments.is_empty()
            && function.kind() == "navigation_expression"
            && self.words(name) == "not"
        {
            let inner = self.value(object);
            let whole = self.from(inner, node);
            return self.add_at(whole, Syntax::Not(inner));
        }
        let callee = self.value(function);
        let types = lists.iter().copied().find(|part| part.kind() == "type_arguments");
        let type_args = types.map_or_else(Vec::new, |list| self.type_arguments(list));
        let args = arguments.iter().map(|argument| self.argument(*argument)).collect();
        let whole = self.from(callee, node);
        self.add_at(
            whole,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        )
    }

    /// `mapOf("a" to b)` is an object, `listOf(a, b)` an array.
    fn collection(&mut self, node: Node<'_>, function: Node<'_>, arguments: &[Node<'_>]) -> Option<NodeId> {
        if function.kind() != "identifier" || arguments.is_empty() {
            return None;
        }
        let plain: Option<Vec<Node<'_>>> = arguments.iter().map(|argument| plain(*argument)).collect();
        let plain = plain?;
        let is_pair = |value: &Node<'_>| {
            let parts = named(*value);
            value.kind() == "infix_expression" && parts.get(1).is_some_and(|name| self.words(*name) == "to")
        };
        let syntax = match self.words(function) {
            "mapOf" | "mutableMapOf" | "hashMapOf" | "linkedMapOf" | "sortedMapOf" | "persistentMapOf"
                if plain.iter().all(is_pair) =>
            {
                let (type_name, entries) = (None, self.values(&plain));
                Syntax::Object { type_name, entries }
            }
            "listOf" | "mutableListOf" | "setOf" | "mutableSetOf" | "hashSetOf" | "arrayOf" | "arrayListOf"
            | "listOfNotNull" | "persistentListOf" | "persistentSetOf" => Syntax::Array(self.values(&plain)),
            _ => return None,
        };
        let whole = self.span(node);
        Some(self.add_at(whole, syntax))
    }

    /// `a`, `a = b`, `*a`, and the lambda behind the parentheses.
    pub(super) fn argument(&mut self, node: Node<'_>) -> NodeId {
        if node.kind() != "value_argument" {
            return self.value(node);
        }
        let parts = named(node);
        let mut cursor = node.walk();
        let (mut is_named, mut is_spread) = (false, false);
        for part in node.children(&mut cursor) {
            is_named |= part.kind() == "=";
            is_spread |= part.kind() == "*";
        }
        let Some(value) = parts.last() else {
            return self.gap(node);
        };
        let value = self.value(*value);
        match parts[..] {
            [name, _] if is_named => {
                let (name, value) = (bytes(name), Some(value));
                self.add(node, Syntax::Attribute { name, value })
            }
            _ if is_spread => self.add(node, Syntax::Spread(value)),
            _ => value,
        }
    }

    /// `a.b`, `a?.b`, `A::b`
    pub(super) fn member(&mut self, node: Node<'_>) -> NodeId {
        let [object, name] = named(node)[..] else {
            let inside = self.inside(node);
            return self.add(node, Syntax::Other(inside));
        };
        let object = self.value(object);
        let whole = self.from(object, node);
        let property = bytes(name);
        self.add_at(whole, Syntax::Member { object, property })
    }

    /// `a[b]`
    pub(super) fn element(&mut self, node: Node<'_>) -> NodeId {
        let mut inside = self.inside(node);
        let whole = match inside.first() {
            Some(object) => self.from(*object, node),
            None => bytes(node),
        };
        let syntax = match inside[..] {
            [object, index] => Syntax::Index { object, index },
            _ => Syntax::Other(std::mem::take(&mut inside)),
        };
        self.add_at(whole, syntax)
    }

    /// What stands before `to`.
    pub(super) fn key(&mut self, node: Node<'_>) -> Key {
        let words = self.words(node);
        let own = bytes(node);
        let inside = Bytes {
            start: own.start + 1,
            end: own.end.saturating_sub(1).max(own.start + 1),
        };
        match node.kind() {
            "string_literal" if !words.contains(['\\', '$']) => Key::Name(self.slice(inside).into(), inside),
            _ => Key::Computed(self.value(node)),
        }
    }
}

/// The value of an argument without a name.
fn plain(argument: Node<'_>) -> Option<Node<'_>> {
    match (argument.kind(), &named(argument)[..]) {
        ("value_argument", [only]) if argument.child_count() == 1 => Some(*only),
        _ => None,
    }
}
