//! The refs that this program may move. Enters: a branch name and the patterns of protected branches. Leaves: [`ReleaseBranch`] or a
//! refusal. Every function of `git` that moves a ref takes one of these types, so *never main* does not rest on anybody's care.

use super::{GitError, Oid, Repository};
use std::fmt;

/// Protected whatever the configuration says.
const ALWAYS_PROTECTED: [&str; 2] = ["main", "master"];

/// A ref that may be moved. Sealed: the two types of this file are all there are.
pub trait Movable: sealed::Sealed {
    /// Its full name (`refs/heads/…`, `refs/flagman/…`).
    fn full_name(&self) -> &str;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::ReleaseBranch {}
    impl Sealed for super::PrivateRef {}
}

/// The one branch onto which the dispatcher merges. It can only be made of a name that is not protected.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ReleaseBranch(String);

/// Why a branch is not a release branch.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotMovable {
    /// A protected pattern matches it.
    #[error(
        "`{name}` is protected (by `{pattern}`): the dispatcher never moves it; choose a release branch such as release/next"
    )]
    Protected {
        /// The branch.
        name: String,
        /// The pattern.
        pattern: String,
    },
    /// It is the branch that everything else is measured against.
    #[error(
        "`{name}` is the default branch of this repository: the dispatcher never moves it; choose a release branch such as release/next"
    )]
    Default {
        /// The branch.
        name: String,
    },
    /// It is checked out, and moving it would turn that work tree upside down.
    #[error("`{name}` is checked out in {folder}: check out another branch there first (git switch --detach)")]
    CheckedOut {
        /// The branch.
        name: String,
        /// Where.
        folder: String,
    },
    /// It is not the name of a branch.
    #[error("`{name}` is not the name of a branch: {why}")]
    NotABranch {
        /// As written.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// A pattern of the configuration is not one.
    #[error("`{pattern}` is not a pattern for branches: {why}")]
    Pattern {
        /// As written.
        pattern: String,
        /// Why.
        why: String,
    },
}

impl ReleaseBranch {
    /// The branch `name` (with or without `refs/heads/`), unless one of the globs `protected` matches it.
    ///
    /// # Errors
    /// [`NotMovable`] for a protected name, for anything that is not a branch, and for a malformed pattern.
    pub fn new(name: &str, protected: &[String]) -> Result<Self, NotMovable> {
        let short = name.strip_prefix("refs/heads/").unwrap_or(name);
        check_name(short).map_err(|why| NotMovable::NotABranch {
            name: name.to_owned(),
            why,
        })?;
        let always = ALWAYS_PROTECTED.iter().map(|pattern| (*pattern).to_owned());
        for pattern in always.chain(protected.iter().cloned()) {
            if is_protected(short, &pattern)? {
                let name = short.to_owned();
                return Err(NotMovable::Protected { name, pattern });
            }
        }
        Ok(Self(format!("refs/heads/{short}")))
    }

    /// Its name without `refs/heads/`.
    #[must_use]
    pub fn short_name(&self) -> &str {
        &self.0["refs/heads/".len()..]
    }

    /// Refuses where this repository makes the branch special: its default branch, or one that is checked out.
    ///
    /// # Errors
    /// The inner error says why it may not be moved here, the outer one that git failed.
    pub fn allowed_in(&self, repository: &Repository) -> Result<Result<(), NotMovable>, GitError> {
        let name = self.short_name().to_owned();
        if repository
            .default_branch()?
            .is_some_and(|default| default.eq_ignore_ascii_case(&name))
        {
            // A repository whose only branch is the release branch has nothing else to be its default.
            if repository
                .branches(&[])?
                .iter()
                .any(|branch| branch.plain_name() != name)
            {
                return Ok(Err(NotMovable::Default { name }));
            }
        }
        match repository.checked_out_at(&self.0)? {
            Some(folder) => Ok(Err(NotMovable::CheckedOut { name, folder })),
            None => Ok(Ok(())),
        }
    }
}

impl Movable for ReleaseBranch {
    fn full_name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseBranch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short_name())
    }
}

/// A ref below `refs/flagman/`: where the work of agents comes in. No branch, and nobody pushes it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PrivateRef(String);

impl PrivateRef {
    /// `refs/flagman/<area>/<name>`; `None` if that is no name for a ref.
    #[must_use]
    pub fn new(area: &str, name: &str) -> Option<Self> {
        let name = format!("{area}/{name}");
        check_name(&name).ok().map(|()| Self(format!("refs/flagman/{name}")))
    }
}

impl Movable for PrivateRef {
    fn full_name(&self) -> &str {
        &self.0
    }
}

/// Case is ignored, because on some file systems `Main` is `main`.
fn is_protected(short: &str, pattern: &str) -> Result<bool, NotMovable> {
    let glob = globset::GlobBuilder::new(pattern.strip_prefix("refs/heads/").unwrap_or(pattern))
        .case_insensitive(true)
        .build()
        .map_err(|why| NotMovable::Pattern {
            pattern: pattern.to_owned(),
            why: why.kind().to_string(),
        })?;
    let matcher = glob.compile_matcher();
    Ok(matcher.is_match(short) || matcher.is_match(format!("refs/heads/{short}")))
}

