//! Texts and templates. The grammar leaves `$name` in pieces of text; they are put together here.

use tree_sitter::Node;

use super::Walk;
use crate::lang::descent::{Descend, bytes, named};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// A piece of a template.
enum Piece<'n> {
    Words(String, Bytes),
    Name(Bytes),
    Hole(Node<'n>),
}

impl Walk<'_> {
    /// `"a"`, `"a $b ${c}"`, `"""a"""`
    pub(super) fn text(&mut self, node: Node<'_>) -> NodeId {
        let pieces = self.pieces(node);
        if pieces.iter().all(|piece| matches!(piece, Piece::Words(..))) {
            let text: String = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Words(text, _) => text.as_str(),
                    _ => "",
                })
                .collect();
            return self.add(node, Syntax::Text(text.into()));
        }
        let mut parts = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Words(text, at) => self.add_at(at, Syntax::Text(text.into())),
                Piece::Name(at) => self.add_at(at, Syntax::Name),
                Piece::Hole(hole) => self.first(hole),
            });
        }
        self.add(node, Syntax::Template(parts))
    }

    fn pieces<'n>(&self, node: Node<'n>) -> Vec<Piece<'n>> {
        let mut pieces = Vec::new();
        let mut after_mark = None;
        // `$$"…"`: one `$` alone is a letter.
        let is_plain = self.at.text[..node.start_byte()].ends_with('$');
        for part in named(node) {
            let (words, own) = (self.words(part), bytes(part));
            let mark = after_mark.take().filter(|end| *end == own.start);
            match part.kind() {
                "interpolation" => pieces.push(Piece::Hole(part)),
                "string_content" if words == "$" => {
                    pieces.push(Piece::Words("$".into(), own));
                    after_mark = Some(own.end);
                }
                "string_content" => {
                    let name = if mark.is_some() && !is_plain {
                        name_length(words)
                    } else {
                        0
                    };
                    let middle = own.start + u32::try_from(name).unwrap_or(0);
                    if name > 0 {
                        pieces.pop();
                        let end = middle;
                        pieces.push(Piece::Name(Bytes { start: own.start, end }));
                    }
                    if name < words.len() {
                        let rest = Bytes {
                            start: middle,
                            end: own.end,
                        };
                        pieces.push(Piece::Words(words.get(name..).unwrap_or_default().into(), rest));
                    }
                }
                "escape_sequence" => pieces.push(Piece::Words(unescaped(words), own)),
                _ => {}
            }
        }
        pieces
    }
}

/// How many bytes of a text are a name.
fn name_length(words: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    match words.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        true => words.find(|c| !is_part(c)).unwrap_or(words.len()),
        false => 0,
    }
}

fn unescaped(words: &str) -> String {
    match words {
        "\\n" => "\n".into(),
        "\\t" => "\t".into(),
        _ => words.trim_start_matches('\\').into(),
    }
}
