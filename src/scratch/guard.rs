//! Whatever happens, the copy goes. Enters: a folder, the mark of the programs in it. Leaves: a [`Guard`]; when it is dropped, or when this program is
//! gone without a word (interrupted, killed), a small shell at the other end of a pipe ends what still runs there and removes the folder.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `$1` is the folder, `$2` the mark. Who is ended by the mark takes a moment to die, and may write until then; hence the second try.
/// Where processes cannot be looked at, the watchdog of each program needs a moment of its own.
#[cfg(unix)]
const SCRIPT: &str = r#"
end() {
  for e in $(grep -lsz -- "^FLAGMAN_JOB=$2" /proc/[0-9]*/environ 2>/dev/null); do
    p=${e#/proc/}; kill -s KILL "${p%/environ}" 2>/dev/null
  done
}
read -r word
if [ "$word" != done ]; then
  if [ -d /proc/1 ]; then end "$1" "$2"; else sleep 4; fi
fi
for try in 1 2 3; do
  rm -rf -- "$1" 2>/dev/null && exit 0
  chmod -R u+rwX -- "$1" 2>/dev/null
  end "$1" "$2"
  [ "$try" = 1 ] || sleep 1
done
"#;

/// Removes a folder when it is dropped, and when this program ends in any other way.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Sets the guard.
    #[cfg(unix)]
    pub(super) fn set(folder: &Path, mark: &str) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/bin/sh");
        // A group of its own: an interrupt from the keyboard is not for it.
        command
            .args(["-c", SCRIPT, "flagman-guard"])
            .arg(folder)
            .arg(mark)
            .process_group(0);
        command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn().map(Self)
    }

    /// There is no such shell here; the folder is removed when the guard is dropped.
    #[cfg(not(unix))]
    pub(super) fn set(_: &Path, _: &str) -> io::Result<Self> {
        Err(io::Error::other("flagman probe needs a POSIX shell"))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(mut pipe) = self.0.stdin.take() {
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.0.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_folder_goes_with_the_guard_even_if_it_was_made_read_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder").keep();
        let outside = tempfile::tempdir().expect("a folder");
        std::fs::write(outside.path().join("precious"), "x").expect("a file");
        let inner = folder.join("inner");
        std::fs::create_dir(&inner).expect("a folder");
        std::os::unix::fs::symlink(outside.path(), inner.join("link")).expect("a link");
        std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o500)).expect("read-only");
        drop(Guard::set(&folder, "probe-test-guard").expect("a guard"));
        assert!(!folder.exists() && outside.path().join("precious").exists());
    }
}
