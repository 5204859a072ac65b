//! C#. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be
//! understood; its other places are counted.

mod calls;
mod items;
mod literals;
mod statements;
mod values;

#[cfg(all(test, feature = "csharp"))]
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
        asked: Vec::new(),
    };
    let statements = walk.statements(&named(concrete.root_node()));
    walk.at.finish(statements)
}

/// The way down through a C# file.
struct Walk<'t> {
    at: Descent<'t>,
    /// What stands before the `?` that the next `.a` or `[a]` belongs to, the innermost last.
    asked: Vec<NodeId>,
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
