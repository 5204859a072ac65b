//! The calls of a test that reach a function directly, and what it asserts. Enters: the tree of a test file. Leaves: the
//! [`Assertion`]s of a region, and answers: is this receiver an instance of that class, is this value what that call gave.

use crate::index::bindings::{Binding, Declaration};
use crate::lang::tree::{CompareOp, Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

use super::file::TestFile;
use super::yields::callee_name;
use crate::assumption::words::split;

/// Assertions that compare their first two arguments.
const COMPARING: [&str; 9] = [
    "equal",
    "strictEqual",
    "deepEqual",
    "deepStrictEqual",
    "assertEqual",
    "assertEquals",
    "assert_eq",
    "is",
    "like",
];
/// What holds a block that must throw.
const RAISING: [&str; 3] = ["raises", "assertRaises", "assertRaisesRegex"];
/// Assertions that hold where there is nothing.
const ABSENT: [&str; 21] = [
    "toBeUndefined",
    "toBeNull",
    "toBeNullable",
    "toBeFalse",
    "toBeFalsy",
    "toBeNil",
    "toBeEmpty",
    "toBeEmptyDOMElement",
    "toThrow",
    "toThrowError",
    "notCalled",
    "isUndefined",
    "isNull",
    // These hold of nothing, or may.
    "toBeTypeOf",
    "toBeOneOf",
    "toSatisfy",
    "toBeLessThan",
    "toBeLessThanOrEqual",
    "toMatchSnapshot",
    "toMatchInlineSnapshot",
    "toMatchFileSnapshot",
];
/// Beginnings of functions that make what they are named after.
const MAKES: [&str; 5] = ["create", "make", "build", "new", "New"];
/// Matchers of RSpec (`expect(x).to eq(1)`) that compare with their argument.
const RSPEC: [&str; 8] = [
    "eq",
    "eql",
    "equal",
    "be",
    "match",
    "match_array",
    "contain_exactly",
    "include",
];

/// One assertion.
#[derive(Clone, Debug)]
pub struct Assertion<'f> {
    /// All of it.
    pub bytes: Bytes,
    /// Where it stands in the tree.
    pub node: NodeId,
    /// What is looked at.
    pub got: NodeId,
    /// How (`toBe`, `assert_eq`).
    pub matcher: &'f str,
    /// What is expected.
    pub expected: Vec<NodeId>,
    /// Turned around by `not`.
    pub negated: bool,
    /// Expects a failure.
    pub failing: bool,
}

/// The assertions in a region, in the order of the text.
#[must_use]
pub fn assertions(file: TestFile<'_>, region: Bytes) -> Vec<Assertion<'_>> {
    file.nodes(region).filter_map(|id| assertion(file.facts, id)).collect()
}

/// The assertion that a node is.
#[must_use]
pub fn assertion(facts: &FileFacts, id: NodeId) -> Option<Assertion<'_>> {
    let (tree, bytes) = (&facts.tree, facts.tree.bytes(id));
    let plain = |matcher, args: &[NodeId]| {
        let (got, expected) = sides(facts, *args.first()?, *args.get(1)?);
        Some(Assertion {
            bytes,
            node: id,
            got,
            matcher,
            expected: vec![expected],
            negated: false,
            failing: false,
        })
    };
    match tree.syntax(id) {
        Syntax::Macro { name, args } => {
            let name = facts.slice(*name);
            match name {
                "assert" => stated(facts, id, name, args),
                "assert_eq" => plain(name, args),
                _ => None,
            }
        }
        Syntax::Call { callee, args, .. } => {
            let name = callee_name(facts, *callee);
            let path = facts.words(*callee);
            if COMPARING.contains(&name) && !path.contains("expect(") && args.len() > 1 {
                return plain(name, args);
            }
            if let Some(of) = thrown(facts, id, name, path, args).or_else(|| stated(facts, id, path, args)) {
                return Some(of);
            }
            let got = expected_of(facts, *callee)?;
            if facts.language == Language::Ruby {
                return rspec(facts, id, got, name, args);
            }
            let between =
                &path[(tree.bytes(got).end.saturating_sub(tree.bytes(*callee).start) as usize).min(path.len())..];
            Some(Assertion {
                bytes,
                node: id,
                got,
                matcher: name,
                expected: args.clone(),
                negated: between.split('.').any(|word| word == "not" || word == "never"),
                failing: between.contains("rejects") || name.starts_with("toThrow") || name == "throw",
            })
        }
        // `with pytest.raises(NotFound): quotes.show(1)`
        Syntax::With { held, body } => held.iter().find_map(|held| match tree.syntax(tree.bare(*held)) {
            Syntax::Call { callee, args, .. } => {
                let name = callee_name(facts, *callee);
                RAISING.contains(&name).then(|| Assertion {
                    bytes: tree.bytes(*held),
                    node: id,
                    got: *body,
                    matcher: name,
                    expected: args.clone(),
                    negated: false,
                    failing: true,
                })
            }
            _ => None,
        }),
        _ => None,
    }
}

