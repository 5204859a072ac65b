//! What to do first, with commands that can be copied as they are. Enters: a run's state. Leaves: numbered steps. The gate reads the release
//! branch and not anybody's work tree, so whatever opens a phase is committed there.

use super::super::event::FailureMode;
use super::super::oracle::GateRemedy;
use super::super::state::{End, PrdState, RunState, Stage};
use super::super::summary::UpstreamFact;
use super::page::{Page, capital, code, plain, prose, shell};
use super::stuck_prds;
use crate::git::Oid;
use crate::prd::PrdId;
use std::collections::BTreeSet;

/// One thing to do, and what to type for it.
struct Step {
    what: String,
    commands: Vec<String>,
}

impl Step {
    fn new(what: impl Into<String>, commands: impl IntoIterator<Item = String>) -> Self {
        Self {
            what: what.into(),
            commands: commands.into_iter().collect(),
        }
    }

    fn resume(what: &str) -> Self {
        Self::new(what, ["flagman resume".to_owned()])
    }
}

pub(super) fn write(page: &mut Page, state: &RunState) {
    let steps = steps(state);
    if steps.is_empty() {
        return;
    }
    page.heading("What to do first");
    for (number, step) in (1..).zip(steps) {
        page.line(&format!("{number}. {}", step.what));
        page.commands("   ", &step.commands);
    }
}

fn steps(state: &RunState) -> Vec<Step> {
    match &state.end {
        None => vec![Step::resume(
            "The run is at work, or was killed. If nobody is at it, go on:",
        )],
        Some(End::Held { .. }) => opening(state),
        Some(End::Foreign { expected, found }) => after_a_foreign_commit(expected, found.as_ref()),
        Some(End::ProtectedMoved { moved }) => {
            let range = moved
                .iter()
                .filter_map(|moved| Some((moved.from.as_ref()?, moved.to.as_ref()?)));
            vec![
                Step::new(
                    "Look at what moved, and at the logs of the agents that were at work:",
                    range.map(|(from, to)| log(from, to.as_str())),
                ),
                Step::resume("Put it right, and go on:"),
            ]
        }
        Some(End::Paused { causes }) => after_a_pause(state, causes),
        Some(End::Exhausted { .. }) => vec![Step::resume(
            "Raise the limit (`[budget]` in `flagman.toml`), and go on:",
        )],
        Some(End::Finished) => {
            let held = state.answers.keys().any(|phase| holds(state, *phase));
            let mut steps = if held { opening(state) } else { Vec::new() };
            let (idle, stuck): (Vec<_>, Vec<_>) = stuck_prds(state).into_iter().partition(|(_, prd)| is_idle(prd));
            if !idle.is_empty() {
                steps.push(already_there(idle.into_iter().map(|(id, _)| id)));
            }
            if !stuck.is_empty() {
                steps.push(Step::new(
                    "See what is stuck (below), and try it again:",
                    [retry(state, "")],
                ));
            }
            if state.tip != state.setup.tip {
                steps.push(Step::new(
                    "Look at the release branch, awake, before it goes any further:",
                    [log(&state.setup.tip, &state.setup.release_branch)],
                ));
            }
            steps
        }
    }
}

fn log(from: &Oid, to: &str) -> String {
    format!("git log --oneline {}", shell(&format!("{from}..{to}")))
}

fn after_a_pause(state: &RunState, causes: &[(String, Vec<PrdId>)]) -> Vec<Step> {
    let facts: Vec<&UpstreamFact> = state
        .setup
        .plan
        .phases
        .iter()
        .flatten()
        .flat_map(|prd| &prd.facts)
        .collect();
    let command = |cause: &String| facts.iter().find(|fact| fact.fact == *cause)?.command.clone();
    let commands: BTreeSet<String> = causes.iter().filter_map(|(cause, _)| command(cause)).collect();
    if commands.is_empty() {
        return vec![
            Step::new("Settle the upstream assumption (below).", []),
            Step::new("Try those PRDs again:", [retry(state, "")]),
        ];
    }
    let names: Vec<&str> = causes.iter().map(|(cause, _)| cause.as_str()).collect();
    let making = Flip {
        details: format!("make it true that {}", names.join(" and that ")),
        commands: commands.into_iter().collect(),
    };
    vec![
        making.step(state),
        Step::new(
            "Try those PRDs again; `--accept-tip` says that what is new on the release branch is yours:",
            [retry(state, " --accept-tip")],
        ),
    ]
}

