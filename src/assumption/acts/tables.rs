//! Tables and constants of a test. Enters: a name that a loop gives a value, or that is declared. Leaves: the row of the table that it stands for, and
//! whether what it holds is only ever compared.

use super::file::TestFile;
use crate::index::bindings::{Binding, Declaration, Step};
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};

/// Tables with more rows are not gone through.
const MANY: usize = 24;
/// Beginnings of calls that compare what they are given, or say it.
const COMPARE: [&str; 12] = [
    "expect(",
    "assert",
    "self.assert",
    "require.",
    "reflect.DeepEqual",
    "cmp.",
    "t.Fatal",
    "t.Error",
    "t.Log",
    "chai.",
    "s.Equal",
    "suite.Equal",
];

impl<'a> TestFile<'a> {
    /// How often the loop around a place goes round, where the file says it; else once.
    pub(super) fn rows(self, place: NodeId) -> usize {
        let tree = &self.facts.tree;
        let list = tree.ancestors(place).find_map(|up| match tree.syntax(up) {
            Syntax::Loop { head, .. } => Some(head.get(1).and_then(|of| self.list(*of)).map_or(1, <[NodeId]>::len)),
            _ => None,
        });
        list.unwrap_or(1).clamp(1, MANY)
    }

    /// What a name of a loop's head stands for in a row, and the steps that lead to it from there.
    pub(super) fn row(
        self,
        around: NodeId,
        place: NodeId,
        declaration: &'a Declaration,
        row: usize,
    ) -> Option<(NodeId, &'a [Step])> {
        let Syntax::Loop { head, .. } = self.facts.tree.syntax(around) else {
            return None;
        };
        let list = self.list(*head.get(1)?)?;
        let whole = head.first() == Some(&place) && list.len() <= MANY && declaration.is_constant();
        // Of an index and an element, Go names the element in a place of its own.
        let own = self.facts.language != Language::Go || declaration.path.is_empty();
        (whole && own).then_some((*list.get(row)?, &*declaration.path))
    }

    /// The elements of a list as it is written, or of a name of one.
    fn list(self, id: NodeId) -> Option<&'a [NodeId]> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let id = tree.bare(id);
        match tree.syntax(id) {
            Syntax::Array(list) if !list.iter().any(|id| matches!(tree.syntax(*id), Syntax::Spread(_))) => Some(list),
            Syntax::Macro { name, args } if facts.slice(*name) == "vec" && !facts.words(id).contains(';') => Some(args),
            Syntax::Name => {
                let declaration = self.bindings().declaration(id)?;
                match (declaration.binding, declaration.is_constant()) {
                    (Binding::Let(place), true) if declaration.path.is_empty() => match tree.syntax(place) {
                        Syntax::Let { value: Some(value), .. } if tree.bare(*value) != id => self.list(*value),
                        _ => None,
                    },
                    _ => None,
                }
            }
            Syntax::Call { callee, args, .. } if args.is_empty() => match tree.syntax(*callee) {
                Syntax::Member { object, property } if matches!(facts.slice(*property), "iter" | "into_iter") => {
                    self.list(*object)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// True if all that is done with what a name stands for is to compare it and to speak of it, so that it stays what it was.
    pub(super) fn only_compares(self, declaration: &Declaration) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        // `let mut x` may grow without an assignment.
        let fixed = match declaration.binding {
            Binding::Let(place) => {
                let words = facts.words(place).trim_start_matches("let").trim_start();
                facts.language == Language::Rust && !words.starts_with("mut ")
            }
            _ => false,
        };
        let compared = |id: &NodeId| {
            let mut up = tree.node(*id).parent;
            while let Some(Syntax::Wrap(..)) = up.map(|up| tree.syntax(up)) {
                up = up.and_then(|up| tree.node(up).parent);
            }
            up.is_some_and(|up| match tree.syntax(up) {
                Syntax::Compare { .. } | Syntax::Macro { .. } => true,
                Syntax::Call { callee, args, .. } => {
                    args.iter().any(|arg| tree.bytes(*arg).contains(tree.bytes(*id)))
                        && COMPARE.iter().any(|begin| facts.words(*callee).starts_with(begin))
                }
                _ => false,
            })
        };
        declaration.is_constant() && (fixed || self.bindings().uses(declaration).iter().all(compared))
    }
}
