//! Answers out of git's own files, without git. Enters: a repository, ids. Leaves: what git would say: trees of commits, what differs between
//! trees, the files of a tree, blobs, the history above what commits have in common. Where a file is missing or does not add up there is no
//! answer, and git is asked.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::objects::{Id, Kind, Object, Objects};
use super::read::path_of;
use super::{Blob, ExactChange, GitError, Oid, Repository};
use crate::source::RepoPath;

/// So many commits above what others have in common are walked through; beyond that git, which may know shorter ways, is asked.
const MOST_COMMITS: usize = 10_000;

/// Trees lie no deeper in each other.
const DEEPEST: usize = 512;

/// What was read of a repository, once it was needed; clones of it have it in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Inside(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    objects: OnceLock<Option<Mutex<Objects>>>,
    settings: OnceLock<Vec<(String, String)>>,
}

impl Inside {
    /// The settings, if they were read.
    pub(super) fn settings(&self) -> Option<&[(String, String)]> {
        self.0.settings.get().map(Vec::as_slice)
    }

    /// Keeps the settings that were read.
    pub(super) fn set_settings(&self, settings: Vec<(String, String)>) -> &[(String, String)] {
        self.0.settings.get_or_init(|| settings)
    }
}

/// What happened to each path.
type Changes = BTreeMap<Vec<u8>, ExactChange>;

/// An entry of a tree.
#[derive(Clone, Copy, Debug)]
struct Part<'t> {
    mode: &'static str,
    name: &'t [u8],
    id: Id,
}

impl Part<'_> {
    fn is_tree(&self) -> bool {
        self.mode == TREE
    }

    /// How git sorts: a folder as if its name ended with `/`.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let tail = |part: &Self| part.is_tree().then_some(&b'/');
        let [mine, others] = [self, other].map(|part| part.name.iter().chain(tail(part)));
        mine.cmp(others)
    }
}

const TREE: &str = "040000";

/// What a missing side of a change has for a mode.
const NOTHING: &str = "000000";

