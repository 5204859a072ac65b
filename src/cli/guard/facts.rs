//! What is known about a file that is about to be written. Enters: the question, the repository, every work tree. Leaves: [`Facts`].
//!
//! One file is looked at in every work tree and on every live branch, not every file of them: what the guard costs does not grow with the
//! repository.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::args::Global;
use super::super::cache::Cache;
use super::super::failure::Failure;
use super::super::project::glob_set;
use super::merge::{Judged, OneFile, judge};
use super::picture::{Side, sides};
use super::place::{Place, place, reached};
use super::promise::{self, Promises};
use super::versions::{Committed, as_git_keeps, invented, may_have_attributes, on_disk};
use crate::config::{Config, Response};
use crate::conflict::{Changes, Delta, meet};
use crate::git::{Heads, Oid, PathMerge, Repository, protects};
use crate::guard::{
    Asked, Facts, FileFacts, Meeting, Outside, Proposal, Proposed, RefFacts, SideFacts, Subject, Three, Version, Write,
    collide,
};
use crate::source::RepoPath;

/// Finds out what the answer needs.
///
/// # Errors
/// If there is no repository, or git fails.
pub(super) fn gather(asked: &Asked, ground: &Ground<'_>) -> Result<Facts, Failure> {
    let mut facts = Facts::default();
    match &asked.subject {
        Subject::Nothing(_) => {}
        Subject::Refs(refs) => {
            facts.refs = refs
                .iter()
                .map(|name| RefFacts {
                    name: name.clone(),
                    protected: protects(&ground.config.project.protected, name),
                })
                .collect();
        }
        Subject::Files(writes) => {
            let mut scene = Scene::of(ground)?;
            for write in writes {
                let mut file = scene.file(write, &mut facts.unread, &mut facts.notes)?;
                if writes.iter().any(|other| scene.moves(write, other)) {
                    file.sides.clear();
                }
                facts.files.push(file);
            }
        }
    }
    Ok(facts)
}

/// Where the question is asked.
pub(super) struct Ground<'a> {
    /// The command line.
    pub(super) global: &'a Global,
    /// The folder that the agent is in.
    pub(super) folder: &'a Path,
    /// The project's folder.
    pub(super) root: &'a Path,
    /// The project's configuration.
    pub(super) config: &'a Config,
}

/// The repository as the agent sees it.
struct Scene<'a> {
    ground: &'a Ground<'a>,
    repository: Repository,
    heads: Heads,
    cache: Cache,
    /// The work tree in which the agent works.
    own: Option<usize>,
    /// What the PRDs promise, once it was asked for.
    promises: Option<Promises>,
    /// The sides of everybody else, by the work tree that is written to.
    sides: BTreeMap<usize, Vec<Side>>,
}

impl<'a> Scene<'a> {
    fn of(ground: &'a Ground<'a>) -> Result<Self, Failure> {
        let repository = Repository::nearest(ground.folder)?;
        let mut heads = repository.heads()?;
        for tree in &mut heads.trees {
            if let Ok(real) = tree.folder.canonicalize() {
                tree.folder = real;
            }
        }
        let own = match place(ground.folder, &heads.trees, repository.common_dir()) {
            Place::Tree(at, _) => Some(at),
            Place::Git | Place::Outside => None,
        };
        Ok(Self {
            ground,
            promises: None,
            cache: Cache::of(repository.common_dir()),
            repository,
            heads,
            own,
            sides: BTreeMap::new(),
        })
    }

    /// True if `gone` is taken away because `made`, in the same work tree, is made of it: it collides, if at all, as what it is moved to.
    fn moves(&self, gone: &Write, made: &Write) -> bool {
        let tree = |path: &str| {
            let file = reached(&self.ground.folder.join(path))?;
            match place(&file, &self.heads.trees, self.repository.common_dir()) {
                Place::Tree(at, path) => Some((at, path)),
                Place::Git | Place::Outside => None,
            }
        };
        let from = made.from.as_deref() == Some(gone.path.as_str());
        if gone.proposal != Proposal::Deleted || !from {
            return false;
        }
        match (tree(&gone.path), tree(&made.path)) {
            (Some((there, old)), Some((here, new))) => there == here && old != new,
            _ => false,
        }
    }

