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

use tree_sitter::Node;

use super::descent::{self, Descend, Descent, Translated, named};
use super::tree::NodeId;
use super::{CompiledQuery, FileFacts};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    descent::read(facts, queries, descent::as_written, translate);
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
