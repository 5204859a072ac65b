//! The dispatcher. Enters: a plan, the rules of a run, an oracle that answers for the gate. Leaves: a release branch with squash-merged
//! PRDs, a journal and a handoff. It never analyses: it asks, and it opens only on a clear answer.
//!
//! [`state`] decides, `drive` writes down what was decided before it is done, [`world`] does it. A killed run goes on from its journal: what
//! was written as an intent and not as done is looked up in the world.

// What a run is told, and where it keeps its files.
pub mod config;
mod drive;
// The whole language: effects and events.
pub mod event;
// What a failure's log gives away.
pub mod failure;
// Where work lands.
pub mod forge;
// What a person reads in the morning.
pub mod handoff;
// What was decided, on the disk before it is done.
pub mod journal;
mod lock;
// The question before each wave.
pub mod oracle;
// When to try again, when to give up, when to stop.
pub mod policy;
// What a run knows, and how an event changes that.
pub mod state;
// Where a run stands, in a few lines.
pub mod status;
// The plan, as the dispatcher follows it.
pub mod summary;
mod undo;
// What the dispatcher can do to the world and see of it.
pub mod world;

pub use crate::git::ReleaseBranch;
pub use config::{CheckCommand, Confine, RunConfig, RunFiles};
pub use drive::Resume;
pub use forge::local::landed_on;
pub use oracle::{GateAnswer, GateFinding, GateOracle, GateQuestion, GateRemedy, GateVerdict};
pub use state::{End, RunState};
pub use status::Status;
pub use summary::{PlanSummary, PlannedFlip, PlannedPrd, UpstreamFact};
pub use undo::{Undone, undo};
pub use world::{RealWorld, World};

use crate::git::{GitError, NotMovable, Repository};
use crate::prd::PrdId;
use forge::LocalForge;
use journal::{Journal, JournalError};
use lock::Lock;
use state::{Setup, Stage};
use std::path::{Path, PathBuf};

/// Why a run could not begin or go on. What concerns one PRD alone is never one of these.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The release branch may not be one.
    #[error(transparent)]
    NotMovable(#[from] NotMovable),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The journal could not be written or read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another dispatcher is at work.
    #[error("another dispatcher is at work in this repository ({holder})")]
    Locked {
        /// Who.
        holder: String,
    },
    /// The last run can be resumed.
    #[error("run {run} was interrupted: go on with it (flagman resume), or leave it as it is (--abandon-interrupted)")]
    Interrupted {
        /// Which.
        run: String,
    },
    /// There is no run yet.
    #[error("there is no run yet in this project")]
    NoRun,
    /// The release branch is gone.
    #[error("the release branch {branch} is gone")]
    ReleaseBranchGone {
        /// Its name.
        branch: String,
    },
    /// The PRD is not on the release branch.
    #[error("{prd} is not on the release branch")]
    NotLanded {
        /// Which.
        prd: PrdId,
    },
    /// Something in the configuration cannot work.
    #[error("{why}")]
    Config {
        /// What.
        why: String,
    },
    /// A file of the run could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The world was waited for though nothing is under way.
    #[error("nothing is under way that could be waited for")]
    Nothing,
}

impl DispatchError {
    fn file(path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            path: path.clone(),
            source,
        }
    }
}

/// How a run ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunOutcome {
    /// Its number.
    pub run: String,
    /// Its last state; [`RunState::end`] is set.
    pub state: RunState,
    /// Its journal.
    pub journal: PathBuf,
    /// Its handoff.
    pub handoff: PathBuf,
}

impl RunOutcome {
    /// Clear if everything landed; unknown if it ended because nobody could tell; else blocked.
    #[must_use]
    pub fn verdict(&self) -> GateVerdict {
        let landed = |prd: &state::PrdState| matches!(prd.stage, Stage::Landed { .. });
        match &self.state.end {
            Some(End::Finished)
                if self.state.prds.values().all(landed) && self.state.setup.plan.unplanned.is_empty() =>
            {
                GateVerdict::Clear
            }
            Some(End::Held {
                verdict: GateVerdict::Unknown,
                ..
            }) => GateVerdict::Unknown,
            _ => GateVerdict::Blocked,
        }
    }
}

