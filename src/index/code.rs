//! The parsed files of one tree, and what an expression in one of them stands for. Enters: facts, bindings and import resolution.
//! Leaves: [`Code`], which follows names, members and imports to the expression behind them. Knows nothing of flags.
//!
//! Following is bounded by a [`Trail`]: a cycle of constants, or a chain that nobody would write, ends as "not known".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bindings::Bindings;
use super::exports::{Export, Exports};
use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::source::{Bytes, FileId, RepoPath};

/// The steps of one question, and what it would have needed.
#[derive(Debug)]
pub struct Trail {
    left: u32,
    /// Files that exist, were needed, and are not parsed yet.
    pub missing: BTreeSet<RepoPath>,
}

impl Default for Trail {
    fn default() -> Self {
        let missing = BTreeSet::new();
        Self {
            left: Self::FULL,
            missing,
        }
    }
}

impl Trail {
    /// Enough for a constant behind two re-exports, and no more than a reader would follow.
    const FULL: u32 = 256;

    /// Begins the next question; what is missing stays noted.
    pub fn restart(&mut self) -> &mut Self {
        self.left = Self::FULL;
        self
    }

    /// Takes a step, if one is left.
    pub fn step(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}

/// An expression of one of the files.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct At {
    /// The file: its number in [`Code`].
    pub unit: usize,
    /// The node of its tree.
    pub node: NodeId,
}

impl At {
    /// Another node of the same file.
    #[must_use]
    pub fn with(self, node: NodeId) -> Self {
        Self { node, ..self }
    }
}

/// One parsed file with its scopes and what it gives out.
#[derive(Debug)]
pub struct Unit {
    /// Its facts.
    pub facts: Arc<FileFacts>,
    /// Its scopes.
    pub bindings: Bindings,
    /// What it gives out.
    pub exports: Exports,
}

impl Unit {
    /// The scopes and exports of a file.
    #[must_use]
    pub fn new(facts: Arc<FileFacts>) -> Self {
        let bindings = Bindings::of(&facts);
        let exports = Exports::of(&facts);
        Self {
            facts,
            bindings,
            exports,
        }
    }
}

/// One step into a value, as a pattern takes it apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Part {
    /// `{ name }`
    Property(Box<str>),
    /// `[, here]`
    Nth(usize),
}

/// What a name was bound to.
#[derive(Clone, PartialEq, Debug)]
pub enum Declared {
    /// Brought in from another module.
    Import {
        /// The module as written.
        module: Box<str>,
        /// The name there (`*`: the whole module).
        name: Box<str>,
    },
    /// Bound to (a part of) an expression.
    Value {
        /// The name where it is bound.
        name: NodeId,
        /// The expression.
        node: NodeId,
        /// Which part of it.
        parts: Vec<Part>,
        /// What it is where the part is missing.
        default: Option<NodeId>,
        /// Never assigned again.
        constant: bool,
        /// The declared type.
        ty: Option<NodeId>,
    },
    /// A parameter, or a part of one.
    Param {
        /// The name where it is bound.
        name: NodeId,
        /// The function.
        function: NodeId,
        /// Which parameter.
        index: usize,
        /// Which part of it.
        parts: Vec<Part>,
        /// What it is where nothing is given.
        default: Option<NodeId>,
        /// The declared type of the parameter.
        ty: Option<NodeId>,
    },
    /// A function, class or enum.
    Item(NodeId),
}

/// Answers where the name of a module leads.
pub trait Modules: Sync {
    /// The file in which to look for `name` of `module`, seen from a file, and its name there; `None` outside the project.
    fn target(&self, from: &FileFacts, module: &str, name: &str) -> Option<(RepoPath, String)>;

    /// False if a file that is not parsed cannot give out this name.
    fn may_give(&self, path: &RepoPath, name: &str) -> bool;
}

/// The parsed files of one tree.
pub struct Code<'a> {
    units: Vec<Arc<Unit>>,
    places: BTreeMap<RepoPath, usize>,
    modules: &'a dyn Modules,
}

