//! Imports: which names come in from where.

use tree_sitter::Node;

use super::walk::Walk;
use crate::lang::descent::{Descend, bytes, in_field, named};
use crate::lang::tree::{ExportName, ImportName, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// An import: one node for each module that it names.
    pub(super) fn import(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        match node.kind() {
            "import_statement" => {
                for name in in_field(node, "name") {
                    self.import_module(name, nodes);
                }
            }
            "import_from_statement" => self.import_from(node, nodes),
            // `from __future__ import …` brings nothing in.
            _ => {}
        }
    }

    /// `import a.b as c` binds the module; `import a.b` binds `a`, and loads `a.b`.
    fn import_module(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        let all = bytes(node);
        if node.kind() == "aliased_import" {
            let from = node.child_by_field_name("name").map_or("", |name| self.words(name));
            let alias = node.child_by_field_name("alias").unwrap_or(node);
            let names = vec![self.import_name("*", alias)];
            nodes.push(self.import_node(all, from, names));
            return;
        }
        let path = self.words(node);
        let first = named(node).first().copied().unwrap_or(node);
        let names = vec![self.import_name("*", first)];
        nodes.push(self.import_node(bytes(first), self.words(first), names));
        if path.contains('.') {
            nodes.push(self.import_node(all, path, Vec::new()));
        }
    }

    /// `from a import b as c`, `from . import b`, `from a import *`
    fn import_from(&mut self, node: Node<'_>, nodes: &mut Vec<NodeId>) {
        let module = node.child_by_field_name("module_name");
        let from: String = module
            .map_or("", |module| self.words(module))
            .split_whitespace()
            .collect();
        if named(node).iter().any(|child| child.kind() == "wildcard_import") {
            let star = ExportName {
                local: "*".into(),
                exported: "*".into(),
                bytes: bytes(node),
            };
            let syntax = Syntax::Export {
                from: Some(from.into()),
                names: vec![star],
                item: None,
                default: false,
            };
            nodes.push(self.add(node, syntax));
            return;
        }
        let mut names = Vec::new();
        for name in in_field(node, "name") {
            let imported = name.child_by_field_name("name").unwrap_or(name);
            let local = name.child_by_field_name("alias").unwrap_or(name);
            names.push(self.import_name(self.words(imported), local));
        }
        nodes.push(self.import_node(bytes(node), &from, names));
    }

    fn import_name(&mut self, imported: &str, local: Node<'_>) -> ImportName {
        let words = self.words(local);
        self.names.bind(words);
        ImportName {
            imported: imported.into(),
            local: words.into(),
            bytes: bytes(local),
        }
    }

    fn import_node(&mut self, bytes: Bytes, from: &str, names: Vec<ImportName>) -> NodeId {
        let syntax = Syntax::Import {
            from: from.into(),
            names,
            type_only: false,
        };
        self.at.tree.add(bytes, syntax)
    }
}
