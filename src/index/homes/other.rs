//! What a look-up may give beside what its map holds. Enters: the function and the look-up in it. Leaves: the first value that comes from
//! elsewhere: `process.env[…] === '1' || FLAGS[name]`, `FLAGS[name] || name.startsWith('new')`, a header of a request. Who asks such a
//! function cannot say what it answers from the map alone.
//!
//! What is kept beside the map (`overrides[name] ?? FLAGS[name]`, `this.set.has(name)`) is none of that: who writes there is seen elsewhere.

use crate::index::code::{At, Code, Declared};
use crate::lang::tree::{Function, NodeId, Syntax, Tree};

/// Methods that ask what is kept in memory.
const ASKS: [&str; 8] = [
    "get",
    "has",
    "includes",
    "hasOwn",
    "hasOwnProperty",
    "find",
    "some",
    "contains_key",
];
/// Functions that give their argument back, as far as truth goes.
const CONVERSIONS: [&str; 5] = [
    "Boolean",
    "Object.hasOwn",
    "bool",
    "Object.prototype.hasOwnProperty.call",
    "unref",
];
/// Words in what is kept elsewhere than in memory.
const ELSEWHERE: [&str; 9] = [
    "process.env",
    "import.meta.env",
    "environ",
    "getenv",
    "env::var",
    "headers",
    "cookie",
    "localStorage",
    "sessionStorage",
];

struct Out<'a> {
    code: &'a Code<'a>,
    tree: &'a Tree,
    at: At,
    looked_up: NodeId,
}

/// The first value from elsewhere.
pub(super) fn other(code: &Code<'_>, at: At, function: &Function, looked_up: NodeId) -> Option<NodeId> {
    let tree = code.tree(at.unit);
    let out = Out {
        code,
        tree,
        at,
        looked_up,
    };
    let body = function.body?;
    if let Some(part) = out.part_of_entry() {
        return Some(part);
    }
    let mut found = None;
    let is_own = |id: NodeId| {
        let mut around = tree.ancestors(id);
        around.find(|up| matches!(tree.syntax(*up), Syntax::Function(_))) == Some(at.node)
    };
    if !matches!(tree.syntax(body), Syntax::Block(_) | Syntax::Return(_)) {
        out.value(body, &mut found, 24);
    }
    for id in std::iter::once(body).chain(tree.below(body)) {
        match tree.syntax(id) {
            Syntax::Return(Some(value)) if is_own(id) => out.value(*value, &mut found, 24),
            // What decides which `return` is reached.
            Syntax::If { test, .. } if is_own(id) => out.value(*test, &mut found, 24),
            _ => {}
        }
    }
    found
}

impl Out<'_> {
    /// `FLAGS[name].test`, `FLAGS[name][mode]`: an entry has several states, and which one counts hangs on who asks.
    fn part_of_entry(&self) -> Option<NodeId> {
        let up = self
            .tree
            .ancestors(self.looked_up)
            .find(|up| !matches!(self.tree.syntax(*up), Syntax::Wrap(..)))?;
        match self.tree.syntax(up) {
            Syntax::Member { object, property } if self.tree.bare(*object) == self.looked_up => {
                let name = self.code.slice(self.at.unit, *property);
                (!super::maps::STATES.contains(&name)
                    && [
                        "test",
                        "dev",
                        "development",
                        "prod",
                        "production",
                        "staging",
                        "local",
                        "ci",
                    ]
                    .contains(&name))
                .then_some(up)
            }
            Syntax::Index { object, .. } if self.tree.bare(*object) == self.looked_up => Some(up),
            _ => None,
        }
    }

    fn value(&self, id: NodeId, found: &mut Option<NodeId>, depth: usize) {
        let Some(depth) = depth.checked_sub(1).filter(|_| found.is_none()) else {
            return;
        };
        let id = self.tree.bare(id);
        if id == self.looked_up {
            return;
        }
        let words = || self.code.words(self.at.with(id));
        match self.tree.syntax(id) {
            Syntax::Logic { left, right, .. } => {
                self.value(*left, found, depth);
                self.value(*right, found, depth);
            }
            Syntax::Choose { test, yes, no } => [test, yes, no]
                .into_iter()
                .for_each(|part| self.value(*part, found, depth)),
            Syntax::Compare { left, right, .. } => {
                self.value(*left, found, depth);
                self.value(*right, found, depth);
            }
            Syntax::Not(inner) => self.value(*inner, found, depth),
            Syntax::Member { object, .. } | Syntax::Index { object, .. }
                if self.is_elsewhere(words()) || self.is_of_param(*object) =>
            {
                *found = Some(id);
            }
            Syntax::Call { callee, args, .. } => self.call(id, *callee, args, found, depth),
            Syntax::Name => {
                if let Some(Declared::Value { node, .. }) = self.code.declared(self.at.with(id))
                    && self.is_inside(node)
                {
                    self.value(node, found, depth);
                }
            }
            _ => {}
        }
    }

    fn call(&self, id: NodeId, callee: NodeId, args: &[NodeId], found: &mut Option<NodeId>, depth: usize) {
        let words = self.code.words(self.at.with(callee));
        let last = words.rsplit(['.', ':']).next().unwrap_or(words);
        if CONVERSIONS.contains(&words) {
            args.iter().for_each(|arg| self.value(*arg, found, depth));
            return;
        }
        let whole = self.code.words(self.at.with(id));
        // The look-up itself may be wrapped: `FLAGS.find((flag) => …)?.on ?? false`.
        if self.tree.below(id).contains(&self.looked_up) {
            return;
        }
        if ASKS.contains(&last)
            && !self.is_elsewhere(whole)
            && let Syntax::Member { object, .. } = self.tree.syntax(self.tree.bare(callee))
        {
            let object = self.tree.bare(*object);
            let kept = matches!(
                self.tree.syntax(object),
                Syntax::Name | Syntax::Member { .. } | Syntax::Array(_)
            );
            if kept && !self.is_of_param(object) {
                return;
            }
        }
        *found = Some(id);
    }

    fn is_elsewhere(&self, words: &str) -> bool {
        ELSEWHERE.iter().any(|elsewhere| words.contains(elsewhere))
    }

    fn is_inside(&self, id: NodeId) -> bool {
        self.tree.ancestors(id).any(|up| up == self.at.node)
    }

    /// A part of what the caller hands in: who asks decides.
    fn is_of_param(&self, id: NodeId) -> bool {
        let id = self.tree.bare(id);
        match self.tree.syntax(id) {
            Syntax::Name => {
                let declared = self.code.declared(self.at.with(id));
                matches!(declared, Some(Declared::Param { function, .. }) if function == self.at.node)
                    && self.code.words(self.at.with(id)) != "self"
            }
            Syntax::Member { object, .. } | Syntax::Index { object, .. } => self.is_of_param(*object),
            Syntax::Call { callee, .. } => self.is_of_param(*callee),
            _ => false,
        }
    }
}
