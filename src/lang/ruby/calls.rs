//! Calls, with their blocks and keyword arguments; the calls that are words of the language elsewhere.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Function, NodeId, Syntax, Through};

impl Walk<'_, '_> {
    /// `a.b(c, d: e) { |f| … }`. Without arguments and without `?` it may as well be the value of a field, and is read as one.
    pub(super) fn call(&mut self, node: Node<'_>) -> NodeId {
        let name = node
            .child_by_field_name("method")
            .map_or("", |method| self.words(method));
        match (name, node.child_by_field_name("receiver")) {
            ("raise" | "fail", None) => return self.throw(node),
            ("require" | "require_relative" | "load", None) => {
                if let Some(import) = self.import(node) {
                    return import;
                }
            }
            // A frozen literal is the literal.
            ("freeze" | "deep_freeze" | "with_indifferent_access", Some(receiver)) => {
                let inner = self.value(receiver);
                return self.add(node, Syntax::Wrap(Through::Cast, inner));
            }
            _ => {}
        }
        let callee = self.callee(node);
        let arguments = node.child_by_field_name("arguments");
        let block = node.child_by_field_name("block");
        if arguments.is_none() && block.is_none() && !name.ends_with(['?', '!']) && !name.is_empty() {
            return match node.child_by_field_name("receiver") {
                Some(_) => callee,
                None => self.add(
                    node,
                    Syntax::Call {
                        callee,
                        type_args: Vec::new(),
                        args: Vec::new(),
                    },
                ),
            };
        }
        let mut args = arguments.map_or_else(Vec::new, |list| self.arguments(list));
        if let Some(block) = block {
            args.push(self.block_function(block, block));
        }
        self.add(
            node,
            Syntax::Call {
                callee,
                type_args: Vec::new(),
                args,
            },
        )
    }

    /// What is called: a name, a method of something, or (`a.()`) the thing itself.
    fn callee(&mut self, node: Node<'_>) -> NodeId {
        let receiver = node.child_by_field_name("receiver");
        let method = node.child_by_field_name("method");
        match (receiver, method) {
            (Some(receiver), Some(method)) => {
                let object = self.value(receiver);
                let (start, end) = (self.at.tree.bytes(object).start, bytes(method).end);
                let property = bytes(method);
                self.add_at(crate::source::Bytes { start, end }, Syntax::Member { object, property })
            }
            (Some(receiver), None) => self.value(receiver),
            (None, Some(method)) => self.value(method),
            (None, None) => self.gap(node),
        }
    }

    /// The arguments in order; those with keys are one object behind the others, as Ruby passes them.
    fn arguments(&mut self, list: Node<'_>) -> Vec<NodeId> {
        let (mut args, mut entries) = (Vec::new(), Vec::new());
        for argument in named(list) {
            let value = self.value(argument);
            if matches!(argument.kind(), "pair" | "hash_splat_argument") {
                entries.push(value);
            } else {
                args.push(value);
            }
        }
        if let (Some(first), Some(last)) = (entries.first().copied(), entries.last().copied()) {
            let bytes = self.across(first, last);
            let type_name = None;
            args.push(self.add_at(bytes, Syntax::Object { type_name, entries }));
        }
        args
    }

    /// `{ |a| b }`, `do |a| b end`, `->(a) { b }`: a function. `outer` has the parameters, `body` the statements.
    pub(super) fn block_function(&mut self, outer: Node<'_>, body: Node<'_>) -> NodeId {
        self.names.enter();
        let written = outer.child_by_field_name("parameters").map_or_else(Vec::new, named);
        let mut params = Vec::new();
        for parameter in written {
            self.bind_parameter(parameter);
            params.push(self.pattern(parameter));
        }
        let inner = body.child_by_field_name("body").unwrap_or(body);
        let inner = if inner.kind() == "block" || inner.kind() == "do_block" {
            inner.child_by_field_name("body").unwrap_or(inner)
        } else {
            inner
        };
        let body = self.function_body(inner);
        self.names.leave();
        self.add(
            outer,
            Syntax::Function(Function {
                params,
                body: Some(body),
                ..Function::default()
            }),
        )
    }

    /// Binds the name of a parameter.
    pub(super) fn bind_parameter(&mut self, parameter: Node<'_>) {
        match parameter.child_by_field_name("name") {
            Some(name) => self.binds(name),
            None => self.binds(parameter),
        };
    }

    /// `raise Error, 'text'`
    fn throw(&mut self, node: Node<'_>) -> NodeId {
        let args = node
            .child_by_field_name("arguments")
            .map_or_else(Vec::new, |list| self.arguments(list));
        let value = match args.as_slice() {
            [] => None,
            [only] => Some(*only),
            [first, .., last] => {
                let bytes = self.across(*first, *last);
                Some(self.add_at(bytes, Syntax::Other(args)))
            }
        };
        self.add(node, Syntax::Throw(value))
    }

    /// `require 'a'`
    fn import(&mut self, node: Node<'_>) -> Option<NodeId> {
        let list = node.child_by_field_name("arguments")?;
        let [argument] = named(list)[..] else { return None };
        let contents = named(argument);
        let [content] = contents[..] else { return None };
        if argument.kind() != "string" || content.kind() != "string_content" {
            return None;
        }
        let from = self.words(content).into();
        let import = Syntax::Import {
            from,
            names: Vec::new(),
            type_only: false,
        };
        Some(self.add(node, import))
    }
}
