//! The world as it is: clones, processes, refs. Enters: effects. Leaves: outcomes. How programs are started is in [`super::launch`], what came of
//! them in [`super::judge`].

use super::super::config::{Confine, RunConfig};
use super::super::event::{Effect, EffectId, FailureMode, Outcome, RefMove};
use super::super::forge::LocalForge;
use super::super::forge::local::Words;
use super::super::lock::Lock;
use super::super::state::RunState;
use super::super::summary::folder_name;
use super::super::{DispatchError, RunFiles};
use super::confine::Confinement;
use super::launch::planned;
use super::worktree::Worktrees;
use super::{Observed, World};
use crate::git::movable::{protects, watched};
use crate::git::{GitError, Oid, ReleaseBranch, Repository, SharedClone};
use crate::prd::PrdId;
use crate::process::{self, Ended, Job};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two looks at the programs that are running.
const LOOK: Duration = Duration::from_millis(20);

/// The repository, its clones and the programs in them. Holds the dispatcher's lock.
pub struct RealWorld {
    pub(super) config: RunConfig,
    pub(super) hub: Repository,
    forge: LocalForge,
    pub(super) worktrees: Worktrees,
    pub(super) files: RunFiles,
    pub(super) confinement: Option<Confinement>,
    pub(super) jobs: BTreeMap<EffectId, Running>,
    began: Instant,
    _lock: Lock,
}

/// A program with what it is for.
pub(super) struct Running {
    pub(super) job: Job,
    pub(super) effect: Effect,
    pub(super) clone: SharedClone,
    /// Its log, relative to the run's folder.
    pub(super) log: String,
}

impl RealWorld {
    /// Takes the lock, checks that the release branch may be moved, and makes it if it does not exist.
    ///
    /// # Errors
    /// If another dispatcher is at work, the branch is protected, or the repository is not in order.
    pub fn open(config: &RunConfig) -> Result<Self, DispatchError> {
        let release = ReleaseBranch::new(&config.release_branch, &config.protected)?;
        let project = Repository::discover(&config.project)?;
        let hub = project.at_toplevel();
        release.allowed_in(&hub)??;
        let lock = Lock::take(&hub)?;
        let forge = LocalForge::new(hub.clone(), release);
        let start = match &config.start {
            Some(revision) => hub.resolve(revision)?,
            None => hub.head()?,
        };
        forge.ensure(&start)?;
        let files = RunFiles::open(&project.project())?;
        let worktrees = Worktrees::open(&project.project())?;
        let confinement = confinement(config, &hub, &files, &worktrees)?;
        Ok(Self {
            worktrees,
            confinement,
            config: config.clone(),
            hub,
            forge,
            files,
            jobs: BTreeMap::new(),
            began: Instant::now(),
            _lock: lock,
        })
    }

    /// Begins the mark of every program of this repository's run, so that no other run's are ever ended.
    pub(super) fn mark(&self, run: &str) -> String {
        let place = blake3::hash(self.hub.common_dir().to_string_lossy().as_bytes()).to_hex();
        format!("{}.{run}.", &place[..12])
    }

    /// The protected branches that are not where they were when this sitting began.
    pub(super) fn protected_moves(&self, state: &RunState) -> Result<Option<Outcome>, GitError> {
        let now = self.watched_refs()?;
        let before = &state.setup.refs;
        let names = before
            .keys()
            .chain(now.keys())
            .filter(|name| protects(&state.setup.protected, name));
        let mut moved: Vec<RefMove> = names
            .filter(|name| before.get(*name) != now.get(*name))
            .map(|name| RefMove {
                name: name.clone(),
                from: before.get(name).cloned(),
                to: now.get(name).cloned(),
            })
            .collect();
        moved.dedup();
        Ok((!moved.is_empty()).then_some(Outcome::ProtectedMoved { moved }))
    }

    fn watched_refs(&self) -> Result<crate::git::RefMap, GitError> {
        let mut refs = self.hub.refs()?;
        refs.retain(|name, _| watched(name, self.forge.release()));
        Ok(refs)
    }

    fn land(
        &self,
        prd: &PrdId,
        (expected, commit, tree): (&Oid, &Oid, &Oid),
        state: &RunState,
    ) -> Result<Outcome, Trouble> {
        if let Some(moved) = self.protected_moves(state)? {
            return Ok(moved);
        }
        let outcome = self.forge.land(prd, expected, commit, tree)?;
        if outcome == Outcome::Landed && !self.config.keep_clones {
            // A folder that cannot be removed is a nuisance, not a reason to doubt the landing.
            let _ = self.worktrees.remove(&folder_name(prd));
        }
        Ok(outcome)
    }

