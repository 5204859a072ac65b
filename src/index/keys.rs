//! Which flag an expression names. Enters: an expression where a rule expects a key. Leaves: the key, the parameter that carries it, or
//! nothing: a key that cannot be read off is counted as dynamic, never guessed. Knows nothing of reads and guards.

mod made;

use std::collections::{BTreeMap, BTreeSet};

use super::code::{At, Code, Declared, Part, Trail};
use super::condition::{KeyTerm, Param};
use crate::flag::FlagKey;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::rules::{Confidence, RuleRef};
use crate::source::{FileId, Span};
use made::key_made;
pub use made::{Made, made_of};

/// Properties of a handle that are its key again.
const KEY_PROPERTIES: [&str; 6] = ["key", "id", "name", "flagKey", "flag", "featureFlag"];
/// Properties of a plain object that make it stand for a flag.
const OBJECT_KEYS: [&str; 2] = ["key", "flagKey"];
/// Calls on a key that leave it as it is.
const SPELLINGS: [&str; 10] = [
    "to_string",
    "to_owned",
    "into",
    "as_str",
    "clone",
    "toString",
    "String",
    "ID",
    "getKey",
    "Key",
];

/// Keys are no longer than this.
const MAX_KEY: usize = 128;
/// As many words has a key that is written like a name (`Remote Promo Sheet`); more are a sentence.
const MAX_WORDS: usize = 8;

/// True for a text that is written like a key: one word, or a few on one line that are no sentence. Whether a key of several words is
/// one, only a definition of it says.
#[must_use]
pub fn is_written_like_a_key(text: &str) -> bool {
    let is_name = || {
        let words = text.split(' ').count();
        words <= MAX_WORDS
            && text.trim() == text
            && text.chars().all(|c| c == ' ' || !c.is_whitespace())
            && !text.ends_with(['.', '!', '?', ':', ','])
    };
    !text.is_empty() && text.len() <= MAX_KEY && (is_one_word(text) || is_name())
}

/// True for a text without any space.
#[must_use]
pub fn is_one_word(text: &str) -> bool {
    !text.chars().any(char::is_whitespace)
}

/// How a flag is known by an expression that stands for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Handle {
    /// The flag.
    pub key: KeyFound,
    /// The rule of its definition.
    pub rule: RuleRef,
    /// How sure the definition is.
    pub confidence: Confidence,
    /// The expression is the value itself (`export const enableX = false`): to name it is to read it.
    pub is_value: bool,
    /// The expression is a store of the value: to take what it holds is to read it.
    pub is_store: bool,
}

/// A key that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFound {
    /// The key, or the parameter that carries it.
    pub term: KeyTerm,
    /// Where its text stands; `None` for a parameter.
    pub place: Option<Span>,
}

/// Expressions that stand for a flag: `new Feature('k', false)`, a type that implements a flag trait.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Handles {
    by_node: BTreeMap<(FileId, NodeId), Handle>,
    /// Under each name the node, unless several have it.
    names: BTreeMap<Box<str>, Option<(FileId, NodeId)>>,
    /// The names of maps and classes whose entries stand for flags.
    maps: BTreeSet<Box<str>>,
    /// Under the names of an enum and its member the flag, unless several are called so.
    members: BTreeMap<(Box<str>, Box<str>), Option<KeyFound>>,
}

impl Handles {
    /// Notes that the node, which is called `name`, stands for a flag.
    pub fn insert(&mut self, file: FileId, node: NodeId, name: &str, handle: Handle) {
        let same = |known: &mut Option<(FileId, NodeId)>| *known = known.filter(|known| *known == (file, node));
        let known = self.names.entry(name.into());
        known.and_modify(same).or_insert(Some((file, node)));
        self.by_node.insert((file, node), handle);
    }

    /// Gives what stands in the file for one flag to another.
    pub fn rename(&mut self, file: FileId, from: &FlagKey, to: &FlagKey) {
        for (_, handle) in self.by_node.iter_mut().filter(|((of, _), _)| *of == file) {
            if matches!(&handle.key.term, KeyTerm::Known(key) if key == from) {
                handle.key.term = KeyTerm::Known(to.clone());
            }
        }
    }

