//! The local forge: squash-merges made of objects and one compare-and-swap. Enters: the release branch's tip and the head of an agent's work.
//! Leaves: a commit that says where it comes from. No work tree, no index, no hook takes part.

use super::super::event::Failure;
use super::super::event::{FailureMode, Outcome, Usage};
use crate::git::{Conflict, ExactChange, GitError, Merge, Movable, Oid, ReleaseBranch, Repository, Signature, Swap};
use crate::prd::PrdId;
use std::collections::BTreeMap;

/// The trailer that names the PRD of a commit.
pub const PRD_TRAILER: &str = "Flagman-PRD";
/// The trailer that names the PRD whose landing a commit takes back.
pub const UNDO_TRAILER: &str = "Flagman-Undo";

/// The release branch of a repository.
#[derive(Clone, Debug)]
pub struct LocalForge {
    hub: Repository,
    release: ReleaseBranch,
}

/// What the commit of a landing says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words<'a> {
    /// The PRD.
    pub prd: &'a PrdId,
    /// Its title.
    pub title: &'a str,
    /// The run.
    pub run: &'a str,
    /// The plan's fingerprint.
    pub plan: &'a str,
}

impl LocalForge {
    /// The forge of this repository.
    #[must_use]
    pub fn new(hub: Repository, release: ReleaseBranch) -> Self {
        Self { hub, release }
    }

    /// The release branch.
    #[must_use]
    pub fn release(&self) -> &ReleaseBranch {
        &self.release
    }

    /// Its tip; `None` if it does not exist.
    ///
    /// # Errors
    /// If git fails.
    pub fn tip(&self) -> Result<Option<Oid>, GitError> {
        self.hub.target(&self.release)
    }

    /// The repository that it is.
    #[must_use]
    pub fn hub(&self) -> &Repository {
        &self.hub
    }

    /// The PRDs that are on the release branch, with their commits, sorted. What was undone is not.
    ///
    /// # Errors
    /// If git fails.
    pub fn landed(&self) -> Result<Vec<(PrdId, Oid)>, GitError> {
        match self.tip()? {
            Some(tip) => landed_on(&self.hub, &tip),
            None => Ok(Vec::new()),
        }
    }

    /// Makes the commit that would land `head` on `onto`. No ref moves. The same words and commits give the same commit.
    ///
    /// # Errors
    /// If git fails.
    pub fn squash(&self, words: &Words<'_>, head: &Oid, onto: &Oid) -> Result<Outcome, GitError> {
        let Some(base) = self.hub.merge_base(onto, head)? else {
            return Ok(Outcome::failed(
                FailureMode::WrongBase,
                "it shares no history with the release branch",
            ));
        };
        let tree = match self.hub.merge(Some(&base), onto, head)? {
            Merge::Clean(tree) => tree,
            Merge::Conflicts(conflicts) => return Ok(conflicted(conflicts)),
        };
        if tree == self.hub.tree_of(onto)? {
            return Ok(Outcome::failed(
                FailureMode::NoChange,
                "the release branch has all of it already",
            ));
        }
        let wrong = self.wrong_paths(&base, head, onto, &tree)?;
        if !wrong.is_empty() {
            let note = format!("the merge would change what the work does not: {}", listed(&wrong));
            return Ok(Outcome::failed(FailureMode::WrongMerge, note));
        }
        let work = self.hub.commit(head)?;
        let committer = Signature {
            name: "flagman".to_owned(),
            email: "flagman@flagman.invalid".to_owned(),
            // The work's own date: the commit is a function of what it is made of, so doing it twice makes one commit.
            date: work.committed,
        };
        let commit = self.hub.commit_tree(
            &tree,
            std::slice::from_ref(onto),
            &message(words, head),
            &work.author,
            &committer,
        )?;
        Ok(Outcome::Squashed { commit, tree })
    }