impl Repository {
    fn objects(&self) -> Option<MutexGuard<'_, Objects>> {
        let folder = self.git_folder();
        let open = || Objects::open(&folder.join("objects"), self.empty_tree.as_str().len() / 2).map(Mutex::new);
        let objects = self.inside.0.objects.get_or_init(open).as_ref()?;
        Some(objects.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The blobs; nothing for those that are not found.
    pub(super) fn blobs_inside(&self, oids: &[Oid], limit: u64) -> Vec<Option<Blob>> {
        let Some(mut objects) = self.objects() else {
            return vec![None; oids.len()];
        };
        let mut blob = |oid: &Oid| match objects.read(&Id::from(oid), limit)? {
            Object::Whole(Kind::Blob, bytes) => Some(Blob::Bytes(bytes)),
            Object::Large(Kind::Blob, size) => Some(Blob::TooLarge(size)),
            Object::Whole(..) | Object::Large(..) => Some(Blob::Missing),
        };
        oids.iter().map(&mut blob).collect()
    }

    /// The trees of commits.
    pub(super) fn trees_inside(&self, commits: &[Oid]) -> Option<Vec<Oid>> {
        let mut objects = self.objects()?;
        let length = objects.id_length();
        let mut tree = |commit: &Oid| Some(Commit::read(&mut objects, &Id::from(commit))?.tree.oid(length));
        commits.iter().map(&mut tree).collect()
    }

    /// What differs between trees, for each two.
    pub(super) fn diffs_inside(&self, pairs: &[(Oid, Oid)]) -> Option<Vec<Changes>> {
        let mut trees = Trees::new(self.objects()?);
        let mut diff = |(old, new): &(Oid, Oid)| {
            let mut found = Changes::new();
            trees.diff(
                [Some(Id::from(old)), Some(Id::from(new))],
                &mut Vec::new(),
                0,
                &mut found,
            )?;
            Some(found)
        };
        pairs.iter().map(&mut diff).collect()
    }

    /// The blobs of the project's files in a commit or tree, by path; those of submodules are commits.
    ///
    /// # Errors
    /// If there is no such commit or tree.
    pub fn files(&self, tree: &Oid) -> Result<BTreeMap<RepoPath, Oid>, GitError> {
        let Some(files) = self.files_inside(tree, self.prefix()) else {
            let entries = self.list_tree(tree)?.entries.into_iter();
            return Ok(entries.map(|entry| (entry.path, entry.oid)).collect());
        };
        let named = files
            .into_iter()
            .filter_map(|(path, oid)| Some((path_of(&path).ok()?, oid)));
        Ok(named.collect())
    }

    /// The same below a folder of the project.
    ///
    /// # Errors
    /// If there is no such commit or tree.
    pub fn files_below(&self, tree: &Oid, folder: &str) -> Result<BTreeMap<RepoPath, Oid>, GitError> {
        let whole: Vec<&str> = [self.prefix(), folder]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let Some(files) = self.files_inside(tree, &whole.join("/")) else {
            let mut files = self.files(tree)?;
            files.retain(|path, _| {
                path.as_str()
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            });
            return Ok(files);
        };
        let named =
            |(path, oid): (Vec<u8>, Oid)| Some((path_of(&[folder.as_bytes(), b"/", &path].concat()).ok()?, oid));
        Ok(files.into_iter().filter_map(named).collect())
    }

    /// The files of a commit or tree below a folder, by the path from there on, with their blobs; none where the folder is not there.
    pub(super) fn files_inside(&self, tree: &Oid, folder: &str) -> Option<Vec<(Vec<u8>, Oid)>> {
        let mut objects = self.objects()?;
        let id = Id::from(tree);
        let mut id = match objects.read(&id, u64::MAX)? {
            Object::Whole(Kind::Tree, _) => id,
            Object::Whole(Kind::Commit, bytes) => Commit::parse(&bytes, objects.id_length())?.tree,
            _ => return None,
        };
        let mut trees = Trees::new(objects);
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            let bytes = trees.bytes(id)?;
            let below = parts(&bytes, trees.id_length)?
                .into_iter()
                .find(|part| part.name == name.as_bytes());
            match below.filter(Part::is_tree) {
                Some(below) => id = below.id,
                None => return Some(Vec::new()),
            }
        }
        let mut found = Changes::new();
        trees.diff([None, Some(id)], &mut Vec::new(), 0, &mut found)?;
        let each = found.into_iter().map(|(path, change)| Some((path, change.new.1?)));
        each.collect()
    }

    /// Whether a tree has each of these folders; what cannot be told is not said to be there.
    #[must_use]
    pub fn has_folders(&self, tree: &Oid, folders: &[&[u8]]) -> Vec<bool> {
        let Some(objects) = self.objects() else {
            return vec![false; folders.len()];
        };
        let mut trees = Trees::new(objects);
        let has = |folder: &&[u8]| trees.has_folder(Id::from(tree), folder).unwrap_or(false);
        folders.iter().map(has).collect()
    }

    /// One commit that is behind all of these, and all history of theirs that is above it, each commit with its parents, children first. Every
    /// way down from any of them leads through that commit.
    pub(super) fn history_inside(&self, tips: &[Oid]) -> Option<(Oid, Vec<Vec<Oid>>)> {
        let folder = self.common_dir();
        // A history that was cut off or mended by hand is git's to tell.
        if folder.join("shallow").exists() || folder.join("info/grafts").exists() {
            return None;
        }
        let mut objects = self.objects()?;
        let length = objects.id_length();
        let (shared, above) = walked(&mut objects, tips)?;
        let line = |(id, parents): (Id, Vec<Id>)| {
            let all = std::iter::once(id).chain(parents);
            all.map(|id| id.oid(length)).collect()
        };
        Some((shared.oid(length), sorted(above)?.into_iter().map(line).collect()))
    }
}