    /// Notes that entries of the map or class of this name stand for flags: who reads one names both.
    pub fn insert_map(&mut self, name: &str) {
        self.maps.insert(name.into());
    }

    /// Notes that a member of an enum names a flag.
    pub fn insert_member(&mut self, of: &str, member: &str, key: &KeyFound) {
        let known = self.members.entry((of.into(), member.into()));
        known
            .and_modify(|known| *known = known.take().filter(|known| known.term == key.term))
            .or_insert_with(|| Some(key.clone()));
    }

    /// The flag that the only member of these names stands for.
    fn member(&self, of: &str, member: &str) -> Option<&KeyFound> {
        self.members.get(&(of.into(), member.into()))?.as_ref()
    }

    /// True if entries of something of this name stand for flags.
    #[must_use]
    pub fn is_map(&self, name: &str) -> bool {
        self.maps.contains(name)
    }

    /// The flag that the node itself stands for.
    #[must_use]
    pub fn at(&self, code: &Code<'_>, at: At) -> Option<&Handle> {
        self.by_node.get(&(code.file(at.unit), at.node))
    }

    /// The flag that the expression leads to.
    #[must_use]
    pub fn behind(&self, code: &Code<'_>, at: At, trail: &mut Trail) -> Option<&Handle> {
        self.at(code, self.place(code, at, trail)?)
    }

    /// Where what the expression leads to stands for a flag.
    #[must_use]
    pub fn place(&self, code: &Code<'_>, mut at: At, trail: &mut Trail) -> Option<At> {
        while !self.is_empty() && self.at(code, at).is_none() {
            at = code.behind(at, trail)?;
        }
        Some(at)
    }

    /// True if something of this name stands for a flag.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The only flag for which something of this name stands.
    #[must_use]
    pub fn only_named(&self, name: &str) -> Option<&Handle> {
        self.by_node.get(self.names.get(name)?.as_ref()?)
    }

    /// The names of what stands for a flag.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }

    /// True if nothing stands for a flag.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_node.is_empty()
    }
}

/// The key that the expression at `at` names.
#[must_use]
pub fn key_of(code: &Code<'_>, handles: &Handles, at: At, trail: &mut Trail) -> Option<KeyFound> {
    let mut at = at;
    loop {
        if let Some(found) = handles.at(code, at) {
            return Some(found.key.clone());
        }
        if let Some(found) = here(code, handles, at, trail) {
            return Some(found);
        }
        match code.behind(at, trail) {
            Some(next) => at = next,
            None => return from_elsewhere(code, handles, at),
        }
    }
}

/// A name from a module that cannot be found (an alias of a bundler): the only flag of that name, if there is just one. An enum that
/// is handed about in an object (`ctx.features.Gate.TAX`): the only one that is called so.
fn from_elsewhere(code: &Code<'_>, handles: &Handles, at: At) -> Option<KeyFound> {
    if let Syntax::Member { object, property } = code.syntax(at)
        && let Syntax::Member { property: of, .. } = code.syntax(at.with(*object))
        && let Some(found) = handles.member(code.slice(at.unit, *of), code.slice(at.unit, *property))
    {
        return Some(found.clone());
    }
    let (first, of) = match code.syntax(at) {
        Syntax::Name => (at, None),
        Syntax::Member { object, property } => (at.with(*object), Some(code.slice(at.unit, *property))),
        _ => return None,
    };
    let Some(Declared::Import { module, name, .. }) = code.declared(first) else {
        return None;
    };
    if code.file_of_module(first.unit, &module).is_some() {
        return None;
    }
    let flag = match of {
        None => &*name,
        Some(flag) => handles.is_map(&name).then_some(flag)?,
    };
    handles.only_named(flag).map(|handle| handle.key.clone())
}

