//! Texts, symbols and here documents.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, each, named};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

/// The bodies of here documents, by the byte at which they are opened: they follow in the order in which they were opened.
pub(super) fn heredocs(root: Node<'_>) -> Vec<(usize, Node<'_>)> {
    let (mut opened, mut bodies) = (Vec::new(), Vec::new());
    each(root, |node| match node.kind() {
        "heredoc_beginning" => opened.push(node.start_byte()),
        "heredoc_body" => bodies.push(node),
        _ => {}
    });
    opened.into_iter().zip(bodies).collect()
}

impl Walk<'_, '_> {
    /// `"a"`, `'a'`, `:a`, `:"a"`, `%i[a]`'s `a`, with `#{holes}`.
    pub(super) fn text(&mut self, node: Node<'_>) -> NodeId {
        if node.kind() == "simple_symbol" {
            let text = self.words(node).trim_start_matches(':').into();
            return self.add(node, Syntax::Text(text));
        }
        if !has_holes(node) {
            let text = self.plain(node);
            return self.add(node, Syntax::Text(text));
        }
        let mut parts = Vec::new();
        for part in named(node) {
            match part.kind() {
                "interpolation" => parts.push(self.first(part)),
                "string_content" => {
                    let text = self.words(part).into();
                    parts.push(self.add(part, Syntax::Text(text)));
                }
                _ => {}
            }
        }
        self.add(node, Syntax::Template(parts))
    }

    /// `'a' 'b'`
    pub(super) fn chained(&mut self, node: Node<'_>) -> NodeId {
        let parts = named(node);
        if parts.iter().any(|part| has_holes(*part)) {
            let parts = self.values(&parts);
            return self.add(node, Syntax::Template(parts));
        }
        let text: String = parts.iter().map(|part| String::from(self.plain(*part))).collect();
        self.add(node, Syntax::Text(text.into()))
    }

    /// `<<~SQL`: what stands below it is its text; a body with holes is read where it stands.
    pub(super) fn heredoc(&mut self, node: Node<'_>) -> NodeId {
        let body = self.heredocs.iter().find(|(opened, _)| *opened == node.start_byte());
        let syntax = match body.map(|(_, body)| *body) {
            Some(body) if !has_holes(body) => {
                let text: String = named(body)
                    .iter()
                    .filter(|part| part.kind() == "heredoc_content")
                    .map(|part| self.words(*part).trim_start_matches('\n'))
                    .collect();
                Syntax::Text(text.into())
            }
            _ => Syntax::Other(Vec::new()),
        };
        self.add(node, syntax)
    }

    /// The text between the quotes, escapes undone.
    fn plain(&mut self, node: Node<'_>) -> Box<str> {
        let mut text = String::new();
        for part in named(node) {
            let words = self.words(part);
            match part.kind() {
                "string_content" | "heredoc_content" => text.push_str(words),
                "escape_sequence" => text.push_str(match words {
                    "\\n" => "\n",
                    "\\t" => "\t",
                    _ => words.trim_start_matches('\\'),
                }),
                _ => {}
            }
        }
        text.into()
    }

    /// `a:`, `:a =>`, `'a' =>`, `a =>`
    pub(super) fn key(&mut self, node: Node<'_>) -> Key {
        match node.kind() {
            "hash_key_symbol" => Key::Name(self.words(node).into(), bytes(node)),
            "simple_symbol" => {
                let inside = Bytes::new(node.start_byte() + 1, node.end_byte());
                Key::Name(self.slice(inside).into(), inside)
            }
            "string" | "delimited_symbol" if !has_holes(node) => {
                let contents = named(node);
                let (start, end) = match (contents.first(), contents.last()) {
                    (Some(first), Some(last)) => (first.start_byte(), last.end_byte()),
                    _ => (node.start_byte() + 1, node.start_byte() + 1),
                };
                Key::Name(self.plain(node), Bytes::new(start, end))
            }
            _ => Key::Computed(self.value(node)),
        }
    }
}

fn has_holes(node: Node<'_>) -> bool {
    named(node).iter().any(|part| part.kind() == "interpolation")
}
