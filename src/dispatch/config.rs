//! What a run is told, and where it keeps its files. Enters: plain values, from the configuration and the command line. Leaves:
//! [`RunConfig`] and [`RunFiles`]. Must not know `flagman.toml`.

use super::DispatchError;
use super::event::Terms;
use super::handoff::BEGINNING;
use super::policy::Policy;
use super::world::own_folder;
use crate::git::movable::is_branch_name;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What a run is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunConfig {
    /// The project's folder; its repository is the hub.
    pub project: PathBuf,
    /// The release branch.
    pub release_branch: String,
    /// Globs of protected branches. The default branch, `main` and `master` are protected without being named.
    pub protected: Vec<String>,
    /// Where the release branch begins if it does not exist; `None` for what is checked out.
    pub start: Option<String>,
    /// The agent: a line for the shell. It learns what to do from its environment.
    pub agent: String,
    /// An agent in place of that one, for this run and whenever it is resumed.
    pub agent_of_run: Option<String>,
    /// What every commit must pass before it lands, in order: the tests, the reviewers.
    pub checks: Vec<CheckCommand>,
    /// The rules.
    pub policy: Policy,
    /// How long an agent may take.
    pub agent_seconds: u64,
    /// How long a check may take.
    pub check_seconds: u64,
    /// How long either may say nothing; `None` for as long as it likes.
    pub silence_seconds: Option<u64>,
    /// Between the request to stop and the end.
    pub grace_ms: u64,
    /// How much either may print before it is ended.
    pub log_bytes: u64,
    /// Variables that agents and checks may see beside the ordinary ones: `NAME` or `PREFIX_*`.
    pub pass_env: Vec<String>,
    /// Whether programs are kept from writing to the repository itself.
    pub confine: Confine,
    /// Globs of paths that only people may change, relative to the root of the repository.
    pub human_paths: Vec<String>,
    /// Keep the clones of PRDs that landed.
    pub keep_clones: bool,
    /// Where the handoff goes beside the run's own folder.
    pub handoff: Option<PathBuf>,
    /// Where flag states are recorded, relative to the project; the handoff names it.
    pub flag_file: Option<String>,
    /// Start anew though the last run was interrupted and could be resumed.
    pub abandon_interrupted: bool,
}

/// Whether agents and checks are kept from writing to the repository itself; their clones are theirs in any case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Confine {
    /// Where the machine can; else the protected branches are watched, and the handoff says so.
    #[default]
    IfPossible,
    /// Nothing runs on a machine that cannot.
    Require,
    /// Never.
    Off,
}

/// A check of the dispatcher: a name and a line for the shell, content if it exits with 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckCommand {
    /// Its name (`tests`, `review-security`).
    pub name: String,
    /// The line.
    pub command: String,
}

impl RunConfig {
    /// The defaults for a project.
    #[must_use]
    pub fn new(project: PathBuf, release_branch: &str, agent: &str) -> Self {
        Self {
            handoff: Some(project.join("handoff.md")),
            project,
            release_branch: release_branch.to_owned(),
            protected: vec!["main".to_owned(), "master".to_owned()],
            start: None,
            agent: agent.to_owned(),
            agent_of_run: None,
            flag_file: None,
            checks: Vec::new(),
            policy: Policy::default(),
            agent_seconds: 2 * 60 * 60,
            check_seconds: 30 * 60,
            silence_seconds: None,
            grace_ms: 10_000,
            log_bytes: 256 << 20,
            pass_env: Vec::new(),
            confine: Confine::default(),
            human_paths: [".flagman/**", ".github/**", "flagman.toml"]
                .map(str::to_owned)
                .to_vec(),
            keep_clones: false,
            abandon_interrupted: false,
        }
    }

    /// What a sitting of a run goes on under. `kept` is the agent that the run was begun with, if it was given one of its own.
    pub(super) fn terms(&self, kept: Option<&str>) -> Result<Terms, DispatchError> {
        let agent = self.agent_of_run.as_deref().or(kept).unwrap_or(&self.agent);
        if agent.trim().is_empty() {
            let why = "no agent is configured: name its command in flagman.toml ([dispatch] agent = \"…\") or give it with --agent";
            return Err(DispatchError::Config { why: why.to_owned() });
        }
        Ok(Terms {
            policy: self.policy.clone(),
            checks: self.checks.iter().map(|check| check.name.clone()).collect(),
            agent: self.agent_of_run.clone(),
        })
    }

