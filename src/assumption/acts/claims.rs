//! What a test claims of values. Enters: the tree of a test file and a region of it. Leaves: the [`Claim`]s in it that fail the test where they do
//! not hold.

use super::calls;
use super::file::TestFile;
use super::golang;
use super::pages;
use super::yields::callee_name;
use crate::lang::tree::{NodeId, Syntax, Through};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Methods of Rust that fail where what they take out is not there.
const TAKE: &[&str] = &["unwrap", "expect", "unwrap_err", "expect_err"];

/// Assertions of Python's mocks, by what they are called elsewhere.
const OF_MOCK: &[(&str, &str)] = &[
    ("assert_called", "called"),
    ("assert_called_once", "calledOnce"),
    ("assert_called_once_with", "calledOnceWith"),
    ("assert_called_with", "toHaveBeenLastCalledWith"),
    ("assert_not_called", "notCalled"),
];
/// What chai asserts without a call.
const STATED: &[&str] = &[
    "called",
    "calledOnce",
    "empty",
    "exist",
    "false",
    "null",
    "ok",
    "true",
    "undefined",
];

/// An assertion on values.
#[derive(Clone, Debug)]
pub struct Claim<'f> {
    /// Where it stands.
    pub node: NodeId,
    /// How it compares.
    pub(in crate::assumption) matcher: &'f str,
    /// What is looked at.
    pub(in crate::assumption) got: NodeId,
    /// What is expected.
    pub(in crate::assumption) expected: Vec<NodeId>,
    /// Turned around by `not`.
    pub(in crate::assumption) negated: bool,
}

/// The claims in a region that fail the test where they do not hold, in the order of the text.
#[must_use]
pub(in crate::assumption) fn claims(file: TestFile<'_>, region: Bytes) -> Vec<Claim<'_>> {
    let found = file.nodes(region).filter_map(|id| claim(file, id));
    let decided =
        |claim: &Claim<'_>| file.facts.language == Language::Go && golang::is_decided(file.facts, claim.node, region);
    found
        .filter(|claim| !decided(claim) && crate::assumption::sure::fails_its_test(file.facts, claim.node, region))
        .filter(|claim| !is_inner(file, claim, region))
        .collect()
}

/// True for a `?` that leaves another function than the test's own.
fn is_inner(file: TestFile<'_>, claim: &Claim<'_>, region: Bytes) -> bool {
    let tree = &file.facts.tree;
    let is_function = |up: &NodeId| matches!(tree.syntax(*up), Syntax::Function(_));
    matches!(tree.syntax(claim.node), Syntax::Wrap(..))
        && tree
            .ancestors(claim.node)
            .find(is_function)
            .is_some_and(|function| !tree.bytes(function).contains(region))
}

fn claim(file: TestFile<'_>, id: NodeId) -> Option<Claim<'_>> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    if facts.language == Language::Go {
        return golang::claim(facts, id);
    }
    let plain = |matcher, args: &[NodeId]| {
        Some(Claim {
            node: id,
            matcher,
            got: *args.first()?,
            expected: args.get(1..)?.to_vec(),
            negated: false,
        })
    };
    match tree.syntax(id) {
        Syntax::Macro { name, args } => {
            let name = facts.slice(*name);
            matches!(name, "assert" | "assert_eq" | "assert_ne").then(|| plain(name, args))?
        }
        Syntax::Call { callee, args, .. } => {
            let (name, path) = (callee_name(facts, *callee), facts.words(*callee));
            if facts.language == Language::Rust {
                let takes = TAKE.contains(&name) && matches!(tree.syntax(*callee), Syntax::Member { .. });
                return takes.then(|| Claim::taken(id));
            }
            if let Some(claim) = of_mock(facts, id, name, path, args) {
                return Some(claim);
            }
            // `screen.getByText('Row')` fails where it finds nothing.
            let is_statement = tree
                .node(id)
                .parent
                .is_some_and(|up| !matches!(tree.syntax(up), Syntax::Call { .. }));
            if is_statement && pages::fails_on_nothing(name) {
                return Some(Claim::taken(id));
            }
            if facts.language == Language::Ruby {
                let of = calls::assertion(facts, id).filter(|of| !of.negated && !of.failing)?;
                return Some(Claim {
                    node: id,
                    matcher: if of.matcher == "be" { "eq" } else { of.matcher },
                    got: of.got,
                    expected: of.expected,
                    negated: false,
                });
            }
            if path.contains("expect(") {
                let got = calls::expected_of(facts, *callee)?;
                let start = tree.bytes(got).end.saturating_sub(tree.bytes(*callee).start) as usize;
                let between = path.get(start..).unwrap_or(path);
                let has = |word: &str| between.split('.').any(|part| part == word);
                if has("rejects") || name.to_lowercase().contains("throw") {
                    return None;
                }
                return Some(Claim {
                    node: id,
                    matcher: name,
                    got,
                    expected: args.clone(),
                    negated: has("not") || has("never"),
                });
            }
            let asserts = ["assert", "t.", "self.assert", "chai.", "test."]
                .iter()
                .any(|word| path.starts_with(word));
            asserts.then(|| plain(name, args))?
        }
        // `expect(x).to.be.true`
        Syntax::Member { property, .. } if STATED.contains(&facts.slice(*property)) => stated(facts, id),
        // `quote()?`: the test fails with what it gives.
        Syntax::Wrap(Through::Assert, _) if facts.language == Language::Rust => Some(Claim::taken(id)),
        _ => None,
    }
}

/// `sinon.assert.notCalled(send)`, Python's `send.assert_not_called()`.
fn of_mock<'f>(facts: &'f FileFacts, id: NodeId, name: &'f str, path: &str, args: &[NodeId]) -> Option<Claim<'f>> {
    let Syntax::Call { callee, .. } = facts.tree.syntax(id) else {
        return None;
    };
    let (got, rest) = match facts.tree.syntax(*callee) {
        Syntax::Member { .. } if path.starts_with("sinon.assert.") => (*args.first()?, args.get(1..)?),
        Syntax::Member { object, .. } if OF_MOCK.iter().any(|(of, _)| *of == name) => (*object, args),
        _ => return None,
    };
    let matcher = OF_MOCK
        .iter()
        .find(|(of, _)| *of == name)
        .map_or(name, |(_, matcher)| *matcher);
    let negated = matcher == "notCalled";
    Some(Claim {
        node: id,
        matcher: if negated { "called" } else { matcher },
        got,
        expected: rest.to_vec(),
        negated,
    })
}

/// An assertion of chai that is no call.
fn stated(facts: &FileFacts, id: NodeId) -> Option<Claim<'_>> {
    let (tree, path) = (&facts.tree, facts.words(id));
    let goes_on = tree
        .node(id)
        .parent
        .is_some_and(|up| matches!(tree.syntax(up), Syntax::Member { .. } | Syntax::Call { .. }));
    let got = calls::expected_of(facts, id).filter(|_| !goes_on && path.contains("expect("))?;
    let between = path.get((tree.bytes(got).end.saturating_sub(tree.bytes(id).start)) as usize..)?;
    let (_, matcher) = between.rsplit_once('.')?;
    Some(Claim {
        node: id,
        matcher,
        got,
        expected: Vec::new(),
        negated: between.split('.').any(|word| word == "not"),
    })
}

impl Claim<'_> {
    /// Nothing is compared: what is taken out must be there.
    fn taken(id: NodeId) -> Self {
        Self {
            node: id,
            matcher: "taken",
            got: id,
            expected: Vec::new(),
            negated: false,
        }
    }
}
