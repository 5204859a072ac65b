//! Where module names lead. Enters: a view. Leaves: [`Modules`] over it, without touching the disk.

use super::code::Modules;
use crate::source::{RepoPath, Sources, View};

/// The modules of a view.
#[must_use]
pub fn modules<'a>(_sources: &'a Sources, view: &'a View) -> Box<dyn Modules + 'a> {
    Box::new(Relative { view })
}

struct Relative<'a> {
    view: &'a View,
}

impl Modules for Relative<'_> {
    fn file_of(&self, from: &RepoPath, module: &str) -> Option<RepoPath> {
        if !module.starts_with('.') {
            return None;
        }
        let base = from.sibling(module)?;
        let stem = base.as_str().trim_end_matches(".js").to_owned();
        let endings = ["", ".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.tsx", "/index.js"];
        endings
            .iter()
            .filter_map(|ending| RepoPath::new(&format!("{stem}{ending}")))
            .find(|path| self.view.files.contains_key(path))
    }
}