    /// Finds what keeps a run from beginning, before anything is made for it.
    ///
    /// # Errors
    /// If a check or a glob is wrong, or no agent is named.
    pub fn ready(&self) -> Result<(), DispatchError> {
        self.check()?;
        self.terms(None).map(|_| ())
    }

    /// Finds what cannot work before anything is done.
    pub(super) fn check(&self) -> Result<(), DispatchError> {
        let wrong = |why: String| Err(DispatchError::Config { why });
        for (at, check) in self.checks.iter().enumerate() {
            if !is_branch_name(&check.name) || check.command.trim().is_empty() {
                return wrong(format!("`{}` is no name for a check, or it has no command", check.name));
            }
            if self.checks[..at].iter().any(|other| other.name == check.name) {
                return wrong(format!("two checks are called `{}`", check.name));
            }
        }
        for glob in &self.human_paths {
            if let Err(error) = globset::Glob::new(glob) {
                return wrong(format!("human_paths: `{glob}`: {}", error.kind()));
            }
        }
        Ok(())
    }
}

/// The folder `.flagman/runs` and what is in it.
#[derive(Clone, Debug)]
pub struct RunFiles {
    root: PathBuf,
}

impl RunFiles {
    /// The folder of a project, made if it is missing.
    pub(super) fn open(project: &Path) -> Result<Self, DispatchError> {
        let outer = project.join(".flagman");
        fs::create_dir_all(&outer).map_err(DispatchError::file(&outer))?;
        if !fs::symlink_metadata(&outer).is_ok_and(|found| found.is_dir()) {
            let link = std::io::Error::other("it is a link, and links are not followed here");
            return Err(DispatchError::file(&outer)(link));
        }
        let root = outer.join("runs");
        own_folder(&root)?;
        Ok(Self { root })
    }

    /// The folder of a run.
    #[must_use]
    pub fn run(&self, run: &str) -> PathBuf {
        self.root.join(run)
    }

    /// The journal of a run.
    #[must_use]
    pub fn journal(&self, run: &str) -> PathBuf {
        self.run(run).join("journal.jsonl")
    }

    /// The number of the last run; `None` before the first.
    pub(super) fn latest(&self) -> Result<Option<String>, DispatchError> {
        let entries = fs::read_dir(&self.root).map_err(DispatchError::file(&self.root))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let numbers = names.filter(|name| name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_digit()));
        let begun = numbers.filter(|name| self.journal(name).is_file());
        Ok(begun.max_by_key(|name| name.parse::<u64>().unwrap_or(0)))
    }

    /// Makes the folder of a new run; its number.
    pub(super) fn begin(&self) -> Result<String, DispatchError> {
        let last = self.latest()?.and_then(|name| name.parse::<u64>().ok()).unwrap_or(0);
        let run = format!("{:04}", last + 1);
        let folder = self.run(&run);
        // A folder without a journal is what a run left that was killed before it began.
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(DispatchError::file(&folder))?;
        }
        let logs = folder.join("logs");
        fs::create_dir_all(&logs).map_err(DispatchError::file(&logs))?;
        Ok(run)
    }

    /// Puts the handoff of a run into its folder and to `also`, each whole or not at all. A file there that is no handoff is left alone.
    pub(super) fn hand_over(&self, run: &str, also: Option<&Path>, text: &str) -> Result<(), DispatchError> {
        let own = self.run(run).join("handoff.md");
        write_whole(&own, text).map_err(DispatchError::file(&own))?;
        match also.filter(|path| is_ours(path)) {
            Some(path) => write_whole(path, text).map_err(DispatchError::file(path)),
            None => Ok(()),
        }
    }
}

/// True if nothing is lost by writing a handoff there: no file, or an earlier handoff.
fn is_ours(path: &Path) -> bool {
    match fs::read(path) {
        Ok(bytes) => bytes.is_empty() || bytes.starts_with(BEGINNING.as_bytes()),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    open_for_all(file.path())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is for its owner alone; a handoff is read like any other file.
#[cfg(unix)]
fn open_for_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_for_all(_: &Path) -> std::io::Result<()> {
    Ok(())
}