    fn file(&mut self, write: &Write, unread: &mut Vec<String>, notes: &mut Vec<String>) -> Result<FileFacts, Failure> {
        let mut facts = FileFacts {
            path: write.path.clone(),
            ..FileFacts::default()
        };
        if write.path.contains('\0') {
            unread.push("the path of the file has a NUL in it".to_owned());
            return Ok(facts);
        }
        let Some(file) = reached(&self.ground.folder.join(&write.path)) else {
            unread.push(format!("where `{}` leads cannot be found out", write.path));
            return Ok(facts);
        };
        let (at, path) = match place(&file, &self.heads.trees, self.repository.common_dir()) {
            Place::Git => {
                facts.protected = Some("it is git's own".to_owned());
                return Ok(facts);
            }
            Place::Outside => {
                notes.push(format!(
                    "`{}` is outside of this repository: nothing was looked at",
                    write.path
                ));
                return Ok(facts);
            }
            Place::Tree(at, path) => (at, path),
        };
        facts.path.clone_from(&path);
        if glob_set(&self.ground.config.guard.protected)?.is_match(&path) {
            facts.protected = Some("`guard.protected` in flagman.toml names it".to_owned());
            return Ok(facts);
        }
        if self.own.is_some_and(|own| own != at) {
            facts.elsewhere = Some(self.heads.trees[at].folder.display().to_string());
        }
        if self.own == Some(at) {
            facts.outside = self.outside(at, &file, unread);
        }
        let before = on_disk(&file);
        let from = write.from.as_ref().map(|from| self.ground.folder.join(from));
        let text = from.as_ref().map(|from| on_disk(from));
        let current = match text.as_ref().unwrap_or(&before) {
            Version::File(bytes) => Some(bytes.as_slice()),
            Version::Absent | Version::Other => None,
        };
        let (after, unseen) = match write.proposal.applied(current) {
            Proposed::Text(bytes) => (Some(Version::File(bytes)), None),
            Proposed::Gone => (Some(Version::Absent), None),
            Proposed::Unknown(why) => (None, Some(why)),
        };
        self.prepare(at, notes)?;
        let change = Change {
            at,
            path,
            before,
            after,
            unseen,
            from: self.moved_from(at, from.as_deref()).zip(text),
        };
        facts.sides = self.meetings(&change)?;
        Ok(facts)
    }

    /// The path in the same work tree that a file is moved from.
    fn moved_from(&self, at: usize, from: Option<&Path>) -> Option<String> {
        match place(&reached(from?)?, &self.heads.trees, self.repository.common_dir()) {
            Place::Tree(tree, path) if tree == at => Some(path),
            _ => None,
        }
    }

    fn prepare(&mut self, at: usize, notes: &mut Vec<String>) -> Result<(), Failure> {
        if !self.sides.contains_key(&at) {
            let found = sides(
                &self.repository,
                self.ground.config,
                &self.heads,
                at,
                &self.cache,
                notes,
            )?;
            self.sides.insert(at, found);
        }
        Ok(())
    }

    /// Whether the PRD of the branch speaks of the file.
    fn outside(&mut self, at: usize, file: &Path, unread: &mut Vec<String>) -> Option<Outside> {
        let tree = &self.heads.trees[at];
        let branch = tree.branch.as_deref()?;
        let root = self.ground.root.canonicalize().ok()?;
        let path = RepoPath::new(file.strip_prefix(&root).ok()?.to_str()?)?;
        if self.ground.config.guard.outside == Response::Off {
            return None;
        }
        if self.promises.is_none() {
            let head = tree.head.as_ref().map_or("", Oid::as_str);
            self.promises = Some(
                match promise::of(self.ground.global, &root, (branch, head), &self.cache) {
                    Ok(promises) => promises,
                    Err(failure) => {
                        unread.push(format!("what the PRDs say is not known: {}", failure.message));
                        Promises::default()
                    }
                },
            );
        }
        self.promises.as_ref()?.outside(branch, &path)
    }

