//! Tests of a function that fails in one state of a flag: it throws there, or gives an error. Enters: a test, a call in it, a side of
//! the function. Leaves: the place in the test that fails with the other state. Nothing is said where the test may catch what is thrown.

use std::collections::BTreeMap;

use super::calls::Assertion;
use super::file::TestFile;
use super::yields::{Side, callee_name};
use crate::index::bindings::Binding;
use crate::lang::Language;
use crate::lang::tree::{CompareOp, NodeId, Syntax, Through};
use crate::source::Bytes;

/// Methods that fail on an error.
const TAKE_VALUE: [&str; 2] = ["unwrap", "expect"];
/// Methods that fail on a value.
const TAKE_ERROR: [&str; 2] = ["unwrap_err", "expect_err"];
/// Assertions that there is no error.
const NO_ERROR: [&str; 4] = ["NoError", "NoErrorf", "Nil", "Nilf"];
/// Assertions that there is one.
const ERROR: [&str; 4] = ["Error", "Errorf", "NotNil", "NotNilf"];
/// Classes that every error is one of.
const ANY_ERROR: [&str; 4] = ["Error", "Exception", "BaseException", "StandardError"];
/// Words of a `with` that swallows what is thrown in it.
const SWALLOWS: [&str; 5] = ["raises", "Raises", "suppress", "warns", "catch"];
/// Functions that fail where a promise that they are given does; others may swallow its failure (`Promise.allSettled`, `to`).
const PASSES_ON: [&str; 2] = ["Promise.all", "Promise.resolve"];
/// What jest waits for with: `expect(pay()).resolves`.
const WAITS: [&str; 2] = ["resolves", "rejects"];
/// Methods of a promise that may swallow its failure.
const HANDLES: [&str; 3] = ["catch", "then", "finally"];

/// A call of a function under test.
#[derive(Clone, Copy)]
pub struct Called<'a> {
    /// The test file.
    pub file: TestFile<'a>,
    /// The body of the test.
    pub region: Bytes,
    /// The call.
    pub call: NodeId,
    /// It gives a promise.
    pub promises: bool,
    /// Where the names of the region get their values.
    pub given: &'a Given<'a>,
}

/// Where the names of a region get their values, and what of it may fail on one: looked up once for all calls and assertions in it.
pub struct Given<'a> {
    /// By name, in the order of the text.
    values: BTreeMap<&'a str, Vec<Bytes>>,
    /// Assertions, macros, method calls and, in Go, conditions.
    takers: Vec<NodeId>,
}

impl<'a> Given<'a> {
    /// What a region gives its names.
    #[must_use]
    pub fn of(file: TestFile<'a>, region: Bytes) -> Self {
        let (facts, tree) = (file.facts, &file.facts.tree);
        let mut given = Self {
            values: BTreeMap::new(),
            takers: Vec::new(),
        };
        for id in file.nodes(region) {
            let target = match tree.syntax(id) {
                Syntax::Let { pattern, .. } => *pattern,
                Syntax::Assign { target, .. } => *target,
                Syntax::If { .. } if facts.language != Language::Go => continue,
                Syntax::Wrap(Through::Assert, _) | Syntax::Call { .. } | Syntax::Macro { .. } | Syntax::If { .. } => {
                    given.takers.push(id);
                    continue;
                }
                _ => continue,
            };
            let is_name = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Name);
            for name in tree.below(target).into_iter().filter(is_name) {
                given.values.entry(facts.words(name)).or_default().push(tree.bytes(id));
            }
        }
        given
    }

    /// The statement that gave `name` its value last, before `place`.
    fn last(&self, name: &str, place: u32) -> Option<Bytes> {
        let values = self.values.get(name)?;
        let begun = values.partition_point(|bytes| bytes.start <= place);
        values[..begun].iter().rev().find(|bytes| bytes.end <= place).copied()
    }
}

