//! The one place that starts git. Enters: arguments as a list and bytes for its standard input. Leaves: exit code and bytes.
//! Of what the arguments mean it knows one thing: which commands would start programs that a configuration names.
//!
//! A repository, a clone of it and their configuration are data that others wrote. So: an absolute path found once, an environment that is
//! built up from nothing, no hooks, no monitors, no filters, no merge drivers, no pagers, no transports, no replaced objects, and never a shell.

use super::GitError;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The oldest git that has everything used here (`merge-tree --write-tree`, `--attr-source`).
pub const OLDEST_GIT: (u32, u32) = (2, 41);

/// More output than this is a fault, not an answer.
const OUTPUT_LIMIT: u64 = 1 << 30;

/// The exit code of a git that does not know an option.
const NOT_UNDERSTOOD: i32 = 129;

/// What of git's complaint is kept.
const COMPLAINT_LIMIT: u64 = 4096;

/// What comes from the surroundings: where programs are, and whose settings (safe.directory) count.
const KEPT: [&str; 6] = ["PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SYSTEMROOT", "USERPROFILE"];

/// Settings that outrank every configuration file.
const SETTINGS: [&str; 15] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.askPass=",
    "core.sshCommand=false",
    "core.fsync=committed",
    "core.quotePath=false",
    "credential.helper=",
    "fetch.fsckObjects=true",
    "gc.auto=0",
    "log.showSignature=false",
    "maintenance.auto=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
];

/// Commands that read or write files of a work tree: a filter (`filter.NAME.clean`) would be started for each.
const AT_FILES: [&str; 3] = ["reset", "status", "update-index"];

/// Which programs a configuration names for such a command, as a pattern of its keys.
const FILTERS: &str = r"^filter\..*\.(clean|smudge|process|required)$";

/// The same for merges.
const DRIVERS: &str = r"^merge\..*\.driver$";

/// What git answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// Its standard output.
    pub(super) stdout: Vec<u8>,
    /// The beginning of its standard error, made printable.
    pub(super) complaint: String,
}

/// One call of git, being put together.
#[derive(Debug)]
pub(super) struct Call {
    folder: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
    stdin: Vec<u8>,
    /// It shows by itself that git is new enough.
    proof: bool,
}

/// A call has shown that git is new enough.
static PROVEN: OnceLock<()> = OnceLock::new();

