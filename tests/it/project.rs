//! A project in a temporary folder, and the real binary run on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project in a temporary folder.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

/// What the binary said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// One with the files of a text in which lines `//- path` introduce them.
    pub(crate) fn of(text: &str) -> Self {
        let project = Self::new();
        let mut path: Option<PathBuf> = None;
        let mut content = String::new();
        for line in text.split_inclusive('\n') {
            if let Some(next) = line.trim_start().strip_prefix("//- ") {
                if let Some(path) = &path {
                    project.write(path, &content);
                }
                (path, content) = (Some(PathBuf::from(next.trim())), String::new());
            } else {
                content.push_str(line);
            }
        }
        if let Some(path) = &path {
            project.write(path, &content);
        }
        project
    }

    /// A copy of a folder.
    pub(crate) fn copy(from: &Path) -> Self {
        let project = Self::new();
        copy(from, project.root());
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Runs git in the project.
    pub(crate) fn git(&self, arguments: &[&str]) {
        self.git_says(arguments);
    }

    /// The same, and gives what it prints, without the end of its line.
    pub(crate) fn git_says(&self, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let output = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GITHUB_HEAD_REF")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs flagman in the project.
    pub(crate) fn flagman(&self, arguments: &[&str]) -> Said {
        flagman_in(self.root(), arguments)
    }

    /// Runs flagman and reads the JSON that it prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
        let said = self.flagman(&arguments);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", said.out, said.err))
    }
}

/// Runs flagman in a folder, with an environment that does not leak into it.
pub(crate) fn flagman_in(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_flagman"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GITHUB_HEAD_REF")
        .output()
        .unwrap();
    said(&output)
}

pub(crate) fn said(output: &Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "node_modules" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A folder of the checkout.
pub(crate) fn checkout(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}
