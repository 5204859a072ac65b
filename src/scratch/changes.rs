//! What the user changed and did not commit, laid over the copy. Enters: the work tree, which is only read. Leaves: the same files in the copy;
//! links stay links, and what was deleted is deleted.

use std::fs;
use std::path::Path;

use super::ScratchError;
use crate::git::Repository;

/// Lays the uncommitted changes over the copy.
pub(super) fn copy(repository: &Repository, copy: &Path) -> Result<(), ScratchError> {
    for path in repository.uncommitted()? {
        one(&repository.toplevel().join(&path), &copy.join(&path))?;
    }
    Ok(())
}

/// Copies a file or folder that git ignores; the configuration has seen to it that it lies within the project.
pub(super) fn copy_also(project: &Path, copy: &Path, path: &str) -> Result<(), ScratchError> {
    let from = project.join(path);
    // Named by the user and not there: a slip, or something that has still to be made.
    fs::symlink_metadata(&from).map_err(ScratchError::file(&from))?;
    below(&from, &copy.join(path))
}

fn below(from: &Path, to: &Path) -> Result<(), ScratchError> {
    if !fs::symlink_metadata(from).is_ok_and(|found| found.is_dir()) {
        return one(from, to);
    }
    fs::create_dir_all(to).map_err(ScratchError::file(to))?;
    for entry in fs::read_dir(from).map_err(ScratchError::file(from))? {
        let entry = entry.map_err(ScratchError::file(from))?;
        below(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn one(from: &Path, to: &Path) -> Result<(), ScratchError> {
    let found = match fs::symlink_metadata(from) {
        Ok(found) => found,
        Err(_) => {
            let _ = fs::remove_file(to);
            return Ok(());
        }
    };
    // A repository within the repository is not part of it; a pipe or a socket is nothing to copy.
    if !found.is_file() && !found.is_symlink() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(ScratchError::file(folder))?;
    }
    let _ = fs::remove_file(to);
    let copied = if found.is_symlink() {
        fs::read_link(from).and_then(|target| link(&target, to))
    } else {
        fs::copy(from, to).map(drop)
    };
    copied.map_err(ScratchError::file(to))
}

#[cfg(unix)]
pub(super) fn link(target: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

#[cfg(windows)]
pub(super) fn link(target: &Path, at: &Path) -> std::io::Result<()> {
    if target.is_dir() {
        std::os::windows::fs::symlink_dir(target, at)
    } else {
        std::os::windows::fs::symlink_file(target, at)
    }
}