    fn squash(&self, prd: &PrdId, head: &Oid, onto: &Oid, state: &RunState) -> Result<Outcome, Trouble> {
        let plan = state.setup.plan.fingerprint();
        let words = Words {
            prd,
            title: &planned(state, prd)?.title,
            run: &state.setup.run,
            plan: &plan,
        };
        Ok(self.forge.squash(&words, head, onto)?)
    }
}

/// How programs are kept out of the repository, if they are.
fn confinement(
    config: &RunConfig,
    hub: &Repository,
    files: &RunFiles,
    worktrees: &Worktrees,
) -> Result<Option<Confinement>, DispatchError> {
    if config.confine == Confine::Off {
        return Ok(None);
    }
    let outer = [hub.toplevel(), hub.common_dir()].map(Path::to_owned);
    let read_only = if hub.common_dir().starts_with(hub.toplevel()) {
        &outer[..1]
    } else {
        &outer[..]
    };
    let found = Confinement::find(read_only, &files.run(""), worktrees.root());
    if found.is_none() && config.confine == Confine::Require {
        let why = "agents cannot be kept from writing to the repository on this machine (it takes Linux with user namespaces and util-linux)";
        return Err(DispatchError::Config { why: why.to_owned() });
    }
    Ok(found)
}

/// What keeps one PRD from going on; the run does.
#[derive(Debug)]
pub(super) struct Trouble(pub(super) String);

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Trouble {
    fn outcome(self) -> Outcome {
        Outcome::failed(FailureMode::Machine, self.0)
    }
}

impl World for RealWorld {
    fn observe(&mut self) -> Result<Observed, DispatchError> {
        Ok(Observed {
            tip: self.forge.tip()?,
            refs: self.watched_refs()?,
            landed: self.forge.landed()?,
            confined: self.confinement.is_some(),
        })
    }

    fn perform(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError> {
        let outcome = match effect {
            Effect::Agent { .. } => self.begin_agent(id, effect, state).map(|()| None),
            Effect::Verify { .. } => self.begin_check(id, effect, state).map(|()| None),
            Effect::Squash { prd, head, onto } => self.squash(prd, head, onto, state).map(Some),
            Effect::Merge {
                prd,
                expected,
                commit,
                tree,
            } => self.land(prd, (expected, commit, tree), state).map(Some),
            Effect::AskGate { .. } | Effect::Handoff => Ok(Some(Outcome::Written)),
        };
        Ok(outcome.unwrap_or_else(|trouble| Some(trouble.outcome())))
    }

    fn wait(&mut self, state: &RunState) -> Result<(EffectId, Outcome), DispatchError> {
        loop {
            let mut done = None;
            for (id, running) in &mut self.jobs {
                match running.job.poll() {
                    Ok(None) => {}
                    Ok(Some(ended)) => {
                        done = Some((*id, ended));
                        break;
                    }
                    Err(error) => {
                        running.job.kill();
                        done = Some((*id, Ended::Stopped(error.to_string())));
                        break;
                    }
                }
            }
            if let Some((id, ended)) = done {
                let Some(running) = self.jobs.remove(&id) else { continue };
                let outcome = self.judge(&running, &ended, state).unwrap_or_else(Trouble::outcome);
                return Ok((id, outcome));
            }
            if self.jobs.is_empty() {
                return Err(DispatchError::Nothing);
            }
            std::thread::sleep(LOOK);
        }
    }

    fn recover(&mut self, effect: &Effect, state: &RunState) -> Result<Option<Outcome>, DispatchError> {
        process::end_marked(&self.mark(&state.setup.run));
        match effect {
            Effect::Merge { expected, commit, .. } => Ok(self.forge.recover(expected, commit)?),
            _ => Ok(None),
        }
    }

    fn abandon(&mut self) {
        for running in self.jobs.values_mut() {
            running.job.kill();
        }
        self.jobs.clear();
    }

    fn hand_over(&mut self, state: &RunState, text: &str) -> Result<(), DispatchError> {
        self.files
            .hand_over(&state.setup.run, self.config.handoff.as_deref(), text)
    }

    fn active_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn stamp(&self) -> String {
        super::now()
    }
}

impl Drop for RealWorld {
    fn drop(&mut self) {
        self.abandon();
    }
}
