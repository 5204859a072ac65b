//! What an assertion expects of what, so that two tests can be compared. Enters: a claim of a test. Leaves: the words of what is looked at, each with
//! what is expected of it ([`Expects`]).

use crate::assumption::acts::claims::Claim;
use crate::assumption::acts::file::TestFile;
use crate::assumption::acts::value::{Value, is_true, literal, same};
use crate::assumption::sure::fails_its_test;
use crate::lang::FileFacts;
use crate::lang::tree::{CompareOp, NodeId, Syntax};
use crate::source::{Bytes, Span};

/// Assertions of the `t` that a test is given.
const OF_AVA: &[&str] = &[
    "deepEqual",
    "false",
    "falsy",
    "is",
    "not",
    "notDeepEqual",
    "notThrows",
    "notThrowsAsync",
    "throws",
    "throwsAsync",
    "true",
    "truthy",
    "equal",
    "notEqual",
    "ok",
    "strictEqual",
    "notStrictEqual",
];
/// Beginnings of statements that assert and do nothing.
const ASSERT: &[&str] = &[
    "expect(",
    "await expect(",
    "assert",
    "self.assert",
    "require.",
    "t.assert",
    "chai.",
    "sinon.assert.",
    "waitFor(() => expect(",
    "await waitFor(() => expect(",
];
/// Whether a mock was called at all.
const CALLED: &[&str] = &[
    "toHaveBeenCalled",
    "toBeCalled",
    "called",
    "calledOnce",
    "toHaveBeenCalledOnce",
];
/// How often it was, or how many there are.
const TIMES: &[&str] = &["toHaveBeenCalledTimes", "toBeCalledTimes", "callCount"];
const LENGTH: &[&str] = &["toHaveLength", "toHaveCount", "lengthOf"];
/// With what it was called.
const WITH: &[&str] = &[
    "toHaveBeenCalledWith",
    "toBeCalledWith",
    "toHaveBeenLastCalledWith",
    "toHaveBeenCalledExactlyOnceWith",
    "calledWith",
    "calledOnceWith",
    "calledWithExactly",
    "calledOnceWithExactly",
];

/// What is expected of one thing.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Expects {
    /// This value.
    Is(Value),
    /// Another one.
    IsNot(Value),
    /// That it is there, or true.
    There(bool),
    /// What these words make, which hold nothing but constants.
    Made(String),
}

