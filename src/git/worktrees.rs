//! The work trees of a repository, and what is not committed in them. Enters: a repository. Leaves: [`WorkTree`]s, and a commit of each
//! one's unfinished work, which stands in a [`Borrowed`] repository and nowhere else.

use super::borrowed::Borrowed;
use super::{Call, GitError, Oid, Repository, parse_oid};
use std::path::PathBuf;

/// A folder in which something is checked out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WorkTree {
    /// Its root, absolute.
    pub folder: PathBuf,
    /// What is checked out.
    pub head: Oid,
    /// The branch, if one is checked out.
    pub branch: Option<String>,
    /// Why it cannot be looked at (its folder is gone).
    pub lost: Option<String>,
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

    /// The paths of a work tree that differ from what is checked out: staged, unstaged and untracked.
    ///
    /// # Errors
    /// If git fails.
    pub fn unfinished(&self, tree: &WorkTree) -> Result<Vec<Vec<u8>>, GitError> {
        let ask = [
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=dirty",
        ];
        let output = Call::new(&tree.folder).args(ask).output()?;
        let entries = output.split(|byte| *byte == 0).filter_map(|entry| entry.get(3..));
        // A repository in the repository is listed as a folder, and is nobody's work here.
        Ok(entries
            .filter(|path| !path.ends_with(b"/"))
            .map(<[u8]>::to_vec)
            .collect())
    }
}

impl Borrowed {
    /// A commit of a work tree as it lies there, on top of what is checked out.
    ///
    /// # Errors
    /// If a file cannot be read, or git fails.
    pub fn snapshot(&self, tree: &WorkTree, uncommitted: &[Vec<u8>]) -> Result<Oid, GitError> {
        let index = self.folder().join("index");
        let call = || {
            let call = self.repository().call_in(&tree.folder);
            call.env("GIT_INDEX_FILE", index.clone())
                .env("GIT_WORK_TREE", tree.folder.clone())
        };
        call().args(["read-tree", tree.head.as_str()]).output()?;
        let paths: Vec<u8> = uncommitted
            .iter()
            .flat_map(|path| [path.as_slice(), &b"\0"[..]].concat())
            .collect();
        let update = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
        call().args(update).stdin(paths).output()?;
        let written = parse_oid("write-tree", &call().args(["write-tree"]).output()?)?;
        let who = super::Signature::nobody();
        self.repository()
            .commit_tree(&written, std::slice::from_ref(&tree.head), "not committed", &who, &who)
    }
}

fn parse_work_tree(record: &str) -> Option<WorkTree> {
    type Found = (PathBuf, Option<Oid>, Option<String>, Option<String>);
    let mut tree: Option<Found> = None;
    for line in record.split('\0') {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, &mut tree) {
            ("worktree", _) => tree = Some((PathBuf::from(rest), None, None, None)),
            ("HEAD", Some((_, head, ..))) => *head = Oid::parse(rest).filter(|oid| !oid.is_zero()),
            ("branch", Some((_, _, branch, _))) => *branch = rest.strip_prefix("refs/heads/").map(str::to_owned),
            ("prunable", Some((.., lost))) => *lost = Some(rest.to_owned()),
            _ => {}
        }
    }
    let (folder, head, branch, lost) = tree?;
    Some(WorkTree {
        folder,
        head: head?,
        branch,
        lost,
    })
}
