//! What a test calls. Enters: tests that set a flag, and those of their file that are known to need it. Leaves: which of the former call nothing that
//! one of the latter calls: a flag that is copied from test to test says nothing where another function is tested.

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::acts::yields::callee_name;
use crate::assumption::evidence::Need;
use crate::flag::FlagKey;
use crate::index::{CodeIndex, TestCase};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};

/// Beginnings of the names of calls that set up, tell mocks or look at what came out.
const ASIDE: &[&str] = &[
    "mock", "called", "default", "expect", "assert", "then", "fn", "clear", "reset", "restore", "spy", "stub", "when",
    "returns", "resolves", "rejects", "to", "not", "get", "query", "find", "set",
];

/// Tests that may need a flag only because they set it, and call nothing that tests of their file call of which it is shown.
pub(in crate::assumption) fn strangers(
    index: &CodeIndex,
    found: &BTreeMap<(usize, FlagKey), Need>,
    by_setting: &[(usize, FlagKey)],
) -> BTreeSet<(usize, FlagKey)> {
    let mut strangers = BTreeSet::new();
    for (test, key) in by_setting {
        let case = &index.tests[*test];
        let shown = found.iter().filter(|((other, of), need)| {
            of == key && other != test && need.assertion.is_some() && index.tests[*other].path == case.path
        });
        let mut theirs = BTreeSet::new();
        for ((other, _), _) in shown {
            theirs.extend(calls(index, &index.tests[*other]));
        }
        let ours = calls(index, case);
        if !theirs.is_empty() && !ours.is_empty() && ours.is_disjoint(&theirs) {
            strangers.insert((*test, key.clone()));
        }
    }
    strangers
}

/// What a test calls as statements, or for a value that it keeps.
fn calls<'i>(index: &'i CodeIndex, case: &TestCase) -> BTreeSet<&'i str> {
    let Some(facts) = index.files.get(&case.path) else {
        return BTreeSet::new();
    };
    // Elsewhere a call of the same name is no call of the same function.
    let by_name = matches!(
        facts.language,
        Language::TypeScript | Language::Tsx | Language::JavaScript
    );
    let bodies = case.bodies.iter().filter(|body| case.span.contains(**body) && by_name);
    let within = |id: &NodeId| bodies.clone().any(|body| body.bytes.contains(facts.tree.bytes(*id)));
    let ids = facts.tree.ids().filter(within);
    ids.filter_map(|id| acts(facts, id)).collect()
}

fn acts(facts: &FileFacts, id: NodeId) -> Option<&str> {
    let tree = &facts.tree;
    let Syntax::Call { callee, .. } = tree.syntax(id) else {
        return None;
    };
    let name = callee_name(facts, *callee);
    let aside = ASIDE.iter().any(|of| name.starts_with(of)) || facts.words(*callee).contains("expect(");
    let mut up = tree.ancestors(id);
    let holder = up.find(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)))?;
    let is_act = matches!(
        tree.syntax(holder),
        Syntax::Block(_) | Syntax::Let { .. } | Syntax::Assign { .. }
    );
    (is_act && !aside).then_some(name)
}
