//! Kotlin. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be
//! understood; its other places are counted.
//!
//! The grammar binds `!` closer than calls: `!a.b()` comes as a call of `b` on `!a`. It is put right on the way down (`chains`).

mod calls;
mod chains;
mod classes;
mod items;
mod literals;
mod statements;
mod types;
mod values;

#[cfg(all(test, feature = "kotlin"))]
mod tests;

use std::borrow::Cow;

use tree_sitter::Node;

use super::descent::{self, Descend, Descent, Translated, named};
use super::tree::NodeId;
use super::{CompiledQuery, FileFacts};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    descent::read(facts, queries, readable, translate);
}

/// Without what the grammar cannot read: the word before a lambda that may be suspended, the marks before a text whose `$` is a letter.
fn readable(text: &str) -> Cow<'_, str> {
    let mut readable = Cow::Borrowed(text);
    let mut blank = |start: usize, end: usize| {
        readable.to_mut().replace_range(start..end, &" ".repeat(end - start));
    };
    for (at, word) in text.match_indices("suspend") {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let is_alone = !text[..at].ends_with(is_word);
        let end = at + word.len();
        if is_alone && text[end..].trim_start().starts_with('{') {
            blank(at, end);
        }
    }
    for (at, marks) in text.match_indices("$$\"") {
        blank(at, at + marks.len() - 1);
    }
    readable
}

fn translate(text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let mut walk = Walk {
        at: Descent::new(text, concrete),
        lifted: Vec::new(),
    };
    let statements = walk.statements(&named(concrete.root_node()));
    walk.at.finish(statements)
}

/// The way down through a Kotlin file.
struct Walk<'t> {
    at: Descent<'t>,
    /// The `!` that were taken out of the chains that are being built, the innermost last.
    lifted: Vec<chains::Lifted>,
}

impl<'t> Descend<'t> for Walk<'t> {
    const WEIGHT: usize = 2;

    fn at(&mut self) -> &mut Descent<'t> {
        &mut self.at
    }

    fn here(&self) -> &Descent<'t> {
        &self.at
    }

    fn build(&mut self, node: Node<'_>) -> NodeId {
        self.statement(node)
    }
}
