//! The world as it is: clones, processes, refs. Enters: effects. Leaves: outcomes. An agent's success is a conjunction: its command was
//! content, there is a new commit on the branch and base that it was given, nothing is left uncommitted, and it stayed within bounds.

use super::super::config::{Confine, RunConfig};
use super::super::event::{Effect, EffectId, Failure, FailureMode, Outcome, RefMove, Usage};
use super::super::failure::{causes, last_words};
use super::super::forge::LocalForge;
use super::super::forge::local::Words;
use super::super::lock::Lock;
use super::super::state::RunState;
use super::super::summary::{PlannedPrd, folder_name};
use super::super::{DispatchError, RunFiles};
use super::confine::Confinement;
use super::process::{self, Ended, Job, Spec};
use super::worktree::Worktrees;
use super::{Observed, World};
use crate::git::movable::{protects, watched};
use crate::git::{GitError, Oid, PrivateRef, ReleaseBranch, Repository, SharedClone};
use crate::prd::PrdId;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much of the end of a log is read for its causes.
const TAIL: u64 = 1 << 20;

/// Between two looks at the programs that are running.
const LOOK: Duration = Duration::from_millis(20);

/// The repository, its clones and the programs in them. Holds the dispatcher's lock.
pub struct RealWorld {
    config: RunConfig,
    hub: Repository,
    forge: LocalForge,
    worktrees: Worktrees,
    files: RunFiles,
    confinement: Option<Confinement>,
    jobs: BTreeMap<EffectId, Running>,
    began: Instant,
    _lock: Lock,
}

/// A program with what it is for.
struct Running {
    job: Job,
    effect: Effect,
    clone: SharedClone,
    log: String,
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
    fn mark(&self, run: &str) -> String {
        let place = blake3::hash(self.hub.common_dir().to_string_lossy().as_bytes()).to_hex();
        format!("{}.{run}.", &place[..12])
    }

