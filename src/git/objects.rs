//! The objects of a repository, read from git's own files. Enters: ids. Leaves: commits, trees and blobs as bytes. What is not found here, or does
//! not add up, git is asked for: this is the short way, not the only one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Oid;
use super::pack::{Entry, Pack, Stream, becomes, changed};

/// So many repositories may lend each other their objects, one behind the other.
const LENDERS: usize = 5;

/// So many objects may be made of each other, one behind the other (git makes at most 4,095).
const LONGEST: usize = 5_000;

/// Beyond so many bytes what other objects are made of is forgotten.
const KEPT: usize = 48 << 20;

/// Of what another object is made may be as large as this.
const LARGEST: u64 = 256 << 20;

/// Files of git's that name folders are not larger.
const NAMES: u64 = 1 << 20;

/// The bytes of an id; those of a short one with zeros behind them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id([u8; 32]);

impl std::fmt::Debug for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.oid(20).short())
    }
}

impl Id {
    pub(super) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first `length` bytes of these.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut id = [0; 32];
        id.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self(id))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As digits.
    pub(super) fn oid(&self, length: usize) -> Oid {
        Oid::of_bytes(&self.0[..length])
    }
}

impl From<&Oid> for Id {
    fn from(oid: &Oid) -> Self {
        let mut id = [0; 32];
        let digits = oid.as_str().as_bytes().chunks_exact(2);
        for (byte, digits) in id.iter_mut().zip(digits) {
            let value = |digit: u8| match digit {
                b'0'..=b'9' => digit - b'0',
                _ => digit.wrapping_sub(b'a').wrapping_add(10),
            };
            *byte = value(digits[0]) << 4 | value(digits[1]);
        }
        Self(id)
    }
}

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// By its number in a pack.
    pub(super) fn of_pack(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Commit,
            2 => Self::Tree,
            3 => Self::Blob,
            4 => Self::Tag,
            _ => return None,
        })
    }

    fn of_word(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"commit" => Self::Commit,
            b"tree" => Self::Tree,
            b"blob" => Self::Blob,
            b"tag" => Self::Tag,
            _ => return None,
        })
    }
}

/// An object.
#[derive(Clone, Debug)]
pub(super) enum Object {
    /// Its bytes.
    Whole(Kind, Vec<u8>),
    /// Larger than asked for; its size.
    Large(Kind, u64),
}

/// A pack, and an offset in it.
type Place = (usize, u64);

/// The objects of a repository, and of those that lend it theirs.
#[derive(Debug)]
pub(super) struct Objects {
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    id_length: usize,
    /// In which pack something was found last.
    last: usize,
    kept: Kept,
    stream: Stream,
}

/// Of what other objects are made, by pack and offset.
#[derive(Debug, Default)]
struct Kept {
    by_place: HashMap<Place, (Kind, Arc<Vec<u8>>)>,
    size: usize,
}

impl Kept {
    fn keep(&mut self, place: Place, kind: Kind, bytes: &Arc<Vec<u8>>) {
        if self.size + bytes.len() > KEPT {
            *self = Self::default();
        }
        self.size += bytes.len();
        self.by_place.insert(place, (kind, bytes.clone()));
    }
}

impl Objects {
    /// Those in a folder of objects, with ids of so many bytes.
    pub(super) fn open(folder: &Path, id_length: usize) -> Option<Self> {
        let mut folders = Vec::new();
        lenders(folder.to_owned(), LENDERS, &mut folders)?;
        let mut packs = Vec::new();
        for folder in &folders {
            let mut indexes: Vec<PathBuf> = match std::fs::read_dir(folder.join("pack")) {
                Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
                Err(_) => Vec::new(),
            };
            indexes.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
            indexes.sort();
            packs.extend(indexes.iter().filter_map(|path| Pack::open(path, id_length)));
        }
        Some(Self {
            folders,
            packs,
            id_length,
            last: 0,
            kept: Kept::default(),
            stream: Stream::new(),
        })
    }

    /// How many bytes an id has.
    pub(super) fn id_length(&self) -> usize {
        self.id_length
    }

    /// An object; nothing if it is not found here. Whatever the limit is, what claims to be beyond all measure is not made room for.
    pub(super) fn read(&mut self, id: &Id, limit: u64) -> Option<Object> {
        let limit = limit.min(LARGEST);
        match self.find(id) {
            Some(place) => self.packed(place, limit),
            None => self.loose(id, limit),
        }
    }

