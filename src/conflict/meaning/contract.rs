//! What a side took away from others: symbols that are gone, have another name, or are called in another way. Enters: the changed files of
//! one side, parsed. Leaves: [`Gone`]s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::Answer;
use super::arity::Arity;
use super::work::{Change, Parsed};
use super::{demand, shape};
use crate::conflict::deeds::Deed;
use crate::conflict::outline::{Item, ItemKey, ItemKind};
use crate::index::SymbolKind;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Span};

/// In which way something is no longer what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// It is not there any more.
    Removed,
    /// The file does not pass it on from another one any more.
    Withheld,
    /// It has this name now.
    Renamed(String),
    /// It stands in this file now.
    Moved(RepoPath),
    /// The struct has other fields: who makes one names all of them.
    Fields {
        /// Those that came.
        new: Vec<String>,
        /// Those that went.
        gone: Vec<String>,
    },
    /// The enum has more members beside this one: who matches one without a rest names all of them.
    Joined {
        /// Those that came.
        new: Vec<String>,
    },
    /// Who implements it, extends it or writes one out has to have more.
    Demands {
        /// What came.
        new: Vec<String>,
    },
    /// It answers with something else.
    Answers(Answer),
    /// It is called otherwise.
    Called {
        /// How it was called.
        from: Arity,
        /// How it is called.
        to: Arity,
    },
}

impl How {
    /// True where the name is still there.
    #[must_use]
    pub fn stays(&self) -> bool {
        matches!(self, Self::Called { .. } | Self::Answers(_)) || self.is_of_shape()
    }

    /// True where what is written out as a whole, or implements it, has to have other parts.
    #[must_use]
    pub fn is_of_shape(&self) -> bool {
        matches!(self, Self::Fields { .. } | Self::Joined { .. } | Self::Demands { .. })
    }
}

/// Something that others may use, and that is no longer what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// The file that had it.
    pub path: RepoPath,
    /// Its name there, with its owners.
    pub name: String,
    /// What it was.
    pub kind: ItemKind,
    /// What became of it.
    pub how: How,
    /// Where it stood, in the text that both sides had.
    pub was: Span,
    /// Where it stands now.
    pub now: Option<Span>,
    /// Nothing of this name is left in its file.
    pub inside: bool,
    /// Its file does not give it out any more.
    pub outside: bool,
}

impl Gone {
    /// Its name without its owners.
    #[must_use]
    pub fn short(&self) -> &str {
        short(&self.name)
    }
}

/// A name without its owners.
pub(super) fn short(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// The owners of a name.
fn owner(name: &str) -> Option<&str> {
    let at = name.rfind(['.', ':'])?;
    Some(name[..at].trim_end_matches(':'))
}

/// The name of what makes an object of a class, where a language has one name for it.
pub(super) fn constructor(language: Language, class: &str) -> Option<String> {
    Some(format!("{class}.{}", maker(language)?))
}

fn maker(language: Language) -> Option<&'static str> {
    match language {
        Language::TypeScript | Language::Tsx | Language::JavaScript => Some("constructor"),
        Language::Python => Some("__init__"),
        _ => None,
    }
}

/// The class whose objects a member makes: it is called by the name of the class.
fn made(language: Language, name: &str) -> Option<&str> {
    name.strip_suffix(maker(language)?)?.strip_suffix('.')
}

/// What a side took away, by path and name.
pub(super) fn gone(changes: &BTreeMap<RepoPath, Arc<Change>>) -> Vec<Gone> {
    let new: BTreeMap<&str, &RepoPath> = changes
        .iter()
        .flat_map(|(path, change)| change.added().map(move |key| (key.name.as_str(), path)))
        .collect();
    let mut found: Vec<Gone> = changes
        .iter()
        .flat_map(|(path, change)| of_file(path, change, &new))
        .collect();
    let whole = found.iter().filter(|gone| !gone.how.stays());
    let names: BTreeSet<(RepoPath, String)> = whole.map(|gone| (gone.path.clone(), gone.name.clone())).collect();
    // With a class its members go.
    found.retain(|gone| {
        let owner = owner(&gone.name).map(|owner| (gone.path.clone(), owner.to_owned()));
        owner.is_none_or(|owner| !names.contains(&owner))
    });
    found
}