/// What a commit says.
struct Commit {
    tree: Id,
    parents: Vec<Id>,
    date: i64,
}

impl Commit {
    fn read(objects: &mut Objects, id: &Id) -> Option<Self> {
        let bytes = objects.bytes(id, Kind::Commit)?;
        Self::parse(&bytes, objects.id_length())
    }

    fn parse(bytes: &[u8], id_length: usize) -> Option<Self> {
        let id = |line: &[u8]| {
            let oid = Oid::parse(std::str::from_utf8(line).ok()?)?;
            (oid.as_str().len() == id_length * 2).then(|| Id::from(&oid))
        };
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let tree = id(lines.next()?.strip_prefix(b"tree ")?)?;
        let (mut parents, mut date) = (Vec::new(), 0);
        for line in lines.take_while(|line| !line.is_empty()) {
            if let Some(parent) = line.strip_prefix(b"parent ") {
                parents.push(id(parent)?);
            } else if let Some(committer) = line.strip_prefix(b"committer ") {
                let date_of = |line: &[u8]| {
                    std::str::from_utf8(line.rsplit(|byte| *byte == b' ').nth(1)?)
                        .ok()?
                        .parse()
                        .ok()
                };
                date = date_of(committer).unwrap_or(0);
                break;
            }
        }
        Some(Self { tree, parents, date })
    }
}

/// Commits with their parents.
type Above = HashMap<Id, Vec<Id>>;

/// Walks down, the newest first, until all that is left to look at is one commit: what all ways lead through.
fn walked(objects: &mut Objects, tips: &[Oid]) -> Option<(Id, Above)> {
    let mut above = Above::new();
    let mut seen: HashSet<Id> = HashSet::new();
    let mut open: BinaryHeap<(i64, Id)> = BinaryHeap::new();
    let mut parents: HashMap<Id, Vec<Id>> = HashMap::new();
    let mut next: Vec<Id> = tips.iter().map(Id::from).collect();
    // The beginning of the history, if it was come to before the rest was.
    let mut first: Option<Id> = None;
    loop {
        for id in next {
            if seen.insert(id) {
                let commit = Commit::read(objects, &id)?;
                open.push((commit.date, id));
                parents.insert(id, commit.parents);
            }
        }
        let Some((_, id)) = open.pop() else {
            return Some((first?, above));
        };
        if open.is_empty() && first.is_none() {
            return Some((id, above));
        }
        next = parents.remove(&id)?;
        // Two beginnings: not all ways lead through one commit.
        if (next.is_empty() && first.replace(id).is_some()) || above.len() >= MOST_COMMITS {
            return None;
        }
        if !next.is_empty() {
            above.insert(id, next.clone());
        }
    }
}

/// The commits, children before their parents.
fn sorted(above: Above) -> Option<Vec<(Id, Vec<Id>)>> {
    let mut children: HashMap<Id, usize> = HashMap::new();
    for parent in above.values().flatten() {
        *children.entry(*parent).or_default() += 1;
    }
    let mut open: Vec<Id> = above.keys().filter(|id| !children.contains_key(*id)).copied().collect();
    open.sort_unstable();
    let (mut above, mut sorted) = (above, Vec::new());
    while let Some(id) = open.pop() {
        let parents = above.remove(&id)?;
        for parent in &parents {
            let left = children.get_mut(parent)?;
            *left -= 1;
            if *left == 0 && above.contains_key(parent) {
                open.push(*parent);
            }
        }
        sorted.push((id, parents));
    }
    above.is_empty().then_some(sorted)
}

/// Trees, each read once.
struct Trees<'o> {
    objects: MutexGuard<'o, Objects>,
    id_length: usize,
    known: HashMap<Id, Arc<[u8]>>,
}

impl<'o> Trees<'o> {
    fn new(objects: MutexGuard<'o, Objects>) -> Self {
        Self {
            id_length: objects.id_length(),
            objects,
            known: HashMap::new(),
        }
    }

