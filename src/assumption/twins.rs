//! Two tests that do the same and expect the opposite. Enters: the tests of one tree and what they set. Leaves: needs, where all that differs is one
//! flag, which one of the two sets and the other one leaves alone or sets the other way.
//!
//! What hooks set counts as well, so that the two may stand in suites of their own, where those declare the same. Both can only pass if the flag decides, so that each needs the state that it runs in. A statement more or less, another argument or
//! another flag that is set, and the two are no twins: what they expect may come from that.

mod expects;
mod sets;

use std::collections::{BTreeMap, BTreeSet};

use self::expects::{Expects, answers, asked, expected, is_assertion, plain};
use self::sets::{Set, sets};
use super::acts::claims::claims;
use super::acts::file::{Known, TestFile};
use super::acts::yields::callee_name;
use super::evidence::Need;
use super::reach::Reach;
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForcedKey, TestCase};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Span};

/// Functions that a test calls for a setting to be seen: they are no difference.
const REFRESH: &[&str] = &[
    "reload",
    "cache_clear",
    "clear_cache",
    "resetModules",
    "refresh_from_settings",
];
/// Files with more tests that set flags are not compared pair by pair.
const MANY: usize = 200;
/// How many imports may stand between a test and the one read that a mock of all flags can mean.
const FARTHEST: u32 = 3;

/// A test as it is compared.
struct Twin<'a> {
    test: usize,
    set: Set<'a>,
    /// What it does beside setting and asserting.
    does: Vec<String>,
    /// The words around its statements, but for its name and for what it sets.
    frame: Vec<String>,
    expects: Vec<(String, Expects, Span)>,
    /// What the suites around it declare.
    around: Vec<String>,
}

/// The needs of `tests`, by test and flag.
#[must_use]
pub(super) fn needs(index: &CodeIndex, reach: &Reach<'_>, tests: &[usize]) -> Vec<((usize, FlagKey), Need)> {
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
                let same_suite = index.tests[one.test].suite_spans == index.tests[other.test].suite_spans;
                (same_suite || one.around == other.around) && (&one.does, &one.frame) == (&other.does, &other.frame)
            };
            for other in twins[at + 1..].iter().filter(alike) {
                found.extend(both(index, reach, one, other));
            }
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
    let forces = set.places.clone();
    let mut expects: Vec<(String, Expects, Span)> = answers(file, body.bytes);
    for claim in claims(file, body.bytes) {
        let span = file.facts.tree.bytes(claim.node).in_file(file.facts.file);
        let of = expected(file.facts, &claim).into_iter();
        expects.extend(of.map(|(got, expects)| (got, expects, span)));
    }
    expects.sort_by_key(|(_, _, span)| *span);
    // What is looked at more than once changes on the way.
    let looked: Vec<String> = expects.iter().map(|(got, ..)| got.clone()).collect();
    expects.retain(|(got, ..)| looked.iter().filter(|other| *other == got).count() == 1);
    let statements: Vec<NodeId> = statements(file, body).collect();
    let mut does: Vec<String> = statements
        .iter()
        .filter_map(|id| deed(file.facts, *id, &forces))
        .collect();
    // Who does nothing shows nothing.
    if expects.is_empty() || does.is_empty() {
        return None;
    }
    let hooks = case
        .bodies
        .iter()
        .filter(|hook| **hook != body && hook.file == body.file);
    does.extend(hooks.flat_map(|hook| prepares(file, *hook, &forces)));
    let cut = statements.iter().map(|id| file.facts.tree.bytes(*id));
    let cut = cut.chain(forces.iter().chain([&case.title_span]).map(|span| span.bytes));
    let frame = without(file.facts, case.span.bytes, &cut.collect::<Vec<_>>());
    Some(Twin {
        test,
        set,
        does,
        frame: words(&frame),
        expects,
        around: declared(index, file, case),
    })
}

/// What a hook does beside setting.
fn prepares(file: TestFile<'_>, hook: Span, forces: &[Span]) -> Vec<String> {
    let statements: Vec<NodeId> = statements(file, hook).collect();
    if statements.is_empty() {
        let whole = file
            .nodes(hook.bytes)
            .find(|id| file.facts.tree.bytes(*id) == hook.bytes);
        return whole.and_then(|id| deed(file.facts, id, forces)).into_iter().collect();
    }
    statements
        .iter()
        .filter_map(|id| deed(file.facts, *id, forces))
        .collect()
}