/// True for a statement that asserts, and does nothing else.
pub(super) fn is_assertion(facts: &FileFacts, id: NodeId) -> bool {
    let words = facts.words(id);
    let ava = words.trim_start_matches("await ").strip_prefix("t.");
    let ava = ava
        .and_then(|rest| rest.split_once('('))
        .is_some_and(|(name, _)| OF_AVA.contains(&name));
    let of_mock = words
        .split_once(".assert_")
        .is_some_and(|(mock, _)| mock.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')));
    ava || of_mock || ASSERT.iter().any(|begin| words.starts_with(begin))
}

/// What a claim looks at, by whatever query of a page, and what it expects.
pub(super) fn expected(facts: &FileFacts, claim: &Claim<'_>) -> Vec<(String, Expects)> {
    let tree = &facts.tree;
    let got = subject(facts, claim.got);
    let first = claim.expected.first().map(|id| tree.bare(*id));
    let number = || first.and_then(|id| literal(facts, id));
    let mut all = Vec::new();
    let mut push = |of: String, expects: Expects| {
        all.push((of, if claim.negated { expects.turned() } else { Some(expects) }));
    };
    match claim.matcher {
        name if CALLED.contains(&name) => {
            // Called once may be called twice.
            if !(claim.negated && name.ends_with("Once")) {
                push(format!("calls of {got}"), Expects::There(true));
            }
        }
        name if TIMES.contains(&name) => push_value(&mut push, format!("calls of {got}"), number()),
        name if LENGTH.contains(&name) => push_value(&mut push, format!("length of {got}"), number()),
        name if WITH.contains(&name) => {
            let said = facts.words(claim.node);
            let args: Vec<String> = claim.expected.iter().map(|arg| plain(facts.words(*arg))).collect();
            push(format!("{got} with {}", args.join(", ")), Expects::There(true));
            if !claim.negated && !said.contains("any(") && !said.contains("anything(") {
                push(format!("calls of {got}"), Expects::There(true));
                push(format!("arguments of {got}"), Expects::Made(args.join(", ")));
            }
        }
        "toBeDisabled" => push(format!("enabled {got}"), Expects::There(false)),
        "toBeEnabled" => push(format!("enabled {got}"), Expects::There(true)),
        "toHaveAttribute" if claim.expected.len() == 2 => {
            let name = first.map_or("", |id| facts.words(id));
            let value = literal(facts, tree.bare(claim.expected[1]));
            push_value(&mut push, format!("{name} of {got}"), value);
        }
        _ => match compared(facts, claim) {
            Some((looked, expects)) => push(subject(facts, looked), expects),
            // The same, once turned around: both cannot hold.
            None => {
                let args: Vec<String> = claim.expected.iter().map(|arg| plain(facts.words(*arg))).collect();
                push(
                    format!("{got} {} {}", claim.matcher, args.join(", ")),
                    Expects::There(true),
                );
            }
        },
    }
    all.into_iter()
        .filter_map(|(of, expects)| Some((of, expects?)))
        .collect()
}

fn push_value(push: &mut impl FnMut(String, Expects), of: String, value: Option<Value>) {
    if let Some(value) = value {
        push(of, Expects::Is(value));
    }
}

/// What is compared, and with what.
fn compared(facts: &FileFacts, claim: &Claim<'_>) -> Option<(NodeId, Expects)> {
    let tree = &facts.tree;
    let value = || {
        let id = tree.bare(*claim.expected.first()?);
        let made = || is_constant(facts, id).then(|| Expects::Made(plain(facts.words(id))));
        literal(facts, id).map(Expects::Is).or_else(made)
    };
    let (mut looked, whole) = (claim.got, tree.bare(claim.got));
    let expects = match claim.matcher {
        "assert" | "ok" | "true" | "truthy" => match tree.syntax(whole) {
            Syntax::Compare { op, left, right } if *op != CompareOp::Other => {
                looked = *left;
                let value = literal(facts, tree.bare(*right))?;
                if *op == CompareOp::Equal {
                    Expects::Is(value)
                } else {
                    Expects::IsNot(value)
                }
            }
            Syntax::Not(inner) => {
                looked = *inner;
                Expects::There(false)
            }
            _ => Expects::There(true),
        },
        "equal" | "equals" | "strictEqual" | "deepEqual" | "deepStrictEqual" | "assertEqual" | "assertEquals"
        | "assert_eq" | "is" | "eq" | "eql" | "toBe" | "toEqual" | "toStrictEqual" | "toHaveValue" | "status" => {
            value()?
        }
        "not" | "notEqual" | "notStrictEqual" | "notDeepEqual" | "assertNotEqual" | "assert_ne" => value()?.turned()?,
        "toBeNull" | "isNull" | "assertIsNone" | "null" => Expects::Is(Value::Null),
        "isNotNull" | "assertIsNotNone" => Expects::IsNot(Value::Null),
        "toBeUndefined" | "isUndefined" | "undefined" => Expects::Is(Value::Undefined),
        "toBeDefined" => Expects::IsNot(Value::Undefined),
        "toBeInTheDocument" | "toBeTruthy" | "toBeVisible" | "isTrue" | "assertTrue" | "toBeTrue" | "exist" => {
            Expects::There(true)
        }
        "toBeFalsy" | "false" | "falsy" | "isFalse" | "assertFalse" | "toBeFalse" => Expects::There(false),
        _ => return None,
    };
    Some((looked, expects))
}

/// The words of what is looked at, by whatever query of a page.
fn subject(facts: &FileFacts, looked: NodeId) -> String {
    let mut got = plain(facts.words(looked));
    for query in ["queryBy", "findBy", "getBy"] {
        got = got.replace(query, "By");
    }
    got.trim_start_matches("await ").to_owned()
}

/// True for what is made of constants alone: literals, what is constructed of them, members of names with a capital.
fn is_constant(facts: &FileFacts, id: NodeId) -> bool {
    let tree = &facts.tree;
    let id = tree.bare(id);
    match tree.syntax(id) {
        Syntax::Array(items) => !items.is_empty() && items.iter().all(|item| is_constant(facts, *item)),
        Syntax::Object { entries, .. } => !entries.is_empty() && entries.iter().all(|entry| is_constant(facts, *entry)),
        Syntax::Entry { value, .. } => is_constant(facts, *value),
        Syntax::New { args, .. } => !args.is_empty() && args.iter().all(|arg| is_constant(facts, *arg)),
        Syntax::Member { .. } => {
            let words = facts.words(id);
            words.starts_with(char::is_uppercase)
                && words.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
        }
        _ => literal(facts, id).is_some(),
    }
}

/// What a request is expected to be answered with: `request(app).get('/total').expect(302).expect('Location', '/new')`.
pub(super) fn answers(file: TestFile<'_>, region: Bytes) -> Vec<(String, Expects, Span)> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let answer = |id: NodeId| {
        let base = asked(facts, id)?;
        let Syntax::Call { args, .. } = tree.syntax(id) else {
            return None;
        };
        let value = |id: NodeId| literal(facts, tree.bare(id)).map(Expects::Is);
        let (part, expects) = match args.as_slice() {
            [of, value_of, ..] if matches!(tree.syntax(tree.bare(*of)), Syntax::Text(_)) => {
                (facts.words(*of), value(*value_of)?)
            }
            [status, ..] if matches!(tree.syntax(tree.bare(*status)), Syntax::Number) => ("status", value(*status)?),
            _ => return None,
        };
        let sure = fails_its_test(facts, id, region);
        let got = format!("{part} of {}", plain(facts.words(base)));
        sure.then(|| (got, expects, tree.bytes(id).in_file(facts.file)))
    };
    file.nodes(region).filter_map(answer).collect()
}

