//! What a text in the environment makes of a flag, as the code that reads it compares: `'1'` is on for `=== '1'` and for a question of truth, and
//! off for `=== 'true'`. And what is set too late: code that reads the environment when it is loaded has read it before a test sets it.
//! Enters: the index, with its reads and forces. Leaves: the same forces with the values that the code sees. Where the code does something else
//! with the text, the words decide as before.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::is_of_environment;
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, FlagRead, ForceScope, ForcedKey, ForcedValue};
use crate::lang::tree::{CompareOp, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{RepoPath, Span};

/// Methods that change nothing but the case or the blanks.
const SAME: [&str; 5] = ["toLowerCase", "toUpperCase", "trim", "lower", "strip"];
/// Functions that set a variable to their second argument.
const SETTERS: [&str; 5] = ["stubEnv", "setenv", "set_var", "Setenv", "putenv"];
/// Words of tests that load the code anew, or in a process of its own.
const ANEW: [&str; 14] = [
    "import(",
    "require(",
    "resetModules",
    "isolateModules",
    "importlib",
    "reload(",
    "doMock",
    "importActual",
    "importFresh",
    "spawn",
    "exec",
    "fork",
    "subprocess",
    "proxyquire",
];
/// Functions whose function runs at once.
const AT_ONCE: [&str; 3] = ["forEach", "map", "filter"];

/// How code asks a text.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Asks {
    /// It is one of these texts.
    Is(BTreeSet<String>),
    /// There is something in it.
    Truth,
}

impl Asks {
    fn value(&self, text: &str) -> FlagValue {
        let on = match self {
            // `=== 'off'` asks for the flag's being off.
            Self::Is(texts) if texts.iter().all(|text| FlagValue::parse(text) == FlagValue::Off) => {
                !texts.contains(text)
            }
            Self::Is(texts) => texts.contains(text),
            Self::Truth => !text.is_empty(),
        };
        if on { FlagValue::On } else { FlagValue::Off }
    }
}

/// What the texts of the environment are for the code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// By flag, the ways in which it is asked; `None` where one of them is another.
    asks: BTreeMap<FlagKey, Option<Vec<Asks>>>,
}

impl Compared {
    /// As the code of the product asks.
    #[must_use]
    pub fn of(index: &CodeIndex) -> Self {
        let mut found = Self::default();
        let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
        let by_file: BTreeMap<_, &FileFacts> = index.files.values().map(|facts| (facts.file, &**facts)).collect();
        for read in index
            .reads
            .iter()
            .filter(|read| is_of_environment(&read.rule) && read.via.is_empty())
        {
            let Some(facts) = by_file
                .get(&read.span.file)
                .filter(|facts| !tests.contains(&facts.path))
            else {
                continue;
            };
            let asks = node_at(facts, read.span).and_then(|id| asks(facts, id));
            let all = found.asks.entry(read.key.clone()).or_insert_with(|| Some(Vec::new()));
            match (asks, &mut *all) {
                (Some(asks), Some(all)) => all.push(asks),
                _ => *all = None,
            }
        }
        found
    }

    /// What a text makes of a flag; `None` where it is not known how the code asks.
    #[must_use]
    pub fn value(&self, key: &FlagKey, text: &str) -> Option<FlagValue> {
        let all = self.asks.get(key)?.as_ref()?;
        let values: BTreeSet<FlagValue> = all.iter().map(|asks| asks.value(text)).collect();
        match values.len() {
            1 => values.first().copied(),
            // Who asks in two ways means what the words say.
            _ => None,
        }
    }
}

/// Gives every force on a variable of the environment the value that the code sees.
pub fn refine(index: &mut CodeIndex) {
    let compared = Compared::of(index);
    let late = read_when_loaded(index);
    let by_file: BTreeMap<_, &FileFacts> = index.files.values().map(|facts| (facts.file, &**facts)).collect();
    let mut changed = Vec::new();
    for (at, force) in index.forces.iter().enumerate() {
        let ForcedKey::Key(key) = &force.key else { continue };
        let (ForcedValue::Is(value), Some(facts)) = (force.value, by_file.get(&force.span.file)) else {
            continue;
        };
        // What stands at the top of a file may come before the code is loaded; a test and its hooks come after.
        let after = |id| !runs_when_loaded(facts, id);
        let in_test = force.scope != ForceScope::Project && node_at(facts, force.span).is_some_and(after);
        if in_test
            && is_of_environment(&force.rule)
            && late.contains(key)
            && !ANEW.iter().any(|word| facts.text.contains(word))
        {
            changed.push((at, FlagValue::Unknown));
        } else if is_of_environment(&force.rule)
            && let Some(text) = text_of(facts, force.span)
            && let Some(seen) = compared.value(key, &text)
            && seen != value
        {
            changed.push((at, seen));
        }
    }
    for (at, value) in changed {
        index.forces[at].value = ForcedValue::Is(value);
    }
}

