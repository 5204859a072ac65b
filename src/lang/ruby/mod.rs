//! Ruby. Enters: the text of one file. Leaves: its neutral tree, comments and query matches. Broken text gives what could be
//! understood; its other places are counted.

mod calls;
mod items;
mod literals;
mod statements;
mod values;

#[cfg(all(test, feature = "ruby"))]
mod tests;

use tree_sitter::Node;

use super::descent::{self, Descend, Descent, Translated};
use super::names::Names;
use super::tree::NodeId;
use super::{CompiledQuery, FileFacts};

/// Fills `facts` from its text.
pub(super) fn read(facts: &mut FileFacts, queries: &[CompiledQuery]) {
    descent::read(facts, queries, descent::as_written, translate);
}

fn translate(text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let mut walk = Walk {
        at: Descent::new(text, concrete),
        names: Names::default(),
        heredocs: literals::heredocs(concrete.root_node()),
    };
    let statements = walk.statements(concrete.root_node());
    walk.at.finish(statements)
}

/// The way down through a Ruby file.
struct Walk<'t, 'n> {
    at: Descent<'t>,
    /// Which names are bound already, scope by scope.
    names: Names,
    /// The bodies of here documents, by where they are opened.
    heredocs: Vec<(usize, Node<'n>)>,
}

impl<'t> Descend<'t> for Walk<'t, '_> {
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