/// The key that this very node names, without following it.
fn here(code: &Code<'_>, handles: &Handles, at: At, trail: &mut Trail) -> Option<KeyFound> {
    match code.syntax(at) {
        Syntax::Text(text) => Some(known(text, code, at)),
        Syntax::Template(parts) => template(code, handles, at, parts, trail),
        Syntax::Name => of_parameter(code, handles, at, trail),
        Syntax::Member { object, property } => {
            let name = code.slice(at.unit, *property);
            of_member(code, handles, at.with(*object), name, trail)
        }
        Syntax::Object { .. } => OBJECT_KEYS.iter().find_map(|name| {
            let value = code.property(at, name, trail)?;
            let text = code.settle(value, trail);
            match code.syntax(text) {
                Syntax::Text(key) => Some(known(key, code, text)),
                _ => None,
            }
        }),
        // A variant of Rust or C# without a text is known by its name.
        Syntax::Field {
            key: Key::Name(name, bytes),
            value: None,
            decorators,
            ..
        } if matches!(code.facts(at.unit).language, Language::Rust | Language::CSharp) => {
            let parent = code.tree(at.unit).node(at.node).parent?;
            if !matches!(code.syntax(at.with(parent)), Syntax::Enum { .. }) {
                return None;
            }
            if let Some(text) = renamed(code.facts(at.unit), decorators) {
                return key_of(code, handles, at.with(text), trail);
            }
            Some(KeyFound {
                term: KeyTerm::Known(FlagKey::new(name)),
                place: Some(bytes.in_file(code.file(at.unit))),
            })
        }
        Syntax::Call { callee, args, .. } | Syntax::New { callee, args, .. }
            if code.facts(at.unit).language.is_jvm() && key_made(code, at.with(*callee), args) =>
        {
            trail.step()?;
            let text = match args.first() {
                Some(only) => *only,
                None => match code.syntax(at.with(*callee)) {
                    Syntax::Member { object, .. } => *object,
                    _ => return None,
                },
            };
            key_of(code, handles, at.with(text), trail)
        }
        // Python: a member of an enum that is given no value of its own.
        Syntax::Call { .. } if code.words(at).ends_with("auto()") => {
            let parent = code.tree(at.unit).node(at.node).parent?;
            let Syntax::Field {
                key: Key::Name(name, bytes),
                ..
            } = code.syntax(at.with(parent))
            else {
                return None;
            };
            Some(KeyFound {
                term: KeyTerm::Known(FlagKey::new(&auto_text(code.facts(at.unit), parent, name))),
                place: Some(bytes.in_file(code.file(at.unit))),
            })
        }
        Syntax::Call { .. } | Syntax::New { .. } if made_of(code, at).is_some() => {
            let made = made_of(code, at)?;
            match code.syntax(at.with(made.key)) {
                Syntax::Text(text) => Some(known(text, code, at.with(made.key))),
                _ => None,
            }
        }
        Syntax::Call { callee, .. } => match code.syntax(at.with(*callee)) {
            Syntax::Member { object, property } if SPELLINGS.contains(&code.slice(at.unit, *property)) => {
                trail.step()?;
                key_of(code, handles, at.with(*object), trail)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The text that `#[serde(rename = "…")]` or `#[strum(serialize = "…")]` gives a variant.
#[must_use]
pub fn renamed(facts: &FileFacts, decorators: &[NodeId]) -> Option<NodeId> {
    let below = decorators.iter().flat_map(|id| facts.tree.below(*id));
    below.into_iter().find_map(|id| match facts.tree.syntax(id) {
        Syntax::Assign { target, value } if matches!(facts.words(*target), "rename" | "serialize") => {
            matches!(facts.tree.syntax(*value), Syntax::Text(_)).then_some(*value)
        }
        _ => None,
    })
}

fn known(text: &str, code: &Code<'_>, at: At) -> KeyFound {
    let bytes = code.tree(at.unit).bytes(at.node);
    KeyFound {
        term: KeyTerm::Known(FlagKey::new(text)),
        place: Some(bytes.in_file(code.file(at.unit))),
    }
}

/// A template whose holes are constants.
fn template(code: &Code<'_>, handles: &Handles, at: At, parts: &[NodeId], trail: &mut Trail) -> Option<KeyFound> {
    let mut text = String::new();
    for part in parts {
        trail.step()?;
        match key_of(code, handles, at.with(*part), trail)?.term {
            KeyTerm::Known(key) => text.push_str(key.as_str()),
            KeyTerm::Param(_) => return None,
        }
    }
    Some(known(&text, code, at))
}

/// A parameter, or a name that was taken out of one.
fn of_parameter(code: &Code<'_>, handles: &Handles, at: At, trail: &mut Trail) -> Option<KeyFound> {
    match code.declared(at)? {
        Declared::Param {
            function, index, parts, ..
        } => {
            let path = names(&parts)?;
            let function = (code.file(at.unit), function);
            Some(KeyFound {
                term: KeyTerm::Param(Param { function, index, path }),
                place: None,
            })
        }
        Declared::Value { node, parts, .. } if !parts.is_empty() => {
            trail.step()?;
            let base = key_of(code, handles, at.with(node), trail)?;
            parts.iter().try_fold(base, |found, part| match part {
                Part::Property(name) => part_of(found, name),
                Part::Nth(_) => None,
            })
        }
        _ => None,
    }
}

/// `handle.key`, `props.flag`
fn of_member(code: &Code<'_>, handles: &Handles, object: At, name: &str, trail: &mut Trail) -> Option<KeyFound> {
    if let Some(found) = handles.behind(code, object, trail) {
        return part_of(found.key.clone(), name);
    }
    let base = match code.syntax(object) {
        Syntax::Name => of_parameter(code, handles, object, trail)?,
        _ => return None,
    };
    matches!(base.term, KeyTerm::Param(_)).then(|| part_of(base, name))?
}

/// The part `name` of what carries a key: a parameter's property, or the key of a handle.
fn part_of(found: KeyFound, name: &str) -> Option<KeyFound> {
    match found.term {
        KeyTerm::Param(mut param) => {
            param.path.push(name.into());
            Some(KeyFound {
                term: KeyTerm::Param(param),
                place: None,
            })
        }
        KeyTerm::Known(_) => KEY_PROPERTIES.contains(&name).then_some(found),
    }
}

fn names(parts: &[Part]) -> Option<Vec<Box<str>>> {
    parts
        .iter()
        .map(|part| match part {
            Part::Property(name) => Some(name.clone()),
            Part::Nth(_) => None,
        })
        .collect()
}

/// The key that a call with these arguments hands to a wrapper that takes it from `param`.
#[must_use]
pub fn passed(code: &Code<'_>, handles: &Handles, param: &Param, args: &[At], trail: &mut Trail) -> Option<KeyFound> {
    let mut at = *args.get(param.index)?;
    for (depth, name) in param.path.iter().enumerate() {
        // A handle is passed as a whole; the wrapper takes its key out of it.
        if let Some(found) = handles.behind(code, at, trail) {
            return part_of(found.key.clone(), name);
        }
        match code.property(at, name, trail) {
            Some(next) => at = next,
            None => {
                let base = key_of(code, handles, at, trail)?;
                let rest = &param.path[depth..];
                return rest.iter().try_fold(base, |found, name| part_of(found, name));
            }
        }
    }
    key_of(code, handles, at, trail)
}

/// What Python's `auto()` makes of a member: its name, in a `StrEnum` in lower case.
pub(super) fn auto_text(facts: &FileFacts, member: NodeId, name: &str) -> String {
    let head = facts.tree.node(member).parent.map_or("", |class| facts.words(class));
    let of_texts =
        facts.language == Language::Python && head.split(':').next().is_some_and(|it| it.contains("StrEnum"));
    match of_texts {
        true => name.to_lowercase(),
        false => name.to_owned(),
    }
}
