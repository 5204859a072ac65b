//! Maps of booleans, in the forms that people write: an object, the pairs of a `Map`, rows with a key and a state, the arms of a `match`.
//! Enters: an expression. Leaves: its [`Entry`]s; nothing where one of them is no boolean, because then it is a map of something else.

use super::Entry;
use crate::index::code::{At, Code, Trail};
use crate::index::site::KeySource;
use crate::lang::tree::{Key, NodeId, Syntax};

/// Longer maps are data.
const MOST: usize = 1_000;
/// Spreads and calls around a map.
const DEPTH: usize = 4;
/// Entries of an object that say what a flag is.
pub(super) const STATES: [&str; 9] = [
    "default",
    "defaultValue",
    "default_value",
    "enabled",
    "isEnabled",
    "initial",
    "on",
    "state",
    "value",
];
/// Entries of a row that name the flag.
pub(super) const KEYS: [&str; 5] = ["key", "name", "id", "flag", "slug"];

/// The entries of the map behind an expression; `None` for any other.
pub(super) fn of_map(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<Vec<Entry>> {
    let mut found = Vec::new();
    collect(code, at, DEPTH, trail, &mut found)?;
    let mut sure = false;
    for entry in &found {
        sure |= is_boolean(code, entry.value, DEPTH, trail)?;
    }
    (sure && found.len() <= MOST).then_some(found)
}

fn collect(code: &Code<'_>, at: At, depth: usize, trail: &mut Trail, found: &mut Vec<Entry>) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let at = code.settle(at, trail);
    match code.syntax(at) {
        Syntax::Object { entries, .. } => {
            for entry in entries {
                match code.syntax(at.with(*entry)) {
                    Syntax::Entry { key, value } => found.push(Entry {
                        key: match key {
                            Key::Name(name, bytes) => KeySource::Known(name.to_string(), *bytes),
                            Key::Computed(id) => KeySource::Node(*id),
                        },
                        value: at.with(code.tree(at.unit).bare(*value)),
                    }),
                    // What is laid over the defaults may come from anywhere.
                    Syntax::Spread(inner) => {
                        let known = found.len();
                        if collect(code, at.with(*inner), depth, trail, found).is_none() {
                            found.truncate(known);
                        }
                    }
                    _ => return None,
                }
            }
            Some(())
        }
        // `new Map([['a', false]])`, `HashMap::from([("a", false)])`, `Object.fromEntries([['a', false]])`
        Syntax::New { args, .. } | Syntax::Call { args, .. } | Syntax::Macro { args, .. } if args.len() == 1 => {
            collect_pairs(code, at.with(args[0]), depth, trail, found)
        }
        _ => None,
    }
}

fn collect_pairs(code: &Code<'_>, at: At, depth: usize, trail: &mut Trail, found: &mut Vec<Entry>) -> Option<()> {
    let at = code.settle(at, trail);
    match code.syntax(at) {
        Syntax::Array(rows) if !rows.is_empty() => {
            for row in rows {
                found.push(pair(code, at.with(*row))?);
            }
            Some(())
        }
        // `new Map(Object.entries(defaults))`
        Syntax::Call { args, .. } if args.len() == 1 && code.words(at).starts_with("Object.entries") => {
            collect(code, at.with(args[0]), depth, trail, found)
        }
        _ => None,
    }
}

/// `['a', false]`, `("a", false)`
pub(super) fn pair(code: &Code<'_>, at: At) -> Option<Entry> {
    let tree = code.tree(at.unit);
    let Syntax::Array(pair) = tree.syntax(tree.bare(at.node)) else {
        return None;
    };
    let [key, value] = pair.as_slice() else { return None };
    let key = tree.bare(*key);
    matches!(tree.syntax(key), Syntax::Text(_) | Syntax::Name | Syntax::Member { .. }).then(|| Entry {
        key: KeySource::Node(key),
        value: at.with(tree.bare(*value)),
    })
}

/// `[{ key: 'a', on: false }]`
pub(super) fn of_rows(code: &Code<'_>, at: At, trail: &mut Trail) -> Option<Vec<Entry>> {
    let at = code.settle(at, trail);
    let Syntax::Array(rows) = code.syntax(at) else {
        return None;
    };
    let mut found = Vec::new();
    for row in rows {
        let row = at.with(code.tree(at.unit).bare(*row));
        let part = |names: &[&str]| names.iter().find_map(|name| written(code, row, name));
        let (key, value) = (part(&KEYS)?, part(&STATES)?);
        if !matches!(code.syntax(row.with(value)), Syntax::Bool(_)) {
            return None;
        }
        found.push(Entry {
            key: KeySource::Node(key),
            value: row.with(value),
        });
    }
    (!found.is_empty() && found.len() <= MOST).then_some(found)
}

/// The value that an object literal writes for a name.
fn written(code: &Code<'_>, at: At, name: &str) -> Option<NodeId> {
    let Syntax::Object { entries, .. } = code.syntax(at) else {
        return None;
    };
    entries.iter().find_map(|entry| match code.syntax(at.with(*entry)) {
        Syntax::Entry {
            key: Key::Name(own, _),
            value,
        } if **own == *name => Some(code.tree(at.unit).bare(*value)),
        _ => None,
    })
}

/// `switch (name) { case 'a': return false; }`, `match name { "a" => false, _ => … }`
pub(super) fn of_arms(code: &Code<'_>, at: At, cases: &[NodeId]) -> Option<Vec<Entry>> {
    let tree = code.tree(at.unit);
    let (mut found, mut arms) = (Vec::new(), 0);
    for case in cases {
        let Syntax::Case { tests, body } = tree.syntax(*case) else {
            continue;
        };
        let value = match body.as_slice() {
            [only] => match tree.syntax(tree.bare(*only)) {
                Syntax::Return(Some(value)) => tree.bare(*value),
                _ => tree.bare(*only),
            },
            _ => return None,
        };
        for test in tests {
            let test = tree.bare(*test);
            if !matches!(tree.syntax(test), Syntax::Text(_) | Syntax::Member { .. }) {
                // `_`, `other`
                continue;
            }
            arms += 1;
            match tree.syntax(value) {
                Syntax::Bool(_) => found.push(Entry {
                    key: KeySource::Node(test),
                    value: at.with(value),
                }),
                // `self.nightly_close`: the field defines it.
                Syntax::Member { .. } | Syntax::Call { .. } | Syntax::Compare { .. } => {}
                _ => return None,
            }
        }
    }
    (arms >= 2 || (arms == 1 && !found.is_empty())).then_some(found)
}

/// Every pair of a text and a boolean of a file, and every `insert("a", false)`: where a map is filled step by step.
pub(super) fn of_file(code: &Code<'_>, unit: usize) -> Option<Vec<Entry>> {
    let tree = code.tree(unit);
    let is_bool = |id: NodeId| matches!(tree.syntax(tree.bare(id)), Syntax::Bool(_));
    let is_text = |id: NodeId| matches!(tree.syntax(tree.bare(id)), Syntax::Text(_));
    let in_tests = |id: NodeId| {
        let named = |up| matches!(tree.syntax(up), Syntax::Module { name, .. } if name.0.contains("test"));
        tree.ancestors(id).any(named)
    };
    let found = tree.ids().filter_map(|id| {
        let (key, value) = match tree.syntax(id) {
            Syntax::Array(pair) if pair.len() == 2 => (pair[0], pair[1]),
            Syntax::Call { callee, args, .. } if args.len() == 2 => match tree.syntax(*callee) {
                Syntax::Member { property, .. } if matches!(code.slice(unit, *property), "insert" | "set") => {
                    (args[0], args[1])
                }
                _ => return None,
            },
            _ => return None,
        };
        (is_text(key) && is_bool(value) && !in_tests(id)).then(|| Entry {
            key: KeySource::Node(tree.bare(key)),
            value: At {
                unit,
                node: tree.bare(value),
            },
        })
    });
    let found: Vec<Entry> = found.take(MOST).collect();
    (!found.is_empty()).then_some(found)
}

/// True if surely a boolean, false if perhaps, `None` for what is none.
fn is_boolean(code: &Code<'_>, at: At, depth: usize, trail: &mut Trail) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    let tree = code.tree(at.unit);
    let of = |id: NodeId| at.with(tree.bare(id));
    match tree.syntax(tree.bare(at.node)) {
        Syntax::Bool(_) | Syntax::Not(_) | Syntax::Compare { .. } => Some(true),
        Syntax::Object { .. } => {
            let state = STATES.iter().find_map(|name| written(code, of(at.node), name))?;
            is_boolean(code, of(state), depth, trail)
        }
        Syntax::Logic { left, right, .. } => {
            let sides = [
                is_boolean(code, of(*left), depth, trail),
                is_boolean(code, of(*right), depth, trail),
            ];
            Some(sides.contains(&Some(true)))
        }
        Syntax::Call { args, .. } => Some(
            args.iter()
                .any(|arg| matches!(tree.syntax(tree.bare(*arg)), Syntax::Bool(_))),
        ),
        Syntax::Member { .. } | Syntax::Name => {
            let behind = code.settle(of(at.node), trail);
            match code.syntax(behind) {
                Syntax::Text(_) | Syntax::Number | Syntax::Object { .. } | Syntax::Array(_) | Syntax::Function(_) => {
                    None
                }
                syntax => Some(matches!(syntax, Syntax::Bool(_))),
            }
        }
        _ => None,
    }
}
