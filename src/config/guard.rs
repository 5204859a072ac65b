//! `[guard]`: how `flagman guard` answers.

use serde::Deserialize;

/// How grave a reason of `flagman guard` is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Response {
    /// Nothing is said.
    Off,
    /// It may go, and the agent and the user are told.
    Warn,
    /// A person is asked, where the hook can ask one; else as for `warn`.
    Ask,
    /// It is refused.
    Deny,
}

/// `[guard]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// A change that conflicts with somebody else's branch or work tree.
    pub conflict: Response,
    /// A file that the PRD of the branch does not speak of.
    pub outside: Response,
    /// Something could not be read or told.
    pub unknown: Response,
    /// Globs of the branches that count beside those of work trees; empty: the local ones that somebody committed to in the month before the
    /// newest commit.
    pub branches: Vec<String>,
    /// Globs of files that no agent may write.
    pub protected: Vec<String>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            conflict: Response::Ask,
            outside: Response::Warn,
            unknown: Response::Warn,
            branches: Vec::new(),
            protected: Vec::new(),
        }
    }
}
