//! A change of one file, merged by git itself. Enters: the commit that is checked out, the file before and after, somebody else's work. Leaves: the
//! conflicts that the change makes. Everything is written into a borrowed repository, and goes with it.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::failure::Failure;
use super::picture::Side;
use crate::git::{Borrowed, Conflict, Oid, Repository};
use crate::guard::Version;

/// A change of one file.
pub(super) struct OneFile<'a> {
    /// The work tree, and the commit that is checked out there.
    pub(super) tree: (&'a Path, &'a Oid),
    /// Its path from the root.
    pub(super) path: &'a str,
    /// The path that it is moved from, with what lies there.
    pub(super) from: Option<(&'a str, &'a Version)>,
    /// What lies there.
    pub(super) before: &'a Version,
    /// What will be there.
    pub(super) after: &'a Version,
}

/// What git says of a change.
pub(super) enum Judged {
    /// It makes no conflict of its own.
    Clean,
    /// A conflict, in git's word, and whether it was there before.
    Conflict(String, bool),
    /// It cannot be told; why.
    Unknown(String),
}

/// Has git merge both states of the file with somebody else's work, as it lies there.
///
/// # Errors
/// If git fails.
pub(super) fn judge(repository: &Repository, change: &OneFile<'_>, side: &Side) -> Result<Judged, Failure> {
    let (Some(before), Some(after)) = (bytes(change.before), bytes(change.after)) else {
        return Ok(Judged::Unknown(
            "it is a link, or too large to be merged here".to_owned(),
        ));
    };
    let borrowed = repository.borrowed()?;
    let theirs = match &side.folder {
        None => Ok(side.tip.clone()),
        Some(folder) => lying(repository, &borrowed, folder, &side.tip)?,
    };
    let (folder, head) = change.tree;
    // What else is not committed here counts, too: a rename is known by both of its halves.
    let (theirs, ours) = match (theirs, lying(repository, &borrowed, folder, head)?) {
        (Ok(theirs), Ok(ours)) => (theirs, ours),
        (Err(why), _) | (_, Err(why)) => return Ok(Judged::Unknown(why)),
    };
    let path = change.path.as_bytes();
    let mut states = [vec![(path, before)], vec![(path, after)]];
    if let Some((from, was)) = change.from {
        let Some(was) = bytes(was) else {
            return Ok(Judged::Unknown("what is moved is a link, or too large".to_owned()));
        };
        states[0].push((from.as_bytes(), was));
        states[1].push((from.as_bytes(), None));
    }
    let pairs = [
        (borrowed.with_files(&ours, &states[0])?, theirs.clone()),
        (borrowed.with_files(&ours, &states[1])?, theirs),
    ];
    let paths: Vec<Vec<u8>> = states[1].iter().map(|(path, _)| path.to_vec()).collect();
    let attributes = repository.path_merges(&paths)?;
    let attributes: Vec<_> = paths.into_iter().zip(attributes).collect();
    borrowed.set_attributes(&attributes)?;
    let judged = borrowed.judge(&pairs)?;
    let [before, after] = &judged[..] else {
        return Ok(Judged::Unknown("git gave no answer".to_owned()));
    };
    let known: BTreeSet<&Conflict> = before.conflicts.iter().collect();
    let is_ours = |conflict: &&Conflict| conflict.paths.iter().any(|path| path == change.path);
    let fresh = after.conflicts.iter().find(|conflict| !known.contains(conflict));
    let still = after.conflicts.iter().find(is_ours);
    Ok(match (fresh, still) {
        (Some(conflict), _) => Judged::Conflict(kind(conflict), false),
        (None, Some(conflict)) => Judged::Conflict(kind(conflict), true),
        (None, None) => Judged::Clean,
    })
}

/// A commit of what lies in a work tree; else why that is not known.
fn lying(
    repository: &Repository,
    borrowed: &Borrowed,
    folder: &Path,
    head: &Oid,
) -> Result<Result<Oid, String>, Failure> {
    let unfinished = repository.unfinished(folder)?;
    if let Some(path) = unfinished.filtered.first() {
        let path = String::from_utf8_lossy(path);
        return Ok(Err(format!(
            "a filter reads `{path}` in {}, which is not run here",
            folder.display()
        )));
    }
    Ok(Ok(match unfinished.all() {
        paths if paths.is_empty() => head.clone(),
        paths => borrowed.snapshot(folder, head, &paths)?,
    }))
}

fn bytes(version: &Version) -> Option<Option<&[u8]>> {
    match version {
        Version::Absent => Some(None),
        Version::File(bytes) => Some(Some(bytes)),
        Version::Other => None,
    }
}

/// Git's word for a conflict as one word, with the file where it has another name there.
fn kind(conflict: &Conflict) -> String {
    match conflict.kind.as_str() {
        "contents" => "content".to_owned(),
        other => other.replace(['/', ' '], "-"),
    }
}
