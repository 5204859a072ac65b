//! One file as it is committed on every side, and as it lies in a folder. Enters: sides and a path. Leaves: [`Version`]s.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::failure::Failure;
use super::picture::Side;
use crate::git::{Blob, Oid, Repository};
use crate::guard::{LIMIT, Version};

/// What is committed at one path.
pub(super) struct Committed {
    /// The blobs that sides changed it from and to.
    blobs: BTreeMap<Oid, Version>,
    /// What stands there in the commits of sides that leave it alone.
    at: BTreeMap<Oid, Version>,
}

impl Committed {
    /// Reads what every side has of a file.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn read(repository: &Repository, sides: &[Side], path: &str) -> Result<Self, Failure> {
        let (mut blobs, mut commits) = (BTreeSet::new(), BTreeSet::new());
        for side in sides {
            match side.changes.deltas().get(path.as_bytes()) {
                Some(delta) => blobs.extend([&delta.old, &delta.new].into_iter().filter_map(|(_, oid)| oid.clone())),
                None => _ = commits.insert(side.standing().clone()),
            }
        }
        let places = blobs.iter().map(|blob| (blob.clone(), Vec::new()));
        let stand = commits.iter().map(|commit| (commit.clone(), path.as_bytes().to_vec()));
        let places: Vec<(Oid, Vec<u8>)> = places.chain(stand).collect();
        let mut read = repository.read_at(&places, LIMIT)?.into_iter().map(version);
        Ok(Self {
            blobs: blobs.into_iter().zip(read.by_ref()).collect(),
            at: commits.into_iter().zip(read).collect(),
        })
    }

    /// What both had, and what the side has.
    pub(super) fn of(&self, side: &Side, path: &str) -> (Version, Version) {
        let Some(delta) = side.changes.deltas().get(path.as_bytes()) else {
            let stands = self.at.get(side.standing()).cloned().unwrap_or(Version::Absent);
            return (stands.clone(), stands);
        };
        let one = |(mode, oid): &(String, Option<Oid>)| match oid {
            None => Version::Absent,
            Some(_) if !mode.starts_with("100") => Version::Other,
            Some(oid) => self.blobs.get(oid).cloned().unwrap_or(Version::Other),
        };
        (one(&delta.old), one(&delta.new))
    }
}

fn version(blob: Blob) -> Version {
    match blob {
        Blob::Bytes(bytes) => Version::File(bytes),
        Blob::TooLarge(_) => Version::Other,
        Blob::Missing => Version::Absent,
    }
}

/// What lies there, without following a link.
pub(super) fn on_disk(file: &Path) -> Version {
    let Ok(facts) = std::fs::symlink_metadata(file) else {
        return Version::Absent;
    };
    if !facts.is_file() || facts.len() > LIMIT {
        return Version::Other;
    }
    std::fs::read(file).map_or(Version::Other, Version::File)
}

/// Whether attributes may have a word on a file: there is a file of them in one of the folders above it, or git's own.
pub(super) fn may_have_attributes(folder: &Path, common_dir: &Path, path: &str) -> bool {
    let above = path.match_indices('/').map(|(end, _)| &path[..end]);
    let mut folders = std::iter::once("").chain(above);
    common_dir.join("info/attributes").exists()
        || folders.any(|above| std::fs::symlink_metadata(folder.join(above).join(".gitattributes")).is_ok())
}

/// A text with other line breaks than the committed one has only them changed by a checkout.
pub(super) fn as_git_keeps(lies: Version, committed: &Version) -> Version {
    match (lies, committed) {
        (Version::File(bytes), Version::File(kept)) if bytes.contains(&b'\r') && !kept.contains(&b'\r') => {
            let mut plain = Vec::with_capacity(bytes.len());
            for (at, byte) in bytes.iter().enumerate() {
                if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
                    plain.push(*byte);
                }
            }
            Version::File(plain)
        }
        (lies, _) => lies,
    }
}

/// An id that no object has: only whether two are the same is asked.
pub(super) fn invented(name: &str) -> Option<Oid> {
    Oid::parse(&name.repeat(40))
}