/// The flags that the product reads from the environment only while it is loaded.
fn read_when_loaded(index: &CodeIndex) -> BTreeSet<FlagKey> {
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let by_file: BTreeMap<_, &FileFacts> = index.files.values().map(|facts| (facts.file, &**facts)).collect();
    let mut loaded: BTreeMap<FlagKey, bool> = BTreeMap::new();
    let direct = |read: &&FlagRead| is_of_environment(&read.rule) && read.via.is_empty();
    for read in index.reads.iter().filter(direct) {
        let Some(facts) = by_file
            .get(&read.span.file)
            .filter(|facts| !tests.contains(&facts.path))
        else {
            continue;
        };
        let scripts = matches!(
            facts.language,
            Language::TypeScript | Language::Tsx | Language::JavaScript | Language::Python
        );
        let is_loaded = scripts && node_at(facts, read.span).is_some_and(|id| runs_when_loaded(facts, id));
        *loaded.entry(read.key.clone()).or_insert(true) &= is_loaded;
    }
    loaded
        .into_iter()
        .filter(|(_, loaded)| *loaded)
        .map(|(key, _)| key)
        .collect()
}

fn runs_when_loaded(facts: &FileFacts, id: NodeId) -> bool {
    let tree = &facts.tree;
    let mut functions = tree
        .ancestors(id)
        .filter(|up| matches!(tree.syntax(*up), Syntax::Function(_)));
    functions.all(|function| {
        let call = tree.node(function).parent.map(|up| tree.syntax(up));
        matches!(call, Some(Syntax::Call { callee, .. }) if AT_ONCE.contains(&last(facts.words(*callee))))
    })
}

/// The smallest node of exactly this place, without what only wraps it.
fn node_at(facts: &FileFacts, span: Span) -> Option<NodeId> {
    let tree = &facts.tree;
    let found = tree.ids().filter(|id| tree.bytes(*id) == span.bytes);
    found.max_by_key(|id| tree.ancestors(*id).count())
}

fn last(words: &str) -> &str {
    words.rsplit(['.', ':', ')']).next().unwrap_or(words)
}

/// How the code asks what it has read.
fn asks(facts: &FileFacts, read: NodeId) -> Option<Asks> {
    let tree = &facts.tree;
    let mut below = read;
    for up in tree.ancestors(read) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => {}
            Syntax::Member { property, .. } if SAME.contains(&facts.slice(*property)) => {}
            Syntax::Call { callee, args, .. } => {
                let words = last(facts.words(*callee));
                let of_method = *callee == below && SAME.contains(&words);
                if of_method {
                    // The call of the method that stands below.
                } else if args.len() == 1 && args[0] == below && matches!(words, "Boolean" | "bool") {
                    return Some(Asks::Truth);
                } else if args.first() == Some(&below) && matches!(words, "includes" | "in") {
                    let Syntax::Member { object, .. } = tree.syntax(tree.bare(*callee)) else {
                        return None;
                    };
                    return texts(facts, *object).map(Asks::Is);
                } else {
                    return None;
                }
            }
            // `process.env.X ?? ''`
            Syntax::Logic { left, right, .. } if *left == below && is_literal(facts, *right) => {}
            Syntax::Compare { op, left, right } if *op != CompareOp::Other => {
                let other = if *left == below { *right } else { *left };
                return match tree.syntax(tree.bare(other)) {
                    Syntax::Text(text) => Some(Asks::Is(BTreeSet::from([text.to_string()]))),
                    _ => None,
                };
            }
            Syntax::If { test, .. } | Syntax::Choose { test, .. } => return (*test == below).then_some(Asks::Truth),
            Syntax::Not(_) | Syntax::Logic { .. } => return Some(Asks::Truth),
            _ => return None,
        }
        below = up;
    }
    None
}

fn is_literal(facts: &FileFacts, id: NodeId) -> bool {
    let tree = &facts.tree;
    matches!(tree.syntax(tree.bare(id)), Syntax::Text(_) | Syntax::Nothing)
}

fn texts(facts: &FileFacts, list: NodeId) -> Option<BTreeSet<String>> {
    let tree = &facts.tree;
    let Syntax::Array(items) = tree.syntax(tree.bare(list)) else {
        return None;
    };
    let text = |id: &NodeId| match tree.syntax(tree.bare(*id)) {
        Syntax::Text(text) => Some(text.to_string()),
        _ => None,
    };
    items.iter().map(text).collect()
}

/// The text that a place gives a variable, where it is written out.
fn text_of(facts: &FileFacts, span: Span) -> Option<String> {
    let tree = &facts.tree;
    let value = match tree.syntax(node_at(facts, span)?) {
        Syntax::Assign { value, .. } | Syntax::Entry { value, .. } => *value,
        Syntax::Call { callee, args, .. } if SETTERS.contains(&last(facts.words(*callee))) => *args.get(1)?,
        _ => return None,
    };
    let value = tree.bare(value);
    match tree.syntax(value) {
        Syntax::Text(text) => Some(text.to_string()),
        Syntax::Bool(is) => Some(is.to_string()),
        Syntax::Number => Some(facts.words(value).to_owned()),
        _ => None,
    }
}
