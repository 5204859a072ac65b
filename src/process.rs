//! Programs that others wrote: agents, tests, reviewers. Enters: a command line and what it may know. Leaves: how it ended. Each is a process
//! group with a log of its own, is ended by TERM and then KILL, and does not outlive this program: a watchdog holds the other end of a
//! pipe, and what escaped from the group is found by a mark in its environment.

use process_wrap::std::{ChildWrapper, CommandWrap};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The variable that marks every process of a job.
pub const MARK: &str = "FLAGMAN_JOB";

/// Between two looks at a program.
const LOOK: Duration = Duration::from_millis(20);

/// Variables of the surroundings that every program may see; whatever else it needs, the user names.
const ORDINARY: [&str; 21] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_*",
    "TERM",
    "TMPDIR",
    "TMP",
    "TEMP",
    "TZ",
    "XDG_*",
    "SYSTEMROOT",
    "COMSPEC",
    "PATHEXT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "NODE_EXTRA_CA_CERTS",
];

/// How long a program may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// In all.
    pub total: Duration,
    /// Without a word in its log.
    pub silence: Option<Duration>,
    /// Between the request to stop and the end.
    pub grace: Duration,
    /// A log beyond this is a flood.
    pub log_bytes: u64,
}

/// What is to be run.
#[derive(Debug)]
pub struct Spec<'a> {
    /// The program and its arguments.
    pub arguments: Vec<OsString>,
    /// Where.
    pub folder: &'a Path,
    /// Where its output goes.
    pub log: PathBuf,
    /// Its environment, complete.
    pub environment: Vec<(OsString, OsString)>,
    /// The value of [`MARK`].
    pub mark: String,
    /// How long it may take.
    pub patience: Patience,
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// By itself; its exit code, `None` for a signal.
    Exit(Option<i32>),
    /// By us; why.
    Stopped(String),
}

/// A program that is running.
#[derive(Debug)]
pub struct Job {
    child: Box<dyn ChildWrapper>,
    watchdog: Option<Child>,
    mark: String,
    patience: Patience,
    log: PathBuf,
    heard: (u64, Instant),
    began: Instant,
    stopping: Option<(Instant, String)>,
}

impl Job {
    /// Starts it.
    pub fn start(spec: Spec<'_>) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(&spec.log)?;
        let (program, arguments) = spec.arguments.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut command = CommandWrap::with_new(program, |command| {
            command.args(arguments).current_dir(spec.folder).env_clear();
            command.envs(spec.environment.iter().map(|(name, value)| (name, value)));
            command.env(MARK, &spec.mark).stdin(Stdio::null());
        });
        command.command_mut().stdout(log.try_clone()?).stderr(log);
        #[cfg(unix)]
        command.wrap(process_wrap::std::ProcessGroup::leader());
        let child = command.spawn()?;
        let watchdog = watch(child.id(), spec.patience.grace)?;
        let now = Instant::now();
        Ok(Self {
            child,
            watchdog,
            mark: spec.mark,
            patience: spec.patience,
            log: spec.log,
            heard: (0, now),
            began: now,
            stopping: None,
        })
    }

    /// Looks after it; how it ended, once it has.
    pub fn poll(&mut self) -> io::Result<Option<Ended>> {
        if let Some(status) = self.child.try_wait()? {
            self.sweep();
            return Ok(Some(match self.stopping.take() {
                Some((_, why)) => Ended::Stopped(why),
                None => Ended::Exit(status.code()),
            }));
        }
        match &self.stopping {
            Some((since, _)) if since.elapsed() >= self.patience.grace => {
                let _ = self.child.start_kill();
            }
            Some(_) => {}
            None => {
                if let Some(why) = self.overrun() {
                    self.ask_to_stop(why);
                }
            }
        }
        Ok(None)
    }

    /// Looks after it until it has ended.
    ///
    /// # Errors
    /// If the system cannot tell how it is; it is ended then.
    pub fn to_its_end(mut self) -> io::Result<Ended> {
        loop {
            match self.poll() {
                Ok(Some(ended)) => return Ok(ended),
                Ok(None) => std::thread::sleep(LOOK),
                Err(error) => {
                    self.kill();
                    return Err(error);
                }
            }
        }
    }

    /// Why it may not go on.
    fn overrun(&mut self) -> Option<String> {
        let length = std::fs::metadata(&self.log).map_or(self.heard.0, |log| log.len());
        if length != self.heard.0 {
            self.heard = (length, Instant::now());
        }
        if self.began.elapsed() >= self.patience.total {
            return Some(format!("it took more than {} s", self.patience.total.as_secs()));
        }
        if length > self.patience.log_bytes {
            return Some(format!(
                "it wrote more than {} MiB of log",
                self.patience.log_bytes >> 20
            ));
        }
        let silence = self.patience.silence?;
        (self.heard.1.elapsed() >= silence).then(|| format!("it said nothing for {} s", silence.as_secs()))
    }

    fn ask_to_stop(&mut self, why: String) {
        const TERM: i32 = 15;
        #[cfg(unix)]
        let _ = self.child.signal(TERM);
        #[cfg(not(unix))]
        let _ = (TERM, self.child.start_kill());
        self.stopping = Some((Instant::now(), why));
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let _ = self.child.start_kill();
        let _ = self.child.wait();
        self.sweep();
    }

    /// Ends what it left behind, in its group or out of it, and sends the watchdog home.
    fn sweep(&mut self) {
        let _ = self.child.start_kill();
        end_marked(&self.mark);
        if let Some(mut watchdog) = self.watchdog.take() {
            if let Some(mut pipe) = watchdog.stdin.take() {
                let _ = pipe.write_all(b"done\n");
            }
            let _ = watchdog.wait();
        }
    }
}