    /// Everybody else who changes the file.
    fn meetings(&self, change: &Change) -> Result<Vec<SideFacts>, Failure> {
        let Some(sides) = self.sides.get(&change.at).filter(|sides| !sides.is_empty()) else {
            return Ok(Vec::new());
        };
        let committed = Committed::read(&self.repository, sides, &change.path)?;
        let mut by = None;
        let mut found = Vec::new();
        for side in sides {
            found.extend(self.meeting(change, side, &committed, &mut by)?);
        }
        Ok(found)
    }

    fn meeting(
        &self,
        change: &Change,
        side: &Side,
        committed: &Committed,
        by: &mut Option<PathMerge>,
    ) -> Result<Option<SideFacts>, Failure> {
        let (base, tip) = committed.of(side, &change.path);
        let mut facts = SideFacts {
            name: side.name.clone(),
            uncommitted: None,
            conflict: None,
            earlier: false,
            unknown: None,
            unseen: change.unseen.clone(),
        };
        if side.lost {
            facts.unknown = Some("what it changed is not here (a partial clone?)".to_owned());
            return Ok(Some(facts));
        }
        let theirs = match self.lying(side, &change.path, &tip)? {
            Lying::AsCommitted => tip,
            Lying::Changed(version) => {
                facts.uncommitted = side.folder.as_ref().map(|folder| folder.display().to_string());
                version
            }
            Lying::Unknown(why) => {
                facts.unknown = Some(why);
                return Ok(Some(facts));
            }
        };
        let undecided = side.base.is_none() && theirs != base
            || self.hangs_on_more(change, side, &base)
            // What is gone from a work tree may have another name there.
            || (theirs == Version::Absent && facts.uncommitted.is_some())
            || self.may_be_renamed(change, side, &base)?;
        let meeting = match undecided {
            true => Meeting::Ask,
            false => {
                let mut three = Three {
                    base: &base,
                    before: &change.before,
                    after: change.after.as_ref(),
                    theirs: &theirs,
                    by: by.unwrap_or(PathMerge::Text),
                };
                if theirs != base && by.is_none() {
                    three.by = self.way(change)?;
                    *by = Some(three.by);
                }
                collide(&three)
            }
        };
        match meeting {
            Meeting::Apart => return Ok(None),
            Meeting::Overlap | Meeting::Unseen => {}
            Meeting::Conflict { kind, clashes, earlier } => {
                facts.conflict = Some((kind.to_owned(), clashes));
                facts.earlier = earlier;
            }
            Meeting::Driver => facts.unknown = Some(crate::conflict::by_a_driver(change.path.as_bytes())),
            Meeting::Ask => {
                let Some(after) = &change.after else {
                    return Ok(Some(facts).filter(|_| theirs != base));
                };
                let tree = &self.heads.trees[change.at];
                let Some(head) = &tree.head else { return Ok(None) };
                let one = OneFile {
                    tree: (&tree.folder, head),
                    path: &change.path,
                    from: change.from.as_ref().map(|(from, was)| (from.as_str(), was)),
                    before: &change.before,
                    after,
                };
                match judge(&self.repository, &one, side)? {
                    Judged::Clean => {
                        let met = theirs != base || self.touches(side, change.from.as_ref().map(|(from, _)| from));
                        return Ok(Some(facts).filter(|_| met));
                    }
                    Judged::Conflict(kind, earlier) => {
                        (facts.conflict, facts.earlier) = (Some((kind, Vec::new())), earlier);
                    }
                    Judged::Unknown(why) => facts.unknown = Some(why),
                }
            }
        }
        Ok(Some(facts))
    }

    /// Whether a rename, a link, or a file in place of a folder has to do with it: then only git knows.
    fn hangs_on_more(&self, change: &Change, side: &Side, base: &Version) -> bool {
        let made = |version: &Version, name: &str| match version {
            Version::Absent => (String::new(), None),
            Version::File(_) => ("100644".to_owned(), invented(name)),
            Version::Other => ("120000".to_owned(), invented(name)),
        };
        let delta = Delta {
            old: made(base, "a"),
            new: change
                .after
                .as_ref()
                .map_or_else(|| made(base, "b"), |after| made(after, "b")),
        };
        let ours = Changes::new(BTreeMap::from([(change.path.clone().into_bytes(), delta)]));
        meet(&ours, &side.changes).undecided
    }

