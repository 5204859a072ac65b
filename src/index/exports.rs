//! What a file gives out. Enters: one file's tree. Leaves: [`Exports`], from the outside name to the node behind it, or to the module
//! that it is passed on from. Knows nothing of other files; who follows the modules is [`super::code`].

use std::collections::BTreeMap;

use super::bindings::Bindings;
use super::code::Part;
use super::imports::packages::OWN;
use crate::lang::tree::{ExportName, Key, LetKind, NodeId, Syntax};
use crate::lang::{FileFacts, Language};

/// What stands behind a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Export {
    /// (A part of) an expression or an item of this file.
    Node(NodeId, Vec<Part>),
    /// A name of another module.
    From {
        /// The module as written.
        module: Box<str>,
        /// The name there; `*` for the module itself.
        name: Box<str>,
    },
}

/// What a file gives out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exports {
    /// By outside name.
    pub names: BTreeMap<Box<str>, Export>,
    /// Modules that are given out again as a whole, in order.
    pub stars: Vec<Box<str>>,
    /// What stands at the top level, exported or not.
    pub top: BTreeMap<Box<str>, Export>,
    /// Rust: the impls of a type, by its name.
    pub impls: BTreeMap<Box<str>, Vec<NodeId>>,
}

impl Exports {
    /// Reads the top level of a file.
    #[must_use]
    pub fn of(facts: &FileFacts, bindings: &Bindings) -> Self {
        let mut exports = Self::default();
        let statements = top_level(facts);
        for id in &statements {
            exports.declare(facts, *id);
        }
        for id in &statements {
            exports.give(facts, *id);
        }
        // What stands at the top level of a Python file is given out, beside what `from m import *` passes on.
        if matches!(facts.language, Language::Rust | Language::Go | Language::Python) {
            exports.names = exports.top.clone();
        }
        if facts.language.names_are_global() {
            let of_file = std::mem::replace(&mut exports.names, constants(facts));
            // Kotlin has functions and properties outside of types.
            if facts.language == Language::Kotlin {
                let of_file = of_file.into_iter().chain(exports.top.clone());
                for (name, export) in of_file {
                    exports.names.entry(name).or_insert(export);
                }
            }
        }
        if facts.language == Language::Go {
            exports.take_own_package(facts, bindings);
        }
        exports
    }

    /// What the file does not declare, another file of its package may.
    fn take_own_package(&mut self, facts: &FileFacts, bindings: &Bindings) {
        for id in facts.tree.ids() {
            if !matches!(facts.tree.syntax(id), Syntax::Name) || bindings.declaration(id).is_some() {
                continue;
            }
            let name = facts.words(id);
            if !self.top.contains_key(name) {
                let module = OWN.into();
                self.top.insert(
                    name.into(),
                    Export::From {
                        module,
                        name: name.into(),
                    },
                );
            }
        }
    }