impl Called<'_> {
    /// The place that fails unless the flag has the value of `side`.
    pub fn shown(&self, side: &Side<'_>, asserted: &[Assertion<'_>]) -> Option<Bytes> {
        let by_assertion = asserted
            .iter()
            .find(|of| self.expects(side, of) && self.file.comes_from_any(of.got, self.call))
            .map(|of| of.bytes);
        let (tree, bytes) = (&self.file.facts.tree, self.file.facts.tree.bytes(self.call));
        let plain = || {
            let runs = side.surely_fails && self.is_sure(self.call, self.region, !self.promises);
            runs.then_some(bytes)
        };
        let by_value = || match (side.errs, side.alone_errs) {
            (false, false) => None,
            (errs, alone) => (self.given.takers.iter().copied())
                .filter(|id| tree.bytes(*id).end >= bytes.end)
                .filter(|id| (errs && self.takes(*id, true)) || (alone && self.takes(*id, false)))
                .find(|id| self.is_sure(*id, self.region, true))
                .map(|id| tree.bytes(id)),
        };
        by_assertion.or_else(plain).or_else(by_value)
    }

    /// True for an assertion that the call throws, or that it does not, where this side alone does so.
    fn expects(&self, side: &Side<'_>, of: &Assertion<'_>) -> bool {
        let facts = self.file.facts;
        let any = || {
            of.expected.iter().all(|id| {
                let id = facts.tree.bare(*id);
                matches!(facts.tree.syntax(id), Syntax::Name) && ANY_ERROR.contains(&facts.words(id))
            })
        };
        let block = self.block(of.got);
        let runs = || {
            let inside =
                block.is_none_or(|block| self.is_sure(self.call, self.file.facts.tree.bytes(block), !self.promises));
            inside && self.is_sure(self.statement(of.got), self.region, true)
        };
        match (of.failing, of.negated) {
            (true, true) => side.surely_fails && any() && runs(),
            (true, false) => side.alone_fails && any() && runs() && block.is_none_or(|block| self.is_alone(block)),
            (false, _) => false,
        }
    }

    /// The function of the test, or the block, that is to throw or not.
    fn block(&self, got: NodeId) -> Option<NodeId> {
        let tree = &self.file.facts.tree;
        let is_block = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Function(_) | Syntax::Block(_));
        let bare = tree.bare(got);
        let named = || match self.file.bindings().declaration(bare)?.binding {
            Binding::Let(node) => match tree.syntax(node) {
                Syntax::Let { value: Some(value), .. } => Some(tree.bare(*value)),
                _ => None,
            },
            _ => None,
        };
        Some(bare).filter(is_block).or_else(|| named().filter(is_block))
    }

    /// True if the block calls nothing else that may be what throws; what makes the arguments of the call is taken to work.
    fn is_alone(&self, block: NodeId) -> bool {
        let tree = &self.file.facts.tree;
        let call = tree.bytes(self.call);
        let other = |id: &NodeId| {
            matches!(tree.syntax(*id), Syntax::Call { .. } | Syntax::Macro { .. }) && !call.contains(tree.bytes(*id))
        };
        !tree.below(block).iter().any(other)
    }

    /// What holds a block, or the value itself.
    fn statement(&self, got: NodeId) -> NodeId {
        let tree = &self.file.facts.tree;
        let up = tree.node(got).parent;
        up.filter(|up| matches!(tree.syntax(*up), Syntax::With { .. }))
            .unwrap_or(got)
    }

    /// True if what fails at `from` fails all of `region`: nothing around it catches that, and nothing decides whether it runs. What is
    /// not `awaited` yet may be a promise that is lost on the way.
    fn is_sure(&self, from: NodeId, region: Bytes, mut awaited: bool) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let is_body = |id: NodeId| tree.bytes(id).contains(region);
        let mut below = from;
        for up in tree.ancestors(from) {
            let is_whole = is_body(up);
            let passes = match tree.syntax(up) {
                Syntax::Wrap(Through::Await, _) => {
                    awaited = true;
                    true
                }
                Syntax::Member { object, property } if *object == below => {
                    let name = facts.slice(*property);
                    awaited || !(HANDLES.contains(&name) || name.starts_with("reject"))
                }
                Syntax::With { held, .. } => held
                    .iter()
                    .all(|held| !SWALLOWS.iter().any(|word| facts.words(*held).contains(word))),
                Syntax::Call { args, .. } if !awaited && args.contains(&below) => self.passes_on(up),
                Syntax::New { .. } => awaited,
                Syntax::Wrap(..)
                | Syntax::Let { .. }
                | Syntax::Assign { .. }
                | Syntax::Block(_)
                | Syntax::Array(_)
                | Syntax::Object { .. }
                | Syntax::Entry { .. }
                | Syntax::Attribute { .. }
                | Syntax::Call { .. }
                | Syntax::Macro { .. }
                | Syntax::Compare { .. }
                | Syntax::Not(_)
                | Syntax::Template(_)
                | Syntax::Index { .. } => true,
                // What a test returns is waited for.
                Syntax::Return(_) => {
                    awaited |= tree.node(up).parent.is_some_and(is_body);
                    true
                }
                Syntax::Function(_) => return is_whole && awaited,
                // The statement of an expression.
                Syntax::Other(inside) => inside.len() == 1 && tree.bytes(up).start == tree.bytes(below).start,
                _ => false,
            };
            if !passes {
                return false;
            }
            if is_whole && matches!(tree.syntax(up), Syntax::Block(_)) {
                return awaited;
            }
            below = up;
        }
        false
    }

    /// `Promise.all([pay()])`, `expect(pay()).resolves`: what is made of a promise fails where the promise does.
    fn passes_on(&self, call: NodeId) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let Syntax::Call { callee, .. } = tree.syntax(call) else {
            return false;
        };
        let resolved = |up: NodeId| matches!(tree.syntax(up), Syntax::Member { property, .. } if WAITS.contains(&facts.slice(*property)));
        let name = facts.words(*callee);
        PASSES_ON.contains(&name) || (name == "expect" && tree.node(call).parent.is_some_and(resolved))
    }

    /// True if the promise that the call gives goes into a function, or a method, that may swallow its failure.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let mut below = self.call;
        for up in tree.ancestors(self.call).take_while(|_| self.promises) {
            match tree.syntax(up) {
                Syntax::Call { args, .. } if args.contains(&below) && !self.passes_on(up) => return true,
                Syntax::New { .. } => return true,
                Syntax::Member { object, property }
                    if *object == below && HANDLES.contains(&facts.slice(*property)) =>
                {
                    return true;
                }
                Syntax::Wrap(Through::Await, _) | Syntax::Function(_) | Syntax::Block(_) | Syntax::Let { .. } => {
                    return false;
                }
                _ => {}
            }
            below = up;
        }
        false
    }

    /// True for a place that fails on an error that the call gave (`value`), or on a value.
    fn takes(&self, id: NodeId, value: bool) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let is_ours = |at: NodeId| self.gave(at) && self.is_result(at);
        match tree.syntax(id) {
            Syntax::Wrap(Through::Assert, inner) => value && is_ours(*inner),
            Syntax::Call { callee, args, .. } => match tree.syntax(*callee) {
                Syntax::Member { object, property } => {
                    let name = facts.slice(*property);
                    let wanted = if value { &TAKE_VALUE } else { &TAKE_ERROR };
                    let of_go = if value { &NO_ERROR } else { &ERROR };
                    let asserts = matches!(facts.words(*object), "require" | "assert");
                    let last = args.iter().rev().find(|arg| is_error(facts.words(**arg)));
                    let go = asserts && of_go.contains(&name);
                    (wanted.contains(&name) && is_ours(*object)) || (go && last.is_some_and(|last| self.gave(*last)))
                }
                _ => false,
            },
            Syntax::Macro { name, args } => match (facts.slice(*name), args.as_slice()) {
                ("assert", [got, ..]) => match tree.syntax(tree.bare(*got)) {
                    Syntax::Call { callee, .. } => match tree.syntax(*callee) {
                        Syntax::Member { object, property } => {
                            let wanted = if value { "is_ok" } else { "is_err" };
                            facts.slice(*property) == wanted && is_ours(*object)
                        }
                        _ => false,
                    },
                    Syntax::Macro { name, args } if facts.slice(*name) == "matches" && args.len() > 1 => {
                        self.is_variant(args[1], value) && is_ours(args[0])
                    }
                    _ => false,
                },
                ("assert_eq", [one, other, ..]) => {
                    (self.is_variant(*other, value) && is_ours(*one))
                        || (self.is_variant(*one, value) && is_ours(*other))
                }
                _ => false,
            },
            // `if err != nil { t.Fatal(err) }`
            Syntax::If { test, yes, .. } if facts.language == Language::Go => {
                let op = match tree.syntax(tree.bare(*test)) {
                    Syntax::Compare { op, left, right } => {
                        let nil = matches!(tree.syntax(*right), Syntax::Nothing);
                        (nil && is_error(facts.words(*left)) && self.gave(*left)).then_some(*op)
                    }
                    _ => None,
                };
                let wanted = if value { CompareOp::NotEqual } else { CompareOp::Equal };
                let fails = ["t.Fatal", "t.Error", "t.Fail"];
                op == Some(wanted) && fails.iter().any(|word| facts.words(*yes).contains(word))
            }
            _ => false,
        }
    }

    /// True for the call itself or a name that stands for what it gave.
    fn is_result(&self, at: NodeId) -> bool {
        let tree = &self.file.facts.tree;
        let at = tree.bare(at);
        at == self.call || matches!(tree.syntax(at), Syntax::Name)
    }

    /// True if the call gave what stands there, and nothing gave the name another value since.
    fn gave(&self, at: NodeId) -> bool {
        let (facts, tree) = (self.file.facts, &self.file.facts.tree);
        let (place, call) = (tree.bytes(at), tree.bytes(self.call));
        let name = facts.words(tree.bare(at));
        // The last value decides, and is looked up; what else the name was given need not be gone through.
        let last = self.given.last(name, place.start).unwrap_or(place);
        last.contains(call) && self.file.is_given_by(at, self.call)
    }

    /// `Ok(…)`, `Err(…)`
    fn is_variant(&self, id: NodeId, value: bool) -> bool {
        let facts = self.file.facts;
        let id = facts.tree.bare(id);
        let wanted = if value { "Ok" } else { "Err" };
        match facts.tree.syntax(id) {
            Syntax::Call { callee, .. } => callee_name(facts, *callee) == wanted,
            _ => facts.words(id).starts_with(&format!("{wanted}(")),
        }
    }
}

