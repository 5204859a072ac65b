//! What git keeps in plain files, read without starting git. Enters: a folder. Leaves: the [`Repository`] around it, and its [`Heads`]. Only for
//! layouts that leave no doubt; for any other the answer is git's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Branch, GitError, Oid, Repository, WorkTree};

/// The empty tree, in both formats of ids.
const EMPTY_TREES: [&str; 2] = [
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
];

/// Words of a configuration with which files alone do not tell where things are.
const DOUBTS: [&str; 4] = ["[include", "worktree", "refstorage", "bare = true"];

/// Larger files are none of git's.
const LIMIT: u64 = 64 << 20;

/// How deep branches are looked for.
const DEEPEST: usize = 32;

/// Where everything is checked out, and every branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heads {
    /// The work trees, the main one first.
    pub trees: Vec<WorkTree>,
    /// The branches, local and remote-tracking.
    pub branches: Vec<Branch>,
}

impl Repository {
    /// [`Repository::discover`], without git where the files leave no doubt.
    ///
    /// # Errors
    /// As for [`Repository::discover`].
    pub fn nearest(folder: &Path) -> Result<Self, GitError> {
        match near(folder) {
            Some(found) => Ok(found),
            None => Self::discover(folder),
        }
    }

    /// The work trees and the branches.
    ///
    /// # Errors
    /// If git fails.
    pub fn heads(&self) -> Result<Heads, GitError> {
        if let Some(heads) = self.heads_by_files() {
            return Ok(heads);
        }
        Ok(Heads {
            branches: self.branches(&[])?,
            trees: self.work_trees()?,
        })
    }

    /// Every branch, local or remote-tracking, in no order, by files alone.
    pub(super) fn branches_by_files(&self) -> Option<Vec<Branch>> {
        let refs = self.refs_by_files(&["refs/heads/", "refs/remotes/"])?;
        let each = refs.into_iter();
        Some(each.filter_map(|(name, oid)| Branch::of_ref(&name, oid)).collect())
    }

    /// The refs below these folders, by files alone; those that stand for another ref are left out.
    pub(super) fn refs_by_files(&self, below: &[&str]) -> Option<BTreeMap<String, Oid>> {
        let common = self.common_dir();
        if common.file_name()? != ".git" || is_doubtful(&text(&common.join("config"))?) {
            return None;
        }
        refs(common, below)
    }

    fn heads_by_files(&self) -> Option<Heads> {
        let common = self.common_dir();
        if common.file_name()? != ".git" || is_doubtful(&text(&common.join("config"))?) {
            return None;
        }
        let refs = refs(common, &["refs/heads/", "refs/remotes/"])?;
        let mut trees = vec![work_tree(common, common.parent()?.to_owned(), &refs)?];
        let mut linked: Vec<PathBuf> = match std::fs::read_dir(common.join("worktrees")) {
            Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
            Err(_) => Vec::new(),
        };
        linked.sort();
        for git in linked {
            // Git passes over a folder without this file, and so do we.
            let Some(link) = text(&git.join("gitdir")) else {
                continue;
            };
            let link = git.join(link.trim_end_matches(['\n', '\r']));
            let folder = link.parent()?.to_owned();
            let folder = folder.canonicalize().unwrap_or(folder);
            let mut tree = work_tree(&git, folder, &refs)?;
            if !link.exists() {
                tree.lost = Some("its folder is gone".to_owned());
            }
            trees.push(tree);
        }
        let branches = refs.into_iter().filter_map(|(name, oid)| Branch::of_ref(&name, oid));
        Some(Heads {
            trees,
            branches: branches.collect(),
        })
    }
}

/// The repository around a folder of a work tree.
fn near(folder: &Path) -> Option<Repository> {
    let folder = folder.canonicalize().ok().filter(|folder| folder.is_dir())?;
    let toplevel = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let mark = toplevel.join(".git");
    let common = if mark.is_dir() {
        mark
    } else {
        let told = text(&mark)?;
        let git = toplevel.join(told.strip_prefix("gitdir:")?.trim());
        let common = text(&git.join("commondir"))?;
        git.join(common.trim()).canonicalize().ok()?
    };
    let config = text(&common.join("config"))?;
    if !common.join("objects").is_dir() || common.file_name()? != ".git" || is_doubtful(&config) {
        return None;
    }
    let sha256 = config.to_ascii_lowercase().contains("objectformat");
    Some(Repository {
        prefix: folder.strip_prefix(toplevel).ok()?.to_str()?.to_owned(),
        toplevel: toplevel.to_owned(),
        common_dir: common,
        empty_tree: empty_tree(sha256),
        environment: Vec::new(),
        inside: super::Inside::default(),
    })
}

/// The id of the tree without files.
pub(super) fn empty_tree(sha256: bool) -> Oid {
    Oid::parse(EMPTY_TREES[usize::from(sha256)]).expect("BUG: an id of ours is none")
}

fn is_doubtful(config: &str) -> bool {
    let config = config.to_ascii_lowercase();
    let sha = config.contains("objectformat") && !config.contains("sha256");
    let bare = config.replace(['\t', ' '], "").contains("bare=true");
    sha || bare || DOUBTS.iter().any(|word| config.contains(word))
}

/// What is checked out, by the HEAD of a git folder.
fn work_tree(git: &Path, folder: PathBuf, refs: &BTreeMap<String, Oid>) -> Option<WorkTree> {
    let head = text(&git.join("HEAD"))?;
    let head = head.trim_end();
    let (oid, branch) = match head.strip_prefix("ref:") {
        Some(name) => {
            let name = name.trim();
            (
                refs.get(name).cloned(),
                Some(name.strip_prefix("refs/heads/")?.to_owned()),
            )
        }
        None => (Some(Oid::parse(head)?), None),
    };
    Some(WorkTree {
        folder,
        head: oid,
        branch,
        lost: None,
    })
}

/// The refs below these folders: those of the one file of many, and over them those with a file of their own.
fn refs(common: &Path, below: &[&str]) -> Option<BTreeMap<String, Oid>> {
    let packed = common.join("packed-refs");
    let packed = if packed.exists() { text(&packed)? } else { String::new() };
    let mut refs: BTreeMap<String, Oid> = packed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, name)| below.iter().any(|folder| name.starts_with(folder)))
        .filter_map(|(oid, name)| Some((name.to_owned(), Oid::parse(oid)?)))
        .collect();
    for folder in below {
        let folder = folder.trim_end_matches('/');
        loose(&common.join(folder), folder, DEEPEST, &mut refs)?;
    }
    Some(refs)
}

fn loose(folder: &Path, prefix: &str, depth: usize, refs: &mut BTreeMap<String, Oid>) -> Option<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Some(());
    };
    for entry in entries {
        let entry = entry.ok()?;
        let file = entry.file_name();
        let name = format!("{prefix}/{}", file.to_str()?);
        if entry.file_type().ok()?.is_dir() {
            loose(&entry.path(), &name, depth.checked_sub(1)?, refs)?;
        } else if !name.ends_with(".lock") {
            let Some(told) = text(&entry.path()) else { continue };
            match Oid::parse(told.trim_end()) {
                Some(oid) => _ = refs.insert(name, oid),
                // A branch that is another's name.
                None if told.starts_with("ref:") => _ = refs.remove(&name),
                None => return None,
            }
        }
    }
    Some(())
}

fn text(path: &Path) -> Option<String> {
    let facts = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    (facts.len() <= LIMIT).then(|| std::fs::read_to_string(path).ok())?
}
