//! The work trees of a repository, and what is not committed in them. Enters: a repository. Leaves: [`WorkTree`]s, [`Unfinished`], and a commit of each
//! one's unfinished work, which stands in a [`Borrowed`] repository and nowhere else.

use super::borrowed::Borrowed;
use super::{Call, GitError, Oid, Repository, parse_oid};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A folder in which something is checked out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WorkTree {
    /// Its root, absolute.
    pub folder: PathBuf,
    /// What is checked out; `None` before the first commit of a branch.
    pub head: Option<Oid>,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
    /// Why it cannot be looked at (its folder is gone).
    pub lost: Option<String>,
}

/// The paths of a work tree that differ from what is checked out, each as git spells it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Unfinished {
    /// Files that git knows, staged or not.
    pub changed: Vec<Vec<u8>>,
    /// Files that it would have to read through a filter of the configuration to know: no filter is run, so nobody can tell.
    pub filtered: Vec<Vec<u8>>,
    /// Files that it was not told of.
    pub untracked: Vec<Vec<u8>>,
    /// Files that are staged, and lie there otherwise.
    pub restaged: Vec<Vec<u8>>,
    /// Files in the middle of a merge: they lie there with git's marks, or undecided.
    pub unmerged: Vec<Vec<u8>>,
}

impl Unfinished {
    /// All that surely differ.
    #[must_use]
    pub fn all(self) -> Vec<Vec<u8>> {
        [self.changed, self.untracked].concat()
    }
}

impl Repository {
    /// The work trees, the main one first.
    ///
    /// # Errors
    /// If git fails.
    pub fn work_trees(&self) -> Result<Vec<WorkTree>, GitError> {
        let output = self.call().args(["worktree", "list", "--porcelain", "-z"]).output()?;
        let text = String::from_utf8_lossy(&output).into_owned();
        Ok(text.split("\0\0").filter_map(parse_work_tree).collect())
    }

    /// What is not committed in a work tree.
    ///
    /// # Errors
    /// If git fails.
    pub fn unfinished(&self, folder: &Path) -> Result<Unfinished, GitError> {
        self.unfinished_of(folder, &[])
    }

    /// The same of the paths that `which` names behind a `--`.
    pub(super) fn unfinished_of(&self, folder: &Path, which: &[&str]) -> Result<Unfinished, GitError> {
        let ask = [
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=dirty",
        ];
        let output = Call::new(folder).args(ask).args(which).output()?;
        let mut found = Unfinished::default();
        let mut compared = Vec::new();
        for entry in output.split(|byte| *byte == 0) {
            // Git's table of unmerged states: a U on either side, or both added, or both deleted.
            let (state, path) = (entry.get(..2), entry.get(3..));
            match (state, path) {
                (Some(b"AA" | b"DD" | [b'U', _] | [_, b'U']), Some(path)) => found.unmerged.push(path.to_vec()),
                (Some([b'M' | b'A' | b'R' | b'C', b'M' | b'D']), Some(path)) => found.restaged.push(path.to_vec()),
                _ => {}
            }
            match entry.get(3..) {
                // A repository in the repository is listed as a folder, and is nobody's work here.
                None | Some([.., b'/']) => {}
                Some(path) if entry.starts_with(b"??") => found.untracked.push(path.to_vec()),
                // What lies in the folder was compared with what git has.
                Some(path) if entry[1] == b'M' => compared.push(path.to_vec()),
                Some(path) => found.changed.push(path.to_vec()),
            }
        }
        let unread = filtered(folder, &compared)?;
        for (path, unread) in compared.into_iter().zip(unread) {
            let into = if unread {
                &mut found.filtered
            } else {
                &mut found.changed
            };
            into.push(path);
        }
        found.changed.sort();
        Ok(found)
    }
}

impl Borrowed {
    /// A commit of a work tree as it lies there, on top of `head`, which is checked out.
    ///
    /// # Errors
    /// If a file cannot be read, or git fails.
    pub fn snapshot(&self, folder: &Path, head: &Oid, uncommitted: &[Vec<u8>]) -> Result<Oid, GitError> {
        let index = self.folder().join("index");
        let call = || {
            let call = self.repository().call_in(folder);
            call.env("GIT_INDEX_FILE", index.clone()).env("GIT_WORK_TREE", folder)
        };
        call().args(["read-tree", head.as_str()]).output()?;
        let paths: Vec<u8> = uncommitted
            .iter()
            .flat_map(|path| [path.as_slice(), &b"\0"[..]].concat())
            .collect();
        let update = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
        call().args(update).stdin(paths).output()?;
        let written = parse_oid("write-tree", &call().args(["write-tree"]).output()?)?;
        let who = super::Signature::nobody();
        self.repository()
            .commit_tree(&written, std::slice::from_ref(head), "not committed", &who, &who)
    }
}

/// For each path, whether a filter of the configuration stands between the file and what git keeps.
fn filtered(folder: &Path, paths: &[Vec<u8>]) -> Result<Vec<bool>, GitError> {
    let named = match paths {
        [] => BTreeSet::new(),
        _ => Call::new(folder).filters()?,
    };
    if named.is_empty() {
        return Ok(vec![false; paths.len()]);
    }
    let values = super::attribute(Call::new(folder), "filter", paths)?;
    let is_named = |value: &Vec<u8>| named.contains(&*String::from_utf8_lossy(value));
    Ok(values.iter().map(is_named).collect())
}

fn parse_work_tree(record: &str) -> Option<WorkTree> {
    let mut tree: Option<WorkTree> = None;
    for line in record.split('\0') {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, &mut tree) {
            ("worktree", _) => {
                tree = Some(WorkTree {
                    folder: PathBuf::from(rest),
                    head: None,
                    branch: None,
                    lost: None,
                });
            }
            // The repository itself, with nothing checked out.
            ("bare", _) => return None,
            ("HEAD", Some(tree)) => tree.head = Oid::parse(rest).filter(|oid| !oid.is_zero()),
            ("branch", Some(tree)) => tree.branch = rest.strip_prefix("refs/heads/").map(str::to_owned),
            ("prunable", Some(tree)) => tree.lost = Some(rest.to_owned()),
            _ => {}
        }
    }
    tree
}
