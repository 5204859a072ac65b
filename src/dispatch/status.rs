//! Where a run stands, in a few lines. Enters: its state. Leaves: text for a terminal and for the logs of a program.

use super::handoff::headline;
use super::state::{RunState, Stage};
use std::fmt::Write;

/// A run, looked at from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// Its number.
    pub run: String,
    /// Its state, as far as it is written down.
    pub state: RunState,
    /// Who drives it, if somebody does.
    pub driven_by: Option<String>,
    /// The time stamp of the last thing that happened.
    pub last_at: String,
    /// Bytes at the end of the journal that were cut off in the middle.
    pub torn: usize,
}

impl Stage {
    /// The word used in output.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Working => "working",
            Self::Ready { .. } => "ready",
            Self::Landing { .. } => "landing",
            Self::Landed { .. } => "landed",
            Self::Blocked => "blocked",
            Self::Held => "held",
            Self::Behind { .. } => "behind",
        }
    }
}

/// The lines that `flagman status` prints.
#[must_use]
pub fn render(status: &Status) -> String {
    let mut text = String::new();
    let state = &status.state;
    let life = match (&status.driven_by, &state.end) {
        (Some(holder), None) => format!("at work ({holder})"),
        (None, None) => "interrupted: flagman resume goes on with it".to_owned(),
        (_, Some(_)) => "ended".to_owned(),
    };
    let _ = writeln!(text, "run {} onto {}: {life}", status.run, state.setup.release_branch);
    let _ = writeln!(text, "{}", headline(state));
    for (number, phase) in state.setup.plan.phases.iter().enumerate() {
        for prd in phase {
            let Some(now) = state.prds.get(&prd.id) else { continue };
            let last = now
                .failures
                .last()
                .filter(|_| !matches!(now.stage, Stage::Landed { .. }));
            let why = last
                .map(|failure| format!("  {}", failure.mode.phrase()))
                .unwrap_or_default();
            let id: String = prd.id.0.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(text, "  {number}  {:<8} {id}{why}", now.stage.word());
        }
    }
    if status.torn > 0 {
        let _ = writeln!(
            text,
            "the last line of the journal was cut off ({} bytes); it is left out",
            status.torn
        );
    }
    text
}