fn is_error(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("err") || name == "error"
}

impl TestFile<'_> {
    /// True for a name that the file itself gives a value.
    #[must_use]
    pub fn is_local(self, name: NodeId) -> bool {
        let declaration = self.bindings().declaration(name);
        declaration.is_some_and(|declaration| matches!(declaration.binding, Binding::Let(_) | Binding::Param { .. }))
    }

    /// True if a `try` of the same function stands around the call.
    #[must_use]
    pub fn is_caught(self, call: NodeId) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let inside = tree
            .ancestors(call)
            .take_while(|up| !matches!(tree.syntax(*up), Syntax::Function(_)));
        inside
            .filter(|up| matches!(tree.syntax(*up), Syntax::Other(_)))
            .any(|up| facts.words(up).starts_with("try"))
    }

    /// True if what is looked at holds the call, gave its value, or is a function of the test that makes it.
    fn comes_from_any(self, got: NodeId, call: NodeId) -> bool {
        if self.comes_from(got, call) {
            return true;
        }
        let tree = &self.facts.tree;
        let got = tree.bare(got);
        matches!(tree.syntax(got), Syntax::Name)
            && self
                .bindings()
                .declaration(got)
                .and_then(|declaration| match declaration.binding {
                    Binding::Let(node) => Some(node),
                    _ => None,
                })
                .is_some_and(|node| tree.bytes(node).contains(tree.bytes(call)))
    }
}

#[cfg(test)]
mod tests;
