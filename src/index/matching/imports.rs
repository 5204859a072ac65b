//! What a file imports, as far as a rule asks. Enters: one file's facts. Leaves: whether import conditions hold, what an imported name is
//! called in its module, and which module it is from.

use std::collections::{BTreeSet, HashMap};

use super::ImportContext;
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language};
use crate::rules::{ImportReach, When};

/// The imports of one file.
pub(super) struct Imports<'a> {
    modules: BTreeSet<&'a str>,
    /// By local name: the module and the name there.
    names: HashMap<&'a str, (&'a str, &'a str)>,
}

impl<'a> Imports<'a> {
    pub(super) fn of(facts: &'a FileFacts) -> Self {
        let mut imports = Self {
            modules: BTreeSet::new(),
            names: HashMap::new(),
        };
        for id in facts.tree.ids() {
            match facts.tree.syntax(id) {
                Syntax::Import { from, names, .. } => {
                    imports.modules.insert(from);
                    let names = names.iter().map(|name| (&*name.local, (&**from, &*name.imported)));
                    imports.names.extend(names);
                }
                Syntax::Export { from: Some(from), .. } => {
                    imports.modules.insert(from);
                }
                // `require('x')`, `import('x')`, `jest.mock('x')` inside functions.
                Syntax::Call { callee, args, .. } if facts.language != Language::Rust => {
                    let called = facts.words(*callee);
                    let loads = matches!(called, "require" | "import" | "jest.requireActual" | "vi.importActual");
                    if let (true, Some(Syntax::Text(from))) = (loads, args.first().map(|arg| facts.tree.syntax(*arg))) {
                        imports.modules.insert(from);
                    }
                }
                _ => {}
            }
        }
        imports
    }

    /// True if the file itself imports one of the modules.
    pub(super) fn satisfy_here(&self, when: &When) -> bool {
        self.modules
            .iter()
            .any(|module| when.imports.set.is_match(module.replace("::", "/")))
    }

    /// True if an import condition holds, as far as it looks.
    pub(super) fn satisfy(&self, when: &When, context: &ImportContext) -> bool {
        let wanted = |module: &str| when.imports.set.is_match(module.replace("::", "/"));
        let in_file = self.satisfy_here(when);
        let reexported = || context.reexported.iter().any(|module| wanted(module));
        let depended = || context.dependencies.iter().any(|package| wanted_package(when, package));
        match when.reach {
            ImportReach::File => in_file,
            ImportReach::Reexport => in_file || reexported(),
            ImportReach::Project => in_file || reexported() || depended(),
        }
    }

    /// True if the file imports this module, or one that this glob matches.
    pub(super) fn has(&self, module: &str) -> bool {
        let glob = globset::GlobBuilder::new(module).literal_separator(false).build();
        let glob = glob.map(|glob| glob.compile_matcher());
        glob.is_ok_and(|glob| self.modules.iter().any(|known| glob.is_match(known)))
    }

    /// The module of an import by its local name, and the name there.
    pub(super) fn name(&self, local: &str) -> Option<(&'a str, &'a str)> {
        self.names.get(local).copied()
    }
}

/// A manifest names the package, a rule may ask for one of its sub-paths (`flags/next`).
fn wanted_package(when: &When, package: &str) -> bool {
    let sub_path_of = |wanted: &String| wanted.strip_prefix(package).is_some_and(|rest| rest.starts_with('/'));
    when.imports.set.is_match(package) || when.imports.texts.iter().any(sub_path_of)
}