    fn bytes(&mut self, id: Id) -> Option<Arc<[u8]>> {
        if let Some(known) = self.known.get(&id) {
            return Some(known.clone());
        }
        let bytes: Arc<[u8]> = self.objects.bytes(&id, Kind::Tree)?.into();
        self.known.insert(id, bytes.clone());
        Some(bytes)
    }

    fn has_folder(&mut self, tree: Id, folder: &[u8]) -> Option<bool> {
        let mut id = tree;
        for name in folder.split(|byte| *byte == b'/') {
            let bytes = self.bytes(id)?;
            let below = parts(&bytes, self.id_length)?;
            match below
                .iter()
                .find(|part| part.name == name)
                .filter(|part| part.is_tree())
            {
                Some(part) => id = part.id,
                None => return Some(false),
            }
        }
        Some(true)
    }

    /// What differs between two trees (nothing: there is none), below a path.
    fn diff(&mut self, ids: [Option<Id>; 2], path: &mut Vec<u8>, depth: usize, found: &mut Changes) -> Option<()> {
        if ids[0] == ids[1] {
            return Some(());
        }
        if depth > DEEPEST {
            return None;
        }
        let mut bytes = [None, None];
        for (bytes, id) in bytes.iter_mut().zip(ids) {
            if let Some(id) = id {
                *bytes = Some(self.bytes(id)?);
            }
        }
        let [old, new] = bytes.each_ref().map(|bytes| bytes.as_deref().unwrap_or_default());
        let (old, new) = (parts(old, self.id_length)?, parts(new, self.id_length)?);
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Some(()),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(one), Some(other)) => one.cmp(other),
            };
            let was = if order.is_le() { old.next() } else { None };
            let is = if order.is_ge() { new.next() } else { None };
            if let (Some(was), Some(is)) = (was, is)
                && (was.mode, was.id) == (is.mode, is.id)
            {
                continue;
            }
            self.changed([was, is], path, depth, found)?;
        }
    }

    /// What differs between two entries of one name: both are folders, or neither is.
    fn changed(
        &mut self,
        parts: [Option<&Part<'_>>; 2],
        path: &mut Vec<u8>,
        depth: usize,
        found: &mut Changes,
    ) -> Option<()> {
        let one = parts[0].or(parts[1])?;
        let length = path.len();
        path.extend_from_slice(one.name);
        if one.is_tree() {
            path.push(b'/');
            self.diff(parts.map(|part| part.map(|part| part.id)), path, depth + 1, found)?;
        } else {
            let side = |part: Option<&Part<'_>>| match part {
                Some(part) => (part.mode.to_owned(), Some(part.id.oid(self.id_length))),
                None => (NOTHING.to_owned(), None),
            };
            let (old, new) = (side(parts[0]), side(parts[1]));
            found.insert(path.clone(), ExactChange { old, new });
        }
        path.truncate(length);
        Some(())
    }
}

/// The entries of a tree.
fn parts(bytes: &[u8], id_length: usize) -> Option<Vec<Part<'_>>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let blank = rest.iter().position(|byte| *byte == b' ')?;
        let mode = mode(&rest[..blank])?;
        rest = &rest[blank + 1..];
        let end = rest.iter().position(|byte| *byte == 0).filter(|end| *end > 0)?;
        let name = &rest[..end];
        let (id, after) = rest[end + 1..].split_at_checked(id_length)?;
        found.push(Part {
            mode,
            name,
            id: Id::parse(id)?,
        });
        rest = after;
    }
    Some(found)
}

/// A mode as git prints it: old ones had more bits.
fn mode(digits: &[u8]) -> Option<&'static str> {
    let mode = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    Some(match mode & 0o170_000 {
        0o100_000 if mode & 0o100 == 0 => "100644",
        0o100_000 => "100755",
        0o120_000 => "120000",
        0o040_000 => TREE,
        _ => "160000",
    })
}

#[cfg(test)]
mod tests;
