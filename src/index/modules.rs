//! Where module names lead. Enters: import resolution over a view, and its texts. Leaves: the answers that [`super::code`] asks for.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::code::Modules;
use super::imports::Imports;
use super::variables;
use crate::lang::FileFacts;
use crate::source::{RepoPath, Sources, View};

/// The modules of a view.
#[derive(Debug)]
pub struct ViewModules<'a> {
    /// Resolves.
    pub imports: &'a Imports,
    /// The texts.
    pub sources: &'a Sources,
    /// Which of them are here.
    pub view: &'a View,
    /// What the files beside the code name; made when it is first asked.
    named: OnceLock<BTreeSet<&'a str>>,
}

impl<'a> ViewModules<'a> {
    /// Those of a view.
    #[must_use]
    pub fn new(imports: &'a Imports, sources: &'a Sources, view: &'a View) -> Self {
        Self {
            imports,
            sources,
            view,
            named: OnceLock::new(),
        }
    }
}

impl Modules for ViewModules<'_> {
    fn target(&self, from: &FileFacts, module: &str, name: &str) -> Option<(RepoPath, String)> {
        self.imports.target(from, module, name)
    }

    fn submodule(&self, package: &RepoPath, name: &str) -> Option<RepoPath> {
        self.imports.submodule(package, name)
    }

    fn may_give(&self, path: &RepoPath, name: &str) -> bool {
        let Some(file) = self.view.files.get(path) else {
            return false;
        };
        let text = &self.sources.file(*file).text;
        matches!(name, "default" | "*")
            || text.contains(name.rsplit("::").next().unwrap_or(name))
            || text.contains("export *")
            || text.contains("import *")
    }

    fn is_set_outside(&self, variable: &str) -> bool {
        let named = self
            .named
            .get_or_init(|| variables::set_outside(self.sources, self.view));
        named.contains(variable)
    }
}