/// The request that a chain of `.expect(…)` ends.
pub(super) fn asked(facts: &FileFacts, id: NodeId) -> Option<NodeId> {
    let (tree, mut at, mut found) = (&facts.tree, facts.tree.bare(id), None);
    while let Syntax::Call { callee, .. } = tree.syntax(at)
        && let Syntax::Member { object, property } = tree.syntax(*callee)
        && facts.slice(*property) == "expect"
        && matches!(tree.syntax(tree.bare(*object)), Syntax::Call { .. })
    {
        at = tree.bare(*object);
        found = Some(at);
    }
    found
}

/// Words with one space between them.
pub(super) fn plain(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Expects {
    fn turned(self) -> Option<Self> {
        Some(match self {
            Self::Is(value) => Self::IsNot(value),
            Self::IsNot(value) => Self::Is(value),
            Self::There(is) => Self::There(!is),
            Self::Made(_) => return None,
        })
    }

    /// True if no value meets both.
    pub(super) fn opposes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(a), Self::Is(b)) => same(a, b) == Some(false),
            (Self::Is(a), Self::IsNot(b)) | (Self::IsNot(b), Self::Is(a)) => same(a, b) == Some(true),
            // 0 is none of null, and not true: what is not this may be there or not.
            (Self::IsNot(_), _) | (_, Self::IsNot(_)) => false,
            (Self::There(a), Self::There(b)) => a != b,
            (Self::Is(value), Self::There(is)) | (Self::There(is), Self::Is(value)) => {
                is_true(value).is_some_and(|value| value != *is)
            }
            (Self::Made(a), Self::Made(b)) => a != b,
            (Self::Made(_), Self::Is(value)) | (Self::Is(value), Self::Made(_)) => {
                matches!(value, Value::Null | Value::Undefined)
            }
            (Self::Made(_), Self::There(is)) | (Self::There(is), Self::Made(_)) => !is,
        }
    }
}
