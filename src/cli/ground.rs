//! Trees in which names are followed. Enters: a base, or what a merge makes of it; what the sides did. Leaves: [`Ground`]s, and the blobs from
//! which more of them can be learnt. A base is listed once in a run; of a merged tree only what differs from its base is asked for.

use std::collections::{BTreeSet, HashMap};

use super::failure::Failure;
use super::reader::{Blobs, Reader};
use crate::conflict::meaning::{Ground, Store, Work, leads};
use crate::git::Oid;
use crate::source::{FileId, RepoPath, Sources, View};

/// Makes the grounds of a run.
pub(super) struct Grounds<'a, 'r> {
    reader: &'a Reader<'r>,
    store: &'a Store,
    bases: HashMap<Oid, Blobs>,
    empty: HashMap<RepoPath, FileId>,
}

impl<'a, 'r> Grounds<'a, 'r> {
    pub(super) fn new(reader: &'a Reader<'r>, store: &'a Store) -> Self {
        Self {
            reader,
            store,
            bases: HashMap::new(),
            empty: HashMap::new(),
        }
    }

    /// What was parsed so far.
    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// What differs in each second tree from the first.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn changed(&self, trees: &[(Oid, Oid)]) -> Result<Vec<HashMap<RepoPath, Option<Oid>>>, Failure> {
        self.reader.changed(trees)
    }

    /// The tree of a base.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn base(
        &mut self,
        base: &Oid,
        works: &[&Work],
        sources: &mut Sources,
    ) -> Result<(Ground, Blobs), Failure> {
        self.merged(base, &HashMap::new(), works, sources)
    }

    /// True if a base has no other file of the name of this one.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn is_single(&mut self, base: &Oid, path: &RepoPath) -> Result<bool, Failure> {
        if !self.bases.contains_key(base) {
            self.bases.insert(base.clone(), self.reader.blobs(base)?);
        }
        let mut others = self.bases[base].keys().filter(|other| *other != path);
        Ok(!others.any(|other| other.file_name() == path.file_name()))
    }

    /// The tree that becomes of a base by these changes. What the sides add to it is there by its path.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn merged(
        &mut self,
        base: &Oid,
        changed: &HashMap<RepoPath, Option<Oid>>,
        works: &[&Work],
        sources: &mut Sources,
    ) -> Result<(Ground, Blobs), Failure> {
        if !self.bases.contains_key(base) {
            self.bases.insert(base.clone(), self.reader.blobs(base)?);
        }
        let mut blobs = self.bases[base].clone();
        for (path, oid) in changed {
            match oid {
                Some(oid) => _ = blobs.insert(path.clone(), oid.clone()),
                None => _ = blobs.remove(path),
            }
        }
        let view = self.view(&blobs, works, sources)?;
        Ok((Ground::new(sources, view), blobs))
    }

    fn view(&mut self, blobs: &Blobs, works: &[&Work], sources: &mut Sources) -> Result<View, Failure> {
        let go: BTreeSet<&str> = works.iter().flat_map(|work| work.go_folders()).collect();
        let global: BTreeSet<&str> = works.iter().flat_map(|work| work.global_extensions()).collect();
        let leads = |path: &RepoPath| {
            leads(path) || (path.extension() == "go" && go.contains(path.parent())) || global.contains(path.extension())
        };
        let first = blobs.iter().filter(|(path, _)| leads(path));
        let first: BTreeSet<(RepoPath, Oid)> = first.map(|(path, oid)| (path.clone(), oid.clone())).collect();
        let read = self.reader.read(&first, sources)?;
        let read: HashMap<&RepoPath, FileId> = read.iter().map(|((path, _), file)| (path, *file)).collect();
        let mut view = View::default();
        let added = works.iter().flat_map(|work| work.new_paths());
        for path in blobs.keys().chain(added) {
            match read.get(path) {
                Some(file) => _ = view.files.insert(path.clone(), *file),
                // Where names lead is told by the paths of these; the texts come when they are asked for.
                None if matches!(path.extension(), "rs" | "py") => {
                    let empty = self.empty.entry(path.clone());
                    let file = *empty.or_insert_with(|| sources.add(path.clone(), ""));
                    view.files.insert(path.clone(), file);
                }
                None => _ = view.unread.insert(path.clone()),
            }
        }
        Ok(view)
    }
}

/// Reads the files that were asked for; false if there is none of them.
///
/// # Errors
/// If git fails.
pub(super) fn learn(
    grounds: &Grounds<'_, '_>,
    blobs: &Blobs,
    missing: &BTreeSet<RepoPath>,
    ground: &mut Ground,
    sources: &mut Sources,
) -> Result<bool, Failure> {
    let wanted: BTreeSet<(RepoPath, Oid)> = missing
        .iter()
        .filter_map(|path| Some((path.clone(), blobs.get(path)?.clone())))
        .collect();
    for ((path, _), file) in grounds.reader.read(&wanted, sources)? {
        ground.learn(sources, path, file, grounds.store);
    }
    Ok(!wanted.is_empty())
}
