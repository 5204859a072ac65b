//! The handoff: what a person reads in the morning. Enters: a run's state and what the repository looks like now. Leaves: Markdown. Says what
//! stopped, what to do first, who is stuck on which fact with evidence, what landed, and which refs moved. The same state gives the same
//! bytes: no clock, no folder of this machine.

mod held;
mod page;
mod prds;
mod refs;
mod steps;

use super::oracle::GateVerdict;
use super::state::{End, PrdState, RunState, Stage};
use super::world::Observed;
use crate::prd::PrdId;
use page::{Page, code, prose, times};
pub(super) use steps::holds;

/// What the check is called that runs the project's tests.
pub const TESTS: &str = "tests";

/// How every handoff begins; a file of that name that begins otherwise is somebody else's.
pub const BEGINNING: &str = "# Handoff: run ";

/// The handoff of a run, as it stands.
#[must_use]
pub fn render(state: &RunState, observed: &Observed) -> String {
    let mut page = Page(String::new());
    page.line(&format!(
        "{BEGINNING}{} onto {}",
        prose(&state.setup.run),
        code(&state.setup.release_branch)
    ));
    page.gap();
    page.line(&format!("**{}** {}", prose(&headline(state)), numbers(state)));
    refs::in_short(&mut page, state, observed);
    steps::write(&mut page, state);
    held::write(&mut page, state);
    prds::shared_causes(&mut page, state);
    prds::stuck(&mut page, state);
    prds::landed(&mut page, state);
    prds::waiting(&mut page, state);
    refs::in_full(&mut page, state, observed);
    spent(&mut page, state);
    page.0
}

/// One sentence: where the run stands.
#[must_use]
pub fn headline(state: &RunState) -> String {
    match &state.end {
        None => format!("The run is at phase {}.", state.phase),
        Some(End::Finished) if stuck_prds(state).is_empty() && held_prds(state).is_empty() => {
            let undone = |prd: &PrdState| matches!(prd.stage, Stage::Undone { .. });
            match state.prds.values().filter(|prd| undone(prd)).count() {
                0 => "Everything landed.".to_owned(),
                _ => "Everything landed, and some of it was taken back.".to_owned(),
            }
        }
        Some(End::Finished) if state.tip == state.setup.tip => "Nothing could land.".to_owned(),
        Some(End::Finished) => "Everything that could land has landed.".to_owned(),
        Some(End::Held { phase, verdict }) => match verdict {
            GateVerdict::Unknown => format!("Phase {phase} is held: nobody could tell whether it may go."),
            _ => format!("Phase {phase} is held: the gate is {}.", verdict.word()),
        },
        Some(End::Paused { causes }) => {
            let cited = causes
                .iter()
                .map(|(cause, prds)| format!("{} PRDs failed on one upstream assumption ({cause})", prds.len()));
            format!("Paused: {}.", cited.collect::<Vec<_>>().join("; "))
        }
        Some(End::Exhausted { limit }) => format!("The budget is used up ({}).", limit.word()),
        Some(End::Foreign { found: None, .. }) => "The release branch is gone; the run did not remove it.".to_owned(),
        Some(End::Foreign { .. }) => {
            "Somebody else moved the release branch; the run stopped and moved nothing more.".to_owned()
        }
        Some(End::ProtectedMoved { .. }) => {
            "A protected branch moved while the run was on; the run stopped. It cannot move one itself.".to_owned()
        }
    }
}

/// How many PRDs came how far.
#[must_use]
pub fn numbers(state: &RunState) -> String {
    let count = |wanted: fn(&Stage) -> bool| state.prds.values().filter(|prd| wanted(&prd.stage)).count();
    let landed = count(|stage| matches!(stage, Stage::Landed { .. }));
    let blocked = count(|stage| matches!(stage, Stage::Blocked));
    let held = count(|stage| matches!(stage, Stage::Held));
    let undone = count(|stage| matches!(stage, Stage::Undone { .. }));
    let total = state.prds.len();
    let taken_back = match undone {
        0 => String::new(),
        undone => format!(", {undone} taken back"),
    };
    let untested = match landed > 0 && !state.setup.checks.iter().any(|check| check == TESTS) {
        true => " No tests were run: flagman.toml names none ([tests] command).",
        false => "",
    };
    format!(
        "{landed} of {total} PRDs landed, {held} held, {blocked} blocked, {} waiting{taken_back}.{untested}",
        total - landed - blocked - held - undone
    )
}

/// PRDs that failed and have not landed.
fn stuck_prds(state: &RunState) -> Vec<(&PrdId, &PrdState)> {
    let over = |prd: &PrdState| matches!(prd.stage, Stage::Landed { .. } | Stage::Undone { .. });
    let failed = |prd: &PrdState| !over(prd) && !prd.failures.is_empty();
    state
        .prds
        .iter()
        .filter(|(_, prd)| prd.stage == Stage::Blocked || failed(prd))
        .collect()
}

/// PRDs that the gate holds, and those behind others.
fn held_prds(state: &RunState) -> Vec<&PrdId> {
    let held = state
        .prds
        .iter()
        .filter(|(_, prd)| matches!(prd.stage, Stage::Held | Stage::Behind { .. }));
    held.map(|(id, _)| id).collect()
}

fn spent(page: &mut Page, state: &RunState) {
    page.heading("What it took");
    let spent = &state.spent;
    let mut parts = vec![format!("{} of agents", times(spent.attempts as usize, "attempt"))];
    if spent.tokens > 0 {
        parts.push(format!("{} tokens", spent.tokens));
    }
    if spent.micro_dollars > 0 {
        let (dollars, cents) = (
            spent.micro_dollars / 1_000_000,
            spent.micro_dollars % 1_000_000 / 10_000,
        );
        parts.push(format!("{dollars}.{cents:02} dollars"));
    }
    if spent.silent == spent.attempts && spent.silent > 0 {
        parts.push("none said what it used".to_owned());
    } else if spent.silent > 0 {
        parts.push(format!("{} of them did not say what they used", spent.silent));
    }
    page.line(&format!("{}.", parts.join(", ")));
}
