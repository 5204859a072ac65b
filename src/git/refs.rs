//! Moving refs. Enters: a [`Movable`] and two object ids. Leaves: whether it moved. Compare-and-swap is the only way.

use super::{GitError, Movable, Oid, Repository};
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
