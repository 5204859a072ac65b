//! Git, read and written through one hardened wrapper. Enters: a folder, revisions, object ids. Leaves: trees, blobs, changes, merges.
//! Must not know PRDs, flags or plans; which ref may move is decided by the types in [`movable`], not by a caller's string.

mod bases;
mod clone;
mod command;
mod diff;
mod history;
mod inside;
mod live;
mod merge;
mod near;
// The refs that this program may move, and no others.
mod attributes;
mod borrowed;
pub mod movable;
mod objects;
mod oid;
mod pack;
mod read;
mod refs;
mod search;
mod submodules;
mod worktrees;

pub use attributes::PathMerge;
use attributes::attribute;
pub use bases::{Bases, MergeBases};
pub use borrowed::{Borrowed, Merged};
pub use clone::SharedClone;
pub use command::OLDEST_GIT;
pub use diff::{Change, ChangeKind, ChangedLines, ExactChange, LineRange};
pub use history::Past;
pub use merge::{Commit, Conflict, Merge, Signature};
pub use movable::{Movable, NotMovable, PrivateRef, ReleaseBranch, protects};
pub use near::Heads;
pub use oid::Oid;
pub use read::{Blob, Branch, EntryKind, Tree, TreeEntry};
pub use refs::{CommitTrailers, RefMap, Swap};
pub use worktrees::{Unfinished, WorkTree};

use command::Call;
use inside::Inside;
use std::path::{Path, PathBuf};

