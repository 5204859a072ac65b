//! What a write stands in. Enters: a place. Leaves: the function or class whose use runs it, whether it runs with the file or when all is over.

use super::File;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Span;

/// Calls whose functions run when a test is over.
const AFTERWARDS: &[&str] = &[
    "after",
    "afterEach",
    "afterAll",
    "onTestFinished",
    "addCleanup",
    "tearDown",
    "teardown",
    "Cleanup",
    "afterTest",
];

/// Calls that run what they are given at once.
const AT_ONCE: &[&str] = &["forEach", "map", "each", "flatMap"];

impl File<'_> {
    /// The name of what calls take a function for.
    fn callee_of(&self, function: NodeId) -> Option<&str> {
        let tree = &self.facts.tree;
        let call = tree
            .ancestors(function)
            .find(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)))?;
        match tree.syntax(call) {
            Syntax::Call { callee, args, .. } if args.iter().any(|arg| tree.bare(*arg) == function) => {
                let words = self.facts.words(*callee);
                Some(words.rsplit(['.', ':', ')']).next().unwrap_or(words))
            }
            _ => None,
        }
    }

    pub(super) fn is_afterwards(&self, id: NodeId) -> bool {
        let tree = &self.facts.tree;
        let mut functions = tree
            .ancestors(id)
            .filter(|up| matches!(tree.syntax(*up), Syntax::Function(_)));
        functions.any(|function| {
            let own = match tree.syntax(function) {
                Syntax::Function(of) => of.name.as_ref().map(|(name, _)| &**name),
                _ => None,
            };
            let called = self.callee_of(function);
            [own, called]
                .into_iter()
                .flatten()
                .any(|name| AFTERWARDS.contains(&name))
        })
    }

    /// The outermost named function or class around a place, and whether the place runs with the file.
    pub(super) fn holder(&self, id: NodeId) -> (Option<(String, Span)>, bool) {
        let tree = &self.facts.tree;
        let place = |id: NodeId| tree.bytes(id).in_file(self.facts.file);
        let (mut within, mut loaded, mut below_function) = (None, true, false);
        for up in tree.ancestors(id) {
            match tree.syntax(up) {
                Syntax::Function(of) => {
                    below_function = true;
                    loaded &= self.callee_of(up).is_some_and(|name| AT_ONCE.contains(&name));
                    if let Some((name, _)) = &of.name {
                        within = Some((name.to_string(), place(up)));
                    }
                }
                Syntax::Class {
                    name: Some((name, _)), ..
                } => within = Some((name.to_string(), place(up))),
                Syntax::Let { pattern, .. } if below_function => {
                    within = Some((self.facts.words(*pattern).to_owned(), place(up)));
                }
                _ => {}
            }
        }
        (within, loaded)
    }

    /// True for a parameter of the function around it that has a name.
    pub(super) fn is_parameter(&self, key: NodeId) -> bool {
        let tree = &self.facts.tree;
        let words = self.facts.words(key);
        let function = tree.ancestors(key).find_map(|up| match tree.syntax(up) {
            Syntax::Function(of) => Some(of),
            _ => None,
        });
        function.is_some_and(|of| {
            of.params.iter().any(|param| {
                let name = match tree.syntax(*param) {
                    Syntax::Default { pattern, .. } => *pattern,
                    _ => *param,
                };
                self.facts.words(name) == words
            })
        })
    }
}
