//! The words of an expression, for receivers and objects: `this.flags`, `useFlags()`, `process.env`. Enters: a node. Leaves: text that is
//! the same however the code is wrapped, commented or chained.

use super::Matcher;
use super::select::Found;
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::Bytes;

/// Segments beyond which an expression has no words: nothing that a rule names is that long.
const SEGMENTS: usize = 16;

/// The last word of what is called, and what stands before it.
#[derive(Clone, Debug)]
pub(super) struct Called {
    /// The last word, as it stands.
    pub(super) name: String,
    /// Where it stands.
    pub(super) at: Bytes,
    /// The expression before it, where it is one.
    pub(super) receiver: Option<NodeId>,
    /// The words before it.
    pub(super) receiver_words: String,
}

impl<'a> Matcher<'a> {
    pub(super) fn slice(&self, bytes: Bytes) -> &'a str {
        self.facts.slice(bytes)
    }

    /// The words of an expression, joined with dots; a call ends in `()`, a construction begins with `new `, and what has no words is `?`.
    pub(super) fn words(&self, id: NodeId) -> String {
        let mut segments: Vec<String> = Vec::new();
        let mut suffix = "";
        let mut at = id;
        loop {
            at = self.bare(at);
            if segments.len() > SEGMENTS {
                segments.push("?".into());
                break;
            }
            match self.syntax(at) {
                Syntax::Member { object, property } => {
                    segments.push(format!("{}{suffix}", self.slice(*property)));
                    (suffix, at) = ("", *object);
                }
                Syntax::Index { object, index } => {
                    let index = match self.bare_syntax(*index) {
                        Syntax::Text(text) => text.to_string(),
                        _ => "?".into(),
                    };
                    segments.push(format!("{index}{suffix}"));
                    (suffix, at) = ("", *object);
                }
                Syntax::Call { callee, .. } if suffix.is_empty() => (suffix, at) = ("()", *callee),
                Syntax::New { callee, .. } => {
                    segments.push(format!(
                        "new {}(){suffix}",
                        self.last_word(*callee).unwrap_or("?".into())
                    ));
                    break;
                }
                _ => {
                    segments.push(format!("{}{suffix}", self.plain(at)));
                    break;
                }
            }
        }
        segments.reverse();
        segments.join(".")
    }

    /// The text of a name, or of anything else that is one word to the reader (`import.meta`, `this`).
    fn plain(&self, id: NodeId) -> &'a str {
        let text = self.facts.words(id);
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | ':' | '#');
        match text.len() <= 128 && text.chars().all(word) {
            true => text,
            false => "?",
        }
    }

    /// The last word of what is called, constructed or used as a tag.
    pub(super) fn last_word(&self, callee: NodeId) -> Option<String> {
        self.called(callee).map(|called| called.name)
    }

    /// The last word of a callee and what stands before it; `None` where it has no name (a function that another call returned). A name
    /// that was imported under another name counts as what it is called in its module.
    pub(super) fn called(&self, callee: NodeId) -> Option<Called> {
        let callee = self.bare(callee);
        match self.syntax(callee) {
            Syntax::Member { object, property } => Some(Called {
                name: self.slice(*property).to_owned(),
                at: *property,
                receiver: Some(*object),
                receiver_words: self.words(*object),
            }),
            Syntax::Index { object, index } => match self.bare_syntax(*index) {
                Syntax::Text(text) => Some(Called {
                    name: text.to_string(),
                    at: self.facts.tree.bytes(*index),
                    receiver: Some(*object),
                    receiver_words: self.words(*object),
                }),
                _ => None,
            },
            Syntax::Name => {
                let text = self.facts.words(callee);
                let (before, name) = text.rsplit_once("::").unwrap_or(("", text));
                let end = self.facts.tree.bytes(callee).end as usize;
                let at = Bytes::new(end - name.len(), end);
                let name = match before.is_empty() {
                    true => self.original(callee).unwrap_or(name),
                    false => name,
                };
                Some(Called {
                    name: name.to_owned(),
                    at,
                    receiver: None,
                    receiver_words: before.to_owned(),
                })
            }
            _ => None,
        }
    }

    /// What an imported name is called in its module, where that is a name.
    pub(super) fn original(&self, name: NodeId) -> Option<&'a str> {
        let (_, original) = self.import_of(name)?;
        (!matches!(original, "default" | "*")).then_some(original)
    }

    /// The first name of an expression: the one that a binding or an import explains.
    pub(super) fn first_name(&self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        for _ in 0..SEGMENTS {
            at = self.bare(at);
            at = match self.syntax(at) {
                Syntax::Member { object, .. } | Syntax::Index { object, .. } => *object,
                Syntax::Call { callee, .. } | Syntax::New { callee, .. } => *callee,
                Syntax::Name => return Some(at),
                _ => return None,
            };
        }
        None
    }

    /// The value that the last word of what was found says; anything else as it was found.
    pub(super) fn said(&self, words: &[(String, FlagValue)], found: Found) -> Found {
        let text = match &found {
            Found::Node(id) => match self.bare_syntax(*id) {
                Syntax::Text(text) => text.to_string(),
                _ => self.words(*id),
            },
            Found::Text(text, _) => text.clone(),
            Found::State(_) | Found::Every => return found,
        };
        let last = text.rsplit(['.', ':']).next().unwrap_or(&text);
        let said = words.iter().find(|(word, _)| word == last);
        said.map_or(found, |(_, value)| Found::State(*value))
    }

    /// Go: a context comes first in many calls, and is not counted.
    pub(super) fn is_context(&self, args: &[NodeId]) -> bool {
        let Some(first) = args.first().filter(|_| self.facts.language == Language::Go) else {
            return false;
        };
        let words = self.words(*first);
        let last = words.rsplit('.').next().unwrap_or(&words);
        matches!(last, "ctx" | "context" | "Context()" | "Background()" | "TODO()")
            || last.ends_with("Ctx")
            || self.type_of(*first) == Some("context.Context")
    }

    /// The name of an entry, if it is written out, and where it stands.
    pub(super) fn key_name<'k>(&self, key: &'k Key) -> Option<(&'k str, Bytes)> {
        match key {
            Key::Name(name, bytes) => Some((name, *bytes)),
            Key::Computed(_) => None,
        }
    }
}
