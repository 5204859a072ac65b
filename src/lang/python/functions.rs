//! Functions of every form, and their parameters.

use tree_sitter::Node;

use super::walk::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{Function, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `def name(…): …`; `whole` covers its decorators too.
    pub(super) fn function(
        &mut self,
        node: Node<'_>,
        whole: Node<'_>,
        decorators: Vec<NodeId>,
        method: bool,
    ) -> NodeId {
        let name = node.child_by_field_name("name");
        if let Some(name) = name.filter(|_| !method) {
            self.names.bind(self.words(name));
        }
        let is_static = decorators.iter().any(|decorator| {
            let words = self.slice(self.at.tree.bytes(*decorator));
            words.trim_start_matches(['@', ' ']) == "staticmethod"
        });
        self.names.enter();
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        let written = node.child_by_field_name("parameters").map_or_else(Vec::new, named);
        for (nth, parameter) in written.into_iter().enumerate() {
            if nth == 0 && method && !is_static {
                self.names.bind(self.words(parameter));
                continue;
            }
            self.parameter(parameter, &mut params, &mut param_types);
        }
        let body = self.block_in(node, "body");
        self.names.leave();
        let name = name.map(|name| (self.words(name).into(), bytes(name)));
        let constructor = method
            && name
                .as_ref()
                .is_some_and(|(name, _): &(Box<str>, Bytes)| &**name == "__init__");
        self.add(
            whole,
            Syntax::Function(Function {
                name,
                params,
                param_types,
                body: Some(body),
                decorators,
                method,
                constructor,
            }),
        )
    }

    fn parameter(&mut self, node: Node<'_>, params: &mut Vec<NodeId>, types: &mut Vec<Option<NodeId>>) {
        let pattern = match node.kind() {
            "keyword_separator" | "positional_separator" => return,
            "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name"),
            "typed_parameter" => named(node).first().copied(),
            _ => Some(node),
        };
        let Some(pattern) = pattern else { return };
        let mut pattern = self.pattern(pattern);
        self.binds(pattern);
        let ty = node.child_by_field_name("type").map(|ty| self.type_node(ty));
        if let Some(default) = node.child_by_field_name("value") {
            let default = self.value(default);
            // A type stands between a name and its default; it is a part of the function, not of the pattern.
            pattern = self.add(node, Syntax::Default { pattern, default });
        }
        params.push(pattern);
        types.push(ty);
    }

    /// `lambda a: b`
    pub(super) fn lambda(&mut self, node: Node<'_>) -> NodeId {
        self.names.enter();
        let (mut params, mut param_types) = (Vec::new(), Vec::new());
        for parameter in node.child_by_field_name("parameters").map_or_else(Vec::new, named) {
            self.parameter(parameter, &mut params, &mut param_types);
        }
        let value = self.wanted(node, "body");
        self.names.leave();
        let body = self.at.tree.add(self.at.tree.bytes(value), Syntax::Return(Some(value)));
        self.add(
            node,
            Syntax::Function(Function {
                params,
                param_types,
                body: Some(body),
                ..Function::default()
            }),
        )
    }
}