/// Runs a plan: wave after wave, until it is done or a stop condition holds.
///
/// # Errors
/// If it cannot begin, or the machine gives out under it; then [`resume`] goes on.
pub fn run(
    config: &RunConfig,
    plan: PlanSummary,
    oracle: &dyn GateOracle,
    world: &mut dyn World,
) -> Result<RunOutcome, DispatchError> {
    config.check()?;
    let terms = config.terms(None)?;
    let project = Repository::discover(&config.project)?;
    let files = RunFiles::open(&project.project())?;
    if let Some(last) = files.latest()?.filter(|_| !config.abandon_interrupted) {
        let loaded = Journal::load(&files.journal(&last))?;
        let ended = loaded.records.is_empty() || drive::replay(&loaded.records)?.0.end.is_some();
        if !ended {
            return Err(DispatchError::Interrupted { run: last });
        }
    }
    let observed = world.observe()?;
    let run = files.begin()?;
    let setup = Setup {
        run: run.clone(),
        plan,
        policy: terms.policy,
        checks: terms.checks,
        agent: terms.agent,
        flag_file: config.flag_file.clone(),
        release_branch: ReleaseBranch::new(&config.release_branch, &config.protected)?
            .short_name()
            .to_owned(),
        tip: observed.tip.ok_or_else(|| DispatchError::ReleaseBranchGone {
            branch: config.release_branch.clone(),
        })?,
        landed_before: observed.landed,
        refs: observed.refs,
        confined: observed.confined,
        protected: config
            .protected
            .iter()
            .cloned()
            .chain(project.default_branch()?)
            .collect(),
    };
    let mut journal = Journal::create(&files.journal(&run))?;
    let state = drive::begin(setup, oracle, world, &mut journal)?;
    Ok(outcome(&files, run, state))
}

/// The name of the latest run of the project.
///
/// # Errors
///
/// [`DispatchError::NoRun`] where there was none; what the disk says.
pub fn latest(project: &Path) -> Result<String, DispatchError> {
    let files = RunFiles::open(&Repository::discover(project)?.project())?;
    files.latest()?.ok_or(DispatchError::NoRun)
}

/// Goes on with the last run: one that was killed, from where it was; one that ended, from its first PRD that is not done.
///
/// # Errors
/// If there is none, its journal cannot be trusted, or the machine gives out again.
pub fn resume(
    config: &RunConfig,
    choice: &Resume,
    oracle: &dyn GateOracle,
    world: &mut dyn World,
) -> Result<RunOutcome, DispatchError> {
    config.check()?;
    let files = RunFiles::open(&Repository::discover(&config.project)?.project())?;
    let run = files.latest()?.ok_or(DispatchError::NoRun)?;
    let (mut journal, loaded) = Journal::go_on(&files.journal(&run))?;
    if loaded.records.is_empty() {
        return Err(DispatchError::NoRun);
    }
    let before = drive::replay(&loaded.records)?.0;
    let terms = config.terms(before.setup.agent.as_deref())?;
    let choice = mark_landed(config, choice, &before)?;
    let state = drive::go_on(&loaded.records, (&choice, terms), oracle, world, &mut journal)?;
    Ok(outcome(&files, run, state))
}

/// Writes down what is said to be on the release branch already, where that is as the run left it, or as a person accepts it.
fn mark_landed(config: &RunConfig, choice: &Resume, before: &RunState) -> Result<Resume, DispatchError> {
    let mut choice = choice.clone();
    if choice.landed.is_empty() {
        return Ok(choice);
    }
    let release = ReleaseBranch::new(&config.release_branch, &config.protected)?;
    let hub = Repository::discover(&config.project)?.at_toplevel();
    release.allowed_in(&hub)??;
    let forge = LocalForge::new(hub, release);
    let Some(mut tip) = forge.tip()? else { return Ok(choice) };
    if tip != before.tip && !choice.accept_tip {
        return Ok(choice);
    }
    let known = forge.landed()?;
    for prd in &choice.landed {
        if known.iter().any(|(id, _)| id == prd) {
            continue;
        }
        let Some(marked) = forge.mark(prd, &before.setup.run, &tip)? else {
            return Ok(choice);
        };
        tip = marked;
    }
    choice.accept_tip = true;
    Ok(choice)
}

fn outcome(files: &RunFiles, run: String, state: RunState) -> RunOutcome {
    RunOutcome {
        journal: files.journal(&run),
        handoff: files.run(&run).join("handoff.md"),
        run,
        state,
    }
}

/// Where the last run stands.
///
/// # Errors
/// If there is none, or its journal cannot be trusted.
pub fn status(project: &Path) -> Result<Status, DispatchError> {
    let repository = Repository::discover(project)?;
    let files = RunFiles::open(&repository.project())?;
    let run = files.latest()?.ok_or(DispatchError::NoRun)?;
    let loaded = Journal::load(&files.journal(&run))?;
    if loaded.records.is_empty() {
        return Err(DispatchError::NoRun);
    }
    let driven_by = Lock::held_by(&repository);
    Ok(Status {
        state: drive::replay(&loaded.records)?.0,
        run,
        driven_by,
        last_at: loaded.last_at,
        torn: loaded.torn,
    })
}

/// The handoff of the last run, as things are now.
///
/// # Errors
/// As [`status()`], and if the repository cannot be read.
pub fn handoff(project: &Path) -> Result<String, DispatchError> {
    let state = status(project)?.state;
    let hub = Repository::discover(project)?.at_toplevel();
    let release = ReleaseBranch::new(&state.setup.release_branch, &[])?;
    let mut refs = hub.refs()?;
    refs.retain(|name, _| crate::git::movable::watched(name, &release));
    let forge = LocalForge::new(hub, release);
    let observed = world::Observed {
        tip: forge.tip()?,
        refs,
        landed: forge.landed()?,
        confined: state.setup.confined,
    };
    Ok(handoff::render(&state, &observed))
}