/// True for what can be a branch of git's.
#[must_use]
pub fn is_branch_name(name: &str) -> bool {
    check_name(name).is_ok()
}

/// The rules of `git check-ref-format`, and no name that begins with `refs/`, `-` or is a name of git's own.
fn check_name(name: &str) -> Result<(), &'static str> {
    let forbidden = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    if name.is_empty() || name.len() > 200 {
        return Err("it is empty or too long");
    }
    if name.chars().any(forbidden) || name.contains("..") || name.contains("@{") {
        return Err("git does not allow these characters");
    }
    if name.starts_with("refs/") || matches!(name, "HEAD" | "FETCH_HEAD" | "ORIG_HEAD" | "MERGE_HEAD" | "@") {
        return Err("it names something else than a branch");
    }
    let bad = |part: &str| {
        part.is_empty()
            || part.starts_with(['.', '-'])
            || part.ends_with('.')
            || part.to_ascii_lowercase().ends_with(".lock")
    };
    if name.split('/').any(bad) {
        return Err("git does not allow such a part");
    }
    Ok(())
}

/// The refs that must not move while a run is on: every branch and tag but the release branch.
#[must_use]
pub fn watched(name: &str, release: &ReleaseBranch) -> bool {
    (name.starts_with("refs/heads/") || name.starts_with("refs/tags/")) && name != release.full_name()
}

/// True if one of the globs, or a name that is always protected, matches this branch.
#[must_use]
pub fn protects(patterns: &[String], full_name: &str) -> bool {
    let Some(short) = full_name.strip_prefix("refs/heads/") else {
        return false;
    };
    let always = ALWAYS_PROTECTED.iter().map(|pattern| (*pattern).to_owned());
    // A malformed pattern protects everything: it was meant to protect something.
    always
        .chain(patterns.iter().cloned())
        .any(|pattern| is_protected(short, &pattern).unwrap_or(true))
}

impl Repository {
    /// The work tree in which a branch is checked out.
    fn checked_out_at(&self, full_name: &str) -> Result<Option<String>, GitError> {
        let output = self.call().args(["worktree", "list", "--porcelain", "-z"]).output()?;
        let text = String::from_utf8_lossy(&output).into_owned();
        let mut folder = "";
        for line in text.split('\0') {
            if let Some(path) = line.strip_prefix("worktree ") {
                folder = path;
            } else if line.strip_prefix("branch ") == Some(full_name) {
                return Ok(Some(folder.to_owned()));
            }
        }
        Ok(None)
    }

    /// The commit that a movable ref points at; `None` if it does not exist.
    ///
    /// # Errors
    /// If git fails.
    pub fn target(&self, movable: &impl Movable) -> Result<Option<Oid>, GitError> {
        match self.resolve(movable.full_name()) {
            Ok(oid) => Ok(Some(oid)),
            Err(GitError::UnknownRevision { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_names_cannot_be_made() {
        let protected = ["main".to_owned(), "prod*".to_owned(), "hotfix/**".to_owned()];
        for name in [
            "main",
            "refs/heads/main",
            "MAIN",
            "master",
            "production",
            "hotfix/a/b",
            "refs/heads/Prod",
        ] {
            let refused = ReleaseBranch::new(name, &protected);
            assert!(
                matches!(refused, Err(NotMovable::Protected { .. })),
                "{name}: {refused:?}"
            );
        }
        let refused = ReleaseBranch::new("main", &[]);
        assert!(
            matches!(refused, Err(NotMovable::Protected { .. })),
            "an empty list protects main all the same"
        );
    }

    #[test]
    fn what_is_not_a_branch_cannot_be_made() {
        let wrong = [
            "",
            "HEAD",
            "@",
            "refs/tags/v1",
            "refs/heads/refs/heads/main",
            "refs/remotes/origin/x",
            "-x",
            "a/-b",
            "a..b",
            "a b",
            "a/",
            "/a",
            "a//b",
            "x.lock",
            "x.LOCK/y",
            "x@{1}",
            ".x",
            "x.",
            "a\nb",
            "a\\b",
            "a:b",
            "../main",
            "refs/heads/../heads/main",
        ];
        for name in wrong {
            let refused = ReleaseBranch::new(name, &[]);
            assert!(
                matches!(refused, Err(NotMovable::NotABranch { .. })),
                "{name}: {refused:?}"
            );
        }
    }

    #[test]
    fn a_release_branch_is_one() {
        let branch = ReleaseBranch::new("refs/heads/release/skip-launch", &["main".to_owned()]).expect("a branch");
        assert_eq!(
            (branch.short_name(), branch.full_name()),
            ("release/skip-launch", "refs/heads/release/skip-launch")
        );
        assert!(watched("refs/heads/main", &branch) && watched("refs/tags/v1", &branch));
        assert!(!watched("refs/heads/release/skip-launch", &branch) && !watched("refs/flagman/incoming/x", &branch));
        assert!(protects(&["[".to_owned()], "refs/heads/x") && !protects(&[], "refs/heads/x"));
        assert_eq!(PrivateRef::new("incoming", "../../heads/main"), None);
    }
}
