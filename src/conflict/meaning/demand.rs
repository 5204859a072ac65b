//! What an interface, a trait or an abstract class asks of who implements it, and an interface of who writes one out. Enters: a definition as it was and as it
//! is, a use. Leaves: what is asked for anew, and what the use has.

use std::collections::{BTreeMap, BTreeSet};

use super::arity::Arity;
use super::contract::{Gone, How};
use super::elements;
use super::work::Parsed;
use crate::conflict::outline::ItemKind;
use crate::index::SymbolKind;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, RepoPath, Span};

/// The types of a file that ask for more than before.
pub(super) fn demands(path: &RepoPath, base: &Parsed, side: &Parsed) -> Vec<Gone> {
    let (had, has) = (asked(&base.unit.facts), asked(&side.unit.facts));
    let mut found = Vec::new();
    for (name, is) in has {
        let Some(was) = had.get(name) else { continue };
        let new = is.required.iter().filter(|member| !was.all.contains(*member));
        let new: Vec<String> = new.map(|member| (*member).to_owned()).collect();
        if new.is_empty() {
            continue;
        }
        let kind = SymbolKind::Type;
        let at = [
            was.bytes.in_file(base.unit.facts.file),
            is.bytes.in_file(side.unit.facts.file),
        ];
        found.push(told(path, name, kind, How::Demands { new }, at));
    }
    let had = elements::components(&base.unit.facts);
    for (name, is) in elements::components(&side.unit.facts) {
        let Some(was) = had.get(&name) else { continue };
        let new: Vec<String> = is.required.difference(&was.all).cloned().collect();
        if !new.is_empty() {
            let at = [
                was.bytes.in_file(base.unit.facts.file),
                is.bytes.in_file(side.unit.facts.file),
            ];
            found.push(told(path, &name, SymbolKind::Function, How::Demands { new }, at));
        }
    }
    let (had, has) = (made(&base.unit.facts), made(&side.unit.facts));
    for (name, (to, now)) in has {
        let Some((from, was)) = had.get(name).filter(|(from, _)| *from != to) else {
            continue;
        };
        let at = [was.in_file(base.unit.facts.file), now.in_file(side.unit.facts.file)];
        let how = How::Called { from: from.clone(), to };
        found.push(told(path, name, SymbolKind::Class, how, at));
    }
    found
}

fn told(path: &RepoPath, name: &str, kind: SymbolKind, how: How, [was, now]: [Span; 2]) -> Gone {
    Gone {
        path: path.clone(),
        name: name.to_owned(),
        kind: ItemKind::Symbol(kind),
        how,
        was,
        now: Some(now),
        inside: true,
        outside: true,
    }
}

/// How an object of a class of Python is made that has its constructor from its fields (`dataclasses.dataclass`, `attrs.define`), by name; not of one that
/// inherits fields, says how they are taken, or has a constructor of its own.
fn made(facts: &FileFacts) -> BTreeMap<&str, (Arity, Bytes)> {
    let tree = &facts.tree;
    let mut found = BTreeMap::new();
    if facts.language != Language::Python {
        return found;
    }
    for id in tree.ids() {
        let Syntax::Class {
            name: Some((name, bytes)),
            extends,
            members,
            decorators,
        } = tree.syntax(id)
        else {
            continue;
        };
        let decorated = decorators.iter().map(|decorator| facts.slice(tree.bytes(*decorator)));
        let words = decorated.map(|text| text.trim_start_matches('@').to_owned());
        let words: Vec<String> = words.collect();
        let is_one = |text: &String| {
            let name = text.split('(').next().unwrap_or_default();
            let last = name.rsplit('.').next().unwrap_or_default().trim();
            matches!(last, "dataclass" | "define" | "frozen") && !text.contains("kw_only") && !text.contains("init")
        };
        let own = members
            .iter()
            .any(|member| part(facts, *member) == Some("__init__") || is_constructor(facts, *member));
        if !words.iter().any(is_one) || !extends.is_empty() || own {
            continue;
        }
        let fields: Option<Vec<(&str, bool)>> = members.iter().filter_map(|member| field(facts, *member)).collect();
        if let Some(fields) = fields {
            found.insert(&**name, (Arity::of_fields(fields), *bytes));
        }
    }
    found
}

fn is_constructor(facts: &FileFacts, member: NodeId) -> bool {
    matches!(facts.tree.syntax(member), Syntax::Function(function) if function.constructor)
}

