//! The way down through a Python file. Python itself refuses more than a hundred indentations and two hundred brackets.

use tree_sitter::Node;

use crate::lang::descent::{Descend, Descent, Translated};
use crate::lang::names::Names;
use crate::lang::tree::NodeId;

/// The state of the way down.
pub(super) struct Walk<'t> {
    /// Where it is.
    pub at: Descent<'t>,
    /// Which names are bound already, scope by scope.
    pub names: Names,
}

/// Translates a whole file.
pub(super) fn translate(text: &str, concrete: &tree_sitter::Tree) -> Translated {
    let mut walk = Walk {
        at: Descent::new(text, concrete),
        names: Names::default(),
    };
    let statements = walk.statements(concrete.root_node());
    walk.at.finish(statements)
}

impl<'t> Descend<'t> for Walk<'t> {
    fn at(&mut self) -> &mut Descent<'t> {
        &mut self.at
    }

    fn here(&self) -> &Descent<'t> {
        &self.at
    }

    fn build(&mut self, node: Node<'_>) -> NodeId {
        self.value_here(node)
    }
}
