//! Texts that say something about code: struct tags and build constraints. Enters: the tag or the comments of a file. Leaves: decorators.

use tree_sitter::Node;

use super::build::Build;
use super::text;
use crate::lang::Comment;
use crate::lang::descent::bytes;
use crate::lang::tree::{LogicOp, NodeId, Syntax};
use crate::source::Bytes;

/// Tags of encoders and databases, which half of all structs carry.
const ENCODERS: [&str; 12] = [
    "json",
    "xml",
    "bson",
    "protobuf",
    "db",
    "gorm",
    "sql",
    "msgpack",
    "cbor",
    "csv",
    "protobuf_key",
    "protobuf_val",
];

/// Operators of one constraint.
const LONGEST_CONSTRAINT: usize = 64;

/// One `key:"text"`, by bytes of the file.
struct Pair {
    key: Bytes,
    text: Bytes,
}

impl<'c> Build<'_, 'c> {
    /// One decorator for each key of a struct tag.
    pub(super) fn tag(&mut self, tag: Node<'c>) -> Vec<NodeId> {
        let inside = text::inside(self.words(tag), bytes(tag));
        let pairs = self.pairs(inside);
        let mut decorators = Vec::new();
        for (at, pair) in pairs.iter().enumerate() {
            let key = &self.text[pair.key.range()];
            if ENCODERS.contains(&key) || is_default(key) {
                continue;
            }
            let mut args = vec![self.tag_text(pair.text)];
            for (other, default) in pairs.iter().enumerate() {
                if other != at && is_default(&self.text[default.key.range()]) {
                    args.push(self.tag_text(default.text));
                }
            }
            let callee = self.tree.add(pair.key, Syntax::Name);
            let type_args = Vec::new();
            let call = self.tree.add(
                inside,
                Syntax::Call {
                    callee,
                    type_args,
                    args,
                },
            );
            decorators.push(self.tree.add(inside, Syntax::Decorator(call)));
        }
        decorators
    }

    fn tag_text(&mut self, bytes: Bytes) -> NodeId {
        let value = text::string(&format!("\"{}\"", &self.text[bytes.range()]));
        self.tree.add(bytes, Syntax::Text(value))
    }

    /// The pairs of a tag; where it breaks the convention, it ends.
    fn pairs(&self, tag: Bytes) -> Vec<Pair> {
        let (mut pairs, mut at) = (Vec::new(), tag.start as usize);
        let end = tag.end as usize;
        loop {
            let rest = &self.text[at..end];
            let start = at + rest.len() - rest.trim_start().len();
            let Some(colon) = self.text[start..end].find(":\"").map(|colon| start + colon) else {
                return pairs;
            };
            let open = colon + 2;
            let value = &self.text[open..end];
            let mut escaped = false;
            let close = value.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let Some(close) = close.map(|close| open + close) else {
                return pairs;
            };
            if self.text[start..colon].contains(char::is_whitespace) {
                return pairs;
            }
            pairs.push(Pair {
                key: Bytes::new(start, colon),
                text: Bytes::new(open, close),
            });
            at = close + 1;
        }
    }

    /// `//go:build a && !b` before the package's name, as a decorator of the file.
    pub(super) fn constraint(&mut self, comments: &[Comment]) -> Option<NodeId> {
        let is_constraint = |comment: &&Comment| self.text[comment.bytes.range()].starts_with("//go:build ");
        let comment = comments
            .iter()
            .take_while(|comment| self.heads(comment.bytes))
            .find(is_constraint)?;
        let range = comment.bytes.range();
        let line = self.text[range.clone()].trim_end();
        let all = Bytes::new(range.start, range.start + line.len());
        let mut words = Words::new(line, range.start + "//go:build ".len(), range.start);
        let value = self.any(&mut words)?;
        let name = Bytes::new(range.start + 2, range.start + "//go:build".len());
        let callee = self.tree.add(name, Syntax::Name);
        let (type_args, args) = (Vec::new(), vec![value]);
        let call = self.tree.add(
            all,
            Syntax::Call {
                callee,
                type_args,
                args,
            },
        );
        Some(self.tree.add(all, Syntax::Decorator(call)))
    }

    /// True for a comment with nothing but comments before it.
    fn heads(&self, comment: Bytes) -> bool {
        let before = &self.text[..comment.start as usize];
        !before.starts_with("package ") && !before.contains("\npackage ")
    }

    /// `a || b`; `None`, and nothing left behind, where the constraint cannot be read.
    fn any(&mut self, words: &mut Words<'_>) -> Option<NodeId> {
        let before = self.tree.len();
        let found = self.operands(words, LogicOp::Or);
        if found.is_none() || words.peek().is_some() {
            self.tree.truncate(before);
            return None;
        }
        found
    }

    fn operands(&mut self, words: &mut Words<'_>, op: LogicOp) -> Option<NodeId> {
        let word = if op == LogicOp::Or { "||" } else { "&&" };
        let next = |build: &mut Self, words: &mut Words<'_>| match op {
            LogicOp::Or => build.operands(words, LogicOp::And),
            _ => build.operand(words),
        };
        let mut left = next(self, words)?;
        while words.peek() == Some(word) {
            words.take();
            let right = next(self, words)?;
            let bytes = Bytes {
                start: self.tree.bytes(left).start,
                end: self.tree.bytes(right).end,
            };
            left = self.tree.add(bytes, Syntax::Logic { op, left, right });
        }
        Some(left)
    }

    fn operand(&mut self, words: &mut Words<'_>) -> Option<NodeId> {
        words.left = words.left.checked_sub(1)?;
        let (word, bytes) = words.take()?;
        match word {
            "!" => {
                let inner = self.operand(words)?;
                let end = self.tree.bytes(inner).end;
                let start = bytes.start;
                Some(self.tree.add(Bytes { start, end }, Syntax::Not(inner)))
            }
            "(" => {
                let inner = self.operands(words, LogicOp::Or)?;
                (words.take()?.0 == ")").then_some(inner)
            }
            ")" | "&&" | "||" => None,
            _ => Some(self.tree.add(bytes, Syntax::Name)),
        }
    }
}

/// The words and signs of a constraint.
struct Words<'l> {
    line: &'l str,
    /// Where the line begins in the file.
    base: usize,
    at: usize,
    /// How many operands may follow.
    left: usize,
}

impl<'l> Words<'l> {
    fn new(line: &'l str, from: usize, base: usize) -> Self {
        Self {
            line,
            base,
            at: from - base,
            left: LONGEST_CONSTRAINT,
        }
    }

    fn peek(&self) -> Option<&'l str> {
        let rest = self.line[self.at..].trim_start();
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let length = match rest.chars().next()? {
            '&' | '|' => 2,
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        rest.get(..length)
    }

    fn take(&mut self) -> Option<(&'l str, Bytes)> {
        let word = self.peek()?;
        let rest = &self.line[self.at..];
        let start = self.at + rest.len() - rest.trim_start().len();
        self.at = start + word.len();
        Some((word, Bytes::new(self.base + start, self.base + self.at)))
    }
}

/// `default:"true"`, `envDefault:"true"`, `split_words` says none.
fn is_default(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("default")
}
