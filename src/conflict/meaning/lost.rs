//! Whether a name leads nowhere in a merged tree. Enters: a place of a file of that tree, and the tree before. Leaves: true only where every
//! step of the way was seen and the last one is missing: what leads out of the project, or into what was not understood, is not lost.

use crate::index::code::{At, Code, Declared, Modules, Trail};
use crate::index::exports::Export;
use crate::lang::tree::{NodeId, Syntax};

/// So many re-exports are followed.
const FARTHEST: u32 = 16;

/// What a module gives under a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Yes,
    No,
    /// It leads where nobody can look.
    Unknown,
}

/// A merged tree, and one in which all that its files name is there.
pub(super) struct Lookup<'a> {
    pub(super) code: &'a Code<'a>,
    /// Where names lead after the merge, and where they led before.
    pub(super) modules: [&'a dyn Modules; 2],
}

impl Lookup<'_> {
    /// True if the use `at`, of the name `word`, leads nowhere.
    pub(super) fn is_lost(&self, at: At, word: &str, trail: &mut Trail) -> bool {
        let code = self.code;
        if let Syntax::Import { from, names, .. } = code.syntax(at) {
            let own = names.iter().filter(|name| &*name.local == word);
            let mut own = own.map(|name| self.gives(at.unit, from, &name.imported, FARTHEST, trail));
            return own.any(|gives| gives == Gives::No);
        }
        if code.behind(at, trail.restart()).is_some() {
            return false;
        }
        match code.syntax(at) {
            Syntax::Name => match code.words(at).rsplit_once("::") {
                Some((owner, name)) => self.path_is_lost(at, owner, name, trail),
                None => self.name_is_lost(at, trail),
            },
            Syntax::Member { object, property } => {
                let name = code.slice(at.unit, *property);
                self.member_is_lost(at.with(*object), name, trail)
            }
            _ => false,
        }
    }

    fn name_is_lost(&self, at: At, trail: &mut Trail) -> bool {
        match self.code.declared(at) {
            Some(Declared::Import { module, name }) => {
                self.gives(at.unit, &module, &name, FARTHEST, trail) == Gives::No
            }
            Some(_) => false,
            // It may come with all names of another module, or from the package around.
            None => self.globs(at.unit, self.code.words(at), trail) == Gives::No,
        }
    }

    /// What is brought in as a whole: `use a::*`, `from a import *`, the other files of a Go package.
    fn globs(&self, unit: usize, name: &str, trail: &mut Trail) -> Gives {
        let facts = self.code.facts(unit);
        let mut from: Vec<&str> = Vec::new();
        for id in facts.tree.ids() {
            match facts.tree.syntax(id) {
                Syntax::Import {
                    from: module, names, ..
                } if names.iter().any(|name| &*name.local == "*") => {
                    from.push(module);
                }
                _ => {}
            }
        }
        from.extend(self.code.units()[unit].exports.stars.iter().map(|star| &**star));
        if let Some(Export::From { module, .. }) = self.code.units()[unit].exports.top.get(name) {
            from.push(module);
        }
        worst(
            from.into_iter()
                .map(|module| self.gives(unit, module, name, FARTHEST, trail)),
        )
    }

    /// `crate::sums::total`, `Status::Done`
    fn path_is_lost(&self, at: At, owner: &str, name: &str, trail: &mut Trail) -> bool {
        if owner == "Self" {
            return false;
        }
        let code = self.code;
        let (first, rest) = owner.split_once("::").unwrap_or((owner, ""));
        let below = |module: String| match rest {
            "" => module,
            rest => format!("{module}::{rest}"),
        };
        let module = match code.declared(at) {
            Some(Declared::Item(item)) if rest.is_empty() => return self.lacks(at.with(item)),
            Some(Declared::Import { module, name: first }) => {
                if let Some(owner) = code.imported(at.unit, &module, &first, trail.restart()) {
                    return rest.is_empty() && self.lacks(code.settle(owner, trail));
                }
                below(format!("{module}::{first}"))
            }
            _ => below(first.to_owned()),
        };
        if self.gives(at.unit, &module, name, FARTHEST, trail) == Gives::No {
            return true;
        }
        let Some((module, ty)) = module.rsplit_once("::") else {
            return false;
        };
        let owner = code.imported(at.unit, module, ty, trail.restart());
        owner.is_some_and(|owner| self.lacks(code.settle(owner, trail)))
    }

    fn member_is_lost(&self, object: At, name: &str, trail: &mut Trail) -> bool {
        let code = self.code;
        if let Syntax::Name = code.syntax(object)
            && let Some(Declared::Import { module, name: whole }) = code.declared(object)
            && &*whole == "*"
        {
            return self.gives(object.unit, &module, name, FARTHEST, trail) == Gives::No;
        }
        let owner = code.settle(object, trail.restart());
        self.class_of(owner, trail).is_some_and(|class| self.lacks(class))
    }

    /// The class, enum or literal that something is, or is one of.
    fn class_of(&self, at: At, trail: &mut Trail) -> Option<At> {
        let code = self.code;
        let settled = |node: NodeId, trail: &mut Trail| {
            let class = code.settle(at.with(node), trail.restart());
            matches!(code.syntax(class), Syntax::Class { .. }).then_some(class)
        };
        match code.syntax(at) {
            Syntax::Class { .. } | Syntax::Enum { .. } | Syntax::Object { .. } => Some(at),
            Syntax::New { callee, .. } | Syntax::Call { callee, .. } => settled(*callee, trail),
            Syntax::Name => {
                let ty = match code.declared(at)? {
                    Declared::Param { ty, parts, .. } | Declared::Value { ty, parts, .. } if parts.is_empty() => ty?,
                    _ => return None,
                };
                let tree = code.tree(at.unit);
                let named = match tree.syntax(ty) {
                    Syntax::Type(parts) => parts
                        .iter()
                        .copied()
                        .find(|part| matches!(tree.syntax(*part), Syntax::Name)),
                    Syntax::Name => Some(ty),
                    _ => None,
                };
                settled(named?, trail)
            }
            _ => None,
        }
    }

    /// True for an owner of which every member is seen: what was not found in it is not there.
    fn lacks(&self, owner: At) -> bool {
        match self.code.syntax(owner) {
            Syntax::Enum { .. } => true,
            Syntax::Class { extends, .. } => extends.is_empty(),
            Syntax::Object { entries, .. } => {
                let open = |entry: &NodeId| matches!(self.code.syntax(owner.with(*entry)), Syntax::Spread(_));
                !entries.iter().any(open)
            }
            _ => false,
        }
    }

    /// What `module` gives under a name, seen from a file.
    fn gives(&self, unit: usize, module: &str, name: &str, left: u32, trail: &mut Trail) -> Gives {
        let code = self.code;
        if left == 0 {
            return Gives::Unknown;
        }
        if code.imported(unit, module, name, trail.restart()).is_some() {
            return Gives::Yes;
        }
        let facts = code.facts(unit);
        let [after, before] = self.modules;
        let Some((path, name)) = after.target(facts, module, name) else {
            // It led somewhere in the project; or it leads out of it, where anything may be.
            let was = before
                .target(facts, module, name)
                .or_else(|| after.target(facts, module, "*"));
            return if was.is_some() { Gives::No } else { Gives::Unknown };
        };
        if name == "*" {
            return Gives::Yes;
        }
        let Some(target) = code.unit_at(&path) else {
            trail.missing.insert(path);
            return Gives::Unknown;
        };
        let exports = &code.units()[target].exports;
        match exports.names.get(name.as_str()) {
            Some(Export::Node(..)) => Gives::Yes,
            Some(Export::From { module, name }) => self.gives(target, module, name, left - 1, trail),
            None if after.submodule(&path, &name).is_some() => Gives::Yes,
            // Python: the module answers for names that it does not have.
            None if exports.names.contains_key("__getattr__") => Gives::Unknown,
            None => {
                let stars = exports.stars.iter().map(|star| &**star);
                let glob = match exports.names.get("*") {
                    Some(Export::From { module, .. }) => Some(&**module),
                    _ => None,
                };
                let all = stars.chain(glob).filter(|_| name != "default");
                worst(all.map(|module| self.gives(target, module, &name, left - 1, trail)))
            }
        }
    }
}

/// What several modules give together.
fn worst(each: impl Iterator<Item = Gives>) -> Gives {
    each.fold(Gives::No, |known, one| match (known, one) {
        (Gives::Yes, _) | (_, Gives::Yes) => Gives::Yes,
        (Gives::Unknown, _) | (_, Gives::Unknown) => Gives::Unknown,
        _ => Gives::No,
    })
}
