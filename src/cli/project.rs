//! Everything is read here. Enters: the arguments. Leaves: the [`Project`] (root, configuration) and the analysis' [`Inputs`]. After this, nothing
//! is read any more until something is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::args::Global;
use super::branches::{self, unknown_prd};
use super::configured::read_config;
use super::failure::Failure;
use super::flags::no_flag;
use crate::analysis::{Analysis, Inputs, documents};
use crate::check::Settings;
use crate::config::{self, Config, Unclear};
use crate::dispatch::landed_on;
use crate::flag::{FlagKey, FlagValue, Ledger, shell_word};
use crate::git::Repository;
use crate::prd::{Prd, PrdId, discover};
use crate::probe::record::{self, Record};
use crate::rules::{self, RuleError, RuleSet};
use crate::source::{Bytes, RepoPath, SkipReason, Skipped, Sources, View};
use crate::touchpoint::References;
use crate::workspace;

/// A project: its folder and its configuration.
#[derive(Debug)]
pub(super) struct Project {
    /// The folder.
    pub root: PathBuf,
    /// What `flagman.toml` says; defaults where there is none.
    pub config: Config,
    /// There is a `flagman.toml`.
    pub configured: bool,
    /// The repository whose top folder, or a folder of which, the project is.
    pub repository: Option<Repository>,
    /// The environment whose states count in this run.
    pub environment: String,
    /// `" --project DIR --env NAME"` as far as the user typed it.
    pub invocation: String,
}

/// The largest record of `flagman probe` that is read, in bytes.
const RECORD_LIMIT: u64 = 64 << 20;

/// Which trees are looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// The commit that the wave starts from; `None` for the work tree.
    pub base: Option<String>,
    /// A branch to look at, and the PRD that it belongs to, if it was named.
    pub head: Option<(String, Option<String>)>,
    /// Look for the branches of PRDs.
    pub branches: bool,
    /// The wave goes now: no flip is still to come.
    pub at_wave: bool,
    /// The PRDs to go without, as people name them.
    pub without: Vec<String>,
}

impl Project {
    /// Finds the project and reads its configuration.
    ///
    /// # Errors
    /// If the folder does not exist, or its `flagman.toml` cannot be understood.
    pub(super) fn open(global: &Global) -> Result<Self, Failure> {
        let root = match &global.project {
            Some(folder) => folder.clone(),
            None => {
                let root = nearest_project(&current_folder()?);
                refuse_everything(&root)?;
                root
            }
        };
        let root = root
            .canonicalize()
            .map_err(|_| Failure::usage(format!("{} is not a folder", root.display())))?;
        if !root.is_dir() {
            return Err(Failure::usage(format!("{} is not a folder", root.display())));
        }
        let (config, configured) = read_config(&root)?;
        let repository = Repository::discover(&root).ok();
        let folder = global.project.as_ref().map(|folder| folder.to_string_lossy());
        let folder = folder.map_or(String::new(), |folder| format!(" --project {}", shell_word(&folder)));
        let environment = global.env.as_ref();
        let environment = environment.map_or(String::new(), |name| format!(" --env {}", shell_word(name)));
        let invocation = folder + &environment;
        let environment = global.env.as_ref().unwrap_or(&config.flags.environment).clone();
        Ok(Self {
            environment,
            root,
            config,
            configured,
            repository,
            invocation,
        })
    }