fn of_file(path: &RepoPath, change: &Change, new: &BTreeMap<&str, &RepoPath>) -> Vec<Gone> {
    let Some(base) = &change.base else { return Vec::new() };
    let each = change.deeds.iter().filter_map(|(key, (kind, deed))| {
        let item = base.item(key)?;
        let ItemKind::Symbol(symbol) = kind else { return None };
        let how = match deed {
            Deed::Removed => match new.get(key.name.as_str()).filter(|to| **to != path) {
                Some(to) => How::Moved((*to).clone()),
                None => How::Removed,
            },
            Deed::Renamed(to) => How::Renamed(to.clone()),
            Deed::Signature { from, to } => called(base, change.side.as_ref()?, key, (from, to))?,
            Deed::Added | Deed::Changed { .. } => return None,
        };
        let made = made(base.unit.facts.language, &key.name).filter(|_| matches!(how, How::Called { .. }));
        let class = ItemKind::Symbol(SymbolKind::Class);
        let gone = Gone {
            now: change.side.as_ref().and_then(|side| now(side, key, &how)),
            path: path.clone(),
            name: made.unwrap_or(&key.name).to_owned(),
            kind: if made.is_some() { class } else { *kind },
            was: item.name_bytes.in_file(base.unit.facts.file),
            inside: true,
            outside: true,
            how,
        };
        seen(gone, *symbol, base, change.side.as_ref())
    });
    let mut found: Vec<Gone> = each.collect();
    if let Some(side) = &change.side {
        found.extend_from_slice(change.members.get_or_init(|| members(path, base, side)));
        found.extend(withheld(path, base, side));
        found.extend(defaults(path, base, side));
        found.extend(shape::reshaped(path, base, side));
        found.extend(demand::demands(path, base, side));
    }
    found
}

fn now(side: &Parsed, key: &ItemKey, how: &How) -> Option<Span> {
    let name = match how {
        How::Renamed(to) => to,
        how if how.stays() => &key.name,
        _ => return None,
    };
    let item = side.outline.items.iter().find(|item| item.key.name == *name)?;
    Some(item.name_bytes.in_file(side.unit.facts.file))
}

/// Whether the calls of it may have to change; not where several have its name.
fn called(base: &Parsed, side: &Parsed, key: &ItemKey, (from, to): (&str, &str)) -> Option<How> {
    let only = |parsed: &Parsed| {
        parsed
            .outline
            .items
            .iter()
            .filter(|item| item.key.name == key.name)
            .count()
            == 1
    };
    let language = base.unit.facts.language;
    if !only(base) || !only(side) {
        return None;
    }
    let [had, has] = [Arity::of(language, from)?, Arity::of(language, to)?];
    let answer = had.is_shaped(&has).then(|| Answer::of(language, [from, to])).flatten();
    match had == has {
        false => Some(answer.map_or(How::Called { from: had, to: has }, How::Answers)),
        true => answer.map(How::Answers),
    }
}

/// What is left of the name for those inside of its file and outside; nothing if all is left.
fn seen(mut gone: Gone, symbol: SymbolKind, base: &Parsed, side: Option<&Parsed>) -> Option<Gone> {
    let exports = &base.unit.exports;
    let name = gone.name.as_str();
    let Some(side) = side else { return Some(gone) };
    if matches!(gone.how, How::Called { .. } | How::Answers(_)) {
        return Some(gone);
    }
    let left = &side.unit.exports;
    // One of several (overloads, impls under conditions) may be left.
    if side.outline.items.iter().any(|item| item.key.name == name) {
        return None;
    }
    match owner(name) {
        None => {
            gone.inside = !left.top.contains_key(name);
            gone.outside = exports.names.contains_key(name) && !left.names.contains_key(name) && left.stars.is_empty();
        }
        Some(owner) => {
            let owners: Vec<&Item> = side
                .outline
                .items
                .iter()
                .filter(|item| item.key.name == owner)
                .collect();
            let language = base.unit.facts.language;
            let moved = matches!(gone.how, How::Moved(_));
            // Methods of Rust and Go may stand in any file.
            if (moved && matches!(language, Language::Rust | Language::Go)) || symbol == SymbolKind::Constant {
                return None;
            }
            if language != Language::Rust && owners.iter().any(|item| may_inherit(side, item)) {
                return None;
            }
        }
    }
    // Go: another file of the package will do.
    if matches!((&gone.how, base.unit.facts.language), (How::Moved(to), Language::Go) if to.parent() == gone.path.parent())
    {
        return None;
    }
    (gone.inside || gone.outside).then_some(gone)
}