/// `assert.throws(() => f())`, `assert.doesNotThrow(() => f())`
fn thrown<'f>(facts: &'f FileFacts, node: NodeId, name: &'f str, path: &str, args: &[NodeId]) -> Option<Assertion<'f>> {
    let negated = match name {
        "throws" | "rejects" | "throwsAsync" | "isRejected" => false,
        "doesNotThrow" | "doesNotReject" | "notThrows" | "notThrowsAsync" => true,
        _ => return None,
    };
    let asserts = matches!(path.split('.').next(), Some("assert" | "t" | "chai"));
    let expected = args.get(1..).unwrap_or_default();
    // A text at the end is a message.
    let expected = match expected {
        [.., last] if matches!(facts.tree.syntax(*last), Syntax::Text(_)) => &expected[..expected.len() - 1],
        all => all,
    };
    Some(Assertion {
        bytes: facts.tree.bytes(node),
        node,
        got: *args.first().filter(|_| asserts)?,
        matcher: name,
        expected: expected.to_vec(),
        negated,
        failing: true,
    })
}

/// What is looked at, and what is expected: a value as it is written is never looked at (`assert.equal(null, x)`).
fn sides(facts: &FileFacts, one: NodeId, other: NodeId) -> (NodeId, NodeId) {
    let literal = |id: NodeId| {
        is_empty(facts, id)
            || matches!(
                facts.tree.syntax(facts.tree.bare(id)),
                Syntax::Text(_) | Syntax::Bool(_) | Syntax::Number | Syntax::Array(_) | Syntax::Object { .. }
            )
    };
    if literal(one) && !literal(other) {
        return (other, one);
    }
    (one, other)
}

/// Python's `assert a == b`, which the tree has as a call, and Rust's `assert!(a == b)`.
fn stated<'f>(facts: &'f FileFacts, node: NodeId, path: &'f str, args: &[NodeId]) -> Option<Assertion<'f>> {
    let tree = &facts.tree;
    let is_rust = facts.language == Language::Rust;
    let stated = args
        .first()
        .filter(|_| path == "assert" && (is_rust || facts.language == Language::Python))?;
    let (got, expected, negated) = match tree.syntax(tree.bare(*stated)) {
        Syntax::Compare { op, left, right } => {
            let (got, expected) = sides(facts, *left, *right);
            (got, vec![expected], *op != CompareOp::Equal)
        }
        Syntax::Not(inner) => (*inner, Vec::new(), true),
        Syntax::Call { .. } if is_rust => (*stated, Vec::new(), false),
        Syntax::Macro { name, args } if facts.slice(*name) == "matches" => {
            // `matches!(x, Some(_))`; `None`, `_` and `Some(_) | None` match nothing too.
            let (first, pattern) = (*args.first()?, *args.get(1)?);
            let rest = Bytes {
                start: tree.bytes(pattern).start,
                end: tree.bytes(*stated).end,
            };
            let rest = facts.slice(rest);
            let positive = (rest.starts_with("Some(") || rest.starts_with("Ok(")) && !rest.contains('|');
            (first, Vec::new(), !positive)
        }
        Syntax::Call { callee, .. } => (*stated, Vec::new(), facts.words(*callee) != "in"),
        // What a function makes of a value may hold where there is none.
        Syntax::Name | Syntax::Member { .. } => (*stated, Vec::new(), false),
        _ => (*stated, Vec::new(), true),
    };
    Some(Assertion {
        bytes: facts.tree.bytes(node),
        node,
        got,
        matcher: path,
        expected,
        negated,
        failing: false,
    })
}

