//! Homes that are known by who asks them, where no name says what they are about. Enters: a home, the parsed files. Leaves: whether it is
//! complete (a map of plain booleans of the top level), what its calls look like in a text, and how often it is asked. Knows no names.

use std::collections::{BTreeMap, BTreeSet};

use super::Home;
use crate::index::code::{At, Code, Declared};
use crate::index::site::KeySource;
use crate::lang::tree::{NodeId, Syntax, Tree};

/// Two places at least: a single one is as likely a detail of its module.
const LEAST: usize = 2;
/// Homes with more entries are data.
const MOST_ENTRIES: usize = 200;
/// More ancestors than this lie between no value and what it decides.
const CLIMB: usize = 12;

/// The calls of a tree with a key in writing: by the function's last name and the key, whether each decides something.
pub(super) struct Calls(BTreeMap<(String, usize, String), Vec<bool>>);

impl Calls {
    /// The calls of functions of these names.
    pub(super) fn of(code: &Code<'_>, names: &BTreeSet<&str>) -> Self {
        let mut found: BTreeMap<_, Vec<bool>> = BTreeMap::new();
        for unit in 0..code.units().len() {
            let tree = code.tree(unit);
            for id in tree.ids() {
                let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
                    continue;
                };
                let name = last_word(code.words(At { unit, node: *callee }));
                if !names.contains(name) {
                    continue;
                }
                for (index, arg) in args.iter().enumerate().take(3) {
                    if let Some(key) = written(code, At { unit, node: *arg }) {
                        let call = (name.to_owned(), index, key.to_owned());
                        found.entry(call).or_default().push(decides(tree, id));
                    }
                }
            }
        }
        Self(found)
    }

    /// True if the home is asked with keys of its map, more than once, and one answer at least decides something where it is given.
    pub(super) fn ask(&self, code: &Code<'_>, home: &Home) -> bool {
        let Some(index) = index_of(code, home) else {
            return false;
        };
        let calls = keys(code, home).into_iter().filter_map(|key| {
            let call = (home.name.clone(), index, key.to_owned());
            self.0.get(&call)
        });
        let calls: Vec<bool> = calls.flatten().copied().collect();
        calls.len() >= LEAST && calls.contains(&true)
    }
}

/// True for a map of the top level with nothing but plain booleans: two of them, or one that can be set.
pub(super) fn is_complete(code: &Code<'_>, home: &Home) -> bool {
    let is_plain = |at: At| {
        let tree = code.tree(at.unit);
        let mut above = tree.ancestors(at.node);
        matches!(tree.syntax(at.node), Syntax::Bool(_))
            && !above.any(|up| matches!(tree.syntax(up), Syntax::Function(_)))
    };
    let count = home.entries.len();
    let enough = count >= LEAST || (count == 1 && !home.setters.is_empty());
    enough && count <= MOST_ENTRIES && home.name.len() >= 2 && home.entries.iter().all(|entry| is_plain(entry.value))
}

/// How calls of a home begin in a text: `lit('ledger_v2`.
pub(super) fn beginnings(code: &Code<'_>, home: &Home) -> BTreeSet<String> {
    let keys = keys(code, home).into_iter();
    let with = |key: &str| ["'", "\"", "`", ""].map(|quote| format!("{}({quote}{key}", home.name));
    keys.flat_map(with).collect()
}

fn keys<'c>(code: &'c Code<'_>, home: &'c Home) -> BTreeSet<&'c str> {
    let key = |entry: &'c super::Entry| match &entry.key {
        KeySource::Known(text, _) => Some(text.as_str()),
        KeySource::Node(id) => written(code, entry.value.with(*id)),
        KeySource::Every => None,
    };
    home.entries.iter().filter_map(key).collect()
}

/// A text, or what is written like a member of an enum.
fn written<'c>(code: &'c Code<'_>, at: At) -> Option<&'c str> {
    let tree = code.tree(at.unit);
    let at = at.with(tree.bare(at.node));
    match tree.syntax(at.node) {
        Syntax::Text(text) => Some(text),
        Syntax::Member { .. } => Some(code.words(at)),
        Syntax::Name => Some(code.words(at)).filter(|words| words.contains("::")),
        _ => None,
    }
}

fn index_of(code: &Code<'_>, home: &Home) -> Option<usize> {
    match code.declared(home.function.with(home.key))? {
        Declared::Param { index, .. } => Some(index),
        _ => None,
    }
}

fn last_word(words: &str) -> &str {
    words.rsplit(['.', ':']).next().unwrap_or(words)
}

/// True if the truth of a node decides something where it stands.
pub(in crate::index) fn decides(tree: &Tree, id: NodeId) -> bool {
    let mut at = id;
    for up in tree.ancestors(id).take(CLIMB) {
        match tree.syntax(up) {
            Syntax::Wrap(..) => at = up,
            Syntax::Logic { left, .. } if *left == at => return true,
            Syntax::Logic { .. } => at = up,
            Syntax::Not(_) => return true,
            Syntax::If { test, .. } | Syntax::Choose { test, .. } => return *test == at,
            _ => return false,
        }
    }
    false
}