    /// Notes what a statement binds at the top level.
    fn declare(&mut self, facts: &FileFacts, id: NodeId) {
        match facts.tree.syntax(id) {
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } => self.bind(facts, *pattern, *value),
            Syntax::Import { from, names, .. } => {
                for name in names {
                    let (module, name_there) = (from.clone(), name.imported.clone());
                    let export = Export::From {
                        module,
                        name: name_there,
                    };
                    self.top.insert(name.local.clone(), export);
                }
            }
            Syntax::Export { item: Some(item), .. } => self.declare(facts, *item),
            Syntax::Impl { target, .. } => {
                let name = facts.words(*target).split('<').next().unwrap_or_default();
                self.impls.entry(name.into()).or_default().push(id);
            }
            syntax => {
                if let Some(name) = item_name(syntax) {
                    self.top.insert(name.into(), Export::Node(id, Vec::new()));
                }
            }
        }
    }

    /// Binds a pattern of one level; deeper ones are rare at the top level and stay unknown.
    fn bind(&mut self, facts: &FileFacts, pattern: NodeId, value: NodeId) {
        match facts.tree.syntax(pattern) {
            Syntax::Name => {
                let name = facts.words(pattern).into();
                self.top.insert(name, Export::Node(value, Vec::new()));
            }
            Syntax::ObjectPattern(entries) => {
                for entry in entries {
                    if let Syntax::Entry {
                        key: Key::Name(name, _),
                        value: bound,
                    } = facts.tree.syntax(*entry)
                        && matches!(facts.tree.syntax(*bound), Syntax::Name)
                    {
                        let part = Part::Property(name.clone());
                        let local = facts.words(*bound).into();
                        self.top.insert(local, Export::Node(value, vec![part]));
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes what a statement gives out.
    fn give(&mut self, facts: &FileFacts, id: NodeId) {
        match facts.tree.syntax(id) {
            Syntax::Export {
                from: Some(module),
                names,
                ..
            } => names.iter().for_each(|name| self.pass_on(module, name)),
            Syntax::Export {
                names, item, default, ..
            } => {
                for name in names {
                    self.give_local(&name.local, &name.exported);
                }
                if let Some(item) = item {
                    self.give_item(facts, *item, *default);
                }
            }
            Syntax::Assign { target, value } => self.give_assigned(facts, *target, *value),
            _ => {}
        }
    }

    fn pass_on(&mut self, module: &str, name: &ExportName) {
        if &*name.local == "*" && &*name.exported == "*" {
            self.stars.push(module.into());
            return;
        }
        let export = Export::From {
            module: module.into(),
            name: name.local.clone(),
        };
        self.names.insert(name.exported.clone(), export);
    }

    fn give_local(&mut self, local: &str, outside: &str) {
        if let Some(export) = self.top.get(local) {
            self.names.insert(outside.into(), export.clone());
        }
    }

    fn give_item(&mut self, facts: &FileFacts, item: NodeId, default: bool) {
        let own: Vec<Box<str>> = match facts.tree.syntax(item) {
            Syntax::Let { pattern, .. } => bound_names(facts, *pattern),
            syntax => item_name(syntax).map(Into::into).into_iter().collect(),
        };
        if default {
            let behind = match facts.tree.syntax(item) {
                Syntax::Name => self.top.get(facts.words(item)).cloned(),
                _ => None,
            };
            let behind = behind.unwrap_or(Export::Node(item, Vec::new()));
            self.names.insert("default".into(), behind);
            return;
        }
        for name in own {
            self.give_local(&name.clone(), &name);
        }
    }

    /// `module.exports = x`, `module.exports = { a, b }`, `exports.a = x`
    fn give_assigned(&mut self, facts: &FileFacts, target: NodeId, value: NodeId) {
        let target = facts.words(target);
        if target == "module.exports" {
            self.names.insert("default".into(), Export::Node(value, Vec::new()));
            if let Syntax::Object { entries, .. } = facts.tree.syntax(value) {
                for entry in entries {
                    if let Syntax::Entry {
                        key: Key::Name(name, _),
                        ..
                    } = facts.tree.syntax(*entry)
                    {
                        let part = Part::Property(name.clone());
                        self.names.insert(name.clone(), Export::Node(value, vec![part]));
                    }
                }
            }
        } else if let Some(name) = target
            .strip_prefix("module.exports.")
            .or_else(|| target.strip_prefix("exports."))
        {
            self.names.insert(name.into(), Export::Node(value, Vec::new()));
        }
    }
}

/// The statements of the top level, with those of inline modules.
fn top_level(facts: &FileFacts) -> Vec<NodeId> {
    let (mut found, mut open) = (Vec::new(), Vec::new());
    open.extend(facts.tree.root());
    while let Some(id) = open.pop() {
        match facts.tree.syntax(id) {
            Syntax::Block(list) => open.extend(list.iter().rev()),
            // A statement with a decorator, or `const a = 1, b = 2`: what stands in it.
            Syntax::Other(list) => open.extend(list.iter().rev()),
            // Python: `if TYPE_CHECKING:`, `if settings.X: from a import b`.
            Syntax::If { yes, no, .. } if facts.language == Language::Python => {
                open.extend(no.iter().chain([yes]));
            }
            Syntax::Export {
                item: Some(item),
                default: false,
                ..
            } if matches!(facts.tree.syntax(*item), Syntax::Other(_) | Syntax::Block(_)) => {
                for inner in facts.tree.children(*item) {
                    found.push(inner);
                }
                found.push(id);
            }
            _ => found.push(id),
        }
    }
    found
}

/// Ruby, C#: the constants and types of a file by their full names; the first of a name has it.
fn constants(facts: &FileFacts) -> BTreeMap<Box<str>, Export> {
    let tree = &facts.tree;
    let mut found = BTreeMap::new();
    let mut open: Vec<(NodeId, String)> = tree.root().map(|root| (root, String::new())).into_iter().collect();
    while let Some((id, around)) = open.pop() {
        let full = |name: &str| match around.as_str() {
            "" => name.trim_start_matches(':').to_owned(),
            _ => format!("{around}::{name}"),
        };
        let (name, node, inside) = match tree.syntax(id) {
            Syntax::Block(list) => (None, id, &list[..]),
            // C#: namespaces are not said where a type is named.
            Syntax::Module { items, .. } if facts.language == Language::CSharp => {
                (None, id, items.as_deref().unwrap_or_default())
            }
            Syntax::Enum { name, members, .. } if facts.language.is_jvm() => (Some(full(&name.0)), id, &members[..]),
            Syntax::Interface { name, members } if facts.language.is_jvm() => (Some(full(&name.0)), id, &members[..]),
            // Kotlin: a companion's members are the members of what it stands in.
            Syntax::Class {
                name: None, members, ..
            } if facts.language.is_jvm() => (None, id, &members[..]),
            Syntax::Function(function) if facts.language.is_jvm() => {
                (function.name.as_ref().map(|(name, _)| full(name)), id, &[][..])
            }
            Syntax::Enum { name, .. } => (Some(full(&name.0)), id, &[][..]),
            Syntax::Module { name, items, .. } => (Some(full(&name.0)), id, items.as_deref().unwrap_or_default()),
            Syntax::Class {
                name: Some(name),
                members,
                ..
            } => (Some(full(&name.0)), id, &members[..]),
            Syntax::Let {
                kind: LetKind::Constant,
                pattern,
                value: Some(value),
                ..
            } => (Some(full(facts.words(*pattern))), *value, &[][..]),
            Syntax::Field {
                key: Key::Name(name, _),
                value: Some(value),
                ..
            } => (Some(full(name)), *value, &[][..]),
            Syntax::Field {
                key: Key::Name(name, _),
                ..
            } if facts.language.is_jvm() => (Some(full(name)), id, &[][..]),
            _ => continue,
        };
        let around = name.clone().unwrap_or(around);
        open.extend(inside.iter().rev().map(|inner| (*inner, around.clone())));
        if let Some(name) = name {
            found.entry(name.into()).or_insert(Export::Node(node, Vec::new()));
        }
    }
    found
}

fn item_name(syntax: &Syntax) -> Option<&str> {
    match syntax {
        Syntax::Function(function) => function.name.as_ref().map(|(name, _)| &**name),
        Syntax::Class { name, .. } => name.as_ref().map(|(name, _)| &**name),
        Syntax::Enum { name, .. } | Syntax::Interface { name, .. } | Syntax::TypeAlias { name, .. } => Some(&name.0),
        _ => None,
    }
}

fn bound_names(facts: &FileFacts, pattern: NodeId) -> Vec<Box<str>> {
    let names = facts.tree.below(pattern).into_iter();
    names
        .filter(|id| matches!(facts.tree.syntax(*id), Syntax::Name))
        .map(|id| facts.words(id).into())
        .collect()
}
