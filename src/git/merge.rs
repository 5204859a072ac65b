//! Merging without a work tree. Enters: commits. Leaves: a merged tree or its [`Conflict`]s, and new commit objects that no ref points at
//! yet. Attributes and rename guesses of either side have no say: what cannot be merged as plain bytes is a conflict.

use super::{GitError, Oid, Repository, parse_oid};
use serde::{Deserialize, Serialize};

/// What came of a merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Merge {
    /// The merged tree.
    Clean(Oid),
    /// It needs a person.
    Conflicts(Vec<Conflict>),
}

/// One thing that two sides did differently.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Conflict {
    /// The files, relative to the root of the work tree.
    pub paths: Vec<String>,
    /// Git's name for it (`contents`, `modify/delete`, …).
    pub kind: String,
}

/// Who made a commit, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Seconds since 1970 and the zone, as git writes them (`@1700000000 +0100`).
    pub date: String,
}

impl Signature {
    /// For commits that nobody gets to see.
    pub(super) fn nobody() -> Self {
        Self {
            name: "flagman".to_owned(),
            email: "flagman@localhost".to_owned(),
            date: "@0 +0000".to_owned(),
        }
    }
}

/// What a commit says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Its tree.
    pub tree: Oid,
    /// Its parents.
    pub parents: Vec<Oid>,
    /// Its author.
    pub author: Signature,
    /// The committer's date.
    pub committed: String,
    /// The first line of its message.
    pub subject: String,
}

impl Repository {
    /// Merges two commits in memory. `base` outranks the common ancestor that git would find.
    ///
    /// # Errors
    /// If one of them is not a commit. (A conflict is not an error.)
    pub fn merge(&self, base: Option<&Oid>, ours: &Oid, theirs: &Oid) -> Result<Merge, GitError> {
        self.merge_with(
            &["-c", "merge.renames=false", "-c", "merge.directoryRenames=false"],
            base,
            ours,
            theirs,
        )
    }

    /// The same as a person's `git merge` would do it, renames followed: for predictions, not for what lands.
    ///
    /// # Errors
    /// If one of them is not a commit.
    pub fn merge_following_renames(&self, ours: &Oid, theirs: &Oid) -> Result<Merge, GitError> {
        self.merge_with(&[], None, ours, theirs)
    }

    fn merge_with(&self, settings: &[&str], base: Option<&Oid>, ours: &Oid, theirs: &Oid) -> Result<Merge, GitError> {
        // Git exits with 1 for a conflict and also for a name that leads nowhere: only object ids that exist get here.
        for commit in [Some(ours), Some(theirs), base].into_iter().flatten() {
            self.resolve(commit.as_str())?;
        }
        let mut call = self.plain_call().args(settings);
        call = call.args([
            "-c",
            "merge.default=text",
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--messages",
        ]);
        if let Some(base) = base {
            call = call.args([format!("--merge-base={base}")]);
        }
        let answer = call.args([ours.as_str(), theirs.as_str()]).answer()?;
        match answer.code {
            Some(0) => parse_oid(
                "merge-tree",
                answer.stdout.split(|byte| *byte == 0).next().unwrap_or(&[]),
            )
            .map(Merge::Clean),
            Some(1) => Ok(Merge::Conflicts(parse_conflicts(&answer.stdout)?)),
            _ => answer
                .success("merge-tree".to_owned())
                .map(|_| Merge::Conflicts(Vec::new())),
        }
    }

