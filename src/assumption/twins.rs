//! Two tests that do the same and expect the opposite. Enters: the tests of one tree and what they set. Leaves: needs, where all that differs is one
//! flag, which one of the two sets and the other one leaves alone or sets the other way.
//!
//! Both can only pass if the flag decides, so that each needs the state that it runs in. A statement more or less, another argument or
//! another flag that is set, and the two are no twins: what they expect may come from that.

use std::collections::BTreeMap;

use super::acts::claims::{Claim, claims};
use super::acts::file::{Known, TestFile};
use super::acts::value::{Value, is_true, literal, same};
use super::acts::yields::callee_name;
use super::evidence::Need;
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForceScope, ForcedKey, ForcedValue};
use crate::lang::FileFacts;
use crate::lang::tree::{CompareOp, NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Span};

/// Functions that a test calls for a setting to be seen: they are no difference.
const REFRESH: &[&str] = &[
    "reload",
    "cache_clear",
    "clear_cache",
    "resetModules",
    "refresh_from_settings",
];
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
/// Files with more tests that set flags are not compared pair by pair.
const MANY: usize = 200;

/// What a test sets by itself.
#[derive(Clone, Default)]
struct Set<'a> {
    keys: BTreeMap<&'a FlagKey, (FlagValue, &'a Force)>,
    /// What every flag is that it does not name, by what serves those.
    others: BTreeMap<String, FlagValue>,
    /// Where it sets those.
    for_all: Vec<Span>,
}

impl Set<'_> {
    fn of(&self, key: &FlagKey) -> Option<FlagValue> {
        let mut others = self.others.values().copied();
        let first = others.next().filter(|first| others.all(|other| other == *first));
        self.keys.get(key).map(|(value, _)| *value).or(first)
    }
}

/// A test as it is compared.
struct Twin<'a> {
    test: usize,
    set: Set<'a>,
    /// What it does beside setting and asserting.
    does: Vec<String>,
    /// The words around its statements, but for its name and for what it sets.
    frame: Vec<String>,
    expects: Vec<(String, Expects, Span)>,
}

/// What is expected of one thing.
#[derive(Clone, PartialEq, Debug)]
enum Expects {
    /// This value.
    Is(Value),
    /// Another one.
    IsNot(Value),
    /// That it is there, or true.
    There(bool),
}

/// The needs of `tests`, by test and flag.
#[must_use]
pub(super) fn needs(index: &CodeIndex, tests: &[usize]) -> Vec<((usize, FlagKey), Need)> {
    let mut files: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    for test in tests {
        if let Some(case) = index.tests.get(*test) {
            files.entry(&case.path).or_default().push(*test);
        }
    }
    let sets = sets(index);
    let mut found = Vec::new();
    for (path, tests) in files {
        let Some(facts) = index.files.get(path) else { continue };
        let setting = tests.iter().filter(|test| sets.contains_key(test)).count();
        if setting == 0 || setting > MANY {
            continue;
        }
        let known = Known::of(facts);
        let file = TestFile::new(facts, &known);
        let twins: Vec<Twin<'_>> = tests
            .iter()
            .filter_map(|test| twin(index, file, *test, &sets))
            .collect();
        for (at, one) in twins.iter().enumerate() {
            let alike = |other: &&Twin<'_>| {
                index.tests[one.test].suite == index.tests[other.test].suite
                    && (&one.does, &one.frame) == (&other.does, &other.frame)
            };
            for other in twins[at + 1..].iter().filter(alike) {
                found.extend(both(index, one, other));
            }
        }
    }
    found
}

/// What each test sets in its own body: flags that it sets to both values are left out.
fn sets(index: &CodeIndex) -> BTreeMap<usize, Set<'_>> {
    let mut found: BTreeMap<usize, Set<'_>> = BTreeMap::new();
    for force in &index.forces {
        let test = match &force.scope {
            ForceScope::Test(test) => Some(*test),
            ForceScope::Region(region) => (0..index.tests.len())
                .rev()
                .find(|test| index.tests[*test].span.contains(*region)),
            ForceScope::File(_) | ForceScope::Project => None,
        };
        let Some(test) = test else { continue };
        let value = match force.value {
            ForcedValue::Is(value) => value,
            _ => FlagValue::Unknown,
        };
        let set = found.entry(test).or_default();
        let key = match &force.key {
            ForcedKey::Key(key) => key,
            ForcedKey::Every(_) | ForcedKey::Others { .. } => {
                let of = match &force.key {
                    ForcedKey::Others { library, .. } => library.clone(),
                    other => format!("{other:?}"),
                };
                let known = set.others.entry(of).or_insert(value);
                if *known != value {
                    *known = FlagValue::Unknown;
                }
                set.for_all.push(force.span);
                continue;
            }
        };
        let known = set.keys.entry(key).or_insert((value, force));
        if known.0 != value {
            known.0 = FlagValue::Unknown;
        }
    }
    found
}

