//! Where a run stands, in a few lines. Enters: its state. Leaves: text for a terminal and for the logs of a program.

use super::handoff::{self, headline, numbers};
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
            Self::Undone { .. } => "undone",
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
        (None, None) => format!("interrupted at {}", status.last_at),
        (_, Some(_)) => format!("ended at {}", status.last_at),
    };
    let _ = writeln!(text, "run {} onto {}: {life}", status.run, state.setup.release_branch);
    let _ = writeln!(text, "{} {}\n", headline(state), numbers(state));
    phases(&mut text, state);
    let reasons = reasons(state);
    if !reasons.is_empty() {
        text.push('\n');
    }
    for (phase, reason) in reasons {
        let _ = writeln!(text, "phase {phase} is held: {}", plain(reason));
    }
    if status.torn > 0 {
        let bytes = status.torn;
        let _ = writeln!(
            text,
            "the last line of the journal was cut off ({bytes} bytes); it is left out"
        );
    }
    let next = match (&status.driven_by, &state.end) {
        (Some(_), None) => return text,
        (None, None) => "next: flagman resume goes on with it",
        (_, Some(_)) => "next: flagman handoff says what to do first",
    };
    let _ = writeln!(text, "\n{next}");
    text
}

fn phases(text: &mut String, state: &RunState) {
    for (number, phase) in state.setup.plan.phases.iter().enumerate() {
        for (at, prd) in phase.iter().enumerate() {
            let Some(now) = state.prds.get(&prd.id) else { continue };
            let label = if at == 0 {
                format!("phase {number}")
            } else {
                String::new()
            };
            let last = now.failures.last();
            let last = last.filter(|_| !matches!(now.stage, Stage::Landed { .. } | Stage::Undone { .. }));
            let why = match (&now.stage, last) {
                (Stage::Undone { by }, _) => format!("  taken back by {}", by.short()),
                (Stage::Behind { on }, _) => format!("  waits for {on}"),
                (_, Some(failure)) => format!("  {}", failure.mode.phrase()),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "{label:<9} {:<8} {}{}",
                now.stage.word(),
                plain(&prd.id.0),
                plain(&why)
            );
        }
    }
}

/// Why phases are held, each with its phase: what the gate calls an error.
#[must_use]
pub fn reasons(state: &RunState) -> Vec<(u32, &str)> {
    let held = state.answers.iter().filter(|(phase, _)| handoff::holds(state, **phase));
    let findings = held.flat_map(|(phase, answer)| answer.findings.iter().map(move |finding| (phase, finding)));
    let errors = findings.filter(|(_, finding)| finding.level == "error");
    errors
        .map(|(phase, finding)| (*phase, finding.message.as_str()))
        .collect()
}

/// Without anything that a terminal could take for a command.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