/// `expect(x).to eq(1)`
fn rspec<'f>(facts: &'f FileFacts, node: NodeId, got: NodeId, name: &str, args: &[NodeId]) -> Option<Assertion<'f>> {
    let matcher = *args.first()?;
    let (matcher, expected) = match facts.tree.syntax(facts.tree.bare(matcher)) {
        Syntax::Call { callee, args, .. } => (callee_name(facts, *callee), args.clone()),
        _ => (facts.words(matcher), Vec::new()),
    };
    Some(Assertion {
        bytes: facts.tree.bytes(node),
        node,
        got,
        matcher,
        negated: name != "to" || !RSPEC.contains(&matcher) || expected.is_empty(),
        failing: name == "to" && matcher == "raise_error",
        expected,
    })
}

/// True for what is written and is nothing: null, false, zero, an empty list.
#[must_use]
pub fn is_empty(facts: &FileFacts, id: NodeId) -> bool {
    let id = facts.tree.bare(id);
    match facts.tree.syntax(id) {
        Syntax::Nothing | Syntax::Bool(false) => true,
        Syntax::Number => facts.words(id).parse::<f64>().is_ok_and(|number| number.abs() <= 0.0),
        Syntax::Text(text) => text.is_empty(),
        Syntax::Array(list) => list.is_empty(),
        Syntax::Object { entries, .. } => entries.is_empty(),
        Syntax::Name => facts.words(id) == "undefined" || facts.words(id).ends_with("::None"),
        _ => false,
    }
}

/// `x` of `expect(x).not.toBe`.
#[must_use]
pub fn expected_of(facts: &FileFacts, callee: NodeId) -> Option<NodeId> {
    let tree = &facts.tree;
    let mut at = match tree.syntax(callee) {
        Syntax::Member { object, .. } => *object,
        _ => return None,
    };
    loop {
        match tree.syntax(at) {
            Syntax::Member { object, .. } => at = *object,
            Syntax::Call { callee, args, .. } if facts.words(*callee) == "expect" => return args.first().copied(),
            Syntax::Wrap(_, inner) => at = *inner,
            _ => return None,
        }
    }
}

impl Assertion<'_> {
    /// True if it fails where there is nothing: an empty list, zero, false and nothing hold there too.
    #[must_use]
    pub fn is_positive(&self, facts: &FileFacts) -> bool {
        let empty = |id: &NodeId| is_empty(facts, *id);
        !self.negated && !self.failing && !ABSENT.contains(&self.matcher) && !self.expected.first().is_some_and(empty)
    }

    /// True if it says that a function was called.
    #[must_use]
    pub fn is_of_call(&self) -> bool {
        let called = ["toHaveBeenCalled", "toBeCalled", "calledWith", "calledOnce"];
        called.iter().any(|name| self.matcher.starts_with(name))
    }
}

