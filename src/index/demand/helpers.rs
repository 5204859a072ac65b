//! Helpers of tests. Enters: the parsed files. Leaves: the files beside them that tests import and that are there for tests, too.

use std::collections::BTreeSet;

use super::{Demand, is_test};
use crate::index::code::Code;
use crate::index::frameworks;
use crate::lang::tree::Syntax;
use crate::source::{FileId, RepoPath};

impl Demand<'_> {
    /// The files that tests and their helpers import and that are there for tests, too: what they do nobody else tells.
    #[must_use]
    pub fn helpers(&self, parsed: &BTreeSet<FileId>, code: &Code<'_>) -> BTreeSet<FileId> {
        let of_tests = |path: &RepoPath| is_test(path) || frameworks::is_support_path(path);
        let mut found = BTreeSet::new();
        for (unit, file) in code
            .units()
            .iter()
            .enumerate()
            .filter(|(_, unit)| of_tests(&unit.facts.path))
        {
            let modules = file.facts.tree.ids().filter_map(|id| match file.facts.tree.syntax(id) {
                Syntax::Import {
                    from, type_only: false, ..
                } => Some(&**from),
                _ => None,
            });
            let files = modules.filter_map(|module| code.file_of_module(unit, module));
            let files = files.filter(of_tests).filter_map(|path| self.files.get(&path));
            found.extend(files.map(|(file, _)| *file).filter(|file| !parsed.contains(file)));
        }
        found
    }
}
