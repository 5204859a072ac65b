//! What a name, a path or an import stands for. Enters: an expression. Leaves: the expression behind it, one step or as far as it goes.

use super::{At, Code, Declared, Part, Trail};
use crate::index::bindings::Binding;
use crate::index::exports::Export;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::RepoPath;

impl Code<'_> {
    /// The expression that `at` stands for, as far as it can be followed: through parentheses and casts, constants, members of
    /// literals, enums and classes, imports and re-exports.
    #[must_use]
    pub fn settle(&self, mut at: At, trail: &mut Trail) -> At {
        while let Some(next) = self.behind(at, trail) {
            at = next;
        }
        at
    }

    /// The same, but a call of a function stays what it is: two flags that one function makes (`newToggle(false, "A")`) are two.
    #[must_use]
    pub fn settle_to_call(&self, mut at: At, trail: &mut Trail) -> At {
        while !self.makes(at, trail)
            && let Some(next) = self.behind(at, trail)
        {
            at = next;
        }
        at
    }

    /// True for a call that gives something other than its own argument.
    fn makes(&self, at: At, trail: &mut Trail) -> bool {
        match self.syntax(at) {
            Syntax::Call { callee, args, .. } => {
                let callee = at.with(*callee);
                !is_identity(self.words(callee)) && !self.converts(callee, args, trail)
            }
            _ => false,
        }
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
                    .or_else(|| self.constant(at, trail))
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
            Syntax::Call { callee, args, .. } if self.converts(at.with(*callee), args, trail) => Some(at.with(args[0])),
            Syntax::Call { callee, .. } => self.returned(at.with(*callee), trail),
            // A type argument that is one name.
            Syntax::Type(parts) => match parts.as_slice() {
                [only] => Some(at.with(*only)),
                _ => None,
            },
            Syntax::Entry { value, .. } => Some(at.with(*value)),
            Syntax::Field { value: Some(value), .. } | Syntax::Let { value: Some(value), .. } => Some(at.with(*value)),
            _ => None,
        }
    }

    /// What a function gives back that does nothing else: `const useFlags = () => useContext(FlagsContext)`.
    fn returned(&self, callee: At, trail: &mut Trail) -> Option<At> {
        let function = self.settle(callee, trail);
        let Syntax::Function(inner) = self.syntax(function) else {
            return None;
        };
        let body = function.with(inner.body?);
        let only = match self.syntax(body) {
            Syntax::Block(statements) => match statements.as_slice() {
                [only] => body.with(*only),
                _ => return None,
            },
            _ => body,
        };
        match self.syntax(only) {
            Syntax::Return(Some(value)) => Some(body.with(*value)),
            Syntax::Block(_) | Syntax::Return(None) => None,
            _ => (only == body).then_some(only),
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
        if let Some(method) = self.receiver_of(at) {
            return Some(method);
        }
        let Some(declared) = self.declared(at) else {
            return self.constant(at, trail);
        };
        match declared {
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

    /// Go: `Feature("k")`, `string(k)` are what they convert.
    fn converts(&self, callee: At, args: &[NodeId], trail: &mut Trail) -> bool {
        if self.facts(callee.unit).language != Language::Go || args.len() != 1 {
            return false;
        }
        if self.words(callee) == "string" {
            return true;
        }
        if !matches!(self.syntax(callee), Syntax::Name | Syntax::Member { .. }) {
            return false;
        }
        matches!(self.syntax(self.settle(callee, trail)), Syntax::TypeAlias { .. })
    }

    /// Go: the method whose receiver the name is.
    fn receiver_of(&self, at: At) -> Option<At> {
        let unit = &self.units[at.unit];
        let Binding::Let(binding) = unit.bindings.declaration(at.node)?.binding else {
            return None;
        };
        let tree = self.tree(at.unit);
        let method = tree.node(tree.node(binding).parent?).parent?;
        matches!(tree.syntax(method), Syntax::Impl { .. }).then_some(at.with(method))
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
        crate::index::scope::declared(&self.units[at.unit], at.node)
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

    /// What the file at `path` gives out under a name.
    pub(super) fn given_by(&self, path: &RepoPath, name: &str, trail: &mut Trail) -> Option<At> {
        trail.step()?;
        match self.unit_at(path) {
            Some(unit) => self.exported(unit, name, trail),
            None => {
                if self.modules.may_give(path, name) {
                    trail.missing.insert(path.clone());
                }
                None
            }
        }
    }

    /// The file that an expression is as a module (Python): `flags` after `from app import flags`, `app.flags` after `import app.flags`.
    pub(super) fn module_behind(&self, at: At, trail: &mut Trail) -> Option<RepoPath> {
        trail.step()?;
        if self.facts(at.unit).language != Language::Python {
            return None;
        }
        match self.syntax(at) {
            Syntax::Name => match self.declared(at)? {
                Declared::Import { module, name } => {
                    let (path, whole) = self.modules.target(self.facts(at.unit), &module, &name)?;
                    match &*whole {
                        "*" => Some(path),
                        _ => self.module_given(&path, &whole),
                    }
                }
                _ => None,
            },
            Syntax::Member { object, property } => {
                let package = self.module_behind(at.with(*object), trail)?;
                self.modules.submodule(&package, self.slice(at.unit, *property))
            }
            _ => None,
        }
    }

    /// A module that a package gives out: one that it imports under this name, or one of its own.
    fn module_given(&self, package: &RepoPath, name: &str) -> Option<RepoPath> {
        let unit = self.unit_at(package)?;
        match self.units[unit].exports.names.get(name) {
            Some(Export::From { module, name }) => {
                let (path, whole) = self.modules.target(self.facts(unit), module, name)?;
                (whole == "*").then_some(path)
            }
            Some(Export::Node(..)) => None,
            None => self.modules.submodule(package, name),
        }
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

    /// The module that `name` of `module` is as a whole, and the file that says so (`export * as name from '…'`).
    pub(super) fn passed_on_whole(&self, unit: usize, module: &str, name: &str) -> Option<(usize, Box<str>)> {
        let (path, name) = self.modules.target(self.facts(unit), module, name)?;
        let target = self.unit_at(&path)?;
        match self.units[target].exports.names.get(name.as_str())? {
            Export::From { module, name } if &**name == "*" => Some((target, module.clone())),
            _ => None,
        }
    }

    fn parts(&self, mut at: At, parts: &[Part], trail: &mut Trail) -> Option<At> {
        for part in parts {
            at = match part {
                Part::Property(name) => self.property(at, name, trail)?,
                // The list may stand in another file than the pattern that takes it apart.
                Part::Nth(nth) => {
                    let whole = self.settle(at, trail);
                    match self.syntax(whole) {
                        Syntax::Array(list) => whole.with(*list.get(*nth)?),
                        _ => return None,
                    }
                }
            };
        }
        Some(at)
    }
}

/// Calls that give back their argument.
fn is_identity(callee: &str) -> bool {
    matches!(
        callee,
        "Object.freeze"
            | "Object.seal"
            | "readonly"
            | "markRaw"
            | "createContext"
            | "React.createContext"
            | "useContext"
            | "React.useContext"
            | "Arc::new"
            | "Box::new"
    )
}
