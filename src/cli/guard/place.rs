//! Where a path leads. Enters: a path as a hook names it. Leaves: the file that a write would really reach, links followed, and whose it is.

use std::path::{Component, Path, PathBuf};

use super::super::failure::Failure;
use crate::git::WorkTree;

/// Links that lead to links, at most.
const MOST_LINKS: usize = 40;

/// Where a file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In this work tree (its place in the list), at this path from its root, with `/`.
    Tree(usize, String),
    /// In git's own folder.
    Git,
    /// In no work tree of this repository.
    Outside,
}

/// The folder that the question is asked in.
///
/// # Errors
/// If there is none.
pub(super) fn folder(told: Option<&str>) -> Result<PathBuf, Failure> {
    let folder = match told {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_dir()
            .map_err(|error| Failure::unknown(format!("the current folder cannot be read: {error}")))?,
    };
    folder
        .canonicalize()
        .map_err(|_| Failure::unknown(format!("{} is not a folder", folder.display())))
}

/// The file that a write to `path` would reach: links are followed, also one that leads to nothing yet. Nothing for a circle of links.
#[must_use]
pub(super) fn reached(path: &Path) -> Option<PathBuf> {
    follow(path, MOST_LINKS)
}

fn follow(path: &Path, links: usize) -> Option<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return Some(real);
    }
    let parent = follow(path.parent()?, links)?;
    match path.components().next_back()? {
        Component::ParentDir => Some(parent.parent()?.to_owned()),
        Component::CurDir => Some(parent),
        Component::Normal(name) => {
            let full = parent.join(name);
            match std::fs::read_link(&full) {
                Ok(target) => follow(&parent.join(target), links.checked_sub(1)?),
                Err(_) => Some(full),
            }
        }
        Component::RootDir | Component::Prefix(_) => None,
    }
}

/// Whose file it is.
#[must_use]
pub(super) fn place(file: &Path, trees: &[WorkTree], git: &Path) -> Place {
    if file.starts_with(git) {
        return Place::Git;
    }
    // A work tree may lie in another.
    let around = trees
        .iter()
        .enumerate()
        .filter(|(_, tree)| file.starts_with(&tree.folder));
    let Some((at, tree)) = around.max_by_key(|(_, tree)| tree.folder.as_os_str().len()) else {
        return Place::Outside;
    };
    let relative = file.strip_prefix(&tree.folder).unwrap_or(file);
    let parts: Vec<String> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    match parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        true => Place::Git,
        false => Place::Tree(at, parts.join("/")),
    }
}