    /// The paths at which a merged tree is not what both sides together say: a path that the work did not change must be as it was, and
    /// a path that nobody else changed must be as the work has it.
    ///
    /// # Errors
    /// If git fails.
    pub fn wrong_paths(&self, base: &Oid, head: &Oid, onto: &Oid, merged: &Oid) -> Result<Vec<String>, GitError> {
        let work = self.hub.diff_exact(base, head)?;
        let others = self.hub.diff_exact(base, onto)?;
        let landing = self.hub.diff_exact(onto, merged)?;
        let name = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
        let mut wrong: Vec<String> = landing
            .keys()
            .filter(|path| !work.contains_key(*path))
            .map(name)
            .collect();
        let is_as_in_work =
            |path: &Vec<u8>, change: &ExactChange| landing.get(path).is_some_and(|landed| landed.new == change.new);
        let alone = work.iter().filter(|(path, _)| !others.contains_key(*path));
        wrong.extend(
            alone
                .filter(|(path, change)| !is_as_in_work(path, change))
                .map(|(path, _)| name(path)),
        );
        wrong.sort();
        Ok(wrong)
    }

    /// Moves the release branch from `expected` to `commit`, and looks whether what is there now is what was verified.
    ///
    /// # Errors
    /// If git fails.
    pub fn land(&self, prd: &PrdId, expected: &Oid, commit: &Oid, tree: &Oid) -> Result<Outcome, GitError> {
        if self.hub.tree_of(commit)? != *tree || self.hub.commit(commit)?.parents != [expected.clone()] {
            return Ok(Outcome::failed(
                FailureMode::WrongMerge,
                "the commit is not the one that was verified",
            ));
        }
        match self
            .hub
            .compare_and_swap(&self.release, Some(expected), commit, &format!("land {prd}"))?
        {
            Swap::Moved => self.after_landing(commit),
            Swap::Elsewhere(found) => Ok(Outcome::Foreign { found }),
        }
    }

    /// Landed if the branch has the commit; what somebody else may have put on top is noticed by the next compare-and-swap.
    fn after_landing(&self, commit: &Oid) -> Result<Outcome, GitError> {
        let found = self.tip()?;
        let there = match &found {
            Some(tip) => tip == commit || self.hub.is_ancestor(commit, tip)?,
            None => false,
        };
        Ok(if there {
            Outcome::Landed
        } else {
            Outcome::Foreign { found }
        })
    }

    /// What became of a landing that may or may not have happened; `None` if it did not.
    ///
    /// # Errors
    /// If git fails.
    pub fn recover(&self, expected: &Oid, commit: &Oid) -> Result<Option<Outcome>, GitError> {
        self.hub.clear_stale_lock(&self.release)?;
        if self.tip()?.as_ref() == Some(expected) {
            return Ok(None);
        }
        self.after_landing(commit).map(Some)
    }

    /// Takes the landing `commit` back with a new commit on top of `tip`: nothing is rewritten.
    ///
    /// # Errors
    /// If git fails.
    pub fn undo(&self, prd: &PrdId, commit: &Oid, tip: &Oid) -> Result<Taken, GitError> {
        let landed = self.hub.commit(commit)?;
        let Some(parent) = landed.parents.first() else {
            return Ok(Taken::Conflicts(Vec::new()));
        };
        let tree = match self.hub.merge(Some(commit), tip, parent)? {
            Merge::Clean(tree) => tree,
            Merge::Conflicts(conflicts) => return Ok(Taken::Conflicts(conflicts)),
        };
        let message = format!(
            "Undo: {}\n\nTakes back {commit}.\n\n{UNDO_TRAILER}: {prd}\n",
            landed.subject
        );
        let who = Signature {
            name: "flagman".to_owned(),
            email: "flagman@flagman.invalid".to_owned(),
            date: self.hub.commit(tip)?.committed,
        };
        let undone = self
            .hub
            .commit_tree(&tree, std::slice::from_ref(tip), &message, &who, &who)?;
        let swap = self
            .hub
            .compare_and_swap(&self.release, Some(tip), &undone, &format!("undo {prd}"))?;
        Ok(match swap {
            Swap::Moved => Taken::Back(undone),
            Swap::Elsewhere(_) => Taken::Moved,
        })
    }

