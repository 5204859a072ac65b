//! What was changed with which words. Enters: a commit. Leaves: the commits that led to it, each with its message and files.

use super::command::Call;
use super::read::path_of;
use super::{GitError, Oid, Repository};
use crate::source::RepoPath;
use std::io::Read;

/// More than this is not read: what is older is left out.
const MOST_BYTES: u64 = 32 << 20;

/// One commit of the past.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Past {
    /// Its message.
    pub message: String,
    /// The files of the project that it changed against its first parent, under the names that they have had since; a renamed one
    /// under both names.
    pub files: Vec<RepoPath>,
}

impl Repository {
    /// The last `most` commits along the first parents of `tip`, that one included, newest first.
    ///
    /// # Errors
    /// If it is not a commit, or trees of its history are not here.
    pub fn history(&self, tip: &Oid, most: usize) -> Result<Vec<Past>, GitError> {
        let most = format!("--max-count={most}");
        let ask = [
            "log",
            "-z",
            "--first-parent",
            "--diff-merges=first-parent",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-notes",
            "--encoding=UTF-8",
            "--name-only",
            "--format=%x00%H%x00%B%x00",
            &most,
            "--end-of-options",
            tip.as_str(),
        ];
        self.read_history(self.call().args(ask), MOST_BYTES)
    }

    fn read_history(&self, call: Call, limit: u64) -> Result<Vec<Past>, GitError> {
        let (bytes, code, complaint) = call.run(|output| {
            let mut bytes = Vec::new();
            output.take(limit).read_to_end(&mut bytes)?;
            Ok(bytes)
        })?;
        // A git whose answer is not read to its end is ended by that.
        let cut = bytes.len() as u64 == limit;
        if !cut && code != Some(0) {
            return Err(GitError::Failed {
                command: "log".to_owned(),
                code,
                complaint,
            });
        }
        let mut commits = parse(&bytes, &self.prefix);
        if cut {
            commits.pop();
        }
        Ok(commits)
    }
}

/// The commits of an answer. A commit is an empty field, its id, its message and an empty field; its files follow, the first behind a
/// line break. No path is empty, so that an empty field begins the next commit.
fn parse(bytes: &[u8], prefix: &str) -> Vec<Past> {
    let mut fields = bytes.split(|byte| *byte == 0).peekable();
    let mut commits = Vec::new();
    while let Some(field) = fields.next() {
        let is_id = std::str::from_utf8(field).is_ok_and(|id| Oid::parse(id).is_some());
        if !is_id {
            continue;
        }
        let message = fields.next().unwrap_or_default();
        let mut files = Vec::new();
        fields.next_if(|field| field.is_empty());
        while let Some(path) = fields.next_if(|field| !field.is_empty()) {
            let path = path.strip_prefix(b"\n").filter(|_| files.is_empty()).unwrap_or(path);
            files.push(path);
        }
        let message = String::from_utf8_lossy(message).trim().to_owned();
        let files = files.into_iter().filter_map(|path| inside(path, prefix)).collect();
        commits.push(Past { message, files });
    }
    commits
}

/// The path as seen from the project; `None` outside of it, and for names that no path can hold.
fn inside(path: &[u8], prefix: &str) -> Option<RepoPath> {
    let path = path_of(path).ok()?;
    if prefix.is_empty() {
        return Some(path);
    }
    RepoPath::new(path.as_str().strip_prefix(prefix)?.strip_prefix('/')?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "af373f761aa4e42b093c2e453078fd73c8ce54dd";

    #[test]
    fn messages_and_files_are_told_apart() {
        let text = format!("\0{ID}\0one\n\nmore\n\0\0\na/b.rs\0c d\0\0{ID}\0empty\n\0\0\0{ID}\0\0\0\nx\0");
        let commits = parse(text.as_bytes(), "");
        let told: Vec<(&str, Vec<&str>)> = commits
            .iter()
            .map(|past| (past.message.as_str(), past.files.iter().map(RepoPath::as_str).collect()))
            .collect();
        let expected: [(&str, Vec<&str>); 3] = [
            ("one\n\nmore", vec!["a/b.rs", "c d"]),
            ("empty", vec![]),
            ("", vec!["x"]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn paths_are_those_of_the_project() {
        let text = format!("\0{ID}\0one\0\0\napp/a.rs\0apples/b.rs\0c.rs\0");
        let commits = parse(text.as_bytes(), "app");
        assert_eq!(commits[0].files, [RepoPath::new("a.rs").expect("a path")]);
    }

    #[test]
    fn whatever_comes_is_read() {
        for text in ["", "\0", "\0\0\0\0", "x", &format!("\0{ID}"), &format!("\0{ID}\0\0\0")] {
            let _ = parse(text.as_bytes(), "");
        }
    }
}
