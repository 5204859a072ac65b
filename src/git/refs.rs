//! Which refs there are, and moving them. Enters: a pattern; a [`Movable`] and two object ids. Leaves: what fits; whether it moved.
//! Compare-and-swap is the only way to move one.

use super::read::branch_globs;
use super::{Branch, GitError, Movable, Oid, Repository};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Every ref with its object, by full name.
pub type RefMap = BTreeMap<String, Oid>;

/// A commit and its trailers, each as name and value.
pub type CommitTrailers = (Oid, Vec<(String, String)>);

/// What became of a compare-and-swap.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Swap {
    /// The ref is where it was wanted.
    Moved,
    /// Somebody else had moved it; where it is now (`None`: it does not exist).
    Elsewhere(Option<Oid>),
}

/// A lock file that has not gone away for this long was left by a git that was killed.
const STALE_AFTER: Duration = Duration::from_secs(3);

impl Repository {
    /// True if something stands for another object here (`git replace`).
    ///
    /// # Errors
    /// If git fails.
    pub fn replaces_objects(&self) -> Result<bool, GitError> {
        if let Some(refs) = self.refs_by_files(&["refs/replace/"]) {
            return Ok(!refs.is_empty());
        }
        let ask = ["for-each-ref", "--count=1", "--format=%(refname)", "refs/replace/"];
        Ok(!self.call().args(ask).output()?.is_empty())
    }

    /// Moves a ref from `expected` (`None`: it must not exist) to `new`, if it still is there.
    ///
    /// # Errors
    /// If git refuses for another reason than a moved ref.
    pub fn compare_and_swap(
        &self,
        movable: &impl Movable,
        expected: Option<&Oid>,
        new: &Oid,
        reason: &str,
    ) -> Result<Swap, GitError> {
        let old = expected.map_or_else(|| new.zero(), Clone::clone);
        let reason = format!("flagman: {}", reason.replace(char::is_control, " "));
        let command = [
            "update-ref",
            "--no-deref",
            "--create-reflog",
            "-m",
            &reason,
            "--end-of-options",
        ];
        let call = self
            .call()
            .args(command)
            .args([movable.full_name(), new.as_str(), old.as_str()]);
        let answer = call
            .env("GIT_COMMITTER_NAME", "flagman")
            .env("GIT_COMMITTER_EMAIL", "flagman@flagman.invalid")
            .answer()?;
        if answer.code == Some(0) {
            return Ok(Swap::Moved);
        }
        let now = self.target(movable)?;
        if now.as_ref() == expected {
            return answer.success("update-ref".to_owned()).map(|_| Swap::Moved);
        }
        Ok(Swap::Elsewhere(now))
    }

    /// Every ref of the repository, symbolic ones as what they point at.
    ///
    /// # Errors
    /// If git fails.
    pub fn refs(&self) -> Result<RefMap, GitError> {
        let ask = ["for-each-ref", "--format=%(refname)%00%(objectname)"];
        let text = String::from_utf8_lossy(&self.call().args(ask).output()?).into_owned();
        let pairs = text.lines().filter_map(|line| line.split_once('\0'));
        Ok(pairs
            .filter_map(|(name, oid)| Some((name.to_owned(), Oid::parse(oid)?)))
            .collect())
    }

    /// Refs of any kind that fit a pattern, by their full name, without `refs/`, or as tags (`refs/pull/*/head`, `pull/*/head`, `v*`), each with
    /// the commit that it leads to. Those that lead to none are left out.
    ///
    /// # Errors
    /// [`GitError::Glob`] for a malformed pattern.
    pub fn refs_like(&self, glob: &str) -> Result<Vec<Branch>, GitError> {
        let wanted = branch_globs(&[glob])?;
        let fits = |name: &str| {
            let plain = name.strip_prefix("refs/").unwrap_or(name);
            wanted.is_match(name)
                || wanted.is_match(plain)
                || plain.strip_prefix("tags/").is_some_and(|tag| wanted.is_match(tag))
        };
        let mut found = Vec::new();
        for name in self.refs()?.into_keys().filter(|name| fits(name)) {
            let Ok(oid) = self.resolve(&name) else { continue };
            let named = Branch::of_ref(&name, oid.clone());
            let plain = name.strip_prefix("refs/").unwrap_or(&name);
            found.push(named.unwrap_or_else(|| Branch {
                name: plain.strip_prefix("tags/").unwrap_or(plain).to_owned(),
                oid,
                remote: None,
            }));
        }
        Ok(found)
    }

    /// Which of these are commits that are here, with their trees.
    #[must_use]
    pub fn are_commits(&self, oids: &[Oid]) -> Vec<bool> {
        if self.trees_inside(oids).is_some() {
            return vec![true; oids.len()];
        }
        let is_one = |oid: &Oid| self.resolve(oid.as_str()).is_ok();
        oids.iter().map(is_one).collect()
    }

    /// Removes the lock file that a killed git left on a movable ref; true if there was one. A lock that is younger, or that
    /// belongs to a ref that we may not move, is left alone. Call it only under the dispatcher's own lock.
    ///
    /// # Errors
    /// If the file is there and cannot be looked at or removed.
    pub fn clear_stale_lock(&self, movable: &impl Movable) -> Result<bool, GitError> {
        let path = PathBuf::from(format!("{}/{}.lock", self.common_dir().display(), movable.full_name()));
        let wrong = |source| GitError::File {
            path: path.clone(),
            source,
        };
        let age = match std::fs::symlink_metadata(&path) {
            Ok(found) => found.modified().map_err(wrong)?.elapsed().unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(wrong(error)),
        };
        if age < STALE_AFTER {
            std::thread::sleep(STALE_AFTER - age);
        }
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(wrong(error)),
            removed => Ok(removed.is_ok()),
        }
    }

    /// The trailers of every commit that mentions `mention` along the first parents of `tip`, newest first.
    ///
    /// # Errors
    /// If it is not a commit.
    pub fn trailers(&self, mention: &str, tip: &Oid) -> Result<Vec<CommitTrailers>, GitError> {
        let format = "--format=%x00%H%x00%(trailers:only,unfold)";
        let grep = format!("--grep={mention}");
        let ask = [
            "log",
            "--first-parent",
            "--fixed-strings",
            &grep,
            format,
            "--end-of-options",
            tip.as_str(),
        ];
        let text = String::from_utf8_lossy(&self.call().args(ask).output()?).into_owned();
        let mut fields = text.split('\0').skip(1);
        let mut found = Vec::new();
        while let (Some(commit), Some(trailers)) = (fields.next(), fields.next()) {
            let lines = trailers.lines().filter_map(|line| line.split_once(": "));
            let pairs = lines.map(|(key, value)| (key.to_owned(), value.trim().to_owned()));
            found.extend(Oid::parse(commit).map(|commit| (commit, pairs.collect())));
        }
        Ok(found)
    }
}
