//! `flagman status --format json`. The dispatcher is known to `cli` alone, which fills it in.

use schemars::JsonSchema;
use serde::Serialize;

/// Where the last run stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusDocument {
    /// `flagman/status/v1`
    pub schema: &'static str,
    /// The run's number.
    pub run: String,
    /// Where it lands.
    pub release_branch: String,
    /// What it is at.
    pub life: RunLife,
    /// Who drives it, if somebody does.
    pub driven_by: Option<String>,
    /// The time stamp of the last thing that happened.
    pub last_at: String,
    /// One sentence on what came of it so far.
    pub headline: String,
    /// The PRDs, phase by phase.
    pub phases: Vec<Vec<StatusPrd>>,
    /// Why phases are held: what the gate calls an error.
    pub held: Vec<StatusHeld>,
    /// Bytes at the end of the journal that were cut off in the middle.
    pub torn: usize,
}

/// What a run is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunLife {
    /// Somebody drives it.
    Working,
    /// Nobody does, and it has not ended.
    Interrupted,
    /// It has ended.
    Ended,
}

/// One PRD of the run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusPrd {
    /// Its id.
    pub prd: String,
    /// `queued`, `working`, `ready`, `landing`, `landed`, `undone`, `blocked`, `held`, `behind`
    pub stage: &'static str,
    /// Agents started for it.
    pub attempts: u32,
    /// What it waits for, if that did not land.
    pub waits_for: Option<String>,
    /// As which commit it landed.
    pub commit: Option<String>,
    /// What went wrong last, unless it has landed.
    pub failure: Option<String>,
}

/// Why a phase is held.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatusHeld {
    /// The phase.
    pub phase: u32,
    /// One sentence.
    pub message: String,
}