    fn begin_agent(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<(), Trouble> {
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
        let log = format!("logs/{}/{attempt}-agent.log", folder_name(prd));
        let usage = run.join(format!("logs/{}/{attempt}-usage.json", folder_name(prd)));
        let feedback = feedback.as_ref().map(|log| run.join(log));
        let known = [
            ("FLAGMAN_ATTEMPT", OsString::from(attempt.to_string())),
            ("FLAGMAN_BASE", base.as_str().into()),
            ("FLAGMAN_BRANCH", clone.branch.clone().into()),
            ("FLAGMAN_FEEDBACK", feedback.unwrap_or_default().into()),
            ("FLAGMAN_PREVIOUS", previous.as_ref().map_or("", Oid::as_str).into()),
            ("FLAGMAN_USAGE", usage.into()),
        ];
        let seconds = self.config.agent_seconds;
        let line = self.config.agent.clone();
        self.begin(id, effect, state, planned, (clone, log), (&line, seconds, &known))
    }

    fn begin_check(&mut self, id: EffectId, effect: &Effect, state: &RunState) -> Result<(), Trouble> {
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
        let folder = self.worktrees.fresh(&format!("{}+check", folder_name(prd)))?;
        let clone = self
            .hub
            .shared_clone(&folder, "check", commit, &self.config.protected)?;
        let log = format!(
            "logs/{}/{attempt}-check-{}.log",
            folder_name(prd),
            folder_name(&PrdId(check.clone()))
        );
        let known = [
            ("FLAGMAN_ATTEMPT", OsString::from(attempt.to_string())),
            ("FLAGMAN_BASE", state.tip.as_str().into()),
            ("FLAGMAN_CHECK", check.into()),
            ("FLAGMAN_COMMIT", commit.as_str().into()),
        ];
        let seconds = self.config.check_seconds;
        self.begin(id, effect, state, planned, (clone, log), (&line, seconds, &known))
    }

    fn begin(
        &mut self,
        id: EffectId,
        effect: &Effect,
        state: &RunState,
        planned: &PlannedPrd,
        (clone, log): (SharedClone, String),
        (line, seconds, known): (&str, u64, &[(&str, OsString)]),
    ) -> Result<(), Trouble> {
        let mut environment = process::environment(&self.config.pass_env);
        let mut add = |name: &str, value: OsString| environment.push((name.into(), value));
        add("FLAGMAN_PRD", planned.id.0.clone().into());
        add("FLAGMAN_PRD_PATH", planned.path.clone().into());
        add("FLAGMAN_RUN", state.setup.run.clone().into());
        // Without a repository of its own a program must not find ours by climbing.
        add("GIT_CEILING_DIRECTORIES", self.worktrees.root().into());
        known.iter().for_each(|(name, value)| add(name, value.clone()));
        let log_file = self.files.run(&state.setup.run).join(&log);
        std::fs::create_dir_all(log_file.parent().unwrap_or(&log_file))?;
        let folder = clone.folder.join(self.project_in_clone());
        let writable = [clone.folder.clone(), log_file.parent().unwrap_or(&log_file).to_owned()];
        let job = Job::start(Spec {
            arguments: match &self.confinement {
                Some(confinement) => confinement.arguments(line, &folder, &writable),
                None => process::shell_line(line),
            },
            folder: &folder,
            log: log_file,
            environment,
            mark: format!("{}{}.", self.mark(&state.setup.run), id.0),
            patience: process::Patience {
                total: Duration::from_secs(seconds),
                silence: self.config.silence_seconds.map(Duration::from_secs),
                grace: Duration::from_millis(self.config.grace_ms),
            },
        })?;
        let effect = effect.clone();
        self.jobs.insert(
            id,
            Running {
                job,
                effect,
                clone,
                log,
            },
        );
        Ok(())
    }

    /// The project's folder within a clone: a project in a subfolder is worked on in that subfolder.
    fn project_in_clone(&self) -> PathBuf {
        let prefix = self.config.project.canonicalize().ok();
        let prefix = prefix.and_then(|project| project.strip_prefix(self.hub.toplevel()).ok().map(Path::to_owned));
        prefix.unwrap_or_default()
    }

    fn ended(&self, running: &Running, ended: &Ended, state: &RunState) -> Result<Outcome, Trouble> {
        if let Some(moved) = self.protected_moves(state)? {
            return Ok(moved);
        }
        match &running.effect {
            Effect::Agent { prd, attempt, base, .. } => self.agent_ended(running, ended, state, (prd, *attempt, base)),
            Effect::Verify { prd, check, .. } => self.check_ended(running, ended, state, (prd, check)),
            _ => Ok(Outcome::failed(FailureMode::Machine, "a program for nothing")),
        }
    }

    fn agent_ended(
        &self,
        running: &Running,
        ended: &Ended,
        state: &RunState,
        (prd, attempt, base): (&PrdId, u32, &Oid),
    ) -> Result<Outcome, Trouble> {
        let usage = self.usage(state, prd, attempt);
        let into = PrivateRef::new("incoming", &folder_name(prd))
            .ok_or_else(|| Trouble("no ref can be made of its id".to_owned()))?;
        let fetched = self.hub.fetch_work(&running.clone, &into);
        let head = fetched.as_ref().ok().cloned().flatten();
        let text = process::tail(&self.files.run(&state.setup.run).join(&running.log), TAIL);
        let failed = |mode, note: String| {
            Ok(Outcome::Failed {
                failure: self.failure(mode, note, running, state, prd, &text),
                head: head.clone().filter(|head| head != base),
                usage,
                conflicts: Vec::new(),
            })
        };
        match ended {
            Ended::Stopped(why) => return failed(FailureMode::AgentOverran, why.clone()),
            Ended::Exit(Some(0)) => {
                if let Err(error) = fetched {
                    return failed(
                        FailureMode::AgentFailed,
                        format!("its clone cannot be read any more: {error}"),
                    );
                }
            }
            Ended::Exit(code) => {
                let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
                return failed(FailureMode::AgentFailed, format!("{code}: {}", last_words(&text)));
            }
        }
        let Some(head) = head.clone().filter(|head| head != base) else {
            return failed(
                FailureMode::NoChange,
                format!("no new commit on {}", running.clone.branch),
            );
        };
        if !self.hub.is_ancestor(base, &head)? {
            return failed(
                FailureMode::WrongBase,
                format!("{} does not come after {}", head.short(), base.short()),
            );
        }
        let scratch = tempfile::tempdir()?;
        let left = self.hub.leftovers(&running.clone.folder, &head, scratch.path())?;
        if let Some(first) = left.first() {
            return failed(
                FailureMode::Uncommitted,
                format!("{} files, the first is {first}", left.len()),
            );
        }
        if let Some(path) = self.out_of_bounds(base, &head)? {
            return failed(FailureMode::OutOfBounds, path);
        }
        Ok(Outcome::Worked { head, usage })
    }

    fn check_ended(
        &self,
        running: &Running,
        ended: &Ended,
        state: &RunState,
        (prd, check): (&PrdId, &str),
    ) -> Result<Outcome, Trouble> {
        self.worktrees.remove(&format!("{}+check", folder_name(prd)))?;
        let text = process::tail(&self.files.run(&state.setup.run).join(&running.log), TAIL);
        let (mode, note) = match ended {
            Ended::Exit(Some(0)) => return Ok(Outcome::Passed),
            Ended::Exit(_) => (FailureMode::CheckFailed(check.to_owned()), last_words(&text)),
            Ended::Stopped(why) => (FailureMode::CheckOverran(check.to_owned()), why.clone()),
        };
        Ok(Outcome::Failed {
            failure: self.failure(mode, note, running, state, prd, &text),
            head: None,
            usage: Usage::default(),
            conflicts: Vec::new(),
        })
    }

    fn failure(
        &self,
        mode: FailureMode,
        note: String,
        running: &Running,
        state: &RunState,
        prd: &PrdId,
        log: &str,
    ) -> Failure {
        let facts = state
            .setup
            .plan
            .prd(prd)
            .map(|prd| prd.facts.as_slice())
            .unwrap_or_default();
        // What an agent says on its way is talk; what a check says is evidence.
        let causes = if matches!(mode, FailureMode::CheckFailed(_)) {
            causes(log, facts)
        } else {
            Vec::new()
        };
        Failure {
            mode,
            note,
            log: Some(running.log.clone()),
            causes,
        }
    }

    /// The first path that the work changes though only people may.
    fn out_of_bounds(&self, base: &Oid, head: &Oid) -> Result<Option<String>, Trouble> {
        let mut globs = globset::GlobSetBuilder::new();
        for glob in &self.config.human_paths {
            globs.add(globset::Glob::new(glob).map_err(|error| Trouble(error.to_string()))?);
        }
        let globs = globs.build().map_err(|error| Trouble(error.to_string()))?;
        let changed = self.hub.diff_exact(base, head)?;
        let mut names = changed.keys().map(|path| String::from_utf8_lossy(path).into_owned());
        Ok(names.find(|path| globs.is_match(path)))
    }

    /// What the agent says that it used, in the file that it was told of: `{"tokens": 1200, "usd": 0.05}`.
    fn usage(&self, state: &RunState, prd: &PrdId, attempt: u32) -> Usage {
        let path = self
            .files
            .run(&state.setup.run)
            .join(format!("logs/{}/{attempt}-usage.json", folder_name(prd)));
        let text = process::tail(&path, 1 << 16);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let dollars = value.get("usd").and_then(serde_json::Value::as_f64);
        let dollars = dollars.filter(|dollars| dollars.is_finite() && (0.0..1e9).contains(dollars));
        Usage {
            tokens: value.get("tokens").and_then(serde_json::Value::as_u64),
            micro_dollars: dollars.map(|dollars| (dollars * 1e6).round() as u64),
        }
    }

    /// The protected branches that are not where they were when this sitting began.
    fn protected_moves(&self, state: &RunState) -> Result<Option<Outcome>, GitError> {
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
struct Trouble(String);

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

fn planned<'a>(state: &'a RunState, prd: &PrdId) -> Result<&'a PlannedPrd, Trouble> {
    state
        .setup
        .plan
        .prd(prd)
        .ok_or_else(|| Trouble(format!("{prd} is not in the plan")))
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
                let outcome = self.ended(&running, &ended, state).unwrap_or_else(Trouble::outcome);
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
        jiff::Timestamp::now().to_string()
    }
}

impl Drop for RealWorld {
    fn drop(&mut self) {
        self.abandon();
    }
}
