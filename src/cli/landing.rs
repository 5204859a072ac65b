//! A branch merged into its base, as git would merge it. Enters: a repository, the base (a commit, or the work tree as it lies there) and the head of
//! a branch. Leaves: [`Landed`]: the two trees whose difference is what the branch would change, and the files that nobody could merge.
//!
//! Nothing is written where the user works: git merges in a repository of its own that borrows the objects.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use crate::git::{Borrowed, ExactChange, GitError, Merged, Oid, PathMerge, Repository, Unfinished};
use crate::source::RepoPath;

/// A base, and what it takes to merge branches into it.
#[derive(Debug)]
pub(super) struct Landing {
    repository: Repository,
    /// What is checked out, or was named.
    commit: Oid,
    /// The base is the work tree, with what is not committed in it.
    work_tree: bool,
    /// What that is, once a branch made it worth knowing.
    unfinished: Option<Unfinished>,
    /// The base as it was made of the commit and these paths.
    bases: BTreeMap<BTreeSet<Vec<u8>>, Base>,
    borrowed: Option<Borrowed>,
}

/// What a branch is merged into.
#[derive(Clone, Debug)]
struct Base {
    commit: Oid,
    /// The paths of it that are not committed.
    uncommitted: BTreeSet<Vec<u8>>,
    /// Those that could not be read, and why.
    unsure: BTreeMap<RepoPath, String>,
}

/// What a side changed, by path as git spells it.
type Deltas = BTreeMap<Vec<u8>, ExactChange>;

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
    /// The same for a branch of which the base has the whole already: nothing is left to merge.
    #[must_use]
    pub(super) fn over(self) -> Self {
        Self {
            to: self.from.clone(),
            unmerged: BTreeMap::new(),
            aside: BTreeSet::new(),
            ..self
        }
    }

    /// True if the base has all of it already.
    ///
    /// # Errors
    /// If git cannot compare the two trees.
    pub(super) fn is_nothing(&self) -> Result<bool, Failure> {
        Ok(self.unmerged.is_empty() && self.objects.at_toplevel().diff_exact(&self.from, &self.to)?.is_empty())
    }
}

/// True if changes at these paths would touch this one, or put a folder or a file in its place.
fn gets_at(changes: &Deltas, path: &[u8]) -> bool {
    let below = [path, b"/"].concat();
    let mut inside = changes.range(below.clone()..).map(|(path, _)| path);
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    changes.contains_key(path)
        || inside.next().is_some_and(|path| path.starts_with(&below))
        || ends
            .map(|(end, _)| &path[..end])
            .any(|above| changes.contains_key(above))
}

impl Landing {
    /// A base at a commit, or the work tree on it.
    pub(super) fn new(repository: &Repository, commit: Oid, work_tree: bool) -> Self {
        Self {
            repository: repository.clone(),
            commit,
            work_tree,
            unfinished: None,
            bases: BTreeMap::new(),
            borrowed: None,
        }
    }

    /// The base for a branch that changes these paths. Files that git was not told of are part of it only where the branch gets at them: a work
    /// tree may be full of others.
    fn base(&mut self, theirs: &Deltas) -> Result<Base, Failure> {
        if !self.work_tree {
            return Ok(self.committed());
        }
        if self.unfinished.is_none() {
            self.unfinished = Some(self.repository.unfinished(self.repository.toplevel())?);
        }
        let mut base = self.with_unfinished(theirs)?;
        base.unsure.extend(self.unread());
        Ok(base)
    }

    /// The files of the work tree that only a filter could tell of.
    fn unread(&self) -> BTreeMap<RepoPath, String> {
        let filtered = self.unfinished.iter().flat_map(|found| &found.filtered);
        let why = "a filter reads it, which is not run here: whether it is as committed is not known (`git status` may settle it)";
        filtered
            .filter_map(|path| Some((self.in_project(path)?, why.to_owned())))
            .collect()
    }

    fn with_unfinished(&mut self, theirs: &Deltas) -> Result<Base, Failure> {
        let unfinished = self.unfinished.iter();
        let paths: BTreeSet<Vec<u8>> = unfinished
            .flat_map(|found| {
                let in_the_way = found.untracked.iter().filter(|path| gets_at(theirs, path));
                found.changed.iter().chain(in_the_way).cloned()
            })
            .collect();
        if paths.is_empty() {
            return Ok(self.committed());
        }
        if let Some(base) = self.bases.get(&paths) {
            return Ok(base.clone());
        }
        let base = self.snapshot(paths.clone())?;
        self.bases.insert(paths, base.clone());
        Ok(base)
    }