/// What the suites around a test declare, outside of tests and hooks.
fn declared(index: &CodeIndex, file: TestFile<'_>, case: &TestCase) -> Vec<String> {
    let tests = index.tests.iter().filter(|other| other.path == case.path);
    let inner: Vec<Bytes> = tests.map(|other| other.span.bytes).collect();
    let tree = &file.facts.tree;
    let mut found = BTreeSet::new();
    for suite in &case.suite_spans {
        let declares = |id: &NodeId| {
            let bytes = tree.bytes(*id);
            let within = |part: &Bytes| part.contains(bytes);
            matches!(tree.syntax(*id), Syntax::Let { .. } | Syntax::Assign { .. })
                && !inner.iter().any(within)
                && !case.bodies.iter().any(|hook| within(&hook.bytes))
                && nearest_suite(file, case, *id)
        };
        found.extend(
            file.nodes(suite.bytes)
                .filter(declares)
                .map(|id| plain(file.facts.words(id))),
        );
    }
    found.into_iter().collect()
}

/// False for what stands in a suite that is not around the test.
fn nearest_suite(file: TestFile<'_>, case: &TestCase, id: NodeId) -> bool {
    let tree = &file.facts.tree;
    let of_test = |call: NodeId| {
        let bytes = tree.bytes(call);
        case.suite_spans.iter().any(|suite| suite.bytes == bytes)
    };
    let calls = tree
        .ancestors(id)
        .filter(|up| matches!(tree.syntax(*up), Syntax::Call { .. }));
    calls.into_iter().next().is_none_or(of_test)
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
    if let Some(base) = asked(facts, id) {
        return Some(plain(facts.words(base)));
    }
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

/// The one flag in which two tests differ, with its state in either and where it is set.
fn differing<'a>(
    index: &'a CodeIndex,
    reach: &Reach<'_>,
    one: &Twin<'a>,
    other: &Twin<'a>,
) -> Option<(&'a FlagKey, (FlagValue, FlagValue), Span)> {
    let values = |set: &Set<'_>| -> BTreeMap<String, FlagValue> {
        let others = set.others.iter();
        others.map(|(server, (value, _))| (server.clone(), *value)).collect()
    };
    let (ours, theirs) = (values(&one.set), values(&other.set));
    let keys = one.set.keys.keys().chain(other.set.keys.keys());
    let differs = |key: &&FlagKey| one.set.of(key) != other.set.of(key);
    let keys: BTreeSet<&FlagKey> = keys.copied().filter(differs).collect();
    if ours != theirs {
        // `useFlag.mockReturnValue(true)`: the one flag that the code near the test asks for through it.
        let [server] = ours.keys().collect::<Vec<_>>()[..] else {
            return None;
        };
        let named = one.set.keys.is_empty() && other.set.keys.is_empty();
        let (first, second) = (
            *ours.get(server)?,
            *theirs.get(server).filter(|_| named && theirs.len() == 1)?,
        );
        let force = one.set.others.get(server)?.1;
        let key = meant(index, reach, &index.tests[one.test], force)?;
        return Some((key, states(Some(first), Some(second))?, force.span));
    }
    // What is set for all flags but those that are named must be one thing, else any of them may be what differs.
    if ours.values().any(|value| *value == FlagValue::Unknown) || keys.len() != 1 {
        return None;
    }
    let key = *keys.first()?;
    let set = one.set.keys.get(key).or_else(|| other.set.keys.get(key))?;
    Some((key, states(one.set.of(key), other.set.of(key))?, set.1.span))
}

/// The one flag that code near a test asks for through the function that a force of all flags replaces.
fn meant<'a>(index: &'a CodeIndex, reach: &Reach<'_>, case: &TestCase, force: &Force) -> Option<&'a FlagKey> {
    let ForcedKey::Every(module) = &force.key else {
        return None;
    };
    let paths: BTreeMap<_, _> = index.files.iter().map(|(path, facts)| (facts.file, path)).collect();
    let through = |path: &RepoPath| {
        module.as_ref().is_none_or(|module| {
            module == path
                || index
                    .imports
                    .iter()
                    .any(|edge| edge.from == *path && edge.to == *module)
        })
    };
    let near = index.reads.iter().filter(|read| {
        let near = reach
            .distance(&case.path, read.span.file)
            .is_some_and(|far| far <= FARTHEST);
        near && paths.get(&read.span.file).is_some_and(|path| through(path))
    });
    let keys: BTreeSet<&FlagKey> = near.map(|read| &read.key).collect();
    keys.first().copied().filter(|_| keys.len() == 1)
}

/// The needs of two tests that do the same, if one flag is all that differs and they expect opposite things.
fn both(index: &CodeIndex, reach: &Reach<'_>, one: &Twin<'_>, other: &Twin<'_>) -> Vec<((usize, FlagKey), Need)> {
    let Some((key, (first, second), set)) = differing(index, reach, one, other) else {
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
        because.push(Evidence {
            role: Role::Stub,
            span: set,
            note: "all that differs".into(),
        });
        let need = Need {
            value,
            certainty: NeedCertainty::Likely,
            because,
            assertion: Some(assertion),
        };
        ((test, key.clone()), need)
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