/// True for a class with a parent, and an object into which another one is spread: what it does not have itself it may have from there.
fn may_inherit(side: &Parsed, item: &Item) -> bool {
    let tree = &side.unit.facts.tree;
    let at = |bytes: Bytes| bytes.contains(item.name_bytes);
    tree.ids().any(|id| match tree.syntax(id) {
        Syntax::Class {
            name: Some((_, bytes)),
            extends,
            ..
        } => *bytes == item.name_bytes && !extends.is_empty(),
        Syntax::Let { value: Some(value), .. } if at(tree.bytes(id)) => match tree.syntax(tree.bare(*value)) {
            Syntax::Object { entries, .. } => entries
                .iter()
                .any(|entry| matches!(tree.syntax(*entry), Syntax::Spread(_))),
            _ => true,
        },
        _ => false,
    })
}

/// A default export that is no more: who imports it gets nothing.
fn defaults(path: &RepoPath, base: &Parsed, side: &Parsed) -> Option<Gone> {
    let facts = &base.unit.facts;
    let had = base.unit.exports.names.contains_key("default");
    if !had || side.unit.exports.names.contains_key("default") {
        return None;
    }
    let mut exports = facts.tree.ids().filter(|id| match facts.tree.syntax(*id) {
        Syntax::Export { default, names, .. } => *default || names.iter().any(|name| &*name.exported == "default"),
        _ => false,
    });
    Some(Gone {
        path: path.clone(),
        name: "default".to_owned(),
        kind: ItemKind::Symbol(SymbolKind::Module),
        how: How::Withheld,
        was: facts.tree.bytes(exports.next()?).in_file(facts.file),
        now: None,
        inside: false,
        outside: true,
    })
}

/// The names that a file passed on from others and gives out no more: `export { a } from './a'`, `pub use a::b`, what a package's `__init__.py` imports.
fn withheld(path: &RepoPath, base: &Parsed, side: &Parsed) -> Vec<Gone> {
    let facts = &base.unit.facts;
    let left = &side.unit.exports;
    if !left.stars.is_empty() || left.names.contains_key("*") {
        return Vec::new();
    }
    let statements = facts.tree.ids().filter(|id| match facts.tree.syntax(*id) {
        Syntax::Export { from: Some(_), .. } => true,
        Syntax::Import { .. } => match facts.language {
            Language::Rust => facts.words(*id).starts_with("pub"),
            Language::Python => path.file_name() == "__init__.py",
            _ => false,
        },
        _ => false,
    });
    let names = |id: NodeId| match facts.tree.syntax(id) {
        Syntax::Export { names, .. } => names.iter().map(|name| &*name.exported).collect::<Vec<_>>(),
        Syntax::Import { names, .. } => names.iter().map(|name| &*name.local).collect(),
        _ => Vec::new(),
    };
    let each = statements.flat_map(|id| names(id).into_iter().map(move |name| (id, name)));
    let gone = each.filter(|(_, name)| *name != "*" && !left.names.contains_key(*name));
    gone.map(|(id, name)| Gone {
        path: path.clone(),
        name: name.to_owned(),
        kind: ItemKind::Symbol(SymbolKind::Module),
        how: How::Withheld,
        was: facts.tree.bytes(id).in_file(facts.file),
        now: None,
        inside: false,
        outside: true,
    })
    .collect()
}

/// The members of enums that are gone.
fn members(path: &RepoPath, base: &Parsed, side: &Parsed) -> Vec<Gone> {
    let (had, has) = (enums(base), enums(side));
    let owners: BTreeSet<&str> = has.keys().filter_map(|name| owner(name)).collect();
    let gone = had.into_iter().filter(|(name, _)| {
        let owner = owner(name).unwrap_or_default();
        !has.contains_key(name) && owners.contains(owner)
    });
    gone.map(|(name, bytes)| Gone {
        path: path.clone(),
        name,
        kind: ItemKind::Symbol(SymbolKind::Enum),
        how: How::Removed,
        was: bytes.in_file(base.unit.facts.file),
        now: None,
        inside: true,
        outside: true,
    })
    .collect()
}

/// The members of the enums of a file: `Status.Done`, `Status::Done`.
fn enums(parsed: &Parsed) -> BTreeMap<String, Bytes> {
    let facts = &parsed.unit.facts;
    let tree = &facts.tree;
    let mut found = BTreeMap::new();
    for id in tree.ids() {
        let Syntax::Enum { name, members, .. } = tree.syntax(id) else {
            continue;
        };
        for member in members {
            if let Syntax::Field {
                key: Key::Name(key, bytes),
                ..
            } = tree.syntax(*member)
            {
                found.insert(super::member(facts.language, &name.0, key), *bytes);
            }
        }
    }
    found
}
