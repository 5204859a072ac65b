//! Starting the programs of others. Enters: an effect that takes one (an agent, a check). Leaves: a fresh clone with the program running in it, told
//! through its environment what to do. Nothing of a plan is ever put into a command line.

use super::super::event::{Effect, EffectId};
use super::super::state::RunState;
use super::super::summary::{PlannedPrd, folder_name};
use super::real::{RealWorld, Running, Trouble};
use crate::git::{Oid, SharedClone};
use crate::prd::PrdId;
use crate::process::{self, Job, Spec};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A program that is to be started.
struct Launch<'a> {
    /// Its line for the shell.
    line: &'a str,
    /// How long it may take.
    seconds: u64,
    /// Where it works.
    clone: SharedClone,
    /// Its log, relative to the run's folder.
    log: String,
    /// What it is told beside what every program is told.
    known: Vec<(&'static str, OsString)>,
}

impl RealWorld {
    /// Starts the agent of a PRD, in a clone of its own with a branch of its own.
    pub(super) fn begin_agent(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<(), Trouble> {
        let Effect::Agent {
            prd,
            attempt,
            base,
            feedback,
            previous,
        } = effect
        else {
            return Ok(());
        };
        let planned = planned(state, prd)?;
        let folder = self.worktrees.fresh(&folder_name(prd))?;
        let clone = self
            .hub
            .shared_clone(&folder, &planned.branch(), base, &self.config.protected)?;
        let run = self.files.run(&state.setup.run);
        let feedback = feedback.as_ref().map(|log| run.join(log));
        let known = vec![
            ("FLAGMAN_ATTEMPT", OsString::from(attempt.to_string())),
            ("FLAGMAN_BASE", base.as_str().into()),
            ("FLAGMAN_BRANCH", clone.branch.clone().into()),
            ("FLAGMAN_FEEDBACK", feedback.unwrap_or_default().into()),
            ("FLAGMAN_PREVIOUS", previous.as_ref().map_or("", Oid::as_str).into()),
            ("FLAGMAN_USAGE", run.join(usage_file(prd, *attempt)).into()),
        ];
        let line = state.setup.agent.as_ref().unwrap_or(&self.config.agent).clone();
        let launch = Launch {
            line: &line,
            seconds: self.config.agent_seconds,
            clone,
            log: format!("logs/{}/{attempt}-agent.log", folder_name(prd)),
            known,
        };
        self.launch(id, effect, state, planned, launch)
    }

    /// Starts a check, in a clone that has the commit that would land.
    pub(super) fn begin_check(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<(), Trouble> {
        let Effect::Verify {
            prd,
            attempt,
            check,
            commit,
        } = effect
        else {
            return Ok(());
        };
        let planned = planned(state, prd)?;
        let command = self.config.checks.iter().find(|command| command.name == *check);
        let line = command
            .map(|command| command.command.clone())
            .ok_or_else(|| Trouble(format!("no check is called `{check}`")))?;
        let folder = self.worktrees.fresh(&check_folder(prd))?;
        let clone = self
            .hub
            .shared_clone(&folder, "check", commit, &self.config.protected)?;
        let known = vec![
            ("FLAGMAN_ATTEMPT", OsString::from(attempt.to_string())),
            ("FLAGMAN_BASE", state.tip.as_str().into()),
            ("FLAGMAN_CHECK", check.into()),
            ("FLAGMAN_COMMIT", commit.as_str().into()),
        ];
        let check = folder_name(&PrdId(check.clone()));
        let launch = Launch {
            line: &line,
            seconds: self.config.check_seconds,
            clone,
            log: format!("logs/{}/{attempt}-check-{check}.log", folder_name(prd)),
            known,
        };
        self.launch(id, effect, state, planned, launch)
    }

    fn launch(
        &mut self,
        id: EffectId,
        effect: &Effect,
        state: &RunState,
        planned: &PlannedPrd,
        launch: Launch<'_>,
    ) -> Result<(), Trouble> {
        let log = self.files.run(&state.setup.run).join(&launch.log);
        let logs = log.parent().unwrap_or(&log).to_owned();
        std::fs::create_dir_all(&logs)?;
        let folder = launch.clone.folder.join(self.project_in_clone());
        let writable = [launch.clone.folder.clone(), logs];
        let job = Job::start(Spec {
            arguments: match &self.confinement {
                Some(confinement) => confinement.arguments(launch.line, &folder, &writable),
                None => process::shell_line(launch.line),
            },
            folder: &folder,
            log,
            environment: self.environment(state, planned, launch.known),
            mark: format!("{}{}.", self.mark(&state.setup.run), id.0),
            patience: process::Patience {
                total: Duration::from_secs(launch.seconds),
                silence: self.config.silence_seconds.map(Duration::from_secs),
                grace: Duration::from_millis(self.config.grace_ms),
                log_bytes: self.config.log_bytes,
            },
        })?;
        let running = Running {
            job,
            effect: effect.clone(),
            clone: launch.clone,
            log: launch.log,
        };
        self.jobs.insert(id, running);
        Ok(())
    }

    fn environment(
        &self,
        state: &RunState,
        planned: &PlannedPrd,
        known: Vec<(&'static str, OsString)>,
    ) -> Vec<(OsString, OsString)> {
        let every = [
            ("FLAGMAN_PRD", OsString::from(&planned.id.0)),
            ("FLAGMAN_PRD_PATH", planned.path.clone().into()),
            ("FLAGMAN_RUN", state.setup.run.clone().into()),
            // Without a repository of its own a program must not find ours by climbing.
            ("GIT_CEILING_DIRECTORIES", self.worktrees.root().into()),
        ];
        let told = every.into_iter().chain(known);
        let mut environment = process::environment(&self.config.pass_env);
        environment.extend(told.map(|(name, value)| (name.into(), value)));
        environment
    }

    /// The project's folder within a clone: a project in a subfolder is worked on in that subfolder.
    fn project_in_clone(&self) -> PathBuf {
        let prefix = self.config.project.canonicalize().ok();
        let prefix = prefix.and_then(|project| project.strip_prefix(self.hub.toplevel()).ok().map(Path::to_owned));
        prefix.unwrap_or_default()
    }
}

/// What the plan says of a PRD.
pub(super) fn planned<'a>(state: &'a RunState, prd: &PrdId) -> Result<&'a PlannedPrd, Trouble> {
    let planned = state.setup.plan.prd(prd);
    planned.ok_or_else(|| Trouble(format!("{prd} is not in the plan")))
}

/// The folder in which the checks of a PRD run, below `.worktrees/`.
pub(super) fn check_folder(prd: &PrdId) -> String {
    format!("{}+check", folder_name(prd))
}

/// Where an agent may say what it used, relative to the run's folder.
pub(super) fn usage_file(prd: &PrdId, attempt: u32) -> String {
    format!("logs/{}/{attempt}-usage.json", folder_name(prd))
}
