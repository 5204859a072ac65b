//! The members of literals, enums, classes and instances. Enters: an owner and a name. Leaves: the expression that the member is.

use super::{At, Code, Declared, Trail};
use crate::index::imports::packages::OWN;
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};

/// Calls that make something of the type that they are given, as tests do.
const MAKES: [&str; 7] = [
    "mockk",
    "spyk",
    "mock",
    "spy",
    "Substitute.For",
    "Substitute.ForPartsOf",
    "A.Fake",
];

impl Code<'_> {
    /// The member `name` of what `object` stands for.
    #[must_use]
    pub fn property(&self, object: At, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        if let Some((unit, module)) = self.namespace(object, trail) {
            return self.imported(unit, &module, name, trail);
        }
        if let Some(path) = self.module_behind(object, trail) {
            return self.given_by(&path, name, trail);
        }
        let owner = self.settle(object, trail);
        if let Some(found) = self.member(owner, name, trail) {
            return Some(found);
        }
        // What makes the value may say nothing of it, where the name's type does: `private val toggles: Toggles = mockk()`.
        let ty = self.type_of(owner, trail).or_else(|| self.type_of(object, trail))?;
        self.member_of_type(ty, name, trail)
    }

    /// The module that a name or a member is as a whole (`import * as all`, `export * as all`), and the file that says so.
    fn namespace(&self, at: At, trail: &mut Trail) -> Option<(usize, Box<str>)> {
        trail.step()?;
        let (unit, module, name) = match self.syntax(at) {
            Syntax::Name => match self.declared(at)? {
                Declared::Import { module, name } if &*name == "*" => return Some((at.unit, module)),
                Declared::Import { module, name } => (at.unit, module, name),
                _ => return None,
            },
            Syntax::Member { object, property } => {
                let (unit, module) = self.namespace(at.with(*object), trail)?;
                (unit, module, self.slice(at.unit, *property).into())
            }
            _ => return None,
        };
        self.passed_on_whole(unit, &module, &name)
    }

    /// The declared type of a name that cannot be followed further.
    fn type_of(&self, at: At, trail: &mut Trail) -> Option<At> {
        let Syntax::Name = self.syntax(at) else {
            return None;
        };
        match self.declared(at) {
            Some(Declared::Param { ty, parts, .. } | Declared::Value { ty, parts, .. }) if parts.is_empty() => {
                ty.map(|ty| at.with(ty))
            }
            Some(_) => None,
            None => self.type_of_own_field(at, trail),
        }
    }

    /// The type of a field of a class around that is named without `this`, also of one that is filled from outside (C#, Java, Kotlin).
    fn type_of_own_field(&self, at: At, trail: &mut Trail) -> Option<At> {
        let language = self.facts(at.unit).language;
        if !language.names_are_global() || language == Language::Ruby {
            return None;
        }
        let (tree, name) = (self.tree(at.unit), self.words(at));
        let mut below = at.node;
        for up in tree.ancestors(at.node) {
            trail.step()?;
            let from = std::mem::replace(&mut below, up);
            match tree.syntax(up) {
                Syntax::Class { extends, .. } if !extends.contains(&from) => {}
                _ => continue,
            }
            if let Some(found) = self.member(at.with(up), name, trail) {
                return match self.syntax(found) {
                    Syntax::Field { ty: Some(ty), .. } => Some(found.with(*ty)),
                    _ => None,
                };
            }
        }
        None
    }

    /// The member `name` of a literal, an enum, a class or an instance.
    pub(super) fn member(&self, owner: At, name: &str, trail: &mut Trail) -> Option<At> {
        match self.syntax(owner) {
            Syntax::Object { entries, type_name } => self.entry(owner, entries, name, trail).or_else(|| {
                let ty = type_name.filter(|_| self.is_go(owner))?;
                self.member_of_type(owner.with(ty), name, trail)
            }),
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
                .or_else(|| self.of_package(owner.unit, &ty.as_ref()?.0, name, trail))
                .or_else(|| {
                    extends
                        .iter()
                        .find_map(|base| self.property(owner.with(*base), name, trail))
                }),
            Syntax::Impl { target, members, .. } => self
                .named_member(owner, members, name)
                .or_else(|| self.of_impl(owner.unit, self.words(owner.with(*target)), name))
                .or_else(|| {
                    let target = self.is_go(owner).then_some(*target)?;
                    self.property(owner.with(target), name, trail)
                }),
            Syntax::Module { items: Some(items), .. } => self.named_member(owner, items, name),
            Syntax::New { callee, .. } => self.property(owner.with(*callee), name, trail),
            // Python, Kotlin: an instance of a class; and in Python the value of a member of an enum.
            Syntax::Call { callee, type_args, .. }
                if self.is_python(owner)
                    || (type_args.is_empty() && self.facts(owner.unit).language == Language::Kotlin) =>
            {
                let class = self.settle(owner.with(*callee), trail);
                let is_class = matches!(self.syntax(class), Syntax::Class { .. });
                is_class.then(|| self.member(class, name, trail))?
            }
            // `mockk<Toggles>()`
            Syntax::Call { callee, type_args, .. }
                if type_args.len() == 1 && MAKES.contains(&self.words(owner.with(*callee))) =>
            {
                self.member_of_type(owner.with(type_args[0]), name, trail)
            }
            Syntax::Text(_) if name == "value" && self.is_python(owner) => Some(owner),
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
        let is_go = self.is_go(ty);
        let names = |id: &NodeId| match tree.syntax(*id) {
            Syntax::Name => true,
            Syntax::Member { .. } => is_go,
            _ => false,
        };
        let named = match self.syntax(ty) {
            Syntax::Type(parts) => parts.iter().copied().find(names),
            _ => Some(ty.node).filter(names),
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
        members.iter().find(is_it).map(|id| owner.with(*id)).or_else(|| {
            // Ruby: `class << self` has members of the class itself.
            members.iter().find_map(|id| match self.syntax(owner.with(*id)) {
                Syntax::Class {
                    name: None, members, ..
                } => self.named_member(owner, members, name),
                _ => None,
            })
        })
    }

    fn is_go(&self, at: At) -> bool {
        self.facts(at.unit).language == Language::Go
    }

    /// Go: a method of a type may stand in any file of its package.
    fn of_package(&self, unit: usize, ty: &str, name: &str, trail: &mut Trail) -> Option<At> {
        let facts = self.facts(unit);
        if facts.language != Language::Go {
            return None;
        }
        let (path, _) = self.modules.target(facts, OWN, &format!("{ty}.{name}"))?;
        match self.unit_at(&path) {
            Some(file) => self.of_impl(file, ty, name),
            None => {
                trail.missing.insert(path);
                None
            }
        }
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

    fn is_python(&self, at: At) -> bool {
        self.facts(at.unit).language == Language::Python
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
