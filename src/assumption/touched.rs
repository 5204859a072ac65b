//! What a test may set without anybody seeing how. Enters: a test, the names of a flag. Leaves: the place that looks like it: a call that
//! is named after the flag and begins with a verb of setting (`toggleMaintenanceMode({ enabled: true })`), one that is given its key, an
//! assignment to a member of its name, a comparison with its key, or an entry of that name; in the test itself or in a function of its file that it calls.
//! Where nothing sets the flag as far as anybody can see, more is taken for a setting: a patch of a dotted name that ends in the flag's, a
//! mock of the function that reads it, and all of this also around the tests of the file and in the set-up that it shares with others.
//!
//! Such a place is no force, because nobody knows the value or what it reaches. But a test that has one cannot be said to run with a
//! default: it would be blocked on a guess.

mod around;

use std::collections::BTreeSet;

use around::Around;

use super::table::FlagFacts;
use super::words::split;
use crate::flag::FlagKey;
use crate::index::{CodeIndex, TestCase};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Sources, Span};

/// Verbs that begin the names of functions which set something.
const SETS: &[&str] = &[
    "activate",
    "change",
    "configure",
    "deactivate",
    "disable",
    "enable",
    "force",
    "mock",
    "override",
    "patch",
    "set",
    "setattr",
    "setenv",
    "setitem",
    "spy",
    "start",
    "stop",
    "stub",
    "switch",
    "toggle",
    "turn",
    "update",
    "with",
];

/// Words of a key that say only that it is one.
const MARKS: &[&str] = &["enable", "feature", "features", "ff", "flag", "flags", "toggle"];
/// Names of reading functions that are everybody's.
const EVERYBODYS: &[&str] = &["bool", "call", "check", "getenv", "value", "variant"];
/// Ends of calls that say what a mock answers.
const ANSWERS: &[&str] = &["mock", "resolves", "returns", "calls"];

/// What is looked for: the words of a flag's names, and the functions that read it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sought {
    names: Vec<Vec<String>>,
    readers: BTreeSet<String>,
}

impl Sought {
    /// The flag by its names.
    #[must_use]
    pub fn named(flag: &FlagKey, known: Option<&FlagFacts>) -> Self {
        let aliases = known.into_iter().flat_map(|facts| facts.aliases.iter());
        let names = std::iter::once(flag.as_str()).chain(aliases.map(String::as_str));
        Self {
            names: names.map(split).filter(|name| !name.is_empty()).collect(),
            readers: BTreeSet::new(),
        }
    }

    /// Also by its names without what marks them as flags (`FEATURE_NEW_TOTALS` is `features.NEW_TOTALS`), and by what reads it.
    #[must_use]
    pub fn widely(flag: &FlagKey, known: Option<&FlagFacts>, sources: &Sources, index: &CodeIndex) -> Self {
        let mut sought = Self::named(flag, known);
        let is_mark = |word: &String| MARKS.contains(&word.as_str());
        let bare = |name: &Vec<String>| name.iter().filter(|word| !is_mark(word)).cloned().collect();
        let bare: Vec<Vec<String>> = sought.names.iter().map(bare).collect();
        sought.names.extend(bare.into_iter().filter(|name| !name.is_empty()));
        let reads = known.into_iter().flat_map(|facts| facts.reads.iter());
        let reads = reads.filter_map(|at| sources.text(index.reads[*at].span).split_once('('));
        let readers = reads.map(|(callee, _)| last_word(callee).to_owned());
        let own = |name: &String| {
            let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
            name.len() > 3 && is_word && !EVERYBODYS.contains(&name.to_lowercase().as_str())
        };
        sought.readers = readers.filter(own).collect();
        sought
    }

    fn is_name(&self, text: &str) -> bool {
        let words = split(text);
        self.names.contains(&words)
    }

    fn reads(&self, words: &str) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        words.split(|c| !is_word(c)).any(|word| self.readers.contains(word))
    }
}

/// The first place in the test's own code that may set the flag.
#[must_use]
pub fn may_set(index: &CodeIndex, case: &TestCase, sought: &Sought) -> Option<Span> {
    let facts = index.files.get(&case.path)?;
    let own = case.span.bytes;
    let found = place(facts, within(facts, own), sought, |_| true).or_else(|| {
        let called = called_in(facts, own);
        let mut helpers = functions(facts).filter(|(name, _)| called.contains(name));
        helpers.find_map(|(_, body)| place(facts, within(facts, body), sought, |_| true))
    });
    found.map(|bytes| bytes.in_file(facts.file))
}

/// The first place around the test that may set the flag: in its file but in no other test, in what the tests of its folders share
/// (`conftest.py`), or where the harness gives a constant of exactly that name a value.
#[must_use]
pub fn may_be_set_around(index: &CodeIndex, case: &TestCase, flag: &FlagKey, sought: &Sought) -> Option<Span> {
    let facts = index.files.get(&case.path)?;
    let others = index
        .tests
        .iter()
        .filter(|other| other.path == case.path && other.span != case.span);
    let others: Vec<Bytes> = others.map(|other| other.span.bytes).collect();
    let shared = |id: &NodeId| !others.iter().any(|other| other.contains(facts.tree.bytes(*id)));
    let around = Around {
        case,
        facts,
        others: &others,
    };
    let runs = |id: &NodeId| shared(id) && around.runs(*id);
    if let Some(bytes) = place(facts, facts.tree.ids(), sought, runs) {
        return Some(bytes.in_file(facts.file));
    }
    let fixtures = case
        .path
        .as_str()
        .rmatch_indices('/')
        .map(|(at, _)| &case.path.as_str()[..at]);
    let fixtures = fixtures.filter_map(|folder| index.files.get(&RepoPath::new(&format!("{folder}/conftest.py"))?));
    let fixtures: Vec<&FileFacts> = fixtures.map(|facts| &**facts).collect();
    // What tests share may be used by plugins that nobody names.
    let mut found = fixtures.iter().filter_map(|facts| {
        let runs = |id: &NodeId| !around::is_for_others(index, case, &fixtures, (facts, *id));
        Some(place(facts, facts.tree.ids(), sought, runs)?.in_file(facts.file))
    });
    found.next().or_else(|| in_harness(index, flag))
}