    /// Writes a commit object; no ref points at it yet. The same words give the same id.
    ///
    /// # Errors
    /// If git refuses.
    pub fn commit_tree(
        &self,
        tree: &Oid,
        parents: &[Oid],
        message: &str,
        author: &Signature,
        committer: &Signature,
    ) -> Result<Oid, GitError> {
        let mut call = self.call().args(["commit-tree", "--no-gpg-sign"]);
        for parent in parents {
            call = call.args(["-p", parent.as_str()]);
        }
        let call = call
            .args(["-F", "-", tree.as_str()])
            .env("GIT_AUTHOR_NAME", &author.name)
            .env("GIT_AUTHOR_EMAIL", &author.email)
            .env("GIT_AUTHOR_DATE", &author.date)
            .env("GIT_COMMITTER_NAME", &committer.name)
            .env("GIT_COMMITTER_EMAIL", &committer.email)
            .env("GIT_COMMITTER_DATE", &committer.date);
        parse_oid("commit-tree", &call.stdin(message.as_bytes().to_vec()).output()?)
    }

    /// What a commit says of itself.
    ///
    /// # Errors
    /// If it is not a commit.
    pub fn commit(&self, commit: &Oid) -> Result<Commit, GitError> {
        let format = "--format=%T%n%P%n%an%n%ae%n%ad%n%cd%n%s";
        let ask = [
            "log",
            "-1",
            "--no-show-signature",
            "--date=raw",
            format,
            "--end-of-options",
            commit.as_str(),
        ];
        let text = String::from_utf8_lossy(&self.call().args(ask).output()?).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let [tree, parents, name, email, authored, committed, ..] = lines[..] else {
            return Err(GitError::Unreadable {
                command: "log",
                what: format!("{} lines", lines.len()),
            });
        };
        Ok(Commit {
            tree: parse_oid("log", tree.as_bytes())?,
            parents: parents.split(' ').filter_map(Oid::parse).collect(),
            author: Signature {
                name: name.to_owned(),
                email: email.to_owned(),
                date: format!("@{authored}"),
            },
            committed: format!("@{committed}"),
            subject: lines.get(6).copied().unwrap_or("").to_owned(),
        })
    }
}

/// Git's name for a conflict; nothing for a remark. One of its names has no blank before the bracket.
pub(super) fn conflict_kind(told: &str) -> Option<String> {
    let kind = told.strip_prefix("CONFLICT")?.trim_start().strip_prefix('(')?;
    Some(kind.trim_end_matches(')').to_owned())
}

/// `<tree> NUL (<path> NUL)* NUL (<n> NUL <path>{n} NUL <kind> NUL <message> NUL)*`
fn parse_conflicts(output: &[u8]) -> Result<Vec<Conflict>, GitError> {
    let fields: Vec<String> = output
        .split(|byte| *byte == 0)
        .map(|field| String::from_utf8_lossy(field).into_owned())
        .collect();
    let unreadable = || GitError::Unreadable {
        command: "merge-tree",
        what: fields.join("|"),
    };
    let mut rest = fields.iter().skip_while(|field| !field.is_empty()).skip(1);
    let mut conflicts = Vec::new();
    while let Some(count) = rest.next().filter(|field| !field.is_empty()) {
        let count: usize = count.parse().map_err(|_| unreadable())?;
        let paths: Vec<String> = rest.by_ref().take(count).cloned().collect();
        let kind = rest.next().ok_or_else(unreadable)?;
        rest.next().ok_or_else(unreadable)?;
        if let Some(kind) = conflict_kind(kind) {
            conflicts.push(Conflict { paths, kind });
        }
    }
    conflicts.sort();
    if conflicts.is_empty() {
        return Err(unreadable());
    }
    Ok(conflicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_read_and_remarks_are_not() {
        let output = b"aa\0f\0g\0\x001\0f\0Auto-merging\0Auto-merging f\n\x001\0f\0CONFLICT (contents)\0Merge conflict in f\n\x001\0g\0CONFLICT (modify/delete)\0gone\n\0";
        let found = parse_conflicts(output).expect("conflicts");
        let kinds: Vec<&str> = found.iter().map(|conflict| conflict.kind.as_str()).collect();
        assert_eq!(kinds, ["contents", "modify/delete"]);
        assert_eq!(found[1].paths, ["g"]);
        assert!(
            parse_conflicts(b"").is_err(),
            "exit code 1 without a word is no conflict"
        );
    }
}
