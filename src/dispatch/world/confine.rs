//! Keeping programs out of the repository. Enters: a line for the shell and the folders that it may write to. Leaves: the arguments that run
//! it with the rest of the repository read-only, in a mount namespace of its own and without any capability to undo that. Where the machine
//! allows it, also among processes of its own: it sees and signals no others, and what it leaves behind ends with it, wherever it went. Linux
//! only, with the programs of util-linux; what works here is found out by trying.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Binds everything to itself, takes the right to write from what comes before `--`, and gives up every capability.
const SCRIPT: &str = r#"folder=$1 line=$2
shift 2
for path; do [ "$path" = -- ] || mount --bind "$path" "$path" || exit 125; done
for path; do [ "$path" = -- ] && break; mount -o remount,bind,ro "$path" || exit 125; done
cd "$folder" || exit 125
run() { $how setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all /bin/sh -c "$line"; }
"#;

/// The program in the place of this shell.
const IN_PLACE: &str = "how=exec; run";

/// The first process of a namespace is deaf to TERM, and when it ends all the others are killed: that is this shell, so that the program is an
/// ordinary process, which hears TERM again.
const BESIDE: &str = "how='env --default-signal=TERM'; run & wait $!";

/// Whoever waits for the namespace must not be the first to go when the group is asked to stop.
const PATIENT: &str = r#"trap '' TERM; exec "$@""#;

/// Must fail on the outside and succeed on the inside.
const PROBE: &str = r#"( : > "$FLAGMAN_PROBE_OUTSIDE" ) 2>/dev/null && exit 1; : > "$FLAGMAN_PROBE_INSIDE""#;

/// A way to confine programs, known to work on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Confinement {
    unshare: PathBuf,
    read_only: Vec<PathBuf>,
    /// In a process namespace of its own.
    alone: bool,
}

impl Confinement {
    /// Confinement to what is not below `read_only`; `None` if this machine has none. `outside` and `inside` are folders in which a file is
    /// tried to be made, the one read-only, the other not.
    pub(super) fn find(read_only: &[PathBuf], outside: &Path, inside: &Path) -> Option<Self> {
        let places = ["/usr/bin/unshare", "/bin/unshare"].map(PathBuf::from);
        let unshare = places.into_iter().find(|path| path.is_file())?;
        let ways = [true, false].map(|alone| Self {
            unshare: unshare.clone(),
            read_only: read_only.to_vec(),
            alone,
        });
        ways.into_iter().find(|way| way.holds(outside, inside))
    }

    /// Tries it out.
    fn holds(&self, outside: &Path, inside: &Path) -> bool {
        let arguments = self.arguments(PROBE, Path::new("/"), &[inside.to_owned()]);
        let Some((program, arguments)) = arguments.split_first() else {
            return false;
        };
        let (outside, inside) = (outside.join("probe"), inside.join("probe"));
        let mut probe = Command::new(program);
        probe
            .args(arguments)
            .env("FLAGMAN_PROBE_OUTSIDE", &outside)
            .env("FLAGMAN_PROBE_INSIDE", &inside);
        let status = probe
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let made_inside = std::fs::remove_file(&inside).is_ok();
        let made_outside = std::fs::remove_file(&outside).is_ok();
        status.is_ok_and(|status| status.success()) && made_inside && !made_outside
    }

    /// The program and its arguments that run `line` in `folder`, able to write to `writable` but not to the rest of the repository.
    pub(super) fn arguments(&self, line: &str, folder: &Path, writable: &[PathBuf]) -> Vec<OsString> {
        const APART: [&str; 6] = [
            "--user",
            "--map-current-user",
            "--keep-caps",
            "--mount",
            "--propagation",
            "private",
        ];
        const ALONE: [&str; 4] = ["--pid", "--fork", "--kill-child", "--mount-proc"];
        let mut arguments = Vec::new();
        if self.alone {
            arguments.extend(["/bin/sh", "-c", PATIENT, "flagman-wait"].map(OsString::from));
        }
        arguments.push(self.unshare.clone().into_os_string());
        arguments.extend(APART.map(OsString::from));
        if self.alone {
            arguments.extend(ALONE.map(OsString::from));
        }
        let script = format!("{SCRIPT}{}\n", if self.alone { BESIDE } else { IN_PLACE });
        arguments.extend(["--", "/bin/sh", "-c", &script, "flagman-confine"].map(OsString::from));
        arguments.extend([folder.into(), line.into()]);
        arguments.extend(self.read_only.iter().map(OsString::from));
        arguments.push("--".into());
        arguments.extend(writable.iter().map(OsString::from));
        arguments
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::process::{Ended, Job, Patience, Spec, environment, tail};
    use std::time::Duration;

    /// How a confined line ended, what it said, and whether a line that it left behind lives on; `None` where nothing can be confined.
    fn run(line: &str, total_ms: u64) -> Option<(Ended, String, bool)> {
        let folder = tempfile::tempdir().expect("a folder");
        let (outside, inside) = (folder.path().join("outside"), folder.path().join("outside/inside"));
        std::fs::create_dir_all(&inside).expect("a folder");
        let way = Confinement::find(std::slice::from_ref(&outside), &outside, &inside).filter(|way| way.alone)?;
        let log = folder.path().join("log");
        let mut job = Job::start(Spec {
            arguments: way.arguments(line, &inside, std::slice::from_ref(&inside)),
            folder: &inside,
            log: log.clone(),
            environment: environment(&[]),
            mark: format!("confined-{}", folder.path().display()),
            patience: Patience {
                total: Duration::from_millis(total_ms),
                silence: None,
                grace: Duration::from_secs(10),
                log_bytes: 1 << 20,
            },
        })
        .expect("starts");
        let ended = loop {
            match job.poll().expect("polled") {
                Some(ended) => break ended,
                None => std::thread::yield_now(),
            }
        };
        Some((ended, tail(&log, 1000), lives(&inside)))
    }

    /// True if a process works in this folder.
    fn lives(folder: &Path) -> bool {
        let processes = std::fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
        let mut folders = processes.filter_map(|process| std::fs::read_link(process.path().join("cwd")).ok());
        folders.any(|found| found == folder)
    }

    #[test]
    fn exit_codes_come_out_and_nothing_else_does() {
        let us = std::process::id();
        let line = format!(
            "env -i setsid sleep 600 & touch ../x 2>/dev/null || echo no; kill -0 {us} 2>/dev/null && echo seen; exit 7"
        );
        let Some((ended, log, lives)) = run(&line, 60_000) else {
            return;
        };
        assert_eq!(ended, Ended::Exit(Some(7)), "{log}");
        assert_eq!((log.as_str(), lives), ("no\n", false));
    }

    #[test]
    fn who_is_asked_to_stop_may_tidy_up() {
        let line = "trap 'echo tidied; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
        let Some((ended, log, lives)) = run(line, 3_000) else {
            return;
        };
        assert!(matches!(ended, Ended::Stopped(_)), "{ended:?}");
        assert!(log.contains("tidied") && !lives, "{log}");
        let Some((ended, log, lives)) = run("sleep 600; echo went on", 300) else {
            return;
        };
        assert!(
            matches!(ended, Ended::Stopped(_)) && !log.contains("went on") && !lives,
            "{log}"
        );
    }
}