impl<'a> Code<'a> {
    /// The files `units`, whose modules are found by `modules`.
    #[must_use]
    pub fn new(mut units: Vec<Arc<Unit>>, modules: &'a dyn Modules) -> Self {
        units.sort_by(|a, b| a.facts.path.cmp(&b.facts.path));
        let places = units.iter().enumerate();
        let places = places.map(|(at, unit)| (unit.facts.path.clone(), at)).collect();
        Self { units, places, modules }
    }

    /// The files, by path.
    #[must_use]
    pub fn units(&self) -> &[Arc<Unit>] {
        &self.units
    }

    /// The number of the file at this path, if it is parsed.
    #[must_use]
    pub fn unit_at(&self, path: &RepoPath) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// The facts of a file.
    #[must_use]
    pub fn facts(&self, unit: usize) -> &FileFacts {
        &self.units[unit].facts
    }

    /// The text of the pool that a file is.
    #[must_use]
    pub fn file(&self, unit: usize) -> FileId {
        self.facts(unit).file
    }

    /// The tree of a file.
    #[must_use]
    pub fn tree(&self, unit: usize) -> &Tree {
        &self.facts(unit).tree
    }

    /// What the node is.
    #[must_use]
    pub fn syntax(&self, at: At) -> &Syntax {
        self.tree(at.unit).syntax(at.node)
    }

    /// The words of the node.
    #[must_use]
    pub fn words(&self, at: At) -> &str {
        self.facts(at.unit).words(at.node)
    }

    /// The words of a range of the file.
    #[must_use]
    pub fn slice(&self, unit: usize, bytes: Bytes) -> &str {
        self.facts(unit).slice(bytes)
    }

    /// The expression that `at` stands for, as far as it can be followed: through parentheses and casts, constants, members of
    /// literals, enums and classes, imports and re-exports.
    #[must_use]
    pub fn settle(&self, mut at: At, trail: &mut Trail) -> At {
        while let Some(next) = self.behind(at, trail) {
            at = next;
        }
        at
    }

    /// The expression one step behind `at`.
    #[must_use]
    pub fn behind(&self, at: At, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        match self.syntax(at) {
            Syntax::Wrap(_, inner) => Some(at.with(*inner)),
            Syntax::Name => self.named(at, trail),
            Syntax::Member { object, property } => {
                let name = self.slice(at.unit, *property);
                self.property(at.with(*object), name, trail)
            }
            Syntax::Index { object, index } => {
                let index = self.settle(at.with(*index), trail);
                let Syntax::Text(name) = self.syntax(index) else {
                    return None;
                };
                self.property(at.with(*object), name, trail)
            }
            Syntax::Call { callee, args, .. } if is_identity(self.words(at.with(*callee))) => {
                args.first().map(|arg| at.with(*arg))
            }
            Syntax::Entry { value, .. } => Some(at.with(*value)),
            Syntax::Field { value: Some(value), .. } | Syntax::Let { value: Some(value), .. } => Some(at.with(*value)),
            _ => None,
        }
    }

    /// What a name stands for.
    fn named(&self, at: At, trail: &mut Trail) -> Option<At> {
        let words = self.words(at);
        if matches!(words, "this" | "self" | "Self") {
            return self.class_around(at);
        }
        if let Some((owner, name)) = words.rsplit_once("::") {
            return self.at_path(at, owner, name, trail);
        }
        match self.declared(at)? {
            Declared::Import { module, name } => self.imported(at.unit, &module, &name, trail),
            Declared::Value {
                node,
                parts,
                constant: true,
                ..
            } => self.parts(at.with(node), &parts, trail),
            Declared::Item(node) => Some(at.with(node)),
            Declared::Value { .. } | Declared::Param { .. } => None,
        }
    }

