//! How Go's tests claim something: by a condition that fails them, by testify, by gomega. Enters: a node of a test file. Leaves: a [`Claim`], and
//! what Go's own functions make of values.

use super::claims::Claim;
use super::named;
use super::value::{Value, contains, part, same};
use super::yields::callee_name;
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// Methods that fail a test.
const FAIL: &[&str] = &["Fatal", "Fatalf", "Error", "Errorf", "Fail", "FailNow"];
/// What they are called on.
const OF_TEST: &[&str] = &["t", "b", "tb", "s.T()", "suite.T()"];
/// Calls after which a test does not go on.
const SKIP: &[&str] = &["Skip", "Skipf", "SkipNow"];
/// testify's assertions, what they are here, and which of their arguments is looked at.
const TESTIFY: &[(&str, &str, usize)] = &[
    ("Equal", "equal", 1),
    ("EqualValues", "equal", 1),
    ("Exactly", "equal", 1),
    ("NotEqual", "notEqual", 1),
    ("True", "ok", 0),
    ("False", "isFalse", 0),
    ("Nil", "isNull", 0),
    ("NotNil", "isNotNull", 0),
    ("NoError", "isNull", 0),
    ("Error", "isNotNull", 0),
    ("ErrorIs", "errorIs", 0),
    ("ErrorContains", "errorText", 0),
    ("EqualError", "errorText", 0),
    ("Contains", "include", 0),
    ("Len", "lengthOf", 0),
];
/// gomega's matchers, and what they are here.
const GOMEGA: &[(&str, &str)] = &[
    ("Equal", "equal"),
    ("BeEquivalentTo", "equal"),
    ("BeNil", "isNull"),
    ("BeTrue", "ok"),
    ("BeFalse", "isFalse"),
    ("HaveOccurred", "isNotNull"),
    ("Succeed", "isNull"),
    ("HaveLen", "lengthOf"),
    ("ContainElement", "include"),
    ("ContainSubstring", "include"),
    ("MatchError", "errorIs"),
];

/// The claim that a node is.
pub(super) fn claim(facts: &FileFacts, id: NodeId) -> Option<Claim<'_>> {
    match facts.tree.syntax(id) {
        // `if got != want { t.Fatal() }`
        Syntax::If { test, yes, .. } => fails(facts, *yes).then(|| Claim {
            node: id,
            matcher: "isFalse",
            got: *test,
            expected: Vec::new(),
            negated: false,
        }),
        Syntax::Call { callee, args, .. } => {
            testify(facts, id, *callee, args).or_else(|| gomega(facts, id, *callee, args))
        }
        _ => None,
    }
}

/// True for a block that fails the test whenever it runs.
fn fails(facts: &FileFacts, block: NodeId) -> bool {
    let tree = &facts.tree;
    let Syntax::Block(list) = tree.syntax(block) else {
        return false;
    };
    let plain = |id: &&NodeId| {
        !matches!(
            tree.syntax(**id),
            Syntax::If { .. } | Syntax::Return(_) | Syntax::Switch { .. }
        )
    };
    list.iter()
        .take_while(plain)
        .any(|id| match tree.syntax(tree.bare(*id)) {
            Syntax::Call { callee, .. } => is_of_test(facts, *callee, FAIL),
            _ => false,
        })
}

fn is_of_test(facts: &FileFacts, callee: NodeId, names: &[&str]) -> bool {
    match facts.tree.syntax(callee) {
        Syntax::Member { object, property } => {
            names.contains(&facts.slice(*property)) && OF_TEST.contains(&facts.words(*object))
        }
        _ => false,
    }
}

/// `require.Equal(t, want, got)`, `s.Require().NoError(err)`
fn testify<'f>(facts: &'f FileFacts, id: NodeId, callee: NodeId, args: &[NodeId]) -> Option<Claim<'f>> {
    let Syntax::Member { object, .. } = facts.tree.syntax(callee) else {
        return None;
    };
    let of = facts.words(*object);
    let asserts = matches!(of, "assert" | "require" | "s" | "suite" | "a" | "r" | "is")
        || of.ends_with(".Require()")
        || of.ends_with(".Assert()");
    let name = callee_name(facts, callee);
    let name = name.strip_suffix('f').unwrap_or(name);
    let (_, matcher, at) = TESTIFY.iter().find(|(of, _, _)| asserts && *of == name)?;
    let first = facts.words(*args.first()?);
    let args = if OF_TEST.contains(&first) { &args[1..] } else { args };
    let got = *args.get(*at)?;
    let expected = if *at == 0 { args.get(1) } else { args.first() };
    Some(Claim {
        node: id,
        matcher,
        got,
        expected: expected.copied().into_iter().collect(),
        negated: false,
    })
}

