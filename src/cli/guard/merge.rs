//! A change of one file, merged by git itself. Enters: the commit that is checked out, the file before and after, somebody else's work. Leaves: the
//! conflicts that the change makes. Everything is written into a borrowed repository, and goes with it.

use std::collections::BTreeSet;

use super::super::failure::Failure;
use super::picture::Side;
use crate::git::{Conflict, Oid, Repository};
use crate::guard::Version;

/// A change of one file.
pub(super) struct OneFile<'a> {
    /// The commit that is checked out.
    pub(super) head: &'a Oid,
    /// Its path from the root.
    pub(super) path: &'a str,
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
        None => side.tip.clone(),
        Some(folder) => {
            let unfinished = repository.unfinished(folder)?;
            if let Some(path) = unfinished.filtered.first() {
                let path = String::from_utf8_lossy(path);
                return Ok(Judged::Unknown(format!(
                    "a filter reads `{path}` there, which is not run here"
                )));
            }
            match unfinished.all() {
                paths if paths.is_empty() => side.tip.clone(),
                paths => borrowed.snapshot(folder, &side.tip, &paths)?,
            }
        }
    };
    let path = change.path.as_bytes();
    let pairs = [
        (borrowed.with_file(change.head, path, before)?, theirs.clone()),
        (borrowed.with_file(change.head, path, after)?, theirs),
    ];
    let attributes = repository.path_merges(&[path.to_vec()])?;
    let attributes: Vec<_> = std::iter::once(path.to_vec()).zip(attributes).collect();
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