    /// The repository, for commands that cannot do without.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn repository(&self) -> Result<Repository, Failure> {
        match &self.repository {
            Some(repository) => Ok(repository.clone()),
            None => Ok(Repository::discover(&self.root)?),
        }
    }

    /// Reads everything that an analysis needs.
    ///
    /// # Errors
    /// If a revision is unknown, or a rule of the project is wrong.
    pub(super) fn read(&self, global: &Global, wanted: &Wanted) -> Result<Inputs, Failure> {
        let mut sources = Sources::default();
        let base = match &wanted.base {
            None => {
                let mut view = workspace::read_folder(&self.root, &mut sources)?;
                self.add_named(&mut sources, &mut view)?;
                view
            }
            Some(revision) => branches::read_commit(&self.repository()?, revision, &mut sources)?,
        };
        let rules = self.rules(&sources, &base)?;
        let found = self.prd_files(&mut sources, &base)?;
        let (files, done, unread_prds) = (found.files, found.done, found.unread);
        let ledger = self.ledger(&sources, &base);
        let prds = documents(&sources, &files);
        let without = without(&prds, wanted)?;
        let mut landed = self.landed(wanted)?;
        landed.extend(done);
        let found = branches::find(self, wanted, &prds, &landed, &base, &mut sources)?;
        let supposed = global
            .suppose
            .iter()
            .map(|(key, on)| (FlagKey::new(key), FlagValue::from(*on)))
            .collect();
        let settings = self.settings(global, wanted, &without);
        Ok(Inputs {
            sources,
            base,
            rules,
            settings,
            prds: files,
            unread_prds,
            ledger,
            supposed,
            landed,
            at_wave: wanted.at_wave,
            without,
            branches: found.branches,
            conflicts: found.collisions.conflicts,
            clean: found.collisions.clean,
            breaches: found.collisions.breaches,
            proofs: self.record()?.proofs,
            parse_all: false,
        })
    }

    /// What the configuration names is read whether git ignores it or not.
    fn add_named(&self, sources: &mut Sources, view: &mut View) -> Result<(), Failure> {
        let mut globs = self.config.flags.rules.clone();
        globs.extend(self.config.prds.paths.iter().cloned());
        let mut matching = globs.clone();
        let file = self.config.flags.file().to_owned();
        matching.push(globset::escape(&file));
        globs.push(file);
        workspace::add_named(&self.root, &globs, &path_globs(&matching)?, sources, view);
        Ok(())
    }

    /// The PRDs that have landed on the tree that is looked at, as far as its history says.
    fn landed(&self, wanted: &Wanted) -> Result<BTreeSet<PrdId>, Failure> {
        let Some(repository) = &self.repository else {
            return Ok(BTreeSet::new());
        };
        let tip = match &wanted.base {
            Some(revision) => repository.resolve(revision)?,
            // Without a commit nothing has landed.
            None => match repository.head() {
                Ok(head) => head,
                Err(_) => return Ok(BTreeSet::new()),
            },
        };
        let landed = landed_on(repository, &tip)?.into_iter();
        Ok(landed.map(|(prd, _)| prd).collect())
    }

    /// What `flagman probe` recorded; nothing where it never ran.
    ///
    /// # Errors
    /// If there is a record and it is none.
    pub(super) fn record(&self) -> Result<Record, Failure> {
        let path = self.root.join(record::FILE_NAME);
        let wrong = |why: String| {
            Failure::usage(format!("{} is no record of flagman probe: {why}", record::FILE_NAME))
                .hint("delete it, and run flagman probe again")
        };
        match workspace::read_named(&path, RECORD_LIMIT) {
            Ok(Some(text)) => record::parse(&text).map_err(wrong),
            Ok(None) => Ok(Record::default()),
            Err(reason) => Err(wrong(reason.to_string())),
        }
    }

    fn settings(&self, global: &Global, wanted: &Wanted, without: &BTreeSet<PrdId>) -> Settings {
        let compared = match (&wanted.base, &wanted.head) {
            (Some(base), Some((head, _))) => format!(" --base {} --head {}", shell_word(base), shell_word(head)),
            _ => String::new(),
        };
        let checked_out = || self.repository.as_ref()?.head_branch().ok()?;
        Settings {
            base: wanted
                .base
                .clone()
                .or_else(checked_out)
                .unwrap_or_else(|| "HEAD".to_owned()),
            compared,
            without: without.iter().cloned().collect(),
            environment: self.environment.clone(),
            ambient: self.config.flags.ambient.fixed(),
            hold_single: self.config.gate.hold == config::Hold::Prd,
            release_branch: self.config.project.release_branch.clone(),
            protected: self.config.project.protected.clone(),
            max_parallel: self.config.dispatch.max_parallel,
            unclear_together: self.config.plan.unclear == Unclear::Together,
            invocation: self.invocation.clone(),
            git_folder: global.project.as_ref().map(|folder| folder.display().to_string()),
            checked_out: if wanted.branches || wanted.head.is_some() {
                self.checked_out()
            } else {
                BTreeMap::new()
            },
        }
    }

    /// The other work trees in which branches are checked out: git moves a branch only where it is.
    fn checked_out(&self) -> BTreeMap<String, String> {
        let Some(repository) = &self.repository else {
            return BTreeMap::new();
        };
        let trees = repository.work_trees().unwrap_or_default().into_iter();
        trees
            .filter(|tree| tree.lost.is_none() && tree.folder != repository.toplevel())
            .filter_map(|tree| Some((tree.branch?, tree.folder.display().to_string())))
            .collect()
    }

    /// True for a path at which a PRD is looked for.
    ///
    /// # Errors
    /// If a glob of the configuration is none.
    pub(super) fn is_prd(&self, path: &RepoPath) -> Result<bool, Failure> {
        let globs = &self.config.prds.paths;
        Ok(fits(path, globs, &path_globs(globs)?))
    }

    /// The rules: the built-in ones, and the project's own.
    pub(super) fn rules(&self, sources: &Sources, view: &View) -> Result<RuleSet, Failure> {
        let without = &self.config.flags.without;
        let known = rules::builtin_ids();
        if let Some(word) = without.iter().find(|word| !known.contains(*word)) {
            let failure = Failure::usage(format!("`flags.without`: there is no built-in rule file `{word}`"));
            let meant = crate::nearest::nearest(word, known.iter().map(String::as_str));
            return Err(match meant {
                Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                None => failure,
            });
        }
        let mut rules = rules::load_builtin_without(without);
        let globs = path_globs(&self.config.flags.rules)?;
        for (path, file) in view.files.iter().filter(|(path, _)| globs.is_match(path.as_str())) {
            rules
                .add_project(&sources.file(*file).text, path.as_str())
                .map_err(|errors| {
                    rule_failure(&errors).hint("the form of a rule file is described in docs/rules.md")
                })?;
        }
        for (at, table) in self.config.flags.rule.iter().enumerate() {
            let text = toml::to_string(table).map_err(|error| Failure::usage(error.to_string()))?;
            let origin = format!("{} [[flags.rule]] {}", config::FILE_NAME, at + 1);
            rules
                .add_project(&text, &origin)
                .map_err(|errors| rule_failure(&errors))?;
        }
        Ok(rules)
    }

    /// The flag file. One that does not exist is an empty one; one that cannot be read is a reason not to know.
    pub(super) fn ledger(&self, sources: &Sources, view: &View) -> Result<Ledger, Skipped> {
        let Some(path) = RepoPath::new(self.config.flags.file()) else {
            return Ok(Ledger::default());
        };
        let hides = |skip: &&Skipped| skip.path == path || discover::is_below(path.as_str(), skip.path.as_str());
        if let Some(skip) = view.skipped.iter().chain(&view.folders).find(hides) {
            let reason = skip.reason.clone();
            return Err(Skipped { path, reason });
        }
        let Some(file) = view.files.get(&path) else {
            // Who names the file means it: what it records is unknown, not nothing.
            return match self.config.flags.named_file {
                Some(_) => Err(Skipped {
                    path,
                    reason: SkipReason::Unreadable("there is no such file, and flagman.toml names it".into()),
                }),
                None => Ok(Ledger::default()),
            };
        };
        Ledger::parse(*file, &sources.file(*file).text).map_err(|error| {
            let at = error.bytes.map_or(String::new(), |bytes: Bytes| {
                let at = sources.start(bytes.in_file(*file));
                format!(" (line {}, column {})", at.line, at.column)
            });
            Skipped {
                path,
                reason: SkipReason::Syntax(format!("{error}{at}")),
            }
        })
    }
}

