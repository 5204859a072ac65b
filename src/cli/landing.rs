//! A branch merged into its base, as git would merge it. Enters: a repository, the base (a commit, or the work tree as it lies there) and the head of
//! a branch. Leaves: [`Landed`]: the two trees whose difference is what the branch would change, and the files that nobody could merge.
//!
//! Nothing is written where the user works: git merges in a repository of its own that borrows the objects.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use crate::git::{Borrowed, GitError, Merged, Oid, PathMerge, Repository, WorkTree};
use crate::source::RepoPath;

/// A base, and what it takes to merge branches into it.
#[derive(Debug)]
pub(super) struct Landing {
    repository: Repository,
    /// What is checked out, or was named.
    commit: Oid,
    /// The same with what is not committed.
    base: Oid,
    /// Files that are not committed and could not be read.
    unsure: BTreeMap<RepoPath, String>,
    borrowed: Option<Borrowed>,
}

/// What a branch would make of its base.
#[derive(Debug)]
pub(super) struct Landed {
    /// The tree without the branch.
    pub(super) from: Oid,
    /// The tree with it.
    pub(super) to: Oid,
    /// Where both are found; its paths are those of the project.
    pub(super) objects: Repository,
    /// The files that could not be merged, and why.
    pub(super) unmerged: BTreeMap<RepoPath, String>,
    /// The same for files that nobody merged, as long as the branch changes them.
    pub(super) unsure: BTreeMap<RepoPath, String>,
    /// Files of `to` that a merge only put aside.
    pub(super) aside: BTreeSet<RepoPath>,
    /// What the branch itself has: any other text of `to` was made by the merge. `None` if nothing had to be merged.
    pub(super) own: Option<BTreeSet<Oid>>,
    /// The base has the whole of it already, as one commit that somebody made of the branch.
    pub(super) squashed: bool,
}

impl Landed {
    /// True if the base has all of it already.
    ///
    /// # Errors
    /// If git cannot compare the two trees.
    pub(super) fn is_nothing(&self) -> Result<bool, Failure> {
        Ok(self.unmerged.is_empty() && self.objects.at_toplevel().diff_exact(&self.from, &self.to)?.is_empty())
    }
}

impl Landing {
    /// A base at a commit, or the work tree on it.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn new(repository: &Repository, commit: Oid, work_tree: bool) -> Result<Self, Failure> {
        let mut landing = Self {
            repository: repository.clone(),
            base: commit.clone(),
            commit,
            unsure: BTreeMap::new(),
            borrowed: None,
        };
        if work_tree {
            landing.take_uncommitted()?;
        }
        Ok(landing)
    }

    fn take_uncommitted(&mut self) -> Result<(), Failure> {
        let tree = WorkTree {
            folder: self.repository.toplevel().to_owned(),
            head: self.commit.clone(),
            branch: None,
            lost: None,
        };
        let paths = self.repository.unfinished(&tree)?;
        if paths.is_empty() {
            return Ok(());
        }
        match self.borrowed()?.snapshot(&tree, &paths) {
            Ok(snapshot) => self.base = snapshot,
            Err(error) => {
                let why = format!("it is not committed here, and cannot be merged: {error}");
                let ours = paths.iter().filter_map(|path| self.in_project(path));
                self.unsure = ours.map(|path| (path, why.clone())).collect();
            }
        }
        Ok(())
    }

    fn borrowed(&mut self) -> Result<&Borrowed, GitError> {
        if self.borrowed.is_none() {
            self.borrowed = Some(self.repository.borrowed()?);
        }
        Ok(self.borrowed.as_ref().expect("BUG: it was made just now"))
    }

    /// The path as the project has it; `None` outside of it.
    fn in_project(&self, path: &[u8]) -> Option<RepoPath> {
        let path = std::str::from_utf8(path).ok()?;
        let inside = match self.repository.prefix() {
            "" => path,
            prefix => path.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        RepoPath::new(inside)
    }

    /// Merges the branch with this head.
    ///
    /// # Errors
    /// If git cannot compare the two. (What cannot be merged is no error.)
    pub(super) fn merge(&mut self, head: &Oid) -> Result<Landed, Failure> {
        let fork = self.repository.merge_base(&self.commit, head)?;
        let Some(fork) = fork.filter(|fork| *fork != self.base) else {
            return Ok(self.laid_over(self.commit.clone(), head, BTreeMap::new()));
        };
        self.borrowed()?;
        let borrowed = self.borrowed.as_ref().expect("BUG: it was made just now");
        let ours = borrowed.repository().diff_exact(&fork, &self.base)?;
        let theirs = borrowed.repository().diff_exact(&fork, head)?;
        let paths: BTreeSet<&Vec<u8>> = ours.keys().chain(theirs.keys()).collect();
        let paths: Vec<Vec<u8>> = paths.into_iter().cloned().collect();
        let merges = self.repository.path_merges(&paths)?;
        let drivers: BTreeSet<&Vec<u8>> = paths
            .iter()
            .zip(&merges)
            .filter(|(_, merge)| **merge == PathMerge::Driver)
            .map(|(path, _)| path)
            .collect();
        let attributes: Vec<(Vec<u8>, PathMerge)> = paths.iter().cloned().zip(merges).collect();
        borrowed.set_attributes(&attributes)?;
        match borrowed.judge(&[(self.base.clone(), head.clone())]) {
            Ok(merged) => {
                let merged = merged.into_iter().next().expect("BUG: one answer to one question");
                let squashed =
                    !merged.conflicts.is_empty() && borrowed.is_squashed(&self.base, &fork, head).unwrap_or(false);
                let own = theirs.values().filter_map(|change| change.new.1.clone()).collect();
                Ok(self.landed(borrowed, merged, &drivers, own, squashed))
            }
            // Git may give up, for want of an object of a partial clone. What both sides changed is then not known.
            Err(error) => {
                let why = format!("git could not merge it with the base: {error}");
                let both = theirs.keys().filter(|path| ours.contains_key(*path));
                let unmerged = both.filter_map(|path| Some((self.in_project(path)?, why.clone())));
                Ok(self.laid_over(fork, head, unmerged.collect()))
            }
        }
    }

    /// The branch's files as they are, which is what a merge comes to where the base did not move.
    fn laid_over(&self, from: Oid, head: &Oid, unmerged: BTreeMap<RepoPath, String>) -> Landed {
        Landed {
            from,
            to: head.clone(),
            objects: self.repository.clone(),
            unmerged,
            unsure: self.unsure.clone(),
            aside: BTreeSet::new(),
            own: None,
            squashed: false,
        }
    }

    fn landed(
        &self,
        borrowed: &Borrowed,
        merged: Merged,
        drivers: &BTreeSet<&Vec<u8>>,
        own: BTreeSet<Oid>,
        squashed: bool,
    ) -> Landed {
        let mut unmerged = BTreeMap::new();
        for conflict in &merged.conflicts {
            for path in &conflict.paths {
                let why = if drivers.contains(&path.clone().into_bytes()) {
                    "a program of its own merges it with the base (`merge=` in .gitattributes), which is not run here"
                        .to_owned()
                } else {
                    format!("it conflicts with the base: {}", conflict.kind)
                };
                unmerged.extend(self.in_project(path.as_bytes()).map(|path| (path, why)));
            }
        }
        let aside = merged.aside.iter();
        Landed {
            from: self.base.clone(),
            to: merged.tree,
            objects: borrowed.project(),
            unmerged,
            unsure: self.unsure.clone(),
            aside: aside.filter_map(|path| self.in_project(path.as_bytes())).collect(),
            own: Some(own),
            squashed,
        }
    }
}
