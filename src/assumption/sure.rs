//! Does it fail the test? Enters: an assertion in a body of a test. Leaves: whether it runs whenever the body does, and fails the test
//! where it fails. What a condition decides, what is caught, what is expected to fail, what stands behind a `return` and what is only
//! passed on proves nothing.

use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Calls that hold where what they are given fails.
const HOLD_ON_FAILURE: &[&str] = &[
    "throws",
    "rejects",
    "throwsAsync",
    "doesNotThrow",
    "doesNotReject",
    "expect",
    "allSettled",
    "catch",
    "isRejected",
    "raises",
    "assertRaises",
    "assert_raises",
    "catch_unwind",
    "mock",
    "fn",
    "spyOn",
    "method",
    "mockImplementation",
    "mockImplementationOnce",
    "callsFake",
    "setTimeout",
    "setInterval",
    "skip",
    "spawn",
    "spawn_blocking",
];
/// Words of a block that swallows what fails in it.
const SWALLOWS: &[&str] = &["raises", "Raises", "suppress", "xfail"];
/// Calls that end a test where they stand.
const ENDS: &[&str] = &["pytest.skip", "pytest.xfail", "self.skipTest", "process.exit"];

/// True if `id`, an assertion or something in it, runs whenever `body` does and fails it where it fails.
#[must_use]
pub fn fails_its_test(facts: &FileFacts, id: NodeId, body: Bytes) -> bool {
    let tree = &facts.tree;
    let mut below = id;
    for up in tree.ancestors(id) {
        let outside = tree.bytes(up).contains(body) && tree.bytes(up) != body;
        if outside && !matches!(tree.syntax(up), Syntax::Block(_)) {
            return true;
        }
        if !passes(facts, up, below, body) {
            return false;
        }
        if tree.bytes(up).contains(body) {
            return true;
        }
        below = up;
    }
    true
}

/// True if what fails in `below` fails what stands around `up`, and nothing there keeps it from running.
fn passes(facts: &FileFacts, up: NodeId, below: NodeId, body: Bytes) -> bool {
    let tree = &facts.tree;
    match tree.syntax(up) {
        // Go asserts with `if`.
        Syntax::If { test, .. } => *test == below || facts.language == Language::Go,
        Syntax::Choose { test, .. } => *test == below,
        Syntax::Logic { left, .. } => *left == below,
        Syntax::Case { .. } => false,
        Syntax::Switch { subject, .. } => *subject == below,
        Syntax::Loop { head, .. } => head.contains(&below) || goes_round(facts, head),
        Syntax::With { held, .. } => {
            let swallows = |held: &NodeId| SWALLOWS.iter().any(|word| facts.words(*held).contains(word));
            held.contains(&below) || !held.iter().any(swallows)
        }
        Syntax::Block(list) => {
            let before = list.iter().take_while(|statement| **statement != below);
            !before.into_iter().any(|statement| leaves(facts, *statement))
        }
        Syntax::Function(_) => tree.bytes(up) == body || tree.bytes(up).contains(body) || runs(facts, up, body),
        Syntax::Call { callee, args, .. } => !args.contains(&below) || !holds_on_failure(facts, *callee, args, below),
        Syntax::Member { property, .. } => facts.slice(*property) != "catch",
        Syntax::Other(_) => !catches(facts, up),
        _ => true,
    }
}

/// A call that is given a function which asserts, and holds where that fails. `expect(x)` itself is given a value.
fn holds_on_failure(facts: &FileFacts, callee: NodeId, args: &[NodeId], below: NodeId) -> bool {
    let path = facts.words(callee);
    let name = path.rsplit(['.', ':']).next().unwrap_or(path);
    let is_value = !is_function(facts, below);
    if name == "expect" && is_value {
        let up = facts
            .tree
            .node(callee)
            .parent
            .and_then(|call| facts.tree.node(call).parent);
        return up.is_some_and(|up| rejects(facts, up));
    }
    // `await expect(screen.findByText('x')).rejects.toThrow()` is told above; `mock.method(x, 'y', f)` by its function.
    let first = args.first() == Some(&below);
    let asserts = HOLD_ON_FAILURE.contains(&name) && (!is_value || (first && matches!(name, "rejects" | "allSettled")));
    asserts || (!is_value && args.contains(&below) && swallows_itself(facts, path))
}