/// A field of such a class, and whether it may be left out; nothing for what is none, `Some(None)` where only a call tells.
fn field(facts: &FileFacts, member: NodeId) -> Option<Option<(&str, bool)>> {
    let Syntax::Field {
        key: Key::Name(name, _),
        ty: Some(ty),
        value,
        ..
    } = facts.tree.syntax(member)
    else {
        return None;
    };
    let is = |id: NodeId, word: &str| facts.slice(facts.tree.bytes(id)).contains(word);
    if is(*ty, "ClassVar") || is(*ty, "KW_ONLY") {
        return (!is(*ty, "ClassVar")).then_some(None);
    }
    match value {
        Some(value) if is(*value, "field(") => Some(
            is(*value, "default")
                .then_some((&**name, true))
                .filter(|_| !is(*value, "init")),
        ),
        value => Some(Some((&**name, value.is_some()))),
    }
}

/// How an object of this class is made, if its fields tell.
pub(super) fn fields_of(facts: &FileFacts, class: &str) -> Option<Arity> {
    made(facts).remove(class).map(|(arity, _)| arity)
}

/// What a type asks for.
struct Asked<'t> {
    /// What has to be there.
    required: BTreeSet<&'t str>,
    /// All that it names.
    all: BTreeSet<&'t str>,
    /// Its name.
    bytes: Bytes,
}

/// By name; of several of one name nothing is known.
fn asked(facts: &FileFacts) -> BTreeMap<&str, Asked<'_>> {
    let tree = &facts.tree;
    let mut found: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    let mut twice: BTreeSet<&str> = BTreeSet::new();
    for id in tree.ids() {
        let (name, bytes, members) = match tree.syntax(id) {
            Syntax::Interface { name, members } => (&*name.0, name.1, members),
            Syntax::Class {
                name: Some((name, bytes)),
                members,
                ..
            } if is_abstract(facts, id) => (&**name, *bytes, members),
            _ => continue,
        };
        // Go has no word for who implements an interface.
        if facts.language == Language::Go {
            continue;
        }
        let each = members
            .iter()
            .filter_map(|member| Some((part(facts, *member)?, *member)));
        let each: Vec<(&str, NodeId)> = each.collect();
        let required = each.iter().filter(|(_, member)| is_required(facts, id, *member));
        let asked = Asked {
            required: required.map(|(name, _)| *name).collect(),
            all: each.iter().map(|(name, _)| *name).collect(),
            bytes,
        };
        if found.insert(name, asked).is_some() {
            twice.insert(name);
        }
    }
    found.retain(|name, _| !twice.contains(name));
    found
}

/// The words before the body of a class.
fn head(facts: &FileFacts, id: NodeId) -> &str {
    let text = facts.slice(facts.tree.bytes(id));
    let end = if facts.language == Language::Python { ':' } else { '{' };
    text.split(end).next().unwrap_or_default()
}

/// A trait of Rust, an abstract class.
fn is_abstract(facts: &FileFacts, id: NodeId) -> bool {
    let says = |word: &str| super::has_word(head(facts, id), word, &[]);
    match facts.language {
        Language::Rust => says("trait"),
        Language::Python => says("ABC") || says("ABCMeta"),
        Language::TypeScript | Language::Tsx | Language::Java | Language::Kotlin | Language::CSharp => says("abstract"),
        Language::JavaScript | Language::Go | Language::Ruby => false,
    }
}

/// The name of a member.
fn part(facts: &FileFacts, member: NodeId) -> Option<&str> {
    match facts.tree.syntax(member) {
        Syntax::Field {
            key: Key::Name(name, _),
            ..
        } => Some(name),
        Syntax::Function(function) if !function.constructor => function.name.as_ref().map(|(name, _)| &**name),
        Syntax::Let { pattern, .. } => Some(facts.words(*pattern)),
        _ => None,
    }
}

/// True for a member that is not there by itself.
fn is_required(facts: &FileFacts, owner: NodeId, member: NodeId) -> bool {
    let tree = &facts.tree;
    let interface = matches!(tree.syntax(owner), Syntax::Interface { .. });
    let text = facts.slice(tree.bytes(member));
    let is = |word: &str| super::has_word(text.split(['{', ';']).next().unwrap_or_default(), word, &[]);
    match (tree.syntax(member), facts.language) {
        (Syntax::Function(function), Language::Python) => function
            .decorators
            .iter()
            .any(|decorator| facts.slice(tree.bytes(*decorator)).contains("abstractmethod")),
        (Syntax::Function(function), Language::Rust) => function.body.is_none(),
        (Syntax::Function(function), language) => {
            let optional = function
                .name
                .as_ref()
                .is_some_and(|(_, bytes)| follows(facts, *bytes, '?'));
            let plain = function.body.is_none() && !optional;
            // C# and Java have members that belong to the interface itself, and private ones.
            let own = matches!(language, Language::Java | Language::CSharp) && (is("static") || is("private"));
            plain && !own && (interface || is("abstract"))
        }
        (
            Syntax::Field {
                key: Key::Name(_, bytes),
                value,
                ..
            },
            Language::TypeScript | Language::Tsx,
        ) => value.is_none() && !follows(facts, *bytes, '?') && (interface || is("abstract")),
        _ => false,
    }
}