    /// What a Rust path stands for: an item of a module, or a member of a type.
    fn at_path(&self, at: At, owner: &str, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        if owner == "Self" {
            return self.member(self.class_around(at)?, name, trail);
        }
        let (first, rest) = owner.split_once("::").unwrap_or((owner, ""));
        let module = match self.declared(at) {
            Some(Declared::Item(item)) if rest.is_empty() => return self.member(at.with(item), name, trail),
            Some(Declared::Import { module, name: first }) => {
                if rest.is_empty()
                    && let Some(owner) = self.imported(at.unit, &module, &first, trail)
                {
                    return self.member(self.settle(owner, trail), name, trail);
                }
                format!("{module}::{first}")
            }
            _ => first.to_owned(),
        };
        let module = if rest.is_empty() {
            module
        } else {
            format!("{module}::{rest}")
        };
        if let Some(found) = self.imported(at.unit, &module, name, trail) {
            return Some(found);
        }
        // `flags::Key::SNAPSHOT`: the last word before the name is a type.
        let (module, ty) = module.rsplit_once("::")?;
        let owner = self.imported(at.unit, module, ty, trail)?;
        self.member(self.settle(owner, trail), name, trail)
    }

    /// What the name at `at` was bound to.
    #[must_use]
    pub fn declared(&self, at: At) -> Option<Declared> {
        super::scope::declared(&self.units[at.unit], at.node)
    }

    /// The file that `module` names, seen from a file; `None` outside the project.
    #[must_use]
    pub fn file_of_module(&self, unit: usize, module: &str) -> Option<RepoPath> {
        Some(self.modules.target(self.facts(unit), module, "*")?.0)
    }

    /// What `name` of `module` is, seen from a file.
    #[must_use]
    pub fn imported(&self, unit: usize, module: &str, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        let (path, name) = self.modules.target(self.facts(unit), module, name)?;
        let Some(target) = self.unit_at(&path) else {
            if self.modules.may_give(&path, &name) {
                trail.missing.insert(path);
            }
            return None;
        };
        self.exported(target, &name, trail)
    }

    /// What a file gives out under a name.
    #[must_use]
    pub fn exported(&self, unit: usize, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        let exports = &self.units[unit].exports;
        match exports.names.get(name) {
            Some(Export::Node(node, parts)) => self.parts(At { unit, node: *node }, parts, trail),
            Some(Export::From { module, name }) => self.imported(unit, module, name, trail),
            None if name == "default" || name == "*" => None,
            None => exports
                .stars
                .iter()
                .find_map(|module| self.imported(unit, module, name, trail)),
        }
    }

    fn parts(&self, mut at: At, parts: &[Part], trail: &mut Trail) -> Option<At> {
        for part in parts {
            at = match part {
                Part::Property(name) => self.property(at, name, trail)?,
                Part::Nth(nth) => match self.syntax(self.settle(at, trail)) {
                    Syntax::Array(list) => at.with(*list.get(*nth)?),
                    _ => return None,
                },
            };
        }
        Some(at)
    }

    /// The member `name` of what `object` stands for.
    #[must_use]
    pub fn property(&self, object: At, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        if let Syntax::Name = self.syntax(object)
            && let Some(Declared::Import { module, name: whole }) = self.declared(object)
            && &*whole == "*"
        {
            return self.imported(object.unit, &module, name, trail);
        }
        let owner = self.settle(object, trail);
        self.member(owner, name, trail).or_else(|| {
            let ty = self.type_of(owner)?;
            self.member_of_type(ty, name, trail)
        })
    }

    /// The declared type of a name that cannot be followed further.
    fn type_of(&self, at: At) -> Option<At> {
        let Syntax::Name = self.syntax(at) else {
            return None;
        };
        match self.declared(at)? {
            Declared::Param { ty, parts, .. } | Declared::Value { ty, parts, .. } if parts.is_empty() => {
                ty.map(|ty| at.with(ty))
            }
            _ => None,
        }
    }