/// `FEATURE_NEW_TOTALS = True` in a file that only tests use, and that does not define the flag.
fn in_harness(index: &CodeIndex, flag: &FlagKey) -> Option<Span> {
    let is_harness = |path: &RepoPath| {
        let mut parts = path.as_str().split('/').map(str::to_ascii_lowercase);
        parts.any(|part| part.starts_with("test") || part == "conftest.py" || part == "e2e")
            && !index.tests.iter().any(|test| test.path == *path)
    };
    let named = index.files.values().filter(|facts| facts.text.contains(flag.as_str()));
    let mut named = named.filter(|facts| is_harness(&facts.path));
    named.find_map(|facts| {
        let defines = |span: Span| span.file == facts.file;
        let given = facts.tree.ids().find(|id| match facts.tree.syntax(*id) {
            Syntax::Let {
                pattern: name,
                value: Some(_),
                ..
            }
            | Syntax::Assign { target: name, .. } => facts.words(*name) == flag.as_str(),
            Syntax::Field {
                key: Key::Name(name, _),
                value: Some(_),
                ..
            } => **name == *flag.as_str(),
            _ => false,
        })?;
        let defined = index.definitions.iter().any(|of| of.key == *flag && defines(of.span));
        (!defined).then(|| facts.tree.bytes(given).in_file(facts.file))
    })
}

fn within(facts: &FileFacts, region: Bytes) -> impl Iterator<Item = NodeId> + '_ {
    let inside = move |id: &NodeId| region.contains(facts.tree.bytes(*id));
    facts.tree.ids().filter(inside)
}

fn place(
    facts: &FileFacts,
    nodes: impl Iterator<Item = NodeId>,
    sought: &Sought,
    runs: impl Fn(&NodeId) -> bool,
) -> Option<Bytes> {
    let mut nodes = nodes;
    let found = nodes.find(|id| may_be_a_setting(facts, *id, sought) && runs(id));
    found.map(|id| facts.tree.bytes(id))
}

fn may_be_a_setting(facts: &FileFacts, id: NodeId, sought: &Sought) -> bool {
    let is_key =
        |id: NodeId| matches!(facts.tree.syntax(facts.tree.bare(id)), Syntax::Text(text) if sought.is_name(text));
    match facts.tree.syntax(id) {
        Syntax::Call { callee, args, .. } => calls_a_setter(facts, *callee, args, sought),
        // `isEnabled: (name) => name === 'new_checkout'`: a fake that answers by the key.
        Syntax::Compare { left, right, .. } => [left, right].into_iter().any(|side| is_key(*side)),
        Syntax::Assign { target, .. } | Syntax::Delete(target) => match facts.tree.syntax(facts.tree.bare(*target)) {
            Syntax::Member { property, .. } => {
                sought.is_name(facts.slice(*property)) || sought.reads(facts.words(*target))
            }
            Syntax::Index { index, .. } => is_key(*index),
            _ => false,
        },
        Syntax::Entry {
            key: Key::Name(name, _),
            ..
        } => sought.is_name(name) || sought.readers.contains(&**name),
        _ => false,
    }
}

/// `setNewTotals(true)`, `set('new_totals')`, `patch('app.features.NEW_TOTALS', fake)`, `client.isOn.mockReturnValue(true)`.
fn calls_a_setter(facts: &FileFacts, callee: NodeId, args: &[NodeId], sought: &Sought) -> bool {
    let callee = facts.words(callee);
    let words = split(last_word(callee));
    let first = words.first().map_or("", String::as_str);
    let patches = callee.rsplit('.').any(|part| part == "patch");
    let named = |name: &Vec<String>| name.len() > 1 && words.windows(name.len()).any(|window| window == name);
    let given = |arg: &NodeId| match facts.tree.syntax(facts.tree.bare(*arg)) {
        Syntax::Text(text) => {
            let name = text.rsplit('.').next().unwrap_or(text);
            sought.is_name(text) || sought.is_name(name) || sought.readers.contains(name)
        }
        _ => false,
    };
    let answers = ANSWERS.contains(&first) && sought.reads(callee);
    answers || ((SETS.contains(&first) || patches) && (sought.names.iter().any(named) || args.iter().any(given)))
}

fn last_word(callee: &str) -> &str {
    callee.rsplit(['.', ':']).next().unwrap_or(callee)
}

fn called_in(facts: &FileFacts, region: Bytes) -> BTreeSet<&str> {
    let callee = |id: NodeId| match facts.tree.syntax(id) {
        Syntax::Call { callee, .. } if matches!(facts.tree.syntax(*callee), Syntax::Name) => Some(facts.words(*callee)),
        _ => None,
    };
    within(facts, region).filter_map(callee).collect()
}

/// The functions of a file by name.
fn functions(facts: &FileFacts) -> impl Iterator<Item = (&str, Bytes)> {
    facts.tree.ids().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Function(function) => Some((&*function.name.as_ref()?.0, facts.tree.bytes(id))),
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } if matches!(facts.tree.syntax(facts.tree.bare(*value)), Syntax::Function(_)) => {
            Some((facts.words(*pattern), facts.tree.bytes(*value)))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
