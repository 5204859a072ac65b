//! Which function does a test call? Enters: what is called, and a function of the code. Leaves: whether it can be no other, by what the test imports,
//! the module or the instance that stands before the name.

use super::file::TestFile;
use super::yields::callee_name;
use super::{FARTHEST, Target};
use crate::assumption::reach::Reach;
use crate::index::bindings::Binding;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};

/// Files that stand for their folder.
const OF_FOLDER: [&str; 4] = ["index", "__init__", "mod", "lib"];

impl TestFile<'_> {
    /// True if the call can only be of this function: a method of a receiver that is of its class, or a function that the file imports.
    pub(super) fn is_target(self, callee: NodeId, target: &Target<'_>, reach: &Reach<'_>) -> bool {
        let facts = self.facts;
        let near = reach.distance(&facts.path, target.facts.file);
        let near = near.is_some_and(|distance| distance <= FARTHEST);
        match (facts.tree.syntax(callee), target.class) {
            // Another one of the same name, of another module or of the test's own.
            (Syntax::Name, None) if !self.is_in_module(facts.words(callee), target.facts) => false,
            (Syntax::Name, None) if facts.file != target.facts.file && self.is_local(callee) => false,
            (Syntax::Member { object, .. }, Some(class)) => near && self.is_instance(*object, class),
            (Syntax::Name, Some(class)) => near && facts.words(callee).contains(&format!("{class}::")),
            (Syntax::Name, None) if facts.file == target.facts.file => {
                match self.bindings().declaration(callee).map(|of| of.binding) {
                    Some(Binding::Item(item)) => item == target.function,
                    Some(Binding::Let(place)) => facts.tree.bytes(place).contains(facts.tree.bytes(target.function)),
                    Some(Binding::Param { .. }) => false,
                    _ => true,
                }
            }
            // The files of a folder are one package.
            (Syntax::Name, None) if facts.language == Language::Go => facts.path.parent() == target.facts.path.parent(),
            (Syntax::Name, None) => {
                let by_path = facts.words(callee).contains("::");
                near && (by_path || imports(facts, callee_name(facts, callee)))
            }
            (Syntax::Member { object, .. }, None) => near && self.is_module(*object, target.facts),
            _ => false,
        }
    }

    /// True for a name that an import brings in as a whole module, and that module is the file (in Go, its folder).
    fn is_module(self, object: NodeId, of: &FileFacts) -> bool {
        let tree = &self.facts.tree;
        let object = tree.bare(object);
        let Some(Binding::Import { node, at }) = self.bindings().declaration(object).map(|of| of.binding) else {
            return false;
        };
        let Syntax::Import { from, names, .. } = tree.syntax(node) else {
            return false;
        };
        let last = |path: &str| {
            let path = path
                .trim_end_matches(".ts")
                .trim_end_matches(".js")
                .trim_end_matches(".tsx");
            path.rsplit(['/', '.', ':']).next().unwrap_or(path).to_owned()
        };
        let imported = names.get(at).map_or("", |name| &*name.imported);
        let whole = matches!(imported, "*" | "default" | "") || *imported == *last(from);
        let name = if whole { last(from) } else { imported.to_owned() };
        names_of(of).contains(&&*name)
    }

    /// `ship::carrier` is in the file `ship.rs`; `carrier` and `super::carrier` may be.
    fn is_in_module(self, path: &str, of: &FileFacts) -> bool {
        let path = path.split('<').next().unwrap_or(path);
        let module = path.rsplit("::").nth(1);
        module.is_none_or(|module| matches!(module, "super" | "self" | "crate") || names_of(of).contains(&module))
    }
}

/// The names by which a module may be known: of its file, and of the folder where the file stands for that.
pub(super) fn names_of(facts: &FileFacts) -> Vec<&str> {
    let file = facts.path.file_name();
    let stem = file.split('.').next().unwrap_or(file);
    let folder = facts.path.parent().rsplit('/').next().unwrap_or_default();
    let is_go = file.ends_with(".go");
    match () {
        () if is_go || OF_FOLDER.contains(&stem) => vec![folder],
        () => vec![stem],
    }
}

fn imports(facts: &FileFacts, name: &str) -> bool {
    facts.tree.ids().any(|id| match facts.tree.syntax(id) {
        Syntax::Import { names, .. } => names.iter().any(|of| &*of.imported == name || &*of.local == name),
        _ => false,
    })
}