    /// The member `name` of a literal, an enum, a class or an instance.
    fn member(&self, owner: At, name: &str, trail: &mut Trail) -> Option<At> {
        match self.syntax(owner) {
            Syntax::Object { entries, .. } => self.entry(owner, entries, name, trail),
            Syntax::Enum { members, name: ty, .. } => self
                .named_member(owner, members, name)
                .or_else(|| self.of_impl(owner.unit, &ty.0, name)),
            Syntax::Class {
                members,
                extends,
                name: ty,
                ..
            } => self
                .named_member(owner, members, name)
                .or_else(|| self.of_impl(owner.unit, &ty.as_ref()?.0, name))
                .or_else(|| {
                    extends
                        .iter()
                        .find_map(|base| self.property(owner.with(*base), name, trail))
                }),
            Syntax::Impl { target, members, .. } => self
                .named_member(owner, members, name)
                .or_else(|| self.of_impl(owner.unit, self.words(owner.with(*target)), name)),
            Syntax::New { callee, .. } => self.property(owner.with(*callee), name, trail),
            // The last one that has it wins.
            Syntax::Call { callee, args, .. } if self.words(owner.with(*callee)) == "Object.assign" => {
                let mut objects = args.iter().rev();
                objects.find_map(|object| self.property(owner.with(*object), name, trail))
            }
            Syntax::Field { ty: Some(ty), .. } => self.member_of_type(owner.with(*ty), name, trail),
            _ => None,
        }
    }

    /// The member `name` of the first type that is named in a type.
    fn member_of_type(&self, ty: At, name: &str, trail: &mut Trail) -> Option<At> {
        let tree = self.tree(ty.unit);
        let named = match self.syntax(ty) {
            Syntax::Type(parts) => parts
                .iter()
                .copied()
                .find(|id| matches!(tree.syntax(*id), Syntax::Name)),
            Syntax::Name => Some(ty.node),
            _ => None,
        };
        self.property(ty.with(named?), name, trail)
    }

    fn entry(&self, owner: At, entries: &[NodeId], name: &str, trail: &mut Trail) -> Option<At> {
        for entry in entries.iter().rev() {
            match self.syntax(owner.with(*entry)) {
                Syntax::Entry {
                    key: Key::Name(key, _),
                    value,
                } if &**key == name => return Some(owner.with(*value)),
                Syntax::Entry {
                    key: Key::Computed(key),
                    value,
                } => {
                    let key = self.settle(owner.with(*key), trail);
                    if matches!(self.syntax(key), Syntax::Text(text) if &**text == name) {
                        return Some(owner.with(*value));
                    }
                }
                Syntax::Function(function) if function.name.as_ref().is_some_and(|(own, _)| &**own == name) => {
                    return Some(owner.with(*entry));
                }
                Syntax::Spread(inner) => {
                    if let Some(found) = self.property(owner.with(*inner), name, trail) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn named_member(&self, owner: At, members: &[NodeId], name: &str) -> Option<At> {
        let is_it = |id: &&NodeId| match self.syntax(owner.with(**id)) {
            Syntax::Field {
                key: Key::Name(key, _), ..
            } => &**key == name,
            Syntax::Function(function) => function.name.as_ref().is_some_and(|(own, _)| &**own == name),
            Syntax::Let { pattern, .. } => self.words(owner.with(*pattern)) == name,
            _ => false,
        };
        members.iter().find(is_it).map(|id| owner.with(*id))
    }

    /// A member of the impls of a type, in the file of the type.
    fn of_impl(&self, unit: usize, ty: &str, name: &str) -> Option<At> {
        let impls = self.units[unit].exports.impls.get(ty)?;
        impls.iter().find_map(|id| {
            let at = At { unit, node: *id };
            match self.syntax(at) {
                Syntax::Impl { members, .. } => self.named_member(at, members, name),
                _ => None,
            }
        })
    }

    /// The class (or object literal) whose method holds `at`: what `this` is.
    #[must_use]
    pub fn class_around(&self, at: At) -> Option<At> {
        let tree = self.tree(at.unit);
        tree.ancestors(at.node)
            .find(|id| matches!(tree.syntax(*id), Syntax::Class { .. } | Syntax::Impl { .. }))
            .map(|id| at.with(id))
    }
}

/// Calls that give back their argument.
fn is_identity(callee: &str) -> bool {
    matches!(
        callee,
        "Object.freeze" | "Object.seal" | "readonly" | "markRaw" | "Arc::new" | "Box::new"
    )
}