/// What can go wrong with git.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error("git was not found in PATH")]
    Missing,
    /// It lacks what we need.
    #[error("git {}.{} or newer is needed, found: {found}", OLDEST_GIT.0, OLDEST_GIT.1)]
    TooOld {
        /// What it says of itself.
        found: String,
    },
    /// No repository there, or one without a work tree.
    #[error("{} is not in a git repository with a work tree: {complaint}", folder.display())]
    NotARepository {
        /// Where we looked.
        folder: PathBuf,
        /// Git's words.
        complaint: String,
    },
    /// The name leads to no commit.
    #[error("no commit is called `{revision}`")]
    UnknownRevision {
        /// The name.
        revision: String,
    },
    /// Two commits have nothing in common as far as the history is here, and not all of it is.
    #[error("no common history here (shallow clone)")]
    Shallow,
    /// Git refused.
    #[error("git {command} failed ({}): {complaint}", code.map_or("killed".to_owned(), |code| format!("exit code {code}")))]
    Failed {
        /// Its first words.
        command: String,
        /// Its exit code.
        code: Option<i32>,
        /// Its words.
        complaint: String,
    },
    /// Git said something that we cannot read.
    #[error("git {command} gave an answer that could not be read: {what}")]
    Unreadable {
        /// Its first words.
        command: &'static str,
        /// What was wrong.
        what: String,
    },
    /// Git's answer is beyond any sensible size.
    #[error("git {command} gave more than a gigabyte")]
    TooMuch {
        /// Its first words.
        command: String,
    },
    /// A glob of branch names is not one.
    #[error("`{glob}` is not a pattern for branches: {why}")]
    Glob {
        /// As written.
        glob: String,
        /// Why.
        why: String,
    },
    /// Git could not be started or spoken to.
    #[error("git could not be run: {0}")]
    Start(#[source] std::io::Error),
    /// A file beside git's own could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A repository, seen from one folder of its work tree: the project. Paths in and out are relative to the project.
#[derive(Clone, Debug)]
pub struct Repository {
    toplevel: PathBuf,
    common_dir: PathBuf,
    prefix: String,
    empty_tree: Oid,
    /// What git is told beside the folder.
    environment: Vec<(&'static str, std::ffi::OsString)>,
    inside: Inside,
}

impl Repository {
    /// The repository around `folder`, with `folder` as the project.
    ///
    /// # Errors
    /// [`GitError::NotARepository`] if there is none, [`GitError::Missing`] or [`GitError::TooOld`] for git itself.
    pub fn discover(folder: &Path) -> Result<Self, GitError> {
        if !folder.is_dir() {
            return Err(GitError::NotARepository {
                folder: folder.to_owned(),
                complaint: "no such folder".to_owned(),
            });
        }
        let ask = [
            "rev-parse",
            "--path-format=absolute",
            "--show-toplevel",
            "--git-common-dir",
            "--show-object-format",
            "--show-prefix",
        ];
        let answer = Call::new(folder).args(ask).proof()?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let mut lines = text.lines();
        let told = (answer.code, lines.next(), lines.next(), lines.next());
        let (Some(0), Some(toplevel), Some(common), Some(format)) = told else {
            if let Some(bare) = Self::bare(folder) {
                return Ok(bare);
            }
            return Err(GitError::NotARepository {
                folder: folder.to_owned(),
                complaint: answer.complaint,
            });
        };
        Ok(Self {
            toplevel: PathBuf::from(toplevel),
            common_dir: PathBuf::from(common),
            prefix: lines.next().unwrap_or("").trim_end_matches('/').to_owned(),
            empty_tree: near::empty_tree(format == "sha256"),
            environment: Vec::new(),
            inside: Inside::default(),
        })
    }

    /// A repository without a work tree, where the folder itself is one: nothing is checked out there, and attributes are those of its `HEAD`.
    fn bare(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let is_one = folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir();
        // The one of a work tree is none.
        if !is_one || folder.file_name()? == ".git" {
            return None;
        }
        let call = Call::new(&folder).env("GIT_DIR", folder.as_os_str());
        let answer = call.args(["rev-parse", "--show-object-format"]).proof().ok()?;
        let format = String::from_utf8_lossy(&answer.stdout).into_owned();
        (answer.code == Some(0)).then(|| Self {
            environment: vec![("GIT_DIR", folder.clone().into_os_string())],
            toplevel: folder.clone(),
            common_dir: folder,
            prefix: String::new(),
            empty_tree: near::empty_tree(format.trim() == "sha256"),
            inside: Inside::default(),
        })
    }

    /// True for one without a work tree.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.toplevel == self.common_dir
    }

    /// The same repository with its root as the project.
    #[must_use]
    pub fn at_toplevel(&self) -> Self {
        Self {
            prefix: String::new(),
            ..self.clone()
        }
    }

    /// The root of the work tree, absolute.
    #[must_use]
    pub fn toplevel(&self) -> &Path {
        &self.toplevel
    }

    /// The project's folder, absolute.
    #[must_use]
    pub fn project(&self) -> PathBuf {
        self.toplevel.join(&self.prefix)
    }

    /// The project's folder within the work tree, with `/` and without a trailing one; empty at the root.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Git's own folder, shared by every work tree of the repository.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The folder in which git's objects are: the common one, or that of a repository that borrows them.
    fn git_folder(&self) -> &Path {
        let told = self.environment.iter().find(|(name, _)| *name == "GIT_DIR");
        told.map_or(&self.common_dir, |(_, folder)| Path::new(folder))
    }

    fn call(&self) -> Call {
        self.call_in(&self.toplevel)
    }

    fn call_in(&self, folder: &Path) -> Call {
        let call = Call::new(folder);
        self.environment
            .iter()
            .fold(call, |call, (name, value)| call.env(name, value.clone()))
    }

    /// A call that reads no attributes of any tree: what is compared and merged are the bytes, whatever a branch says about them.
    fn plain_call(&self) -> Call {
        self.call().args([format!("--attr-source={}", self.empty_tree)])
    }

    /// `<tree>:<prefix>`: the project's part of a commit or tree.
    fn project_of(&self, tree: &Oid) -> String {
        format!("{tree}:{}", self.prefix)
    }
}

/// The only word of an answer.
fn parse_oid(command: &'static str, bytes: &[u8]) -> Result<Oid, GitError> {
    let text = String::from_utf8_lossy(bytes);
    Oid::parse(text.trim()).ok_or_else(|| GitError::Unreadable {
        command,
        what: format!("{:?} is not an object id", text.trim()),
    })
}
