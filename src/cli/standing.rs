//! What is asked of a run from outside: `flagman status`, `handoff` and `undo`, as far as the dispatcher ([`super::run`]) is not asked.

use super::args::{Format, Global};
use super::failure::{Failure, exit};
use super::output::Output;
use super::project::Project;
use super::run;
use crate::dispatch::state::{PrdState, Stage};
use crate::dispatch::{self, Status};
use crate::git::GitError;
use crate::prd::PrdId;
use crate::report::json::{self, RunLife, StatusDocument, StatusHeld, StatusPrd};

pub(super) fn status(global: &Global, output: &mut Output) -> Result<u8, Failure> {
    if global.format != Format::Json {
        return run::status(global, output);
    }
    let project = Project::open(global)?;
    output.document(&json::text(&document(&dispatch::status(&project.root)?)))?;
    Ok(exit::CLEAR)
}

pub(super) fn handoff(global: &Global, output: &mut Output) -> Result<u8, Failure> {
    match global.format {
        Format::Json => Err(Failure::usage("the handoff is a page of Markdown, for people")
            .hint("for programs: flagman status --format json")),
        _ => run::handoff(global, output),
    }
}

fn document(status: &Status) -> StatusDocument {
    let state = &status.state;
    let prd = |id: &PrdId| Some(one(id, state.prds.get(id)?));
    let phases = state.setup.plan.phases.iter();
    StatusDocument {
        schema: "flagman/status/v1",
        run: status.run.clone(),
        release_branch: state.setup.release_branch.clone(),
        life: match (&status.driven_by, &state.end) {
            (Some(_), None) => RunLife::Working,
            (None, None) => RunLife::Interrupted,
            (_, Some(_)) => RunLife::Ended,
        },
        driven_by: status.driven_by.clone(),
        last_at: status.last_at.clone(),
        headline: dispatch::handoff::headline(state),
        phases: phases
            .map(|phase| phase.iter().filter_map(|planned| prd(&planned.id)).collect())
            .collect(),
        held: dispatch::status::reasons(state)
            .into_iter()
            .map(|(phase, message)| StatusHeld {
                phase,
                message: message.to_owned(),
            })
            .collect(),
        torn: status.torn,
    }
}

fn one(id: &PrdId, now: &PrdState) -> StatusPrd {
    let (mut waits_for, mut commit) = (None, None);
    match &now.stage {
        Stage::Behind { on } => waits_for = Some(on.0.clone()),
        Stage::Landed { commit: landed } => commit = Some(landed.to_string()),
        _ => {}
    }
    let failure = now.failures.last().filter(|_| commit.is_none());
    StatusPrd {
        prd: id.0.clone(),
        stage: now.stage.word(),
        attempts: now.attempts,
        waits_for,
        failure: failure.map(|failure| failure.mode.phrase()),
        commit,
    }
}

pub(super) fn undo(global: &Global, id: &str, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let release = &project.config.project.release_branch;
    match project.repository()?.resolve(&format!("refs/heads/{release}")) {
        // The branch on which waves land is made by the first run.
        Err(GitError::UnknownRevision { .. }) => {
            let why = format!("nothing has run yet: there is no branch `{release}`");
            Err(Failure::usage(why).hint("flagman run begins a run"))
        }
        _ => run::undo(global, id, output),
    }
}