fn is_function(facts: &FileFacts, id: NodeId) -> bool {
    matches!(facts.tree.syntax(facts.tree.bare(id)), Syntax::Function(_))
}

/// `.rejects` of `expect(x).rejects.toThrow()`
fn rejects(facts: &FileFacts, member: NodeId) -> bool {
    match facts.tree.syntax(member) {
        Syntax::Member { property, .. } => facts.slice(*property) == "rejects",
        _ => false,
    }
}

/// A function of the file that catches what it calls.
fn swallows_itself(facts: &FileFacts, name: &str) -> bool {
    function_named(facts, name).is_some_and(|function| {
        let below = facts.tree.below(function);
        below.into_iter().any(|id| catches(facts, id))
    })
}

fn function_named(facts: &FileFacts, name: &str) -> Option<NodeId> {
    facts.tree.ids().find_map(|id| match facts.tree.syntax(id) {
        Syntax::Function(of) if of.name.as_ref().is_some_and(|(own, _)| **own == *name) => Some(id),
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } if facts.words(*pattern) == name && is_function(facts, *value) => Some(*value),
        _ => None,
    })
}

/// `try … catch`, `try: … except`, `begin … rescue`
fn catches(facts: &FileFacts, id: NodeId) -> bool {
    let words = facts.words(id);
    let tries =
        matches!(facts.tree.syntax(id), Syntax::Other(_)) && (words.starts_with("try") || words.starts_with("begin"));
    tries && ["catch", "except", "rescue"].iter().any(|word| words.contains(word))
}

/// True for a loop that has something to go round for: a list as it is written, or a name of one.
fn goes_round(facts: &FileFacts, head: &[NodeId]) -> bool {
    let tree = &facts.tree;
    let is_list = |id: NodeId| matches!(tree.syntax(tree.bare(id)), Syntax::Array(list) if !list.is_empty());
    let named = |id: NodeId| {
        let name = facts.words(id);
        matches!(tree.syntax(id), Syntax::Name)
            && tree.ids().any(|other| match tree.syntax(other) {
                Syntax::Let {
                    pattern,
                    value: Some(value),
                    ..
                } => facts.words(*pattern) == name && is_list(*value),
                _ => false,
            })
    };
    head.iter()
        .flat_map(|id| tree.below(*id))
        .any(|id| is_list(id) || named(id))
}

/// True for a statement after which the others may not run.
fn leaves(facts: &FileFacts, statement: NodeId) -> bool {
    let tree = &facts.tree;
    match tree.syntax(statement) {
        Syntax::Return(_) | Syntax::Throw(_) | Syntax::Leave => true,
        Syntax::Block(list) => list.iter().any(|inner| leaves(facts, *inner)),
        Syntax::Let { .. } | Syntax::Switch { .. } | Syntax::Loop { .. } => {
            let returns = |id: &NodeId| matches!(tree.syntax(*id), Syntax::Return(_));
            let below = tree.below(statement);
            below
                .iter()
                .filter(|id| returns(id))
                .any(|id| !in_function(facts, *id, statement))
        }
        Syntax::If { yes, no, .. } => {
            // Who fails a test on the way asserts something.
            let branches = std::iter::once(yes).chain(no);
            let left = branches.map(|branch| tree.below(*branch)).filter(|below| {
                let within = below
                    .iter()
                    .filter(|id| matches!(tree.syntax(**id), Syntax::Return(_) | Syntax::Leave));
                within.into_iter().any(|id| !in_function(facts, *id, statement))
            });
            left.count() > 0
        }
        Syntax::Other(_) | Syntax::Wrap(..) | Syntax::Call { .. } => {
            let words = facts.words(statement);
            ENDS.iter().any(|end| words.starts_with(end))
        }
        _ => false,
    }
}

fn in_function(facts: &FileFacts, id: NodeId, within: NodeId) -> bool {
    let mut up = facts.tree.ancestors(id).take_while(|up| *up != within);
    up.any(|up| matches!(facts.tree.syntax(up), Syntax::Function(_)))
}

