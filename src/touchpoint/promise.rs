//! What a PRD promises to write, and what a change outside of that is. Enters: touchpoints. Leaves: [`Promise`]s, and whether a file is covered.

use std::collections::{BTreeMap, BTreeSet};

use super::Touchpoint;
use crate::prd::{Access, PrdId};
use crate::source::RepoPath;

/// The files that the documents of a PRD say it writes. What its branch shows does not count.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Promise {
    /// Sorted.
    pub paths: BTreeSet<RepoPath>,
}

/// What a file is beside its path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// It was not there before.
    pub is_new: bool,
    /// It holds tests.
    pub is_test: bool,
    /// It is in no language that is read: settings, lock files, prose.
    pub is_data: bool,
}

/// The promise of each PRD that makes one.
#[must_use]
pub fn promises(touchpoints: &[Touchpoint]) -> BTreeMap<PrdId, Promise> {
    let mut found: BTreeMap<PrdId, Promise> = BTreeMap::new();
    for touch in touchpoints {
        let said = touch.said.is_some_and(|access| access != Access::Read);
        if let (true, Some(path)) = (said, &touch.target.path) {
            found.entry(touch.prd.clone()).or_default().paths.insert(path.clone());
        }
    }
    found
}

impl Promise {
    /// True if a change of the file is no news: it is promised, or it goes with what is (a new file, a test, what tools write beside a change, a
    /// neighbour). A PRD that promises nothing covers everything: it does not say where it works.
    #[must_use]
    pub fn covers(&self, path: &RepoPath, written: Written) -> bool {
        let named = path.as_str().contains("test") || path.as_str().contains(".spec.");
        self.paths.is_empty()
            || self.paths.contains(path)
            || written.is_new
            || written.is_test
            || named
            || written.is_data
            || self.paths.iter().any(|promised| promised.parent() == path.parent())
    }
}
