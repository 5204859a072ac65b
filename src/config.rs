//! `flagman.toml`. Enters: its text. Leaves: [`Config`], every key with its default, or a [`ConfigError`] with a place and a hint.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::flag::FlagValue;
use crate::nearest::did_you_mean;
use crate::source::{Bytes, RepoPath};

mod guard;

pub use guard::{Guard, Response};

/// The name of the configuration file, at the root of the project.
pub const FILE_NAME: &str = "flagman.toml";

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[project]`
    pub project: Project,
    /// `[prds]`
    pub prds: Prds,
    /// `[flags]`
    pub flags: Flags,
    /// `[tests]`
    pub tests: Tests,
    /// `[plan]`
    pub plan: Planning,
    /// `[probe]`
    pub probe: Probe,
    /// `[gate]`
    pub gate: GatePolicy,
    /// `[guard]`
    pub guard: Guard,
    /// `[dispatch]`
    pub dispatch: Dispatch,
    /// `[reviewers]`
    pub reviewers: Reviewers,
    /// `[budget]`
    pub budget: Budget,
    /// `[stop]`
    pub stop: Stop,
}

/// `[project]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// Where the dispatcher may merge.
    pub release_branch: String,
    /// Globs of branches that are never moved.
    pub protected: Vec<String>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            release_branch: "release/next".into(),
            protected: vec!["main".into(), "master".into()],
        }
    }
}

/// `[prds]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prds {
    /// Globs; empty: the usual folders are looked for.
    pub paths: Vec<String>,
    /// The branch of a PRD, by its id, where neither front matter nor the branch's name says it.
    pub branches: BTreeMap<String, String>,
}

/// What a test sees of a flag that it does not force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AmbientPolicy {
    /// On.
    On,
    /// Off.
    Off,
    /// The recorded state, else the declared default.
    #[default]
    Declared,
    /// Not known: nothing blocks on it.
    Unknown,
}

impl AmbientPolicy {
    /// The value, where the policy states one by itself.
    #[must_use]
    pub fn fixed(self) -> Option<FlagValue> {
        match self {
            Self::On => Some(FlagValue::On),
            Self::Off => Some(FlagValue::Off),
            Self::Unknown => Some(FlagValue::Unknown),
            Self::Declared => None,
        }
    }
}

/// `[flags]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Flags {
    /// The flag file, if the configuration names one; see [`Flags::file`].
    #[serde(rename = "file")]
    pub named_file: Option<String>,
    /// The environment whose states count.
    pub environment: String,
    /// Built-in rule files that this project does without (`js/env`), because what they find here are no flags.
    pub without: Vec<String>,
    /// Globs of the project's own rule files.
    pub rules: Vec<String>,
    /// What a test sees that forces nothing.
    pub ambient: AmbientPolicy,
    /// `[[flags.rule]]`: small rules in place, each a rule file.
    pub rule: Vec<toml::Table>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            named_file: None,
            environment: "default".into(),
            without: Vec::new(),
            rules: vec![".flagman/rules/*.toml".into()],
            ambient: AmbientPolicy::Declared,
            rule: Vec::new(),
        }
    }
}

impl Flags {
    /// The flag file. One that is named must be there; the usual one may be missing.
    #[must_use]
    pub fn file(&self) -> &str {
        self.named_file.as_deref().unwrap_or("flags.toml")
    }
}

/// `[tests]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tests {
    /// The command that runs the tests; the dispatcher's CI.
    pub command: Option<String>,
}

/// Where a PRD goes that says nothing of what it changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unclear {
    /// In a phase of its own.
    #[default]
    Alone,
    /// Beside others.
    Together,
}

/// `[plan]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Planning {
    /// Where a PRD goes that says nothing of what it changes.
    pub unclear: Unclear,
}

/// `[probe]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Probe {
    /// A line for the shell that runs the test files it is given as arguments and writes JUnit, or the JSON of jest, to `$FLAGMAN_RESULTS`;
    /// without it, the runner that the nearest manifest names.
    pub command: Option<String>,
    /// How long one run may take, in seconds.
    pub timeout_seconds: Option<u64>,
    /// Variables that tests may see beside the ordinary ones: `NAME` or `PREFIX_*`.
    pub pass_env: Vec<String>,
    /// Files and folders that git ignores and that tests need: they are copied, too.
    pub copy: Vec<String>,
}

/// What is held when one PRD may not go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// The whole phase.
    #[default]
    Wave,
    /// That PRD alone.
    Prd,
}

/// From which level on a finding blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Errors block.
    #[default]
    Error,
    /// Warnings block too.
    Warning,
}

/// `[gate]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatePolicy {
    /// What is held.
    pub hold: Hold,
    /// From which level on.
    pub fail_on: FailOn,
}

/// `[dispatch]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// The agent's command; it runs in the PRD's clone with `FLAGMAN_PRD` and `FLAGMAN_PRD_PATH` set.
    pub agent: Option<String>,
    /// How many agents at once, and how many PRDs a phase may have.
    pub max_parallel: Option<u32>,
    /// How long one command may run, in minutes.
    pub timeout_minutes: Option<u64>,
    /// Variables that agents and tests may see beside the ordinary ones: `NAME` or `PREFIX_*`.
    pub pass_env: Vec<String>,
}