/// The variables that a program gets: the ordinary ones, and those that `wanted` names (`NAME` or `PREFIX_*`). Git's own are never among
/// them: they would lead its git out of its clone.
pub fn environment(wanted: &[String]) -> Vec<(OsString, OsString)> {
    let matches = |name: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    };
    let all = || ORDINARY.into_iter().chain(wanted.iter().map(String::as_str));
    let allowed = |name: &str| !name.starts_with("GIT_") && all().any(|pattern| matches(name, pattern));
    let variables = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(allowed));
    variables.collect()
}

/// The shell with a line for it. Nothing is ever put into the line; what it needs to know is in the environment.
pub fn shell_line(line: &str) -> Vec<OsString> {
    [shell().0, shell().1, line].map(OsString::from).to_vec()
}

fn shell() -> (&'static str, &'static str) {
    if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    }
}

/// Ends the group when the pipe closes without a word, which is when this program is gone.
#[cfg(unix)]
fn watch(group: u32, grace: Duration) -> io::Result<Option<Child>> {
    use std::os::unix::process::CommandExt;
    // `-s TERM`, because dash takes `-TERM --` for a number.
    const SCRIPT: &str = r#"read -r word; [ "$word" = done ] && exit 0; kill -s TERM -- "-$1" 2>/dev/null; sleep "$2"; kill -s KILL -- "-$1" 2>/dev/null"#;
    let (group, grace) = (group.to_string(), grace.as_secs().max(1).to_string());
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "flagman-watchdog", &group, &grace])
        .process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().map(Some)
}

#[cfg(not(unix))]
fn watch(_: u32, _: Duration) -> io::Result<Option<Child>> {
    Ok(None)
}

/// Ends every process whose environment carries a mark that begins so. It finds what left its group; it cannot find what washed off the mark.
pub fn end_marked(mark: &str) {
    const PAUSE: Duration = Duration::from_millis(5);
    let began = Instant::now();
    let mut quiet = 0;
    // One look is not enough: a process that is just being born or replaced shows no environment, and a killed one takes a moment to die.
    // What breeds faster than it dies is left to itself after a while.
    while quiet < 2 && began.elapsed() < Duration::from_secs(5) {
        let found = marked(mark);
        if found.is_empty() {
            quiet += 1;
        } else {
            quiet = 0;
            kill_all(&found);
        }
        if quiet < 2 {
            std::thread::sleep(PAUSE);
        }
    }
}

fn kill_all(ids: &[String]) {
    let mut kill = Command::new(shell().0);
    kill.args(["-c", r#"kill -s KILL "$@" 2>/dev/null"#, "flagman-sweep"])
        .args(ids);
    let _ = kill
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// The ids of processes with this mark; only Linux lets us look.
fn marked(mark: &str) -> Vec<String> {
    let ours = std::process::id().to_string();
    let entry = format!("{MARK}={mark}");
    let carries = |pid: &str| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable.starts_with(entry.as_bytes()))
    };
    let processes = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let ids = processes.filter_map(|entry| entry.file_name().into_string().ok());
    ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()) && *id != ours && carries(id))
        .collect()
}

/// The end of a log, as text.
pub fn tail(log: &Path, limit: u64) -> String {
    use std::io::{Read, Seek, SeekFrom};
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn run(line: &str, total_ms: u64, silence_ms: Option<u64>) -> (Ended, String, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = format!("test-{}-{}", std::process::id(), folder.path().display());
        let log = folder.path().join("log");
        let mut job = Job::start(Spec {
            arguments: shell_line(line),
            folder: folder.path(),
            log: log.clone(),
            environment: environment(&[]),
            mark: mark.clone(),
            patience: Patience {
                total: Duration::from_millis(total_ms),
                silence: silence_ms.map(Duration::from_millis),
                grace: Duration::from_millis(200),
                log_bytes: 4 << 20,
            },
        })
        .expect("starts");
        let ended = loop {
            match job.poll().expect("polled") {
                Some(ended) => break ended,
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(marked(&mark), [] as [String; 0], "nothing is left of {line}");
        (ended, tail(&log, 1000), folder)
    }

    #[test]
    fn exit_codes_and_output_are_kept() {
        let (ended, log, _folder) = run("echo out; echo err >&2; exit 3", 60_000, None);
        assert_eq!((ended, log.as_str()), (Ended::Exit(Some(3)), "out\nerr\n"));
        let (ended, _, _folder) = run("kill -9 $$", 60_000, None);
        assert_eq!(ended, Ended::Exit(None));
    }

    #[test]
    fn what_will_not_end_is_ended() {
        let (ended, _, _folder) = run("trap '' TERM; while :; do :; done", 300, None);
        assert!(matches!(ended, Ended::Stopped(why) if why.contains("took more")));
        let (ended, _, _folder) = run("sleep 600", 60_000, Some(300));
        assert!(matches!(ended, Ended::Stopped(why) if why.contains("said nothing")));
    }

    #[test]
    fn what_was_left_behind_is_ended_too() {
        let (ended, _, _folder) = run(
            "sleep 600 & setsid sleep 600 & (trap '' TERM HUP; exec setsid sleep 600) & exit 0",
            60_000,
            None,
        );
        assert_eq!(ended, Ended::Exit(Some(0)));
    }

    #[test]
    fn git_variables_never_pass() {
        let all = environment(&["*".to_owned()]);
        assert!(all.iter().any(|(name, _)| name == "PATH"));
        assert!(!all.iter().any(|(name, _)| name.to_string_lossy().starts_with("GIT_")));
        let few = environment(&[]);
        assert!(
            !few.iter().any(|(name, _)| name == "CARGO_MANIFEST_DIR"),
            "only what is named"
        );
    }
}
