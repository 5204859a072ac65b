//! The whole language of the dispatcher: what it does ([`Effect`]) and what it learns ([`Event`]). Both go into the journal as they are,
//! so a variant or a field is never renamed, only added.

use super::oracle::GateAnswer;
use super::policy::Policy;
use crate::git::{Conflict, Oid, RefMap};
use crate::prd::PrdId;
use serde::{Deserialize, Serialize};

/// The number of an effect within its run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub u64);

/// Something to be done in the world.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Effect {
    /// Ask the gate whether these PRDs may go.
    AskGate {
        /// The phase.
        phase: u32,
        /// Its PRDs that would be dispatched.
        prds: Vec<PrdId>,
        /// The release branch.
        release: Oid,
    },
    /// Clone, run the agent, bring its work in.
    Agent {
        /// For this PRD.
        prd: PrdId,
        /// Counted from one.
        attempt: u32,
        /// Where it starts.
        base: Oid,
        /// What went wrong before: a log, relative to the run's folder.
        feedback: Option<String>,
        /// What the attempt before left behind.
        previous: Option<Oid>,
    },
    /// Make the commit that would land. No ref moves.
    Squash {
        /// The PRD.
        prd: PrdId,
        /// The agent's work.
        head: Oid,
        /// The release branch that it would land on.
        onto: Oid,
    },
    /// Run one check (the tests, a reviewer) on the commit that would land.
    Verify {
        /// The PRD.
        prd: PrdId,
        /// The attempt, for the name of the log.
        attempt: u32,
        /// Which check.
        check: String,
        /// The commit.
        commit: Oid,
    },
    /// Move the release branch, if it still is where it was.
    Merge {
        /// The PRD.
        prd: PrdId,
        /// Where the release branch must be.
        expected: Oid,
        /// Where it goes.
        commit: Oid,
        /// The tree that was verified.
        tree: Oid,
    },
    /// Write the handoff.
    Handoff,
}

/// How an attempt failed. *One retry per failure mode per PRD* counts these.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "check")]
pub enum FailureMode {
    /// The agent's command failed.
    AgentFailed,
    /// It took too long, was silent too long or flooded its log, and was ended.
    AgentOverran,
    /// It was content, and nothing had changed.
    NoChange,
    /// It left work uncommitted.
    Uncommitted,
    /// Its work does not start where it was told to.
    WrongBase,
    /// It changed what only people may change.
    OutOfBounds,
    /// Its work does not merge.
    MergeConflict,
    /// The merged tree would undo or change what nobody changed.
    WrongMerge,
    /// A check said no; its name.
    CheckFailed(String),
    /// A check took too long; its name.
    CheckOverran(String),
    /// The machine failed: no disk, no process, a damaged clone.
    Machine,
}

impl FailureMode {
    /// For people, as the end of "it stopped because …".
    #[must_use]
    pub fn phrase(&self) -> String {
        match self {
            Self::AgentFailed => "the agent's command failed".to_owned(),
            Self::AgentOverran => "the agent ran out of its time".to_owned(),
            Self::NoChange => "the agent changed nothing".to_owned(),
            Self::Uncommitted => "the agent left work uncommitted".to_owned(),
            Self::WrongBase => "the agent's work does not start from the release branch".to_owned(),
            Self::OutOfBounds => "the agent changed files that only people may change".to_owned(),
            Self::MergeConflict => "its work conflicts with what landed before".to_owned(),
            Self::WrongMerge => "the merge would undo what others did".to_owned(),
            Self::CheckFailed(check) => format!("`{check}` is red"),
            Self::CheckOverran(check) => format!("`{check}` ran out of its time"),
            Self::Machine => "this machine could not do it".to_owned(),
        }
    }
}

/// One failed attempt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// How.
    pub mode: FailureMode,
    /// One line of detail.
    pub note: String,
    /// Its log, relative to the run's folder.
    #[serde(default)]
    pub log: Option<String>,
    /// The upstream facts that the log gives away.
    #[serde(default)]
    pub causes: Vec<String>,
}

/// What an agent used, as far as it said so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// Millionths of a dollar.
    #[serde(default)]
    pub micro_dollars: Option<u64>,
}

/// A ref that moved though it should not have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RefMove {
    /// Its full name.
    pub name: String,
    /// Where it was.
    pub from: Option<Oid>,
    /// Where it is.
    pub to: Option<Oid>,
}

/// How an effect went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Outcome {
    /// The gate's answer.
    Answered {
        /// It.
        answer: GateAnswer,
    },
    /// The agent's work is in.
    Worked {
        /// Its last commit.
        head: Oid,
        /// What it used.
        #[serde(default)]
        usage: Usage,
    },
    /// The commit that would land exists.
    Squashed {
        /// It.
        commit: Oid,
        /// Its tree.
        tree: Oid,
    },
    /// A check said yes.
    Passed,
    /// It landed.
    Landed,
    /// The release branch is not where it must be: somebody else writes to it.
    Foreign {
        /// Where it is.
        found: Option<Oid>,
    },
    /// A protected branch moved while this was done.
    ProtectedMoved {
        /// Which.
        moved: Vec<RefMove>,
    },
    /// It failed.
    Failed {
        /// How.
        failure: Failure,
        /// The agent's last commit, where there is one.
        #[serde(default)]
        head: Option<Oid>,
        /// What it used.
        #[serde(default)]
        usage: Usage,
        /// What conflicts, if that is it.
        #[serde(default)]
        conflicts: Vec<Conflict>,
    },
    /// The handoff is written.
    Written,
}

impl Outcome {
    /// A failure without a commit.
    #[must_use]
    pub fn failed(mode: FailureMode, note: impl Into<String>) -> Self {
        Self::Failed {
            failure: Failure {
                mode,
                note: note.into(),
                log: None,
                causes: Vec::new(),
            },
            head: None,
            usage: Usage::default(),
            conflicts: Vec::new(),
        }
    }
}

/// What a person may change between two sittings of a run: a larger budget, another test command, another agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// The rules.
    pub policy: Policy,
    /// The names of the checks, in order.
    pub checks: Vec<String>,
    /// An agent in place of the configured one; `None` to leave that as it is.
    #[serde(default)]
    pub agent: Option<String>,
}

/// Something that the dispatcher learns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// An effect is done.
    Finished {
        /// Which.
        effect: EffectId,
        /// How it went.
        outcome: Outcome,
        /// Time that the run has been at work, in all its sittings.
        active_ms: u64,
    },
    /// A person took the landing of a PRD back.
    Undone {
        /// Whose.
        prd: PrdId,
        /// Where the release branch was.
        before: Oid,
        /// The commit that takes it back, where the branch is now.
        tip: Oid,
    },
    /// A run that had ended, or had been killed, goes on.
    Resumed {
        /// The release branch.
        tip: Oid,
        /// Go on from there though somebody else moved it.
        accept_tip: bool,
        /// Stuck PRDs that get another chance.
        retry: Vec<PrdId>,
        /// What the release branch says that it has.
        #[serde(default)]
        landed: Vec<(PrdId, Oid)>,
        /// The watched refs.
        refs: RefMap,
        /// Time that the run has been at work.
        active_ms: u64,
        /// What it goes on under; `None` for what it had.
        #[serde(default)]
        terms: Option<Terms>,
    },
}
