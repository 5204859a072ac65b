//! Blobs as texts of the pool, each read once in a run. Enters: paths with their blobs, trees. Leaves: file ids, and the blobs of a tree.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::failure::Failure;
use crate::git::{Blob, Oid, Repository};
use crate::source::{FileId, RepoPath, Sources};
use crate::workspace::{CODE_LIMIT, decode};

/// The files of one tree.
pub(super) type Blobs = BTreeMap<RepoPath, Oid>;

/// Reads blobs, each into the pool once.
pub(super) struct Reader<'r> {
    objects: &'r Repository,
    prefix: String,
    /// What was read; nothing for what is too large, or no text.
    known: RefCell<HashMap<(RepoPath, Oid), Option<FileId>>>,
}

impl<'r> Reader<'r> {
    /// One for the blobs of a repository, with the paths of its project.
    pub(super) fn new(objects: &'r Repository) -> Self {
        Self {
            objects,
            prefix: objects.prefix().to_owned(),
            known: RefCell::default(),
        }
    }

    /// The path within the project; nothing for what lies outside.
    pub(super) fn inside(&self, path: &[u8]) -> Option<RepoPath> {
        let path = std::str::from_utf8(path).ok()?;
        let path = match self.prefix.as_str() {
            "" => path,
            prefix => path.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        RepoPath::new(path)
    }

    /// The texts of these files; what is too large, or no text, is left out.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn read(
        &self,
        wanted: &BTreeSet<(RepoPath, Oid)>,
        sources: &mut Sources,
    ) -> Result<HashMap<(RepoPath, Oid), FileId>, Failure> {
        let mut known = self.known.borrow_mut();
        let new: Vec<&(RepoPath, Oid)> = wanted.iter().filter(|one| !known.contains_key(*one)).collect();
        let oids: Vec<Oid> = new.iter().map(|(_, oid)| oid.clone()).collect();
        let blobs = self.objects.read_blobs(&oids, CODE_LIMIT)?;
        for ((path, oid), blob) in new.into_iter().zip(blobs) {
            let text = match blob {
                Blob::Bytes(bytes) => decode(path, bytes).ok(),
                Blob::TooLarge(_) | Blob::Missing => None,
            };
            let file = text.map(|text| sources.add(path.clone(), text));
            known.insert((path.clone(), oid.clone()), file);
        }
        let found = wanted.iter().filter_map(|one| Some((one.clone(), (*known.get(one)?)?)));
        Ok(found.collect())
    }

    /// Every file of the project in a commit or tree.
    ///
    /// # Errors
    /// If there is no such commit or tree.
    pub(super) fn blobs(&self, tree: &Oid) -> Result<Blobs, Failure> {
        Ok(self.objects.files(tree)?)
    }

    /// The files of the project in a commit or tree that may fit globs; those beside the globs' folders are left out.
    ///
    /// # Errors
    /// If there is no such commit or tree.
    pub(super) fn blobs_of(&self, tree: &Oid, globs: &[String]) -> Result<Blobs, Failure> {
        let folder = |glob: &String| {
            let plain = glob.find(['*', '?', '[', '{', '\\', '!']).unwrap_or(glob.len());
            glob[..plain]
                .rsplit_once('/')
                .map_or_else(String::new, |(folder, _)| folder.to_owned())
        };
        let mut found = Blobs::new();
        for folder in globs.iter().map(folder).collect::<BTreeSet<_>>() {
            // What is not a path from the project's root on may be anywhere.
            match RepoPath::new(&folder).is_some_and(|path| path.as_str() == folder) {
                true => found.extend(self.objects.files_below(tree, &folder)?),
                false => return self.blobs(tree),
            }
        }
        Ok(found)
    }

    /// What becomes of the project's files from a commit to a tree, for each two: their blobs afterwards, nothing for those that are gone.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn changed(&self, trees: &[(Oid, Oid)]) -> Result<Vec<HashMap<RepoPath, Option<Oid>>>, Failure> {
        let commits: Vec<Oid> = trees.iter().map(|(commit, _)| commit.clone()).collect();
        let before = self.objects.trees_of(&commits)?;
        let both: Vec<(Oid, Oid)> = before
            .into_iter()
            .zip(trees)
            .map(|(old, (_, new))| (old, new.clone()))
            .collect();
        let each = self.objects.diff_many(&both)?.into_iter().map(|changes| {
            let of = |(path, change): (Vec<u8>, crate::git::ExactChange)| {
                let inside = self.inside(&path)?;
                path.ends_with(inside.as_str().as_bytes())
                    .then_some((inside, change.new.1))
            };
            changes.into_iter().filter_map(of).collect()
        });
        Ok(each.collect())
    }
}
