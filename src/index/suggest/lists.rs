//! What may list the flags of a project: unions of texts, types with fields, and objects and lists of records of the top level. Enters: the facts of one file. Leaves: each with
//! its members; whether they are flags, only those who ask for them can tell.

use super::{Form, Known, Listed, Rows};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};

/// Fields of a record that may tell its key, and those that may tell its state.
const KEYS: [&str; 6] = ["key", "id", "name", "slug", "flag", "flagKey"];
const STATES: [&str; 8] = [
    "default",
    "defaultValue",
    "default_value",
    "enabled",
    "initial",
    "initialValue",
    "on",
    "value",
];
/// Longer lists are data.
const MOST: usize = 1_000;

/// The lists of a file whose members no rule takes for definitions.
pub(super) fn lists(facts: &FileFacts, known: &Known) -> Vec<Listed> {
    let tree = &facts.tree;
    let mut found = Vec::new();
    for id in tree.ids() {
        let (form, members) = match tree.syntax(id) {
            Syntax::TypeAlias { name, value } => (Form::Type(name.0.to_string()), named(facts, known, *value)),
            Syntax::Interface { name, .. } => (Form::Type(name.0.to_string()), named(facts, known, id)),
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } if matches!(tree.syntax(*pattern), Syntax::Name) => {
                let is_inner = tree
                    .ancestors(id)
                    .any(|up| matches!(tree.syntax(up), Syntax::Function(_)));
                if is_inner {
                    continue;
                }
                found.extend(records(facts, known, facts.words(*pattern), *value));
                (
                    Form::Map(facts.words(*pattern).to_owned()),
                    entries(facts, known, *value),
                )
            }
            _ => continue,
        };
        if members.len() >= 3 && members.len() <= MOST {
            found.push(Listed {
                form,
                keys: members,
                language: facts.language.word(),
            });
        }
    }
    found
}

/// The lists of records that a binding holds, itself or in one of its entries.
fn records(facts: &FileFacts, known: &Known, name: &str, value: NodeId) -> Vec<Listed> {
    let tree = &facts.tree;
    let inner = match tree.syntax(tree.bare(value)) {
        Syntax::Array(_) => vec![("[]".to_owned(), value)],
        Syntax::Object { entries, .. } => {
            let of = |entry: &NodeId| match tree.syntax(*entry) {
                Syntax::Entry {
                    key: Key::Name(key, _),
                    value,
                } => Some((format!("{key}[]"), *value)),
                _ => None,
            };
            entries.iter().filter_map(of).collect()
        }
        _ => Vec::new(),
    };
    let found = inner.into_iter().filter_map(|(path, list)| {
        let Syntax::Array(items) = tree.syntax(tree.bare(list)) else {
            return None;
        };
        let has = |field: &str| items.iter().all(|item| entry(facts, *item, field).is_some());
        let is_long = (3..=MOST).contains(&items.len());
        let key = KEYS.into_iter().find(|key| is_long && has(key))?;
        let texts = items.iter().map(|item| match tree.syntax(entry(facts, *item, key)?) {
            Syntax::Text(text) => Some((tree.bytes(*item), text.to_string())),
            _ => None,
        });
        let texts: Vec<_> = texts.collect::<Option<_>>()?;
        let new = texts.iter().all(|(bytes, _)| {
            !known
                .defined
                .range((facts.file, bytes.start)..(facts.file, bytes.end))
                .any(|_| true)
        });
        new.then(|| Listed {
            form: Form::Rows(Rows {
                name: name.to_owned(),
                path,
                key,
                state: STATES.into_iter().find(|state| has(state)),
            }),
            keys: texts.into_iter().map(|(_, text)| text).collect(),
            language: facts.language.word(),
        })
    });
    found.collect()
}

/// The value of an entry of an object.
fn entry(facts: &FileFacts, object: NodeId, name: &str) -> Option<NodeId> {
    let tree = &facts.tree;
    let Syntax::Object { entries, .. } = tree.syntax(tree.bare(object)) else {
        return None;
    };
    entries.iter().find_map(|entry| match tree.syntax(*entry) {
        Syntax::Entry {
            key: Key::Name(key, _),
            value,
        } if &**key == name => Some(tree.bare(*value)),
        _ => None,
    })
}

/// The texts of a union, or the fields of a type.
fn named(facts: &FileFacts, known: &Known, value: NodeId) -> Vec<String> {
    let below = facts.tree.below(value).into_iter();
    let names = below.filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Text(text) => Some((facts.tree.bytes(id), text.to_string())),
        Syntax::Field {
            key: Key::Name(name, bytes),
            ..
        } => Some((*bytes, name.to_string())),
        _ => None,
    });
    let new = names.filter(|(bytes, _)| !known.defined.contains(&(facts.file, bytes.start)));
    new.map(|(_, text)| text).collect()
}

/// The names of an object's entries.
fn entries(facts: &FileFacts, known: &Known, value: NodeId) -> Vec<String> {
    let Syntax::Object { entries, .. } = facts.tree.syntax(facts.tree.bare(value)) else {
        return Vec::new();
    };
    let names = entries.iter().filter_map(|entry| match facts.tree.syntax(*entry) {
        Syntax::Entry {
            key: Key::Name(name, bytes),
            ..
        } => (!known.defined.contains(&(facts.file, bytes.start))).then(|| name.to_string()),
        _ => None,
    });
    names.collect()
}