fn retry(state: &RunState, also: &str) -> String {
    let stuck = stuck_prds(state);
    let again = stuck
        .iter()
        .filter(|(_, prd)| prd.stage == Stage::Blocked && !is_idle(prd));
    let mut words = vec![format!("flagman resume{also}")];
    words.extend(again.map(|(id, _)| format!("--retry {}", shell(&id.0))));
    words.join(" ")
}

/// True if the last agent was content, and there was nothing to land: to try again changes nothing.
pub(super) fn is_idle(prd: &PrdState) -> bool {
    let last = prd.failures.last().map(|failure| &failure.mode);
    prd.stage == Stage::Blocked && last == Some(&FailureMode::NoChange)
}

fn already_there<'a>(prds: impl Iterator<Item = &'a PrdId>) -> Step {
    let mut command = "flagman resume".to_owned();
    let mut names = Vec::new();
    for id in prds {
        command += &format!(" --landed {}", shell(&id.0));
        names.push(code(&id.0));
    }
    Step::new(
        format!(
            "There was nothing to do for {}: the agents were content and changed nothing. If that work is on the release branch already, \
             say so; it counts as landed from then on:",
            names.join(", ")
        ),
        [command],
    )
}

fn after_a_foreign_commit(expected: &Oid, found: Option<&Oid>) -> Vec<Step> {
    let look = found.map(|found| log(expected, found.as_str()));
    vec![
        Step::new("Look at what was done to it:", look),
        Step::new(
            "If it is right, go on from there:",
            ["flagman resume --accept-tip".to_owned()],
        ),
    ]
}

/// What opens the phases that are held: the first way out of each error, once.
fn opening(state: &RunState) -> Vec<Step> {
    let held = state.answers.iter().filter(|(phase, _)| holds(state, **phase));
    let errors = held.flat_map(|(_, answer)| answer.findings.iter().filter(|finding| finding.level == "error"));
    let mut seen = BTreeSet::new();
    let first: Vec<&GateRemedy> = errors
        .filter_map(|finding| finding.remedies.first())
        .filter(|remedy| seen.insert((&remedy.detail, &remedy.command)))
        .collect();
    let (flips, others): (Vec<&GateRemedy>, Vec<&GateRemedy>) =
        first.into_iter().partition(|remedy| remedy.kind == "flip");
    let mut steps: Vec<Step> = others
        .iter()
        .map(|remedy| Step::new(format!("{}.", capital(&prose(&remedy.detail))), remedy.command.clone()))
        .collect();
    if !flips.is_empty() {
        let details: Vec<&str> = flips.iter().map(|remedy| remedy.detail.as_str()).collect();
        let flip = Flip {
            details: details.join("; "),
            commands: flips.iter().filter_map(|remedy| remedy.command.clone()).collect(),
        };
        steps.push(flip.step(state));
    }
    steps.push(if steps.is_empty() {
        Step::resume("Look below at what could not be found out, and ask again:")
    } else {
        Step::new(
            "Go on. The gate is asked again; `--accept-tip` says that what is new on the release branch is yours:",
            ["flagman resume --accept-tip".to_owned()],
        )
    });
    steps
}

/// True if the gate still holds PRDs of this phase.
pub(in crate::dispatch) fn holds(state: &RunState, phase: u32) -> bool {
    let prds = state.setup.plan.phases.get(phase as usize).into_iter().flatten();
    prds.filter_map(|prd| state.prds.get(&prd.id))
        .any(|prd| prd.stage == Stage::Held)
}

/// States of flags that are to be recorded.
struct Flip {
    details: String,
    commands: Vec<String>,
}

impl Flip {
    /// They are recorded in the flag file of the release branch.
    fn step(self, state: &RunState) -> Step {
        let file = shell(state.setup.flag_file.as_deref().unwrap_or("flags.toml"));
        let message = shell(&capital(&plain(&self.details.replace('`', ""))));
        let mut commands = vec![format!("git switch {}", shell(&state.setup.release_branch))];
        commands.extend(self.commands);
        commands.extend([
            format!("git add {file}"),
            format!("git commit -m {message} -- {file}"),
            "git checkout -".to_owned(),
        ]);
        let what = format!(
            "{}, if that is right. The gate reads the release branch, so it is recorded there:",
            capital(&prose(&self.details))
        );
        Step::new(what, commands)
    }
}
