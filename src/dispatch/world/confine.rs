//! Keeping programs out of the repository. Enters: a line for the shell and the folders that it may write to. Leaves: the arguments that run
//! it with the rest of the repository read-only, in a mount namespace of its own and without any capability to undo that. Linux only, with
//! the programs of util-linux; whether it works here is found out by trying.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Binds everything to itself, takes the right to write from what comes before `--`, and gives up every capability.
const SCRIPT: &str = r#"folder=$1 line=$2
shift 2
for path; do [ "$path" = -- ] || mount --bind "$path" "$path" || exit 125; done
for path; do [ "$path" = -- ] && break; mount -o remount,bind,ro "$path" || exit 125; done
cd "$folder" || exit 125
exec setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all /bin/sh -c "$line"
"#;

/// Must fail on the outside and succeed on the inside.
const PROBE: &str = r#"( : > "$FLAGMAN_PROBE_OUTSIDE" ) 2>/dev/null && exit 1; : > "$FLAGMAN_PROBE_INSIDE""#;

/// A way to confine programs, known to work on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Confinement {
    unshare: PathBuf,
    read_only: Vec<PathBuf>,
}

impl Confinement {
    /// Confinement to what is not below `read_only`; `None` if this machine has none. `outside` and `inside` are folders in which a file is
    /// tried to be made, the one read-only, the other not.
    pub(super) fn find(read_only: &[PathBuf], outside: &Path, inside: &Path) -> Option<Self> {
        let places = ["/usr/bin/unshare", "/bin/unshare"].map(PathBuf::from);
        let found = Self {
            unshare: places.into_iter().find(|path| path.is_file())?,
            read_only: read_only.to_vec(),
        };
        let (outside, inside) = (outside.join("probe"), inside.join("probe"));
        let arguments = found.arguments(PROBE, Path::new("/"), &[inside.parent()?.to_owned()]);
        let mut probe = Command::new(arguments.first()?);
        probe
            .args(&arguments[1..])
            .env("FLAGMAN_PROBE_OUTSIDE", &outside)
            .env("FLAGMAN_PROBE_INSIDE", &inside);
        let status = probe
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let made_inside = std::fs::remove_file(&inside).is_ok();
        let made_outside = std::fs::remove_file(&outside).is_ok();
        (status.is_ok_and(|status| status.success()) && made_inside && !made_outside).then_some(found)
    }

    /// The program and its arguments that run `line` in `folder`, able to write to `writable` but not to the rest of the repository.
    pub(super) fn arguments(&self, line: &str, folder: &Path, writable: &[PathBuf]) -> Vec<OsString> {
        let unshare = [
            "--user",
            "--map-current-user",
            "--keep-caps",
            "--mount",
            "--propagation",
            "private",
            "--",
        ];
        let mut arguments = vec![self.unshare.clone().into_os_string()];
        arguments.extend(
            unshare
                .iter()
                .chain(&["/bin/sh", "-c", SCRIPT, "flagman-confine"])
                .map(OsString::from),
        );
        arguments.extend([folder.into(), line.into()]);
        arguments.extend(self.read_only.iter().map(OsString::from));
        arguments.push("--".into());
        arguments.extend(writable.iter().map(OsString::from));
        arguments
    }
}