fn twin<'a>(
    index: &'a CodeIndex,
    file: TestFile<'a>,
    test: usize,
    sets: &BTreeMap<usize, Set<'a>>,
) -> Option<Twin<'a>> {
    let case = &index.tests[test];
    let body = *case.bodies.last()?;
    if case.table || case.gate.is_some() || body.file != file.facts.file || !case.span.contains(body) {
        return None;
    }
    let set = sets.get(&test).cloned().unwrap_or_default();
    let named = set.keys.values().map(|(_, force)| force.span);
    let forces: Vec<Span> = named.chain(set.for_all.iter().copied()).collect();
    let mut expects: Vec<(String, Expects, Span)> = claims(file, body.bytes)
        .iter()
        .filter_map(|claim| expected(file.facts, claim))
        .collect();
    expects.sort_by_key(|(_, _, span)| *span);
    // What is looked at more than once changes on the way.
    let looked: Vec<String> = expects.iter().map(|(got, ..)| got.clone()).collect();
    expects.retain(|(got, ..)| looked.iter().filter(|other| *other == got).count() == 1);
    let statements: Vec<NodeId> = statements(file, body).collect();
    let does: Vec<String> = statements
        .iter()
        .filter_map(|id| deed(file.facts, *id, &forces))
        .collect();
    let cut = statements.iter().map(|id| file.facts.tree.bytes(*id));
    let cut = cut.chain(forces.iter().chain([&case.title_span]).map(|span| span.bytes));
    let frame = without(file.facts, case.span.bytes, &cut.collect::<Vec<_>>());
    // Who does nothing shows nothing.
    (!expects.is_empty() && !does.is_empty()).then_some(Twin {
        test,
        set,
        does,
        frame: words(&frame),
        expects,
    })
}

/// What a statement does beside setting and asserting. Of one that sets, it is what else it says in texts and numbers.
fn deed(facts: &FileFacts, id: NodeId, forces: &[Span]) -> Option<String> {
    let bytes = facts.tree.bytes(id);
    let within: Vec<Bytes> = forces
        .iter()
        .map(|force| force.bytes)
        .filter(|force| bytes.contains(*force))
        .collect();
    if !within.is_empty() {
        let rest = without(facts, bytes, &within);
        let says = rest.contains(|c: char| c.is_ascii_digit() || "'\"`".contains(c));
        return says.then(|| words(&rest).join(" "));
    }
    let refreshes = match facts.tree.syntax(facts.tree.bare(id)) {
        Syntax::Call { callee, .. } => REFRESH.contains(&callee_name(facts, *callee)),
        _ => false,
    };
    (!is_assertion(facts, id) && !refreshes).then(|| plain(facts.words(id)))
}

/// The text of a place without some parts of it.
fn without(facts: &FileFacts, whole: Bytes, parts: &[Bytes]) -> String {
    let mut parts = parts.to_vec();
    parts.sort();
    let (mut text, mut at) = (String::new(), whole.start);
    for part in parts.into_iter().filter(|part| whole.contains(*part)) {
        if part.start > at {
            text.push_str(facts.slice(Bytes {
                start: at,
                end: part.start,
            }));
            text.push(' ');
        }
        at = at.max(part.end);
    }
    text.push_str(facts.slice(Bytes {
        start: at,
        end: whole.end.max(at),
    }));
    text
}

/// The words of a text, but for those that stand around what is set.
fn words(text: &str) -> Vec<String> {
    let all = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let says = all.filter(|word| !matches!(*word, "" | "with" | "async" | "await"));
    says.map(ToOwned::to_owned).collect()
}

/// The statements of a body that hold no others.
fn statements<'a>(file: TestFile<'a>, body: Span) -> impl Iterator<Item = NodeId> + 'a {
    let tree = &file.facts.tree;
    let blocks = move |id: NodeId| matches!(tree.syntax(id), Syntax::Block(_));
    file.nodes(body.bytes).filter(move |id| {
        let in_block = tree.node(*id).parent.is_some_and(blocks);
        in_block && !blocks(*id) && !tree.below(*id).into_iter().any(blocks)
    })
}

fn is_assertion(facts: &FileFacts, id: NodeId) -> bool {
    let words = facts.words(id);
    let begins = [
        "expect(",
        "await expect(",
        "assert",
        "self.assert",
        "require.",
        "t.assert",
        "chai.",
    ];
    let ava = words.trim_start_matches("await ").strip_prefix("t.");
    let ava = ava
        .and_then(|rest| rest.split_once('('))
        .is_some_and(|(name, _)| OF_AVA.contains(&name));
    ava || begins.iter().any(|begin| words.starts_with(begin))
}

