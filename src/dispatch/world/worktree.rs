//! Folders for clones, below `.worktrees/`. Enters: a name. Leaves: a path that is free. Removes only what lies below its own folder, and
//! never follows a link there.

use super::super::DispatchError;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder for clones.
#[derive(Clone, Debug)]
pub(super) struct Worktrees {
    root: PathBuf,
}

impl Worktrees {
    /// `<project>/.worktrees`, made if it is missing, and hidden from git.
    pub(super) fn open(project: &Path) -> Result<Self, DispatchError> {
        let root = project.join(".worktrees");
        own_folder(&root)?;
        Ok(Self { root })
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A folder of this name that does not exist; what was there is removed.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, DispatchError> {
        self.remove(name)?;
        Ok(self.root.join(name))
    }

    /// Removes the folder of this name, if it is there.
    pub(super) fn remove(&self, name: &str) -> Result<(), DispatchError> {
        let path = self.root.join(name);
        let wrong = DispatchError::file(&path);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(wrong(error)),
            Ok(found) if !found.is_dir() => fs::remove_file(&path).map_err(wrong),
            Ok(_) => fs::remove_dir_all(&path).or_else(|_| {
                // Folders that an agent made read-only (module caches are) can be removed once they are writable again.
                open_up(&path);
                fs::remove_dir_all(&path).map_err(wrong)
            }),
        }
    }
}

/// Makes a folder of ours that git ignores. A link in its place is refused: it may lead anywhere.
pub(in crate::dispatch) fn own_folder(folder: &Path) -> Result<(), DispatchError> {
    let wrong = DispatchError::file(folder);
    fs::create_dir_all(folder).map_err(&wrong)?;
    let found = fs::symlink_metadata(folder).map_err(&wrong)?;
    if !found.is_dir() {
        return Err(wrong(std::io::Error::other(
            "it is a link, and links are not followed here",
        )));
    }
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(
            &ignore,
            "# Made by flagman; nothing in here belongs into a commit.\n*\n",
        )
        .map_err(DispatchError::file(&ignore))?;
    }
    Ok(())
}

#[cfg(unix)]
fn open_up(root: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let entries = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        folders.extend(
            entries
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                .map(|entry| entry.path()),
        );
    }
}

#[cfg(not(unix))]
fn open_up(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn links_are_never_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let precious = folder.path().join("precious");
        fs::create_dir(&precious).expect("a folder");
        fs::write(precious.join("file"), "x").expect("a file");
        let worktrees = Worktrees::open(folder.path()).expect("a folder");
        std::os::unix::fs::symlink(&precious, worktrees.root().join("link")).expect("a link");
        let inner = worktrees.root().join("clone");
        fs::create_dir(&inner).expect("a folder");
        std::os::unix::fs::symlink(&precious, inner.join("link")).expect("a link");
        worktrees.remove("link").expect("removed");
        worktrees.remove("clone").expect("removed");
        assert!(precious.join("file").exists() && !inner.exists());

        let other = folder.path().join("other");
        fs::create_dir(&other).expect("a folder");
        std::os::unix::fs::symlink(&precious, other.join(".worktrees")).expect("a link");
        assert!(Worktrees::open(&other).is_err());
    }
}
