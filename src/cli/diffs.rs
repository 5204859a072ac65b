//! What each side changed against each base that it has with another. Enters: commits and their bases. Leaves: [`Diffs`].
//!
//! What differs between two trees never changes, so it is kept by the two, and git is asked only for what was not asked before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cache::{Cache, Fields, Kept, Reading};
use super::failure::Failure;
use crate::conflict::{Changes, Delta};
use crate::git::{Bases, MergeBases, Oid, Repository};

/// Where they are kept.
const NAME: &str = "diffs";

/// Beyond so many bytes only what this run needed is kept.
const MOST: usize = 64 << 20;

/// The trees of a base and of a side.
type Trees = (Oid, Oid);

/// What differs between two trees, as it is kept.
#[derive(Clone, Debug)]
struct Stored {
    /// The folders above what differs, each once.
    folders: Vec<Vec<u8>>,
    /// What differs.
    deltas: Vec<u8>,
}

/// The changes of every side against every base.
#[derive(Debug)]
pub(super) struct Diffs {
    trees: HashMap<Oid, Oid>,
    of: HashMap<(Oid, usize), Trees>,
    stored: HashMap<Trees, Stored>,
}

impl Diffs {
    /// The changes of `tips`, which have these bases. `objects` has the commits.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn of(
        objects: &Repository,
        tips: &[Oid],
        bases: &MergeBases,
        cache: &Cache,
        notes: &mut Vec<String>,
    ) -> Result<Self, Failure> {
        let mut wanted: BTreeSet<(Oid, usize)> = BTreeSet::new();
        for a in 0..tips.len() {
            for b in a + 1..tips.len() {
                if let Bases::One(base) = bases.of(a, b) {
                    wanted.extend([(base.clone(), a), (base, b)]);
                }
            }
        }
        let commits: BTreeSet<&Oid> = wanted.iter().map(|(base, _)| base).chain(tips).collect();
        let commits: Vec<Oid> = commits.into_iter().cloned().collect();
        let trees = objects.trees_of(&commits)?;
        let trees: HashMap<Oid, Oid> = commits.into_iter().zip(trees).collect();
        let of: HashMap<(Oid, usize), Trees> = wanted
            .into_iter()
            .filter_map(|(base, side)| {
                let both = (trees.get(&base)?.clone(), trees.get(&tips[side])?.clone());
                Some(((base, side), both))
            })
            .collect();
        let mut stored = HashMap::new();
        match cache.read(NAME) {
            Kept::Bytes(bytes) => stored = kept(&bytes),
            Kept::Broken(path) => notes.push(format!("{} was broken and is made anew", path.display())),
            Kept::Nothing => {}
        }
        let missing: BTreeSet<&Trees> = of.values().filter(|both| !stored.contains_key(*both)).collect();
        let missing: Vec<Trees> = missing.into_iter().cloned().collect();
        let fresh = !missing.is_empty();
        // Where an object is not here, what depends on it is not known, and all else is.
        let diffs = objects.diff_each(&missing).into_iter();
        let each = missing.into_iter().zip(diffs);
        stored.extend(each.filter_map(|(both, deltas)| Some((both, Stored::of(&deltas?)))));
        let found = Self { trees, of, stored };
        if fresh {
            found.keep(cache);
        }
        Ok(found)
    }

    /// The tree of a tip or a base.
    #[must_use]
    pub(super) fn tree(&self, commit: &Oid) -> Option<&Oid> {
        self.trees.get(commit)
    }

    /// The folders above what a side changed against a base.
    #[must_use]
    pub(super) fn folders(&self, base: &Oid, side: usize) -> &[Vec<u8>] {
        let both = self.of.get(&(base.clone(), side));
        let stored = both.and_then(|both| self.stored.get(both));
        stored.map_or(&[], |stored| &stored.folders)
    }

    /// The changes of the sides of these pairs. `objects` has their trees.
    #[must_use]
    pub(super) fn changes(
        &self,
        objects: &Repository,
        pairs: &BTreeSet<(usize, usize)>,
        bases: &MergeBases,
    ) -> HashMap<(Oid, usize), Changes> {
        let mut found = HashMap::new();
        for (a, b) in pairs {
            let Bases::One(base) = bases.of(*a, *b) else { continue };
            for side in [*a, *b] {
                let key = (base.clone(), side);
                if !found.contains_key(&key)
                    && let Some(stored) = self.of.get(&key).and_then(|both| self.stored.get(both))
                {
                    let mut changes = Changes::new(stored.read().unwrap_or_default());
                    if let Some((_, tree)) = self.of.get(&key) {
                        changes.forget_folders(|folders| objects.has_folders(tree, folders));
                    }
                    found.insert(key, changes);
                }
            }
        }
        found
    }

    fn keep(&self, cache: &Cache) {
        let used: BTreeSet<&Trees> = self.of.values().collect();
        let size: usize = self.stored.values().map(|stored| stored.deltas.len()).sum();
        let mut fields = Fields::default();
        let mut all: Vec<(&Trees, &Stored)> = self.stored.iter().collect();
        all.retain(|(both, _)| size <= MOST || used.contains(both));
        all.sort_by_key(|(both, _)| *both);
        for ((base, side), stored) in all {
            fields.put(base.as_str().as_bytes());
            fields.put(side.as_str().as_bytes());
            fields.number(stored.folders.len());
            stored.folders.iter().for_each(|folder| fields.put(folder));
            fields.put(&stored.deltas);
        }
        cache.write(NAME, fields.bytes());
    }
}

impl Stored {
    fn of(deltas: &BTreeMap<Vec<u8>, Delta>) -> Self {
        let mut folders: BTreeSet<&[u8]> = BTreeSet::new();
        let mut fields = Fields::default();
        for (path, delta) in deltas {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            folders.extend(ends.map(|(end, _)| &path[..end]));
            fields.put(path);
            put_delta(&mut fields, delta);
        }
        Self {
            folders: folders.into_iter().map(<[u8]>::to_vec).collect(),
            deltas: fields.bytes().to_vec(),
        }
    }

    fn read(&self) -> Option<BTreeMap<Vec<u8>, Delta>> {
        let mut reading = Reading::of(&self.deltas);
        let mut deltas = BTreeMap::new();
        while let Some(path) = reading.next() {
            deltas.insert(path.to_vec(), take_delta(&mut reading)?);
        }
        Some(deltas)
    }
}

/// Writes a change of a file.
pub(super) fn put_delta(fields: &mut Fields, delta: &Delta) {
    for (mode, oid) in [&delta.old, &delta.new] {
        fields.put(mode.as_bytes());
        fields.put(oid.as_ref().map_or("", Oid::as_str).as_bytes());
    }
}

/// Reads a change of a file.
pub(super) fn take_delta(reading: &mut Reading<'_>) -> Option<Delta> {
    let mut one = || Some((reading.text()?.to_owned(), Oid::parse(reading.text()?)));
    Some(Delta {
        old: one()?,
        new: one()?,
    })
}

/// What was kept; as much of it as can be read.
fn kept(bytes: &[u8]) -> HashMap<Trees, Stored> {
    let mut reading = Reading::of(bytes);
    let mut one = || {
        let both = (Oid::parse(reading.text()?)?, Oid::parse(reading.text()?)?);
        let count = reading.number()?;
        let folders: Option<Vec<Vec<u8>>> = (0..count).map(|_| Some(reading.next()?.to_vec())).collect();
        let stored = Stored {
            folders: folders?,
            deltas: reading.next()?.to_vec(),
        };
        Some((both, stored))
    };
    std::iter::from_fn(&mut one).collect()
}
