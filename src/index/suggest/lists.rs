//! What may list the flags of a project: unions of texts, types with fields, and objects of the top level. Enters: the facts of one file. Leaves: each with
//! its members; whether they are flags, only those who ask for them can tell.

use super::{Form, Known, Listed};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};

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
                (
                    Form::Map(facts.words(*pattern).to_owned()),
                    entries(facts, known, *value),
                )
            }
            _ => continue,
        };
        if members.len() >= 3 && members.len() <= MOST {
            found.push(Listed { form, keys: members });
        }
    }
    found
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