    fn touches(&self, side: &Side, path: Option<&String>) -> bool {
        path.is_some_and(|path| side.changes.deltas().contains_key(path.as_bytes()))
    }

    /// Whether the file may be one that the side changes under another name: it is moved, or new here while what the side changes is gone from here.
    fn may_be_renamed(&self, change: &Change, side: &Side, base: &Version) -> Result<bool, Failure> {
        if let Some((from, was)) = &change.from {
            let lies = match self.lying(side, from, was)? {
                Lying::AsCommitted => false,
                Lying::Changed(_) | Lying::Unknown(_) => true,
            };
            return Ok(lies || self.touches(side, Some(from)));
        }
        if *base != Version::Absent {
            return Ok(false);
        }
        let folder = &self.heads.trees[change.at].folder;
        let changed = side
            .changes
            .deltas()
            .iter()
            .filter(|(_, delta)| delta.old.1.is_some() && delta.new.1.is_some());
        let mut paths = changed.filter_map(|(path, _)| std::str::from_utf8(path).ok());
        Ok(paths.any(|path| std::fs::symlink_metadata(folder.join(path)).is_err()))
    }

    /// How git merges the file.
    fn way(&self, change: &Change) -> Result<PathMerge, Failure> {
        let folder = &self.heads.trees[change.at].folder;
        let elsewhere = || -> Result<bool, Failure> {
            Ok(self.repository.attributes_file()?.is_some() || self.repository.attributes_tree()?.is_some())
        };
        if !may_have_attributes(folder, self.repository.common_dir(), &change.path) && !elsewhere()? {
            return Ok(self.repository.plain_merge()?);
        }
        let found = self.repository.path_merges(&[change.path.as_bytes().to_vec()])?;
        Ok(found.first().copied().unwrap_or(PathMerge::Text))
    }

    /// What lies in somebody's work tree, beside what is committed there.
    fn lying(&self, side: &Side, path: &str, committed: &Version) -> Result<Lying, Failure> {
        let Some(folder) = &side.folder else {
            return Ok(Lying::AsCommitted);
        };
        let lies = on_disk(&folder.join(path));
        if lies == *committed {
            // A file in place of one of its folders is in the way.
            let above = path.match_indices('/').map(|(end, _)| folder.join(&path[..end]));
            let mut above = above.filter_map(|above| std::fs::symlink_metadata(above).ok());
            let blocked = lies == Version::Absent && above.any(|facts| !facts.is_dir());
            return Ok(if blocked {
                Lying::Changed(Version::Other)
            } else {
                Lying::AsCommitted
            });
        }
        // A tracked file without a carriage return and without attributes is to git what lies there.
        let plain = |version: &Version| matches!(version, Version::File(bytes) if !bytes.contains(&b'\r'));
        let git = self.repository.common_dir();
        if plain(&lies) && plain(committed) && !may_have_attributes(folder, git, path) {
            return Ok(Lying::Changed(lies));
        }
        // It may be ignored, or not checked out at all (a sparse checkout), or differ by line breaks alone: git says which.
        let unfinished = self.repository.unfinished_at(folder, path)?;
        if !unfinished.filtered.is_empty() {
            return Ok(Lying::Unknown("a filter reads it, which is not run here".to_owned()));
        }
        if unfinished.all().is_empty() {
            return Ok(Lying::AsCommitted);
        }
        Ok(Lying::Changed(as_git_keeps(lies, committed)))
    }
}

/// A file and what becomes of it.
struct Change {
    /// The work tree.
    at: usize,
    /// From its root.
    path: String,
    before: Version,
    after: Option<Version>,
    unseen: Option<String>,
    /// The path that it is moved from, with what lies there.
    from: Option<(String, Version)>,
}

/// What lies in a work tree.
enum Lying {
    AsCommitted,
    Changed(Version),
    Unknown(String),
}