/// The PRDs to go without.
///
/// # Errors
/// If a name means none; before a wave such a name is one that has gone since.
fn without(prds: &[Prd], wanted: &Wanted) -> Result<BTreeSet<PrdId>, Failure> {
    let names = References::new(prds);
    let mut ids = BTreeSet::new();
    for word in &wanted.without {
        match names.find(word) {
            Ok(id) => {
                ids.insert(id.clone());
            }
            Err(_) if wanted.at_wave => {}
            Err(near) => return Err(unknown_prd(word, &near)),
        }
    }
    Ok(ids)
}

/// A flag that is supposed to be on or off must be one: a slip would suppose nothing.
///
/// # Errors
/// If no flag of that name is known.
pub(super) fn check_supposed(global: &Global, analysis: &Analysis) -> Result<(), Failure> {
    for (key, _) in &global.suppose {
        if analysis.flags.get(&FlagKey::new(key)).is_none() {
            let why = format!("--suppose: {}", no_flag(analysis, key));
            return Err(Failure::usage(why).hint("flagman flags lists them"));
        }
    }
    Ok(())
}

pub(super) fn fits(path: &RepoPath, globs: &[String], named: &GlobSet) -> bool {
    if globs.is_empty() {
        discover::is_usual(path)
    } else {
        discover::is_named(path, named)
    }
}

/// A folder that holds all that a machine or a person has is no project, unless somebody says so.
///
/// # Errors
/// If it is one.
fn refuse_everything(root: &Path) -> Result<(), Failure> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let is_project = root.join(config::FILE_NAME).is_file() || root.join(".git").exists();
    if is_project || (root.parent().is_some() && home.as_deref() != Some(root)) {
        return Ok(());
    }
    let why = format!(
        "{} is in no repository, and to read all that lies below it would take long",
        root.display()
    );
    Err(Failure::usage(why).hint("run flagman in the folder of a project, or name it: --project DIR"))
}

/// The folder that the program runs in.
///
/// # Errors
/// If it is gone.
pub(super) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::usage(format!("the current folder cannot be read: {error}")))
}

/// The nearest folder upwards from this one with a `flagman.toml` or a `.git`; the folder itself if there is none.
pub(super) fn nearest_project(from: &Path) -> PathBuf {
    let is_project = |folder: &&Path| folder.join(config::FILE_NAME).is_file() || folder.join(".git").exists();
    from.ancestors().find(is_project).unwrap_or(from).to_owned()
}

pub(super) fn glob_set(globs: &[String]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).map_err(|error| Failure::usage(error.to_string()))?);
    }
    set.build().map_err(|error| Failure::usage(error.to_string()))
}

/// Globs of files as git and shells read them: `*` stays within a folder, `**` does not.
pub(super) fn path_globs(globs: &[String]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let glob = GlobBuilder::new(glob).literal_separator(true).build();
        set.add(glob.map_err(|error| Failure::usage(error.to_string()))?);
    }
    set.build().map_err(|error| Failure::usage(error.to_string()))
}

/// The first error of a rule file, and how many more there are.
fn rule_failure(errors: &[RuleError]) -> Failure {
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Failure::usage(all.join("\nerror: "))
}