    /// The bytes of an object of this kind.
    pub(super) fn bytes(&mut self, id: &Id, wanted: Kind) -> Option<Vec<u8>> {
        match self.read(id, LARGEST)? {
            Object::Whole(kind, bytes) if kind == wanted => Some(bytes),
            _ => None,
        }
    }

    fn find(&mut self, id: &Id) -> Option<Place> {
        let last = self.last;
        let order = std::iter::once(last).chain((0..self.packs.len()).filter(|at| *at != last));
        for at in order {
            if let Some(offset) = self.packs.get_mut(at).and_then(|pack| pack.find(id)) {
                self.last = at;
                return Some((at, offset));
            }
        }
        None
    }

    /// The object at a place of a pack, with all that it is made of.
    fn packed(&mut self, place: Place, limit: u64) -> Option<Object> {
        let mut deltas: Vec<(Place, Vec<u8>)> = Vec::new();
        let mut at = place;
        let (kind, mut base) = loop {
            if let Some((kind, bytes)) = self.kept.by_place.get(&at) {
                break (*kind, bytes.clone());
            }
            let limit = if deltas.is_empty() { limit } else { LARGEST };
            let (next, delta) = match self.packs.get_mut(at.0)?.entry(at.1, limit)? {
                Entry::Whole(kind, bytes) if deltas.is_empty() => return Some(Object::Whole(kind, bytes)),
                Entry::Large(kind, size) if deltas.is_empty() => return Some(Object::Large(kind, size)),
                Entry::Large(..) => return None,
                Entry::Whole(kind, bytes) => {
                    let bytes = Arc::new(bytes);
                    self.kept.keep(at, kind, &bytes);
                    break (kind, bytes);
                }
                Entry::After(offset, delta) => ((at.0, offset), delta),
                Entry::Of(id, delta) => (self.find(&id)?, delta),
            };
            deltas.push((at, delta));
            if deltas.len() > LONGEST {
                return None;
            }
            at = next;
        };
        if let Some(size) = deltas
            .first()
            .and_then(|(_, delta)| becomes(delta))
            .filter(|size| *size > limit)
        {
            return Some(Object::Large(kind, size));
        }
        while let Some((at, delta)) = deltas.pop() {
            let made = changed(&base, &delta, LARGEST)?;
            if deltas.is_empty() {
                return Some(Object::Whole(kind, made));
            }
            base = Arc::new(made);
            self.kept.keep(at, kind, &base);
        }
        // It was kept itself.
        match base.len() as u64 > limit {
            true => Some(Object::Large(kind, base.len() as u64)),
            false => Some(Object::Whole(kind, base.as_ref().clone())),
        }
    }

    /// An object with a file of its own.
    fn loose(&mut self, id: &Id, limit: u64) -> Option<Object> {
        let oid = id.oid(self.id_length);
        let (folder, name) = oid.as_str().split_at(2);
        let paths = self.folders.iter().map(|objects| objects.join(folder).join(name));
        let file = paths.into_iter().find_map(|path| {
            let size = std::fs::metadata(&path).ok()?.len();
            (size <= LARGEST).then(|| std::fs::read(&path).ok())?
        })?;
        let head = self.stream.all(&file, 64)?;
        let end = head.iter().position(|byte| *byte == 0)?;
        let mut words = head[..end].splitn(2, |byte| *byte == b' ');
        let kind = Kind::of_word(words.next()?)?;
        let size: u64 = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        if size > limit {
            return Some(Object::Large(kind, size));
        }
        let whole = end + 1 + usize::try_from(size).ok()?;
        let mut bytes = self.stream.all(&file, whole + 1)?;
        (bytes.len() == whole).then(|| Object::Whole(kind, bytes.split_off(end + 1)))
    }
}

/// A folder of objects, and those behind it; nothing where they cannot be told.
fn lenders(folder: PathBuf, left: usize, found: &mut Vec<PathBuf>) -> Option<()> {
    if found.contains(&folder) {
        return Some(());
    }
    let names = folder.join("info/alternates");
    found.push(folder);
    let Ok(facts) = std::fs::metadata(&names) else {
        return Some(());
    };
    if facts.len() > NAMES || left == 0 {
        return None;
    }
    let text = std::fs::read_to_string(&names).ok()?;
    let base = names.parent()?.parent()?.to_owned();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        // Git quotes odd names.
        if line.starts_with('"') {
            return None;
        }
        lenders(base.join(line), left - 1, found)?;
    }
    Some(())
}
