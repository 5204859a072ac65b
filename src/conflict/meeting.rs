//! Two sets of changed paths, compared without a look into any file. Enters: two [`Changes`] against one base. Leaves: a [`Meeting`]: what
//! collides by itself, which texts have to be merged, and whether git has to be asked.
//!
//! The rules are those of git's merge: a path is three-way merged by itself, unless one side may have renamed it. Git looks for a rename only
//! where a side deleted a file and added another, and a rename matters only where the other side touched the old path, or added a
//! file to a folder that files have left. What could be such a case is not guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::git::{ExactChange, Oid};

/// What one side did to a path.
pub type Delta = ExactChange;

/// A path as git spells it.
type Path = Vec<u8>;

/// What one side changed against a base, and what follows from it for others.
#[derive(Clone, Default, Debug)]
pub struct Changes {
    deltas: BTreeMap<Path, Delta>,
    /// Folders above what is new, without the root.
    growing: BTreeSet<Path>,
    /// New files.
    added: BTreeSet<Path>,
    /// Folders out of which files went, and that may have moved as a whole.
    shrinking: BTreeSet<Path>,
}

impl Changes {
    /// The changes, sorted by path.
    #[must_use]
    pub fn new(deltas: BTreeMap<Path, Delta>) -> Self {
        let mut changes = Self::default();
        let mut left: BTreeSet<&[u8]> = BTreeSet::new();
        for (path, delta) in &deltas {
            if delta.old.1.is_none() {
                changes.growing.extend(folders(path).map(<[u8]>::to_vec));
                changes.added.insert(path.clone());
            } else if delta.new.1.is_none() {
                left.extend(folders(path).next());
            }
        }
        changes.shrinking = moved(&left, &changes.added);
        changes.deltas = deltas;
        changes
    }

    /// Forgets the folders that still have files: git takes a folder for renamed only where nothing is left of it.
    pub fn forget_folders(&mut self, are_left: impl FnOnce(&[&[u8]]) -> Vec<bool>) {
        if self.shrinking.is_empty() || self.added.is_empty() {
            return;
        }
        let folders: Vec<&[u8]> = self.shrinking.iter().map(Vec::as_slice).collect();
        let left = are_left(&folders);
        let mut left = left.into_iter();
        self.shrinking.retain(|_| !left.next().unwrap_or(false));
    }

    /// What happened to each path.
    #[must_use]
    pub fn deltas(&self) -> &BTreeMap<Path, Delta> {
        &self.deltas
    }

    /// Something may have a new name.
    fn may_rename(&self) -> bool {
        !self.added.is_empty()
    }
}

/// The folders that may have another name now, given those that files went out of, and the files that are new. With `a/b/c` the folders above
/// it may have moved, too: `a` did, for git, if something is now in some `x/b/c`.
fn moved(left: &BTreeSet<&[u8]>, added: &BTreeSet<Path>) -> BTreeSet<Path> {
    let new: BTreeSet<&[u8]> = added.iter().filter_map(|path| folders(path).next()).collect();
    let tails: BTreeSet<&[u8]> = new
        .iter()
        .flat_map(|folder| std::iter::once(*folder).chain(folders(folder).map(|above| &folder[above.len() + 1..])))
        .collect();
    left.iter()
        .flat_map(|folder| {
            let above = folders(folder).filter(|above| tails.contains(&folder[above.len() + 1..]));
            std::iter::once(*folder).chain(above)
        })
        .map(<[u8]>::to_vec)
        .collect()
}

/// The folders above a path, innermost first, without the root.
fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/');
    ends.map(|(end, _)| &path[..end])
}

/// Three blobs that are merged: what both had, and what each has. Without a base both are new.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Triple {
    /// What both had.
    pub base: Option<Oid>,
    /// What one side has.
    pub ours: Oid,
    /// What the other side has.
    pub theirs: Oid,
}

/// How two sets of changes meet.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Meeting {
    /// Paths that collide whatever is in the files, each with the kind of collision.
    pub collisions: Vec<(Path, &'static str)>,
    /// Paths whose texts both sides changed.
    pub texts: Vec<(Path, Triple)>,
    /// Only git knows: a rename, a link, a submodule, a file in place of a folder.
    pub undecided: bool,
}

