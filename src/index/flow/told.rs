//! Calls that tell a mock what to answer, or ask it what it was called with. Enters: a call. Leaves: whether it is one; such a call reads no flag.

use super::Pass;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

/// Functions that tell a mock, or ask it afterwards, of a call in their argument or behind them.
const TELLS: [&str; 11] = [
    "when", "`when`", "whenever", "given", "verify", "then", "doReturn", "every", "coEvery", "coVerify", "Received",
];
/// What is called on a call so that it is one.
const TOLD: [&str; 2] = ["Returns", "ReturnsForAnyArgs"];

impl Pass<'_> {
    /// `when(flags.isOn("tax")).thenReturn(true)`, `every { flags.isOn("tax") } returns true`, `verify(flags).isOn("tax")`,
    /// `flags.IsOn("tax").Returns(true)`.
    pub(super) fn is_told(&self, id: NodeId) -> bool {
        let language = self.code.facts(self.unit).language;
        if !matches!(language, Language::Java | Language::Kotlin | Language::CSharp) {
            return false;
        }
        let is_word = |callee: NodeId| TELLS.contains(&self.words(callee).rsplit('.').next().unwrap_or_default());
        let mocks = |node: NodeId| matches!(self.syntax(node), Syntax::Call { callee, .. } if is_word(*callee));
        // The function of `every { … }` gives back the call.
        let gives = |up: &NodeId| {
            matches!(
                self.syntax(*up),
                Syntax::Return(_) | Syntax::Function(_) | Syntax::Block(_) | Syntax::Wrap(..)
            )
        };
        let mut above = self.tree.ancestors(id);
        let around = above.find(|up| !gives(up)).is_some_and(mocks);
        let before = match self.syntax(id) {
            Syntax::Call { callee, .. } => match self.syntax(*callee) {
                Syntax::Member { object, .. } => mocks(self.tree.bare(*object)),
                _ => false,
            },
            _ => false,
        };
        around || before || self.answers_are_told(id)
    }

    fn answers_are_told(&self, id: NodeId) -> bool {
        match self.tree.node(id).parent.map(|parent| self.syntax(parent)) {
            Some(Syntax::Member { object, property }) => *object == id && TOLD.contains(&self.slice(*property)),
            _ => false,
        }
    }
}
