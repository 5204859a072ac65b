//! Words looked for in a tree. Enters: a commit and words. Leaves: the files that have each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::read::path_of;
use super::{GitError, Oid, Repository};
use crate::source::RepoPath;

impl Repository {
    /// The files of the project in a commit or tree that have each of these words by itself; binary files are left out. No word has a line break.
    ///
    /// # Errors
    /// If git fails.
    pub fn said_in(&self, tree: &Oid, words: &BTreeSet<&str>) -> Result<BTreeMap<String, Vec<RepoPath>>, GitError> {
        let mut found: BTreeMap<String, BTreeSet<RepoPath>> = BTreeMap::new();
        if words.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ask = [
            "grep",
            "-I",
            "-z",
            "-o",
            "--word-regexp",
            "--fixed-strings",
            "--full-name",
            "--no-color",
            "--no-line-number",
            "--no-column",
            // One on each line of the standard input: a command line has no room for thousands.
            "-f",
            "-",
        ];
        let each: Vec<&str> = words.iter().copied().collect();
        let call = self.call().args(ask).args([tree.as_str()]);
        let answer = call.stdin(each.join("\n").into_bytes()).answer()?;
        // Exit code 1 says that there is none.
        let output = match answer.code {
            Some(1) => Vec::new(),
            _ => answer.success("grep".to_owned())?,
        };
        let start = [tree.as_str().as_bytes(), b":"].concat();
        for line in output.split(|byte| *byte == b'\n') {
            let line = line.strip_prefix(start.as_slice()).unwrap_or(line);
            let Some(at) = line.iter().position(|byte| *byte == 0) else {
                continue;
            };
            let (path, word) = (&line[..at], String::from_utf8_lossy(&line[at + 1..]));
            let path = match self.prefix() {
                "" => Some(path),
                prefix => path
                    .strip_prefix(prefix.as_bytes())
                    .and_then(|path| path.strip_prefix(b"/")),
            };
            if let Some(path) = path.and_then(|path| path_of(path).ok()) {
                found.entry(word.into_owned()).or_default().insert(path);
            }
        }
        Ok(found
            .into_iter()
            .map(|(word, paths)| (word, paths.into_iter().collect()))
            .collect())
    }
}