/// True if a sign stands behind a name (and the quote that may end it).
fn follows(facts: &FileFacts, bytes: Bytes, sign: char) -> bool {
    let rest = &facts.text[(bytes.end as usize).min(facts.text.len())..];
    rest.trim_start_matches(['"', '\'']).trim_start().starts_with(sign)
}

/// What stands where a type is implemented, extended or written out: the names of the parts, and whether more may come from elsewhere. `None` where a name
/// is none of that.
pub(super) fn implemented(facts: &FileFacts, node: NodeId) -> Option<(BTreeSet<String>, bool)> {
    if let Some(shown) = elements::shown(facts, node) {
        return Some(shown);
    }
    let tree = &facts.tree;
    let mut inner = node;
    for id in tree.ancestors(node).take(4) {
        match tree.syntax(id) {
            Syntax::Class { extends, members, .. } if extends.contains(&inner) => {
                let names = members.iter().filter_map(|member| part(facts, *member));
                // A parent may have it, and an abstract class leaves it to others. Parameters of a constructor may be fields.
                let open = extends.len() > 1 || is_abstract(facts, id);
                let mut names: BTreeSet<String> = names.map(str::to_owned).collect();
                names.extend(made_fields(facts, members));
                return Some((names, open));
            }
            Syntax::Impl {
                of: Some(of), members, ..
            } if *of == inner => {
                let names = members.iter().filter_map(|member| part(facts, *member));
                let plain = facts.words(*of).rsplit("::").next() == facts.words(node).rsplit("::").next();
                return plain.then(|| (names.map(str::to_owned).collect(), false));
            }
            Syntax::Let {
                ty: Some(ty),
                value: Some(value),
                ..
            } if *ty == inner => return written(facts, node, *ty, *value),
            Syntax::Type(_) => {}
            _ => return None,
        }
        inner = id;
    }
    None
}

/// TypeScript: fields that the parameters of a constructor declare.
fn made_fields(facts: &FileFacts, members: &[NodeId]) -> Vec<String> {
    let functions = members.iter().filter_map(|member| match facts.tree.syntax(*member) {
        Syntax::Function(function) if function.constructor => Some(function),
        _ => None,
    });
    let params = functions.flat_map(|function| &function.params);
    params.map(|param| facts.words(*param).to_owned()).collect()
}

/// `const a: Type = { … }`, `const a: Type[] = [{ … }]`: the keys that each of the objects has.
fn written(facts: &FileFacts, name: NodeId, ty: NodeId, value: NodeId) -> Option<(BTreeSet<String>, bool)> {
    let tree = &facts.tree;
    let called = facts.words(name);
    let ty = facts.slice(tree.bytes(ty)).trim_start_matches(':').trim();
    let ty = ty.strip_prefix("readonly ").unwrap_or(ty);
    let many = [
        format!("{called}[]"),
        format!("Array<{called}>"),
        format!("ReadonlyArray<{called}>"),
    ];
    let objects: Vec<NodeId> = match tree.syntax(value) {
        Syntax::Object { .. } if ty == called => vec![value],
        Syntax::Array(list) if many.iter().any(|many| many == ty) => list.clone(),
        _ => return None,
    };
    let keys = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Object { entries, .. } => {
            let names = entries.iter().map(|entry| match tree.syntax(*entry) {
                Syntax::Entry {
                    key: Key::Name(name, _),
                    ..
                } => Some(name.to_string()),
                Syntax::Function(function) => function.name.as_ref().map(|(name, _)| name.to_string()),
                _ => None,
            });
            names.collect::<Option<BTreeSet<String>>>()
        }
        _ => None,
    };
    let mut all: Vec<BTreeSet<String>> = objects.iter().map(keys).collect::<Option<_>>()?;
    let mut common = all.pop()?;
    common.retain(|name| all.iter().all(|other| other.contains(name)));
    Some((common, false))
}