    fn committed(&self) -> Base {
        Base {
            commit: self.commit.clone(),
            uncommitted: BTreeSet::new(),
            unsure: BTreeMap::new(),
        }
    }

    fn snapshot(&mut self, paths: BTreeSet<Vec<u8>>) -> Result<Base, Failure> {
        let (folder, head) = (self.repository.toplevel().to_owned(), self.commit.clone());
        let listed: Vec<Vec<u8>> = paths.iter().cloned().collect();
        match self.borrowed()?.snapshot(&folder, &head, &listed) {
            Ok(commit) => Ok(Base {
                commit,
                uncommitted: paths,
                unsure: BTreeMap::new(),
            }),
            Err(error) => {
                let why = format!("it is not committed here, and cannot be merged: {error}");
                let ours = paths.iter().filter_map(|path| self.in_project(path));
                Ok(Base {
                    unsure: ours.map(|path| (path, why.clone())).collect(),
                    ..self.committed()
                })
            }
        }
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
    /// If git cannot compare the two, or does not have the history that would tell. (What cannot be merged is no error.)
    pub(super) fn merge(&mut self, head: &Oid) -> Result<Landed, Failure> {
        let fork = self.repository.merge_base(&self.commit, head)?;
        let Some(fork) = fork else {
            // What the branch changes hangs on what is not here.
            if self.repository.is_shallow() {
                return Err(GitError::Shallow.into());
            }
            return Ok(self.laid_over(self.commit.clone(), head, &self.committed(), BTreeMap::new()));
        };
        let theirs = self.repository.at_toplevel().diff_exact(&fork, head)?;
        let base = self.base(&theirs)?;
        if fork == base.commit {
            return Ok(self.laid_over(self.commit.clone(), head, &base, BTreeMap::new()));
        }
        self.borrowed()?;
        let borrowed = self.borrowed.as_ref().expect("BUG: it was made just now");
        let ours = borrowed.repository().diff_exact(&fork, &base.commit)?;
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
        match borrowed.judge(&[(base.commit.clone(), head.clone())]) {
            Ok(merged) => {
                let merged = merged.into_iter().next().expect("BUG: one answer to one question");
                let squashed =
                    !merged.conflicts.is_empty() && borrowed.is_squashed(&base.commit, &fork, head).unwrap_or(false);
                let own = theirs.values().filter_map(|change| change.new.1.clone()).collect();
                Ok(self.landed(borrowed, &base, merged, &drivers, own, squashed))
            }
            // Git may give up, for want of an object of a partial clone. What both sides changed is then not known.
            Err(error) => {
                let why = format!("git could not merge it with the base: {error}");
                let both = theirs.keys().filter(|path| ours.contains_key(*path));
                let unmerged = both.filter_map(|path| Some((self.in_project(path)?, why.clone())));
                Ok(self.laid_over(fork, head, &base, unmerged.collect()))
            }
        }
    }

    /// The branch's files as they are, which is what a merge comes to where the base did not move.
    fn laid_over(&self, from: Oid, head: &Oid, base: &Base, unmerged: BTreeMap<RepoPath, String>) -> Landed {
        Landed {
            from,
            to: head.clone(),
            objects: self.repository.clone(),
            unmerged,
            unsure: base.unsure.clone(),
            aside: BTreeSet::new(),
            own: None,
            squashed: false,
        }
    }

    fn landed(
        &self,
        borrowed: &Borrowed,
        base: &Base,
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
                    let committed = match base.uncommitted.contains(path.as_bytes()) {
                        true => ", with what is not committed here: commit it first",
                        false => "",
                    };
                    format!("it conflicts with the base: {}{committed}", conflict.kind)
                };
                unmerged.extend(self.in_project(path.as_bytes()).map(|path| (path, why)));
            }
        }
        let aside = merged.aside.iter();
        Landed {
            from: base.commit.clone(),
            to: merged.tree,
            objects: borrowed.project(),
            unmerged,
            unsure: base.unsure.clone(),
            aside: aside.filter_map(|path| self.in_project(path.as_bytes())).collect(),
            own: Some(own),
            squashed,
        }
    }
}