    /// Writes down that the PRD is on the release branch already: a commit on top of `tip` that changes nothing and names it. The new
    /// tip; `None` if somebody else moved the branch meanwhile.
    ///
    /// # Errors
    /// If git fails.
    pub fn mark(&self, prd: &PrdId, run: &str, tip: &Oid) -> Result<Option<Oid>, GitError> {
        let before = self.hub.commit(tip)?;
        let who = Signature {
            name: "flagman".to_owned(),
            email: "flagman@flagman.invalid".to_owned(),
            date: before.committed,
        };
        let message = format!("{prd} was here already\n\n{PRD_TRAILER}: {prd}\nFlagman-Run: {run}\n");
        let tree = self.hub.tree_of(tip)?;
        let marked = self
            .hub
            .commit_tree(&tree, std::slice::from_ref(tip), &message, &who, &who)?;
        let swap = self
            .hub
            .compare_and_swap(&self.release, Some(tip), &marked, &format!("{prd} was here already"))?;
        Ok((swap == Swap::Moved).then_some(marked))
    }

    /// Makes the release branch at `start` if there is none; its tip.
    ///
    /// # Errors
    /// If git fails, or somebody else makes it somewhere else at the same moment.
    pub fn ensure(&self, start: &Oid) -> Result<Oid, GitError> {
        if let Some(tip) = self.tip()? {
            return Ok(tip);
        }
        match self
            .hub
            .compare_and_swap(&self.release, None, start, "make the release branch")?
        {
            Swap::Moved => Ok(start.clone()),
            Swap::Elsewhere(Some(tip)) => Ok(tip),
            Swap::Elsewhere(None) => Err(GitError::UnknownRevision {
                revision: self.release.full_name().to_owned(),
            }),
        }
    }
}

/// What became of taking a commit back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// This commit takes it back, and the release branch is there.
    Back(Oid),
    /// Somebody else moved the release branch; nothing was done.
    Moved,
    /// What came later is in the way.
    Conflicts(Vec<Conflict>),
}

/// The PRDs that have landed on `tip`, with their commits, sorted: what the trailers of its history say. What was undone has not.
///
/// # Errors
/// If git fails.
pub fn landed_on(hub: &Repository, tip: &Oid) -> Result<Vec<(PrdId, Oid)>, GitError> {
    let mut newest: BTreeMap<PrdId, Option<Oid>> = BTreeMap::new();
    for (commit, trailers) in hub.trailers("Flagman-", tip)? {
        for (key, value) in trailers {
            let landed = match key.as_str() {
                PRD_TRAILER => Some(commit.clone()),
                UNDO_TRAILER => None,
                _ => continue,
            };
            newest.entry(PrdId(value)).or_insert(landed);
        }
    }
    let landed = newest.into_iter().filter_map(|(id, commit)| Some((id, commit?)));
    Ok(landed.collect())
}

fn conflicted(conflicts: Vec<Conflict>) -> Outcome {
    let paths: Vec<String> = conflicts.iter().flat_map(|conflict| conflict.paths.clone()).collect();
    Outcome::Failed {
        failure: Failure {
            mode: FailureMode::MergeConflict,
            note: listed(&paths),
            log: None,
            causes: Vec::new(),
        },
        head: None,
        usage: Usage::default(),
        conflicts,
    }
}

/// A few names, and how many more.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(5) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Trailers come from us alone: what an agent wrote into its commits does not get here, and a title is one line.
fn message(words: &Words<'_>, head: &Oid) -> String {
    let line = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(char::is_control, "")
    };
    let (prd, title) = (line(&words.prd.0), line(words.title));
    let title = if title.is_empty() { prd.clone() } else { title };
    format!(
        "{title}\n\n{PRD_TRAILER}: {prd}\nFlagman-Run: {}\nFlagman-Head: {head}\nFlagman-Plan: {}\n",
        words.run, words.plan
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_forge_a_trailer() {
        let head = Oid::parse(&"b".repeat(40)).expect("an id");
        let words = Words {
            prd: &PrdId("011-tax".into()),
            title: "Tax\n\nFlagman-PRD: 999",
            run: "0001",
            plan: "cafe",
        };
        let message = message(&words, &head);
        assert_eq!(message.lines().next(), Some("Tax Flagman-PRD: 999"));
        assert_eq!(
            message.lines().filter(|line| line.starts_with("Flagman-PRD: ")).count(),
            1
        );
    }
}