/// How two sides meet.
#[must_use]
pub fn meet(ours: &Changes, theirs: &Changes) -> Meeting {
    let mut meeting = Meeting {
        undecided: in_the_way(ours, theirs)
            || in_the_way(theirs, ours)
            || followed(ours, theirs)
            || followed(theirs, ours),
        ..Meeting::default()
    };
    let (few, many) = if ours.deltas.len() <= theirs.deltas.len() {
        (ours, theirs)
    } else {
        (theirs, ours)
    };
    for (path, _) in few.deltas.iter().filter(|(path, _)| many.deltas.contains_key(*path)) {
        if let (Some(left), Some(right)) = (ours.deltas.get(path), theirs.deltas.get(path)) {
            match both(left, right, ours.may_rename(), theirs.may_rename()) {
                Fate::Clean => {}
                Fate::Collision(kind) => meeting.collisions.push((path.clone(), kind)),
                Fate::Texts(triple) => meeting.texts.push((path.clone(), triple)),
                Fate::Undecided => meeting.undecided = true,
            }
        }
    }
    meeting
}

/// A new file of one side stands where the other side has a folder.
fn in_the_way(ours: &Changes, theirs: &Changes) -> bool {
    intersect(&ours.added, &theirs.growing)
}

/// One side adds to a folder that the other side may have renamed.
fn followed(ours: &Changes, theirs: &Changes) -> bool {
    ours.may_rename() && intersect(&ours.shrinking, &theirs.growing)
}

fn intersect(left: &BTreeSet<Path>, right: &BTreeSet<Path>) -> bool {
    let (few, many) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    few.iter().any(|path| many.contains(path))
}

/// What becomes of a path that both sides touched.
enum Fate {
    Clean,
    Collision(&'static str),
    Texts(Triple),
    Undecided,
}

fn both(left: &Delta, right: &Delta, left_renames: bool, right_renames: bool) -> Fate {
    let old = &left.old;
    match (&left.new.1, &right.new.1) {
        (None, None) if left_renames || right_renames => Fate::Undecided,
        (None, None) => Fate::Clean,
        (None, Some(_)) if left_renames => Fate::Undecided,
        (Some(_), None) if right_renames => Fate::Undecided,
        (None, Some(_)) | (Some(_), None) => Fate::Collision("modify-delete"),
        (Some(_), Some(_)) if left.new == right.new => Fate::Clean,
        (Some(ours), Some(theirs)) => {
            let modes = [&left.new.0, &right.new.0];
            if !modes.iter().all(|mode| is_file(mode)) || (old.1.is_some() && !is_file(&old.0)) {
                return Fate::Undecided;
            }
            if modes[0] != modes[1] && (old.1.is_none() || modes.iter().all(|mode| **mode != old.0)) {
                return Fate::Undecided;
            }
            // Who changed the mode alone is content with the other side's text.
            if ours == theirs || old.1.as_ref().is_some_and(|base| base == ours || base == theirs) {
                return Fate::Clean;
            }
            Fate::Texts(Triple {
                base: old.1.clone(),
                ours: ours.clone(),
                theirs: theirs.clone(),
            })
        }
    }
}

fn is_file(mode: &str) -> bool {
    mode.starts_with("100")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_still_has_files_was_not_renamed() {
        let delta = |old: Option<&str>, new: Option<&str>| {
            let side = |digit: Option<&str>| match digit {
                Some(digit) => ("100644".to_owned(), Oid::parse(&digit.repeat(40))),
                None => ("000000".to_owned(), None),
            };
            Delta {
                old: side(old),
                new: side(new),
            }
        };
        let changes = |all: &[(&str, Delta)]| {
            let each = all
                .iter()
                .map(|(path, delta)| (path.as_bytes().to_vec(), delta.clone()));
            Changes::new(each.collect())
        };
        let mut moved = changes(&[("a/x", delta(Some("1"), None)), ("b/x", delta(None, Some("1")))]);
        let added = changes(&[("a/y", delta(None, Some("2")))]);
        assert!(meet(&moved, &added).undecided);
        moved.forget_folders(|folders| folders.iter().map(|folder| *folder != b"a").collect());
        assert!(meet(&moved, &added).undecided);
        moved.forget_folders(|folders| folders.iter().map(|folder| *folder == b"a").collect());
        assert!(!meet(&moved, &added).undecided);
    }
}
