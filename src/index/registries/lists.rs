//! Lists of keys by their form. Enters: a parsed file. Leaves: its enums, classes and maps of texts, and the constants of its top level that are
//! texts, with the key of each member. Knows nothing of who asks for them.

use super::MOST;
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Code, Trail};
use crate::index::condition::KeyTerm;
use crate::index::keys::{self, Handles};
use crate::index::values::default_of;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::source::Span;

/// A list of keys.
pub(super) struct List<'c> {
    pub(super) unit: usize,
    /// What it is called; loose constants have no owner.
    pub(super) owner: Option<&'c str>,
    pub(super) members: Vec<Member<'c>>,
}

impl List<'_> {
    /// One without members.
    pub(super) fn empty(unit: usize) -> Self {
        Self {
            unit,
            owner: None,
            members: Vec::new(),
        }
    }
}

/// One of its members.
pub(super) struct Member<'c> {
    pub(super) name: &'c str,
    /// Its declared type, where it is a constant.
    pub(super) ty: &'c str,
    pub(super) key: FlagKey,
    pub(super) span: Span,
    /// What it says of its state, and where.
    pub(super) declared: Option<(FlagValue, Span)>,
}

/// The lists of one file: its enums, classes and maps of texts, and the constants of its top level that are texts.
pub(super) fn lists<'c>(code: &'c Code<'_>, unit: usize) -> Vec<List<'c>> {
    let tree = code.tree(unit);
    let (mut found, mut loose) = (Vec::new(), Vec::new());
    for id in tree.ids() {
        let (owner, members) = match tree.syntax(id) {
            Syntax::Enum { name, members, .. } => (&*name.0, &members[..]),
            Syntax::Class {
                name: Some(name),
                members,
                ..
            } => (&*name.0, &members[..]),
            Syntax::Object { entries, .. } => match owner_of(code, unit, id) {
                Some(owner) => (owner, &entries[..]),
                None => continue,
            },
            Syntax::Let { .. } if is_loose(tree, id) => {
                loose.extend(member(code, unit, id));
                continue;
            }
            _ => continue,
        };
        let members: Vec<Member<'c>> = members.iter().filter_map(|id| member(code, unit, *id)).collect();
        if !members.is_empty() && members.len() <= MOST {
            found.push(List {
                unit,
                owner: Some(owner),
                members,
            });
        }
    }
    if !loose.is_empty() && loose.len() <= MOST {
        found.push(List {
            unit,
            owner: None,
            members: loose,
        });
    }
    found
}

/// Stands outside of functions and classes.
fn is_loose(tree: &Tree, id: NodeId) -> bool {
    let inside = |up: NodeId| matches!(tree.syntax(up), Syntax::Function(_) | Syntax::Class { .. });
    !tree.ancestors(id).any(inside)
}

/// What a map is called: the name that it is bound to, or of the property that holds it.
fn owner_of<'c>(code: &'c Code<'_>, unit: usize, id: NodeId) -> Option<&'c str> {
    let tree = code.tree(unit);
    for up in tree.ancestors(id).take(4) {
        match tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Call { .. } => {}
            Syntax::Let { pattern, .. } if matches!(tree.syntax(*pattern), Syntax::Name) => {
                return Some(code.words(At { unit, node: *pattern }));
            }
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                ..
            } => return Some(name),
            _ => return None,
        }
    }
    None
}

/// A constant or member that is a text, or is made of one.
fn member<'c>(code: &'c Code<'_>, unit: usize, id: NodeId) -> Option<Member<'c>> {
    let tree = code.tree(unit);
    let (name, ty, value): (&str, &str, NodeId) = match tree.syntax(id) {
        Syntax::Let {
            pattern,
            ty,
            value: Some(value),
            ..
        } if matches!(tree.syntax(*pattern), Syntax::Name) => {
            let ty = ty.map_or("", |ty| code.words(At { unit, node: ty }));
            (code.words(At { unit, node: *pattern }), ty, *value)
        }
        Syntax::Entry {
            key: Key::Name(name, _),
            value,
        } => (name, "", *value),
        // A variant of Rust or C# may be known by its name alone.
        Syntax::Field {
            key: Key::Name(name, _),
            value,
            ..
        } => (name, "", value.unwrap_or(id)),
        _ => return None,
    };
    let language = code.facts(unit).language;
    let is_made =
        language.is_jvm() && matches!(tree.syntax(tree.bare(value)), Syntax::New { .. } | Syntax::Call { .. });
    let made_of = keys::made_of(code, At { unit, node: value });
    let is_variant = value == id && matches!(language, Language::Rust | Language::CSharp);
    let is_auto =
        matches!(tree.syntax(value), Syntax::Call { .. }) && code.words(At { unit, node: value }).ends_with("auto()");
    let at = match tree.syntax(tree.bare(value)) {
        _ if made_of.is_some() => value,
        Syntax::New { args, .. } if is_made => *args
            .iter()
            .find(|arg| matches!(tree.syntax(tree.bare(**arg)), Syntax::Text(_)))?,
        Syntax::Text(_) => value,
        _ if is_variant || is_auto || is_made => value,
        _ => return None,
    };
    let found = keys::key_of(code, &Handles::default(), At { unit, node: at }, &mut Trail::default())?;
    let KeyTerm::Known(key) = found.term else { return None };
    let span = found.place.unwrap_or_else(|| tree.bytes(id).in_file(code.file(unit)));
    let declared = made_of.and_then(|made| made.declared).map(|node| {
        let value = default_of(code, At { unit, node }, &mut Trail::default());
        (value, tree.bytes(node).in_file(code.file(unit)))
    });
    (keys::is_one_word(key.as_str()) && !key.as_str().is_empty()).then_some(Member {
        name,
        ty,
        key,
        span,
        declared,
    })
}