/// Words with one space between them.
fn plain(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a claim looks at, by whatever query of a page, and what it expects.
fn expected(facts: &FileFacts, claim: &Claim<'_>) -> Option<(String, Expects, Span)> {
    let value = || literal(facts, facts.tree.bare(*claim.expected.first()?));
    let tree = &facts.tree;
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
        "equal" | "strictEqual" | "deepEqual" | "deepStrictEqual" | "assertEqual" | "assertEquals" | "assert_eq"
        | "is" | "eq" | "eql" | "toBe" | "toEqual" | "toStrictEqual" => Expects::Is(value()?),
        "not" | "notEqual" | "notStrictEqual" | "notDeepEqual" | "assertNotEqual" | "assert_ne" => {
            Expects::IsNot(value()?)
        }
        "toBeNull" | "isNull" | "assertIsNone" => Expects::Is(Value::Null),
        "isNotNull" | "assertIsNotNone" => Expects::IsNot(Value::Null),
        "toBeUndefined" | "isUndefined" => Expects::Is(Value::Undefined),
        "toBeDefined" => Expects::IsNot(Value::Undefined),
        "toBeInTheDocument" | "toBeTruthy" | "toBeVisible" | "isTrue" | "assertTrue" | "toBeTrue" => {
            Expects::There(true)
        }
        "toBeFalsy" | "false" | "falsy" | "isFalse" | "assertFalse" | "toBeFalse" => Expects::There(false),
        _ => return None,
    };
    let expects = if claim.negated { expects.turned() } else { expects };
    let mut got = plain(facts.words(looked));
    for query in ["queryBy", "findBy", "getBy"] {
        got = got.replace(query, "By");
    }
    let got = got.trim_start_matches("await ").to_owned();
    Some((got, expects, facts.tree.bytes(claim.node).in_file(facts.file)))
}

impl Expects {
    fn turned(self) -> Self {
        match self {
            Self::Is(value) => Self::IsNot(value),
            Self::IsNot(value) => Self::Is(value),
            Self::There(is) => Self::There(!is),
        }
    }

    /// True if no value meets both.
    fn opposes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(a), Self::Is(b)) => same(a, b) == Some(false),
            (Self::Is(a), Self::IsNot(b)) | (Self::IsNot(b), Self::Is(a)) => same(a, b) == Some(true),
            // 0 is none of null, and not true: what is not this may be there or not.
            (Self::IsNot(_), _) | (_, Self::IsNot(_)) => false,
            (Self::There(a), Self::There(b)) => a != b,
            (Self::Is(value), Self::There(is)) | (Self::There(is), Self::Is(value)) => {
                is_true(value).is_some_and(|value| value != *is)
            }
        }
    }
}

/// The needs of two tests that do the same, if one flag is all that differs and they expect opposite things.
fn both(index: &CodeIndex, one: &Twin<'_>, other: &Twin<'_>) -> Vec<((usize, FlagKey), Need)> {
    // What is set for all flags but those that are named must be one thing, else any of them may be what differs.
    let unknown = one.set.others.values().any(|value| *value == FlagValue::Unknown);
    if unknown || one.set.others != other.set.others {
        return Vec::new();
    }
    let keys = one.set.keys.keys().chain(other.set.keys.keys());
    let value = |twin: &Twin<'_>, key: &FlagKey| twin.set.of(key);
    let mut differing: Vec<&FlagKey> = keys
        .copied()
        .filter(|key| value(one, key) != value(other, key))
        .collect();
    differing.sort();
    differing.dedup();
    let [key] = differing.as_slice() else { return Vec::new() };
    let Some((first, second)) = states(value(one, key), value(other, key)) else {
        return Vec::new();
    };
    let opposed = one.expects.iter().find_map(|(got, expects, span)| {
        let against = other
            .expects
            .iter()
            .find(|(of, against, _)| of == got && expects.opposes(against))?;
        Some((*span, against.2))
    });
    let Some((ours, theirs)) = opposed else {
        return Vec::new();
    };
    let set = one
        .set
        .keys
        .get(key)
        .or_else(|| other.set.keys.get(key))
        .map(|(_, force)| force.span);
    let need = |test: usize, value: FlagValue, assertion: Span, against: Span| {
        let mut because = vec![
            Evidence {
                role: Role::Assertion,
                span: assertion,
                note: format!("holds only with `{key}` {value}: a test that does the same expects the opposite"),
            },
            Evidence {
                role: Role::Test,
                span: index.tests[test].title_span,
                note: "in this test".into(),
            },
            Evidence {
                role: Role::Assertion,
                span: against,
                note: "the opposite".into(),
            },
        ];
        because.extend(set.map(|span| Evidence {
            role: Role::Stub,
            span,
            note: "all that differs".into(),
        }));
        let need = Need {
            value,
            certainty: NeedCertainty::Likely,
            because,
            assertion: Some(assertion),
        };
        ((test, FlagKey::clone(key)), need)
    };
    vec![
        need(one.test, first, ours, theirs),
        need(other.test, second, theirs, ours),
    ]
}

/// The states of two tests of which one at least sets the flag.
fn states(one: Option<FlagValue>, other: Option<FlagValue>) -> Option<(FlagValue, FlagValue)> {
    let known = |value: FlagValue| value != FlagValue::Unknown;
    match (one, other) {
        (Some(one), Some(other)) if known(one) && known(other) => Some((one, other)),
        (Some(one), None) if known(one) => Some((one, one.flipped())),
        (None, Some(other)) if known(other) => Some((other.flipped(), other)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
