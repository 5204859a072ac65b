//! Clones that share the objects of the repository, for agents to work in. Enters: a folder and a commit. Leaves: a [`SharedClone`], and
//! later the work that was done in it. The clone's configuration is hostile from the moment it is handed out: no git ever runs with it here.

use super::command::Call;
use super::{GitError, Movable, Oid, PrivateRef, Repository};
use std::fs;
use std::path::{Path, PathBuf};

/// A clone of its own, with the repository's objects borrowed and no remote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedClone {
    /// The root of its work tree.
    pub folder: PathBuf,
    /// The branch that is checked out in it.
    pub branch: String,
}

/// Runs in the clone before any of its refs moves or is pushed. It stops honest mistakes; what stops the others is that the clone
/// is not the repository. (A push announces `<local ref> <oid> <remote ref> <oid>`, a transaction `<old> <new> <ref>`.)
fn guard(protected: &[String]) -> String {
    // The patterns go into a script: those with any character that a shell could take for more than a pattern stay out.
    let harmless = |pattern: &&str| {
        pattern
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-/*?".contains(c))
    };
    let named = protected.iter().map(String::as_str).filter(harmless);
    let cases: Vec<String> = ["main", "master"]
        .into_iter()
        .chain(named)
        .map(|name| format!("refs/heads/{name}"))
        .collect();
    format!(
        "#!/bin/sh\n# Written by flagman: protected branches are moved by people.\nwhile read -r old new ref rest; do\n  case \"$ref\" in\n    \
         {}) echo \"flagman: $ref is protected\" >&2; exit 1;;\n  esac\ndone\nexit 0\n",
        cases.join("|")
    )
}

impl Repository {
    /// Makes a clone in `folder` (which must not exist) with `branch` checked out at `commit`. Hooks in it remind whoever works there of
    /// the `protected` branches.
    ///
    /// # Errors
    /// If the folder cannot be written or git fails.
    pub fn shared_clone(
        &self,
        folder: &Path,
        branch: &str,
        commit: &Oid,
        protected: &[String],
    ) -> Result<SharedClone, GitError> {
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |source| GitError::File { path, source }
        };
        fs::create_dir_all(folder).map_err(wrong(folder))?;
        let format = if commit.as_str().len() == 64 { "sha256" } else { "sha1" };
        let init = [
            "init",
            "--quiet",
            "--template=",
            "--object-format",
            format,
            "--initial-branch",
            branch,
        ];
        Call::new(folder).args(init).output()?;
        let git = folder.join(".git");
        let (info, hooks) = (git.join("objects/info"), git.join("hooks"));
        for made in [&info, &hooks] {
            fs::create_dir_all(made).map_err(wrong(made))?;
        }
        let alternates = info.join("alternates");
        let objects = self.common_dir().join("objects");
        fs::write(&alternates, format!("{}\n", objects.display())).map_err(wrong(&alternates))?;
        write_guard(&hooks, &guard(protected))?;
        let call = |arguments: &[&str]| Call::new(folder).args(arguments).output();
        for (key, value) in self.identity()? {
            call(&["config", "--local", key, &value])?;
        }
        call(&["reset", "--quiet", "--hard", commit.as_str()])?;
        Ok(SharedClone {
            folder: folder.to_owned(),
            branch: branch.to_owned(),
        })
    }

    /// The files of the whole work tree that differ from what is checked out, untracked ones included and ignored ones not: paths from the
    /// root of the work tree. A folder stands for itself where it is a repository of its own.
    ///
    /// # Errors
    /// If git fails.
    pub fn uncommitted(&self) -> Result<Vec<PathBuf>, GitError> {
        let ask = [
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=all",
        ];
        let output = self.call().args(ask).output()?;
        let lines = output.split(|byte| *byte == 0).filter(|line| line.len() > 3);
        Ok(lines.map(|line| path_from(&line[3..])).collect())
    }

    /// The name under which agents commit: the user's own, else a name of ours, since git refuses to commit without any.
    fn identity(&self) -> Result<[(&'static str, String); 2], GitError> {
        let ask = |key: &'static str, default: &str| -> Result<(&'static str, String), GitError> {
            let answer = self.call().args(["config", "--get", key]).answer()?;
            let value = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            Ok((key, if value.is_empty() { default.to_owned() } else { value }))
        };
        Ok([
            ask("user.name", "flagman agent")?,
            ask("user.email", "agent@flagman.invalid")?,
        ])
    }

    /// Brings the clone's branch into the repository as a private ref, and says where it points; `None` if the branch is not there.
    ///
    /// # Errors
    /// If the objects are damaged or git fails.
    pub fn fetch_work(&self, clone: &SharedClone, into: &PrivateRef) -> Result<Option<Oid>, GitError> {
        let refspec = format!("+refs/heads/{}:{}", clone.branch, into.full_name());
        let settings = [
            "-c",
            "protocol.file.allow=always",
            "-c",
            "core.alternateRefsCommand=true",
        ];
        let fetch = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        ];
        let call = self
            .call()
            .args(settings)
            .args(fetch)
            .args(["--refmap=", "--end-of-options"]);
        let answer = call.args([clone.folder.as_os_str()]).args([&refspec]).answer()?;
        if answer.code != Some(0) && answer.complaint.contains("couldn't find remote ref") {
            return Ok(None);
        }
        answer.success("fetch".to_owned())?;
        self.target(into)
    }

    /// The files of a folder that differ from a commit, untracked ones included: what an agent left uncommitted. Looks with the
    /// repository's own configuration and an index of its own, in `scratch`.
    ///
    /// # Errors
    /// If git fails.
    pub fn leftovers(&self, folder: &Path, commit: &Oid, scratch: &Path) -> Result<Vec<String>, GitError> {
        let index = scratch.join("index");
        let call = || {
            Call::new(folder)
                .env("GIT_DIR", self.common_dir())
                .env("GIT_WORK_TREE", folder)
                .env("GIT_INDEX_FILE", &index)
                .args(["-c", "core.sparseCheckout=false", "-c", "core.splitIndex=false"])
        };
        call().args(["read-tree", commit.as_str()]).output()?;
        let ask = [
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--ignore-submodules=all",
        ];
        let output = call().args(ask).output()?;
        // The commit is compared with the index as well, against the HEAD of the repository, which is another matter: only the
        // second letter, the work tree's, counts.
        let lines = output
            .split(|byte| *byte == 0)
            .filter(|line| line.len() > 3 && line[1] != b' ');
        Ok(lines
            .map(|line| String::from_utf8_lossy(&line[3..]).into_owned())
            .collect())
    }
}

#[cfg(unix)]
fn path_from(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_from(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(unix)]
fn write_guard(hooks: &Path, guard: &str) -> Result<(), GitError> {
    use std::os::unix::fs::PermissionsExt;
    for name in ["reference-transaction", "pre-push"] {
        let path = hooks.join(name);
        let written =
            fs::write(&path, guard).and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)));
        written.map_err(|source| GitError::File { path, source })?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn write_guard(hooks: &Path, guard: &str) -> Result<(), GitError> {
    for name in ["reference-transaction", "pre-push"] {
        let path = hooks.join(name);
        fs::write(&path, guard).map_err(|source| GitError::File { path, source })?;
    }
    Ok(())
}