impl Call {
    /// A call in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            stdin: Vec::new(),
            proof: false,
        }
    }

    /// Runs what every git can run, in a way that only one that is new enough understands: its version need not be asked for.
    pub(super) fn proof(mut self) -> Result<Answer, GitError> {
        self.arguments.insert(0, "--attr-source=HEAD".into());
        self.proof = true;
        let answer = self.answer()?;
        match answer.code {
            Some(NOT_UNDERSTOOD) => _ = executable()?,
            Some(0) => _ = PROVEN.set(()),
            _ => {}
        }
        Ok(answer)
    }

    /// Adds arguments. What comes from outside must follow `--end-of-options`, `--` or be an object id.
    pub(super) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets a variable of git's own environment.
    pub(super) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// What git reads from its standard input.
    pub(super) fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = bytes;
        self
    }

    /// The first words, for messages.
    fn name(&self) -> String {
        let words = self.arguments.iter().map(|word| word.to_string_lossy());
        words
            .filter(|word| !word.contains('='))
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The command itself, behind the options of git's own.
    fn command(&self) -> Option<&str> {
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            match word.to_str()? {
                "-c" => _ = words.next(),
                word if word.starts_with('-') => {}
                word => return Some(word),
            }
        }
        None
    }

    /// The settings that keep the programs which a configuration names from being started by this command. No option does that for all of
    /// them, so git is asked for their names. A filter is left out; a merge driver fails, which is a conflict.
    fn disarmed(&self) -> Result<Vec<(String, &'static str)>, GitError> {
        let (pattern, value) = match self.command() {
            Some("merge-tree") => (DRIVERS, "false"),
            Some(command) if AT_FILES.contains(&command) => (FILTERS, ""),
            _ => return Ok(Vec::new()),
        };
        let keys = self.configured(pattern)?;
        Ok(keys
            .iter()
            .flat_map(|key| {
                let required = key.rsplit_once('.').filter(|_| pattern == FILTERS);
                let required = required.map(|(filter, _)| (format!("{filter}.required"), "false"));
                let own = (!key.ends_with(".required")).then(|| (key.clone(), value));
                own.into_iter().chain(required)
            })
            .collect())
    }

    /// The filters that the configuration of this folder names.
    pub(super) fn filters(&self) -> Result<BTreeSet<String>, GitError> {
        let keys = self.configured(FILTERS)?;
        let names = keys.iter().filter_map(|key| {
            let (filter, _) = key.rsplit_once('.')?;
            filter.strip_prefix("filter.")
        });
        Ok(names.map(str::to_owned).collect())
    }

    /// The keys of the configuration that fit a pattern.
    fn configured(&self, pattern: &str) -> Result<Vec<String>, GitError> {
        let ask = ["config", "--null", "--name-only", "--get-regexp", pattern];
        let asked = Self {
            arguments: ask.iter().map(OsString::from).collect(),
            stdin: Vec::new(),
            folder: self.folder.clone(),
            environment: self.environment.clone(),
            proof: false,
        };
        let answer = asked.answer()?;
        // Exit code 1 says that there is none.
        let names = match answer.code {
            Some(1) => Vec::new(),
            _ => answer.success("config".to_owned())?,
        };
        let names = String::from_utf8(names).map_err(|_| GitError::Unreadable {
            command: "config",
            what: "a name that is not UTF-8".to_owned(),
        })?;
        let keys = names.split('\0').filter(|key| !key.is_empty());
        Ok(keys.map(str::to_owned).collect())
    }

    /// Runs it and hands over whatever came out.
    pub(super) fn answer(self) -> Result<Answer, GitError> {
        let name = self.name();
        self.run(|stdout| {
            let mut bytes = Vec::new();
            stdout.take(OUTPUT_LIMIT + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
        .and_then(|(bytes, code, complaint)| {
            if bytes.len() as u64 > OUTPUT_LIMIT {
                return Err(GitError::TooMuch { command: name });
            }
            Ok(Answer {
                code,
                stdout: bytes,
                complaint,
            })
        })
    }

    /// Runs it; any exit code but 0 is an error.
    pub(super) fn output(self) -> Result<Vec<u8>, GitError> {
        let name = self.name();
        let answer = self.answer()?;
        answer.success(name)
    }

    /// Runs it while `read` takes its output as it comes.
    pub(super) fn run<T: Send>(
        mut self,
        read: impl FnOnce(&mut dyn Read) -> std::io::Result<T>,
    ) -> Result<(T, Option<i32>, String), GitError> {
        let stdin = std::mem::take(&mut self.stdin);
        let mut child = self.spawn()?;
        let (input, output, complaint) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (read_result, complaint) = std::thread::scope(|scope| {
            // Both ends at once: a pipe holds little, and git may write before it has read everything.
            scope.spawn(move || {
                if let Some(mut input) = input {
                    // A git that stopped reading says why with its exit code.
                    let _ = input.write_all(&stdin);
                }
            });
            let complaint = scope.spawn(move || complaint.map(read_complaint).unwrap_or_default());
            let result = match output {
                Some(mut output) => read(&mut output),
                None => Err(std::io::Error::other("no standard output")),
            };
            (result, complaint.join().unwrap_or_default())
        });
        let status = child.wait().map_err(GitError::Start)?;
        Ok((read_result.map_err(GitError::Start)?, status.code(), complaint))
    }

    fn spawn(&self) -> Result<Child, GitError> {
        let disarmed = self.disarmed()?;
        let git = match self.proof || PROVEN.get().is_some() {
            true => place()?,
            false => executable()?,
        };
        let mut command = Command::new(git);
        command.env_clear();
        for name in KEPT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1");
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        // Not by `-c`: a name may have any character in it.
        command.env("GIT_CONFIG_COUNT", disarmed.len().to_string());
        for (at, (key, value)) in disarmed.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{at}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        command.arg("--no-pager").arg("--literal-pathspecs");
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        command.args(&self.arguments).current_dir(&self.folder);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().map_err(GitError::Start)
    }
}

impl Answer {
    /// The output if git was content.
    pub(super) fn success(self, command: String) -> Result<Vec<u8>, GitError> {
        if self.code == Some(0) {
            return Ok(self.stdout);
        }
        Err(GitError::Failed {
            command,
            code: self.code,
            complaint: self.complaint,
        })
    }
}

/// Reads all of it, so that git never waits, and keeps the beginning without control characters.
fn read_complaint(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.by_ref().take(COMPLAINT_LIMIT).read_to_end(&mut bytes);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    let text = String::from_utf8_lossy(&bytes);
    let printable = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.trim().chars().map(printable).collect()
}

/// The path of a git that is new enough.
fn executable() -> Result<&'static Path, GitError> {
    static NEW_ENOUGH: OnceLock<Result<(), GitError>> = OnceLock::new();
    let git = place()?;
    match NEW_ENOUGH.get_or_init(|| check(git)) {
        Ok(()) => Ok(git),
        Err(GitError::TooOld { found }) => Err(GitError::TooOld { found: found.clone() }),
        Err(_) => Err(GitError::Missing),
    }
}

/// The path of git, found once. Relative entries of PATH are passed over: they would find a git in somebody's repository.
fn place() -> Result<&'static Path, GitError> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let name = if cfg!(windows) { "git.exe" } else { "git" };
        std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|candidate| candidate.is_file())
    };
    FOUND.get_or_init(find).as_deref().ok_or(GitError::Missing)
}

fn check(git: &Path) -> Result<(), GitError> {
    let answer = Command::new(git)
        .arg("version")
        .output()
        .map_err(|_| GitError::Missing)?;
    let found = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    match version(&found) {
        Some(version) if version >= OLDEST_GIT => Ok(()),
        _ => Err(GitError::TooOld { found }),
    }
}

/// The numbers in `git version 2.47.3`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_and_nonsense_is_not() {
        assert_eq!(version("git version 2.47.3"), Some((2, 47)));
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version("git version 2.50.0.windows.1"), Some((2, 50)));
        assert_eq!(version("hub version 2"), None);
        assert!((2, 9) < OLDEST_GIT);
    }

    #[test]
    fn a_complaint_carries_no_control_characters() {
        assert_eq!(
            read_complaint(&b"bad \x1b[31mref\nline\n"[..]),
            "bad \u{fffd}[31mref\nline"
        );
    }
}