/// `[reviewers]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reviewers {
    /// Commands that must each exit 0 before a PRD is merged.
    pub commands: Vec<String>,
}

/// `[budget]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// How often a PRD is tried again for one way to fail.
    pub retries: u32,
    /// Agents started in all, before the run stops.
    pub attempts: Option<u32>,
    /// How long the whole run may take, in minutes.
    pub minutes: Option<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            retries: 1,
            attempts: None,
            minutes: None,
        }
    }
}

/// `[stop]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stop {
    /// This many failures with one upstream cause pause the run.
    pub same_cause: u32,
}

impl Default for Stop {
    fn default() -> Self {
        Self { same_cause: 3 }
    }
}

/// The configuration says something that cannot be understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, with the key that was probably meant.
    pub message: String,
    /// Where, in bytes of the text.
    pub bytes: Option<Bytes>,
}

impl Config {
    /// Reads the text of a `flagman.toml`; an empty text is all defaults.
    ///
    /// # Errors
    /// If the text is not TOML, has an unknown key, or a value of the wrong kind.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError {
            message: with_suggestion(error.message()),
            bytes: error.span().map(|range| Bytes::new(range.start, range.end)),
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let globs = self
            .prds
            .paths
            .iter()
            .chain(&self.flags.rules)
            .chain(&self.project.protected)
            .chain(&self.guard.branches)
            .chain(&self.guard.protected);
        for glob in globs {
            globset::Glob::new(glob).map_err(|error| ConfigError {
                message: format!("{glob:?} is not a glob: {error}"),
                bytes: None,
            })?;
        }
        if let Some(outside) = self.probe.copy.iter().find(|path| RepoPath::new(path).is_none()) {
            return Err(ConfigError {
                message: format!("`probe.copy` must hold paths within the project, not {outside:?}"),
                bytes: None,
            });
        }
        if self.project.release_branch.trim().is_empty() {
            return Err(ConfigError {
                message: "`project.release_branch` is empty".into(),
                bytes: None,
            });
        }
        if RepoPath::new(self.flags.file()).is_none() {
            return Err(ConfigError {
                message: format!(
                    "`flags.file` must be a path within the project, not {:?}",
                    self.flags.file()
                ),
                bytes: None,
            });
        }
        Ok(())
    }
}

/// serde names the unknown key and the expected ones; we add the nearest of these.
fn with_suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    match quoted.next() {
        Some(word) if unknown => {
            let near = did_you_mean(word, quoted);
            let near = if near.is_empty() { elsewhere(word) } else { near };
            format!("{message}{near}")
        }
        _ => message.to_owned(),
    }
}

/// The key of another section that is near to an unknown one. serde itself says which keys there are.
fn elsewhere(word: &str) -> String {
    let expected = |text: &str| -> Vec<String> {
        let message = toml::from_str::<Config>(text)
            .err()
            .map(|error| error.message().to_owned());
        let message = message.unwrap_or_default();
        message.split('`').skip(3).step_by(2).map(ToOwned::to_owned).collect()
    };
    let meant = expected("? = 0".replace('?', NOBODYS).as_str())
        .into_iter()
        .find_map(|section| {
            let keys = expected(&format!("[{section}]\n{NOBODYS} = 0"));
            let key = crate::nearest::nearest(word, keys.iter().map(String::as_str))?;
            Some(format!("; did you mean `{key}` of `[{section}]`?"))
        });
    meant.unwrap_or_default()
}

/// A key that no section has.
const NOBODYS: &str = "nobodys-key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_all_defaults() {
        let config = Config::parse("").unwrap();
        assert_eq!(config.project.release_branch, "release/next");
        assert_eq!(config.project.protected, ["main", "master"]);
        assert_eq!(config.flags.file(), "flags.toml");
        assert_eq!((config.budget.retries, config.stop.same_cause), (1, 3));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion_and_a_place() {
        let text = "[project]\nrelease_brnch = \"x\"\n";
        let error = Config::parse(text).unwrap_err();
        assert!(
            error.message.contains("did you mean `release_branch`?"),
            "{}",
            error.message
        );
        assert_eq!(&text[error.bytes.unwrap().range()], "release_brnch");
        let error = Config::parse("[gate]\nhold = \"waves\"\n").unwrap_err();
        assert!(error.message.contains("did you mean `wave`?"), "{}", error.message);
    }

    #[test]
    fn what_is_copied_for_a_probe_lies_within_the_project() {
        for outside in ["/etc/passwd", "../x", ""] {
            let error = Config::parse(&format!("[probe]\ncopy = [{outside:?}]\n")).unwrap_err();
            assert!(error.message.contains("probe.copy"), "{}", error.message);
        }
        assert_eq!(
            Config::parse("[probe]\ncopy = [\".env.test\"]\n").unwrap().probe.copy,
            [".env.test"]
        );
    }

    #[test]
    fn a_broken_glob_is_an_error() {
        assert!(
            Config::parse("[prds]\npaths = [\"docs/{a\"]\n")
                .unwrap_err()
                .message
                .contains("docs/{a")
        );
    }
}
