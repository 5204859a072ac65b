//! Texts: regular, verbatim, raw and interpolated.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, named};
use crate::lang::tree::{NodeId, Syntax};

impl Walk<'_> {
    /// `"a"`, `@"a"`, `"""a"""`
    pub(super) fn text(&mut self, node: Node<'_>) -> NodeId {
        let text: String = match node.kind() {
            "verbatim_string_literal" => {
                let words = self.words(node).trim_end_matches(['u', 'U', '8']);
                let inner = words.strip_prefix("@\"").and_then(|words| words.strip_suffix('"'));
                inner.unwrap_or(words).replace("\"\"", "\"")
            }
            "raw_string_literal" => {
                let parts = named(node);
                let content = parts.iter().find(|part| part.kind() == "raw_string_content");
                content.map_or("", |part| self.words(*part)).trim().to_owned()
            }
            _ => named(node).iter().map(|part| self.part(*part)).collect(),
        };
        self.add(node, Syntax::Text(text.into()))
    }

    fn part(&mut self, node: Node<'_>) -> String {
        let words = self.words(node);
        match node.kind() {
            "escape_sequence" => match words {
                "\\n" => "\n".into(),
                "\\t" => "\t".into(),
                "{{" => "{".into(),
                "}}" => "}".into(),
                _ => words.trim_start_matches('\\').into(),
            },
            "string_literal_content" | "string_content" => words.into(),
            _ => String::new(),
        }
    }

    /// `$"a {b}"`
    pub(super) fn template(&mut self, node: Node<'_>) -> NodeId {
        let inside = named(node);
        if !inside.iter().any(|part| part.kind() == "interpolation") {
            let text: String = inside.iter().map(|part| self.part(*part)).collect();
            return self.add(node, Syntax::Text(text.into()));
        }
        let mut parts = Vec::new();
        for part in inside {
            match part.kind() {
                "interpolation" => {
                    let hole = named(part)
                        .into_iter()
                        .find(|part| !part.kind().starts_with("interpolation_"));
                    parts.push(match hole {
                        Some(hole) => self.value(hole),
                        None => self.gap(part),
                    });
                }
                "string_content" | "escape_sequence" => {
                    let text = self.part(part).into();
                    parts.push(self.add(part, Syntax::Text(text)));
                }
                _ => {}
            }
        }
        self.add(node, Syntax::Template(parts))
    }
}