/// True for a function within a body that runs with it: it is handed to a call, called where it stands, or by its name.
fn runs(facts: &FileFacts, function: NodeId, body: Bytes) -> bool {
    let tree = &facts.tree;
    let mut at = function;
    for up in tree.ancestors(function) {
        match tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Array(_) => at = up,
            // A promise that nobody waits for may fail unseen; one that is called where it stands is told by what is around it.
            Syntax::Call { callee, args, .. } => return *callee == at || args.contains(&at),
            Syntax::Let { pattern, .. } => return is_called(facts, facts.words(*pattern), body, function),
            _ => break,
        }
    }
    match tree.syntax(function) {
        Syntax::Function(of) => of
            .name
            .as_ref()
            .is_some_and(|(name, _)| is_called(facts, name, body, function)),
        _ => false,
    }
}

fn is_called(facts: &FileFacts, name: &str, body: Bytes, function: NodeId) -> bool {
    let tree = &facts.tree;
    let own = tree.bytes(function);
    tree.ids().any(|id| match tree.syntax(id) {
        Syntax::Call { callee, .. } => {
            let bytes = tree.bytes(id);
            body.contains(bytes)
                && !own.contains(bytes)
                && facts.words(*callee) == name
                && tree
                    .ancestors(id)
                    .take_while(|up| tree.bytes(*up) != body)
                    .all(|up| !matches!(tree.syntax(up), Syntax::Function(_)) || tree.bytes(up).contains(body))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::fails_its_test;
    use crate::lang::tree::{NodeId, Syntax};
    use crate::lang::{self, Language};
    use crate::source::{Bytes, FileId, RepoPath};

    /// Whether the text `'T'` fails the test whose body this is.
    #[track_caller]
    fn check(language: Language, text: &str, expected: bool) {
        let path = RepoPath::new(if language == Language::Python {
            "a.py"
        } else {
            "a.test.ts"
        })
        .expect("a path");
        let facts = lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
        let is_it = |id: &NodeId| matches!(facts.tree.syntax(*id), Syntax::Text(of) if &**of == "T");
        let id = facts.tree.ids().find(is_it).expect("a text");
        let body = Bytes::new(0, text.len());
        assert_eq!(fails_its_test(&facts, id, body), expected, "{text}");
    }

    #[test]
    fn what_runs_and_fails_counts() {
        for text in [
            "expect(a()).toBe('T');",
            "await waitFor(() => expect(a()).toBe('T'));",
            "withFlags({}, () => { assert.equal(a(), 'T'); });",
            "for (const x of [1, 2]) { assert.equal(a(x), 'T'); }",
            "const check = () => assert.equal(a(), 'T'); check();",
            "try { assert.equal(a(), 'T'); } finally { stop(); }",
            "if (bad) throw new Error('x'); assert.equal(a(), 'T');",
        ] {
            check(Language::TypeScript, text, true);
        }
        check(Language::Python, "with client:\n    assert a() == 'T'\n", true);
        check(Language::Python, "for x in [1, 2]:\n    assert a(x) == 'T'\n", true);
    }

    #[test]
    fn what_may_not_run_or_is_meant_to_fail_does_not() {
        for text in [
            "if (a()) { assert.equal(a(), 'T'); }",
            "a() && assert.equal(a(), 'T');",
            "try { a(); } catch (e) { assert.equal(e.message, 'T'); }",
            "try { assert.equal(a(), 'T'); } catch { }",
            "if (process.version) return; assert.equal(a(), 'T');",
            "return; assert.equal(a(), 'T');",
            "assert.throws(() => assert.equal(a(), 'T'));",
            "await assert.rejects(async () => { assert.equal(a(), 'T'); });",
            "expect(() => screen.getByText('T')).toThrow();",
            "await expect(screen.findByText('T')).rejects.toThrow();",
            "const check = () => assert.equal(a(), 'T'); assert.ok(check);",
            "const fails = (f) => { try { f(); } catch (e) { return e; } }; fails(() => assert.equal(a(), 'T'));",
            "await Promise.allSettled([(async () => assert.equal(a(), 'T'))()]);",
            "const api = { put: (x) => { assert.equal(x, 'T'); } };",
        ] {
            check(Language::TypeScript, text, false);
        }
        for text in [
            "with pytest.raises(AssertionError):\n    assert a() == 'T'\n",
            "with self.assertRaises(AssertionError):\n    self.assertEqual(a(), 'T')\n",
            "try:\n    a()\nexcept ValueError as e:\n    assert str(e) == 'T'\n",
            "if a():\n    assert a() == 'T'\n",
            "if True:\n    return\nassert a() == 'T'\n",
            "pytest.skip('x')\nassert a() == 'T'\n",
        ] {
            check(Language::Python, text, false);
        }
    }
}
