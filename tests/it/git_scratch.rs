//! Repositories for tests: real git in a temporary folder, with nothing of the machine's own settings.

use flagman::git::{Oid, Repository};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A repository with one commit on `main`.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// With these files, in the form of `flagman::source::fixture`.
    pub(crate) fn new(files: &str) -> Self {
        let scratch = Self {
            folder: TempDir::new().expect("a temporary folder"),
        };
        scratch.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
        for (key, value) in [
            ("user.name", "Test"),
            ("user.email", "test@example.invalid"),
            ("commit.gpgSign", "false"),
        ] {
            scratch.git(&["config", key, value]);
        }
        scratch.commit("base", files);
        scratch
    }

    /// Its root.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().expect("a folder")
    }

    /// As the product sees it.
    pub(crate) fn repository(&self) -> Repository {
        Repository::discover(&self.root()).expect("a repository")
    }

    /// Runs git in it and insists on success; its trimmed output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = self.try_git(arguments);
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// Runs git in it.
    pub(crate) fn try_git(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(self.folder.path());
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_DATE"), "@1700000000 +0000");
        }
        command.output().expect("git runs")
    }

    /// Writes files (`//- path` lines; `(deleted)` as the text deletes) and commits everything.
    pub(crate) fn commit(&self, message: &str, files: &str) -> Oid {
        self.write(files);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.oid("HEAD")
    }

    /// Writes files without committing.
    pub(crate) fn write(&self, files: &str) {
        write_files(self.folder.path(), files);
    }

    /// What a revision is.
    pub(crate) fn oid(&self, revision: &str) -> Oid {
        Oid::parse(&self.git(&["rev-parse", "--verify", revision])).expect("an object id")
    }

    /// Every ref with its object, except those that flagman may move.
    pub(crate) fn watched_refs(&self) -> String {
        let all = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let ours = |line: &&str| !line.starts_with("refs/flagman/") && !line.starts_with("refs/heads/release/");
        all.lines().filter(ours).collect::<Vec<_>>().join("\n")
    }
}

fn write_files(root: &Path, files: &str) {
    let mut current: Option<(PathBuf, String)> = None;
    for line in files.split_inclusive('\n').chain(["//- "]) {
        let Some(path) = line.strip_prefix("//- ") else {
            if let Some((_, text)) = &mut current {
                text.push_str(line);
            }
            continue;
        };
        if let Some((path, text)) = current.take() {
            if text.trim() == "(deleted)" {
                fs::remove_file(&path).expect("a file to delete");
            } else {
                fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                fs::write(&path, text).expect("a file");
            }
        }
        current = (!path.trim().is_empty()).then(|| (root.join(path.trim()), String::new()));
    }
}
