//! What goes wrong with the job itself, as people see it. Enters: the errors of every stage. Leaves: [`Failure`]: a sentence, hints, and the
//! exit code. Only this folder knows exit codes.

use crate::config::ConfigError;
use crate::git::GitError;
use crate::workspace::WorkspaceError;

/// The exit codes of the contract.
pub(super) mod exit {
    /// Nothing speaks against it.
    pub(crate) const CLEAR: u8 = 0;
    /// Findings of level error.
    pub(crate) const BLOCKED: u8 = 1;
    /// Usage or configuration.
    pub(crate) const USAGE: u8 = 2;
    /// Something that the answer needs could not be read or is unknown.
    pub(crate) const UNKNOWN: u8 = 3;
    /// A bug, or a full disk.
    pub(crate) const INTERNAL: u8 = 70;
}

/// We could not do the job.
#[derive(Debug)]
pub(super) struct Failure {
    /// One sentence; or a whole diagnostic, already drawn.
    pub message: String,
    /// `message` is a whole diagnostic.
    pub drawn: bool,
    /// What to do.
    pub hints: Vec<String>,
    /// The exit code.
    pub code: u8,
}

impl Failure {
    /// A failure of the user's words: exit code 2.
    #[must_use]
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            drawn: false,
            hints: Vec::new(),
            code: exit::USAGE,
        }
    }

    /// Something that the answer needs could not be read: exit code 3.
    #[must_use]
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self {
            code: exit::UNKNOWN,
            ..Self::usage(message)
        }
    }

    /// The machine failed us (a full disk): exit code 70.
    #[must_use]
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self {
            code: exit::INTERNAL,
            ..Self::usage(message)
        }
    }

    /// The same with a hint more.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The text for the error stream.
    #[must_use]
    pub(super) fn text(&self) -> String {
        let mut text = if self.drawn {
            self.message.clone()
        } else {
            format!("error: {}\n", crate::report::visible(&self.message))
        };
        for hint in &self.hints {
            text.push_str(&format!("  = help: {}\n", crate::report::visible(hint)));
        }
        text
    }
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        match error {
            WorkspaceError::NotAFolder { .. } => Self::usage(error.to_string()),
            WorkspaceError::Ignoring { .. } => Self::unknown(error.to_string()).hint("make it a file or take it away"),
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            GitError::UnknownRevision { .. } => {
                failure.hint("in CI, fetch it first (actions/checkout with fetch-depth: 0)")
            }
            GitError::NotARepository { complaint, .. } if !complaint.contains("not a git repository") => {
                failure.hint("git tells why; --project DIR names another folder")
            }
            GitError::NotARepository { .. } => {
                failure.hint("this needs a git repository: --project DIR names another folder, git init makes one")
            }
            GitError::Shallow => Self {
                code: exit::UNKNOWN,
                ..failure.hint("git fetch --unshallow (actions/checkout with fetch-depth: 0)")
            },
            _ => failure,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.message)
    }
}
