//! What somebody works on now. Enters: a repository. Leaves: the branches that are alive, what stands at a path in many commits, what one file of
//! a work tree is to git, and, in a [`Borrowed`] repository, a commit with one file changed.

use std::path::{Path, PathBuf};

use super::read::parse_branch;
use super::{Blob, Borrowed, Branch, GitError, Oid, Repository, Signature, Unfinished, parse_oid, protects};

/// How much older than the newest commit of all branches the newest one of a branch may be, in seconds, for the branch to be alive.
const ALIVE: i64 = 30 * 24 * 60 * 60;

/// So many remote-tracking branches count, at most.
const MOST_REMOTE: usize = 50;

impl Repository {
    /// What stands at a path of the whole repository in each commit or tree, by one process; with an empty path the object itself. A path with a
    /// line break is [`Blob::Missing`].
    ///
    /// # Errors
    /// If git fails.
    pub fn read_at(&self, places: &[(Oid, Vec<u8>)], limit: u64) -> Result<Vec<Blob>, GitError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let asked = places.iter().flat_map(|(tree, path)| {
            // A tree is no blob.
            let (colon, path) = match path.as_slice() {
                b"" => (&b""[..], &b""[..]),
                path if path.contains(&b'\n') => (&b":"[..], &b""[..]),
                path => (&b":"[..], path),
            };
            [tree.as_str().as_bytes(), colon, path, b"\n"].concat()
        });
        self.read_batch(asked.collect(), places.len(), limit)
    }

    /// The branches to which somebody committed in the month before the newest commit of any of them. (No clock is asked: the same
    /// repository gives the same branches tomorrow.) Of the remote-tracking ones the newest, and only where no local one has the name or the commit;
    /// those that `protected` fits count beside a local one, too: others land there.
    ///
    /// # Errors
    /// If git fails.
    pub fn recent_branches(&self, protected: &[String]) -> Result<Vec<Branch>, GitError> {
        let ask = [
            "for-each-ref",
            "--format=%(refname)%00%(objectname)%00%(symref)%00%(committerdate:unix)",
            "refs/heads",
            "refs/remotes",
        ];
        let text = String::from_utf8_lossy(&self.call().args(ask).output()?).into_owned();
        let dated: Vec<(Branch, i64)> = text
            .lines()
            .filter_map(|line| {
                let (line, date) = line.rsplit_once('\0')?;
                Some((parse_branch(line)?, date.parse().unwrap_or(0)))
            })
            .collect();
        let newest = dated.iter().map(|(_, date)| *date).max().unwrap_or(0);
        let alive = dated
            .into_iter()
            .filter(|(_, date)| newest.saturating_sub(*date) <= ALIVE);
        let (mut found, mut remote): (Vec<_>, Vec<_>) = alive.partition(|(branch, _)| branch.remote.is_none());
        remote.retain(|(branch, _)| {
            let lands = protects(protected, &format!("refs/heads/{}", branch.plain_name()));
            let mut local = found.iter().map(|(local, _)| local);
            !local.any(|local| local.oid == branch.oid || (!lands && local.name == branch.plain_name()))
        });
        remote.sort_by(|(a, a_date), (b, b_date)| (b_date, &a.name).cmp(&(a_date, &b.name)));
        remote.truncate(MOST_REMOTE);
        found.extend(remote);
        Ok(found.into_iter().map(|(branch, _)| branch).collect())
    }

    /// Where git looks for its hooks: its own folder, or the one that the configuration names (`core.hooksPath`).
    ///
    /// # Errors
    /// If git fails.
    pub fn hooks_folder(&self) -> Result<PathBuf, GitError> {
        // We tell git of a folder without hooks, whatever the configuration says.
        let named = self.settings(|name| name == "core.hookspath")?.into_iter().rev();
        let named = named.map(|(_, path)| path).find(|path| path != "/dev/null");
        Ok(match named {
            Some(path) => self.toplevel().join(path),
            None => self.common_dir().join("hooks"),
        })
    }

    /// What of one file is not committed in a work tree; nothing where git ignores it or it is as it is checked out.
    ///
    /// # Errors
    /// If git fails.
    pub fn unfinished_at(&self, folder: &Path, path: &str) -> Result<Unfinished, GitError> {
        self.unfinished_of(folder, &["--", path])
    }
}

impl Borrowed {
    /// A commit on top of `commit` in which files have other bytes, or are gone.
    ///
    /// # Errors
    /// If git fails.
    pub fn with_files(&self, commit: &Oid, files: &[(&[u8], Option<&[u8]>)]) -> Result<Oid, GitError> {
        let index = self.folder().join("index-of-some");
        let call = || self.repository().call().env("GIT_INDEX_FILE", index.clone());
        call().args(["read-tree", commit.as_str()]).output()?;
        let mut entries = Vec::new();
        for (path, bytes) in files {
            let (mode, oid) = match bytes {
                Some(bytes) => {
                    let hash = ["hash-object", "-w", "--stdin", "--no-filters"];
                    let made = self.repository().call().args(hash).stdin(bytes.to_vec()).output()?;
                    ("100644", parse_oid("hash-object", &made)?)
                }
                None => ("0", commit.zero()),
            };
            let entry = [mode.as_bytes(), b" ", oid.as_str().as_bytes(), b"\t", path, b"\0"];
            entries.extend(entry.concat());
        }
        // Whatever stands in the way goes: what lies there is what counts.
        let update = ["update-index", "-z", "--replace", "--index-info"];
        call().args(update).stdin(entries).output()?;
        let written = parse_oid("write-tree", &call().args(["write-tree"]).output()?)?;
        let who = Signature::nobody();
        self.repository().commit_tree(
            &written,
            std::slice::from_ref(commit),
            "about to be written",
            &who,
            &who,
        )
    }
}