impl TestFile<'_> {
    /// True if what is looked at is, or was bound to, what the call gave.
    #[must_use]
    pub fn comes_from(self, got: NodeId, call: NodeId) -> bool {
        let tree = &self.facts.tree;
        let call = tree.bytes(call);
        tree.below(got).into_iter().any(|id| {
            tree.bytes(id).contains(call)
                || self.bindings().declaration(id).is_some_and(|declaration| {
                    let places = bound_at(declaration)
                        .into_iter()
                        .chain(declaration.assignments.iter().copied());
                    places.into_iter().any(|place| self.holds(place, call))
                })
        })
    }

    /// True if what is looked at was given by another call before this one, and nothing is called to look at it: it cannot show what
    /// this call did.
    #[must_use]
    pub fn is_older(self, got: NodeId, call: NodeId) -> bool {
        let tree = &self.facts.tree;
        let call = tree.bytes(call).start;
        let below = tree.below(got);
        if below
            .iter()
            .any(|id| matches!(tree.syntax(*id), Syntax::Call { .. } | Syntax::New { .. }))
        {
            return false;
        }
        let names: Vec<&Declaration> = below.iter().filter_map(|id| self.bindings().declaration(*id)).collect();
        let older = |of: &&Declaration| {
            let value = bound_at(of).and_then(|place| match tree.syntax(place) {
                Syntax::Let { value: Some(value), .. } => Some(tree.bare(*value)),
                _ => None,
            });
            let given = value.is_some_and(|value| matches!(tree.syntax(value), Syntax::Call { .. }));
            given && of.bytes.start < call && of.assignments.is_empty()
        };
        !names.is_empty() && names.iter().all(older)
    }

    /// True if a region makes a function of this name for the code under test: a method of an object, an entry that is one or a mock,
    /// a spy.
    #[must_use]
    pub fn has_fake(self, region: Bytes, name: &str) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        self.nodes(region).any(|id| match tree.syntax(id) {
            Syntax::Function(function) => {
                function.method && function.name.as_ref().is_some_and(|(of, _)| &**of == name)
            }
            Syntax::Entry {
                key: Key::Name(key, _),
                value,
            } => {
                let value = tree.syntax(tree.bare(*value));
                &**key == name && matches!(value, Syntax::Function(_) | Syntax::Call { .. })
            }
            Syntax::Call { callee, args, .. } => {
                let spies = matches!(callee_name(facts, *callee), "spyOn" | "stub" | "replace" | "method");
                spies
                    && args
                        .iter()
                        .any(|arg| matches!(tree.syntax(*arg), Syntax::Text(text) if &**text == name))
            }
            _ => false,
        })
    }

    /// True for a statement that binds the value of the call itself, not of a function around it.
    fn holds(self, place: NodeId, call: Bytes) -> bool {
        let tree = &self.facts.tree;
        tree.bytes(place).contains(call)
            && tree
                .below(place)
                .into_iter()
                .all(|id| !matches!(tree.syntax(id), Syntax::Function(_)) || !tree.bytes(id).contains(call))
    }

    /// True if an expression stands for an instance of the class: by its own name, or by what it was bound to.
    #[must_use]
    pub fn is_instance(self, receiver: NodeId, class: &str) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let receiver = tree.bare(receiver);
        let last = match tree.syntax(receiver) {
            Syntax::Member { property, .. } => facts.slice(*property),
            Syntax::Name => facts.words(receiver),
            Syntax::New { callee, .. } => return facts.words(*callee) == class,
            // `Cart::new().limit()`, `billing().mode()`
            Syntax::Call { callee, .. } if matches!(tree.syntax(*callee), Syntax::Name) => {
                return self.names(*callee, class) || self.made_by(receiver, class);
            }
            _ => return false,
        };
        if split(last) == split(class) {
            return true;
        }
        let Some(declaration) = self.bindings().declaration(receiver) else {
            return false;
        };
        let mut places = bound_at(declaration)
            .into_iter()
            .chain(declaration.assignments.iter().copied());
        places.any(|place| self.names(place, class) || self.made_by(place, class))
    }

    fn names(self, place: NodeId, class: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut words = self.facts.words(place).split(|c| !is_word(c));
        // `createFakeQuoteService(config)` makes a QuoteService.
        let makes = |word: &str| MAKES.iter().any(|begin| word.starts_with(begin));
        words.any(|word| word == class || word.len() > class.len() && makes(word) && word.ends_with(class))
    }

    /// True if a function of the file that is called there names the class.
    fn made_by(self, place: NodeId, class: &str) -> bool {
        let (facts, tree) = (self.facts, &self.facts.tree);
        tree.below(place).into_iter().any(|id| match tree.syntax(id) {
            Syntax::Call { callee, .. } if matches!(tree.syntax(*callee), Syntax::Name) => self
                .function(facts.words(*callee))
                .is_some_and(|function| self.names(function, class)),
            _ => false,
        })
    }
}

/// The statement that declares a name.
fn bound_at(declaration: &Declaration) -> Option<NodeId> {
    match declaration.binding {
        Binding::Let(node) => Some(node),
        _ => None,
    }
}