/// `Expect(got).To(Equal(want))`, `g.Expect(err).NotTo(HaveOccurred())`
fn gomega<'f>(facts: &'f FileFacts, id: NodeId, callee: NodeId, args: &[NodeId]) -> Option<Claim<'f>> {
    let tree = &facts.tree;
    let Syntax::Member { object, property } = tree.syntax(callee) else {
        return None;
    };
    let negated = match facts.slice(*property) {
        "To" | "Should" => false,
        "NotTo" | "ToNot" | "ShouldNot" => true,
        _ => return None,
    };
    let Syntax::Call {
        callee: expect,
        args: got,
        ..
    } = tree.syntax(tree.bare(*object))
    else {
        return None;
    };
    let Syntax::Call {
        callee: matcher,
        args: expected,
        ..
    } = tree.syntax(tree.bare(*args.first()?))
    else {
        return None;
    };
    let name = callee_name(facts, *matcher);
    let (_, matcher) = GOMEGA.iter().find(|(of, _)| *of == name)?;
    let expects = callee_name(facts, *expect) == "Expect" && got.len() == 1;
    expects.then(|| Claim {
        node: id,
        matcher,
        got: got[0],
        expected: expected.clone(),
        negated,
    })
}

/// True where a condition decides whether a claim is made, or the test may have been skipped before.
pub(super) fn is_decided(facts: &FileFacts, id: NodeId, region: Bytes) -> bool {
    let tree = &facts.tree;
    let mut below = id;
    for up in tree.ancestors(id).take_while(|up| region.contains(tree.bytes(*up))) {
        match tree.syntax(up) {
            Syntax::If { test, .. } if *test != below => return true,
            Syntax::Block(list) => {
                let mut before = list.iter().take_while(|statement| **statement != below);
                if before.any(|statement| skips(facts, *statement)) {
                    return true;
                }
            }
            _ => {}
        }
        below = up;
    }
    false
}

fn skips(facts: &FileFacts, statement: NodeId) -> bool {
    facts
        .tree
        .below(statement)
        .iter()
        .any(|id| match facts.tree.syntax(*id) {
            Syntax::Call { callee, .. } => is_of_test(facts, *callee, SKIP),
            _ => false,
        })
}

/// What a call of Go's own functions gives.
pub(super) fn called(facts: &FileFacts, callee: NodeId, args: &[NodeId], look: &dyn Fn(&NodeId) -> Value) -> Value {
    let told = |found: Option<bool>| found.map_or(Value::Unknown, Value::Bool);
    let all: Vec<Value> = args.iter().map(look).collect();
    if all.contains(&Value::Thrown) {
        return Value::Thrown;
    }
    match (facts.words(callee), all.as_slice()) {
        ("errors.Is", [got, wanted]) => told(named::is_error(got, wanted)),
        ("reflect.DeepEqual" | "cmp.Equal" | "slices.Equal" | "maps.Equal" | "bytes.Equal", [a, b, ..]) => {
            told(same(a, b))
        }
        ("cmp.Diff", [a, b, ..]) => match same(a, b) {
            Some(true) => Value::Text(String::new()),
            Some(false) => Value::Around("-".into(), String::new()),
            None => Value::Unknown,
        },
        ("strings.Contains", [text, part]) => told(contains(text, part)),
        ("strings.HasPrefix", [Value::Text(text), Value::Text(part)]) => Value::Bool(text.starts_with(part.as_str())),
        ("strings.HasSuffix", [Value::Text(text), Value::Text(part)]) => Value::Bool(text.ends_with(part.as_str())),
        ("len", [of @ (Value::List(_) | Value::Text(_))]) => part(of, "length"),
        ("string", [text @ Value::Text(_)]) => text.clone(),
        (_, []) if callee_name(facts, callee) == "Error" => match facts.tree.syntax(callee) {
            Syntax::Member { object, .. } => named::text_of_error(&look(object)),
            _ => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}
