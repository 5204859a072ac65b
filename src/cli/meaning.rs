//! What git cannot see between branches. Enters: commits, and which pairs of them merge cleanly. Leaves: the [`Breach`]es of each pair. All
//! reading is done here: what the pure part misses it asks for, in bounded rounds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::conflict::meaning::{Breach, Ground, Texts, Use, Work, breaches, leads, uses};
use crate::conflict::{Changes, Delta};
use crate::git::{Bases, Blob, MergeBases, Oid, Repository};
use crate::lang::Language;
use crate::source::{FileId, RepoPath, Sources, View, is_generated};
use crate::workspace::{CODE_LIMIT, decode};

use super::failure::Failure;

/// How often files are read that a name leads to: through so many re-exports a name is followed.
const ROUNDS: usize = 6;

/// What a side changed beyond so many files is a rewrite: nothing is concluded from it.
const MOST_FILES: usize = 1_500;

/// Reads blobs, each into the pool once.
struct Reader<'r> {
    objects: &'r Repository,
    prefix: String,
}

impl Reader<'_> {
    /// The path within the project; nothing for what lies outside.
    fn inside(&self, path: &[u8]) -> Option<RepoPath> {
        let path = std::str::from_utf8(path).ok()?;
        let path = match self.prefix.as_str() {
            "" => path,
            prefix => path.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        RepoPath::new(path)
    }

    fn read(
        &self,
        wanted: &BTreeSet<(RepoPath, Oid)>,
        sources: &mut Sources,
    ) -> Result<HashMap<(RepoPath, Oid), FileId>, Failure> {
        let oids: Vec<Oid> = wanted.iter().map(|(_, oid)| oid.clone()).collect();
        let blobs = self.objects.read_blobs(&oids, CODE_LIMIT)?;
        let mut files = HashMap::new();
        for ((path, oid), blob) in wanted.iter().zip(blobs) {
            let Blob::Bytes(bytes) = blob else { continue };
            if let Ok(text) = decode(path, bytes) {
                files.insert((path.clone(), oid.clone()), sources.add(path.clone(), text));
            }
        }
        Ok(files)
    }
}

/// What one side did, seen from one base.
type Side = (Oid, usize);

/// The breaches of each of the `pairs`, in order; those with several bases have none that anybody could tell.
///
/// # Errors
/// If git fails.
pub(super) fn meaning(
    objects: &Repository,
    pairs: &[(usize, usize)],
    (bases, changes): (&MergeBases, &HashMap<(Oid, usize), Changes>),
    sources: &mut Sources,
) -> Result<Vec<Vec<Breach>>, Failure> {
    let reader = Reader {
        objects,
        prefix: objects.prefix().to_owned(),
    };
    let mut by_base: BTreeMap<Oid, BTreeSet<usize>> = BTreeMap::new();
    let base_of = |(a, b): (usize, usize)| match bases.of(a, b) {
        Bases::One(base) => Some(base),
        Bases::Several | Bases::None => None,
    };
    for pair in pairs {
        if let Some(base) = base_of(*pair) {
            by_base.entry(base).or_default().extend([pair.0, pair.1]);
        }
    }
    let sides: Vec<Side> = by_base
        .iter()
        .flat_map(|(base, sides)| sides.iter().map(|side| (base.clone(), *side)))
        .collect();
    let works = works(&reader, &sides, changes, sources)?;
    let mut used: HashMap<Side, Vec<Use>> = HashMap::new();
    for (base, sides) in &by_base {
        let sides: Vec<Side> = sides.iter().map(|side| (base.clone(), *side)).collect();
        follow(&reader, base, &sides, &works, &mut used, sources)?;
    }
    let of_pair = |pair: &(usize, usize)| {
        let base = base_of(*pair)?;
        let [a, b] = [(base.clone(), pair.0), (base, pair.1)];
        let uses = |side: &Side| used.get(side).map_or(&[][..], Vec::as_slice);
        Some(breaches(
            sources,
            [(works.get(&a)?, uses(&a)), (works.get(&b)?, uses(&b))],
        ))
    };
    Ok(pairs.iter().map(|pair| of_pair(pair).unwrap_or_default()).collect())
}

/// What each side did.
fn works(
    reader: &Reader<'_>,
    sides: &[Side],
    changes: &HashMap<(Oid, usize), Changes>,
    sources: &mut Sources,
) -> Result<HashMap<Side, Work>, Failure> {
    let mut wanted: BTreeSet<(RepoPath, Oid)> = BTreeSet::new();
    let mut deltas: Vec<(Side, Vec<(RepoPath, &Delta)>)> = Vec::new();
    for side in sides {
        let Some(changes) = changes.get(side) else { continue };
        let of: Vec<(RepoPath, &Delta)> = changes
            .deltas()
            .iter()
            .filter_map(|(path, delta)| Some((reader.inside(path)?, delta)))
            .filter(|(path, delta)| tells(path) && is_plain(delta))
            .collect();
        if of.len() > MOST_FILES {
            continue;
        }
        let blobs = of.iter().flat_map(|(path, delta)| {
            let both = [&delta.old.1, &delta.new.1];
            both.into_iter().flatten().map(|oid| (path.clone(), oid.clone()))
        });
        wanted.extend(blobs);
        deltas.push((side.clone(), of));
    }
    let files = reader.read(&wanted, sources)?;
    let pool: &Sources = sources;
    Ok(deltas
        .into_iter()
        .map(|(side, of)| {
            let texts = of.into_iter().filter_map(|(path, delta)| {
                // What could not be read is not known to be gone.
                let text = |oid: &Option<Oid>| match oid {
                    Some(oid) => files.get(&(path.clone(), oid.clone())).copied().map(Some),
                    None => Some(None),
                };
                let texts = Texts {
                    base: text(&delta.old.1)?,
                    side: text(&delta.new.1)?,
                };
                let made = [texts.base, texts.side].into_iter().flatten();
                let by_program = made
                    .into_iter()
                    .any(|file| is_generated(&path, pool.file(file).text.as_bytes()));
                (!by_program).then_some((path, texts))
            });
            let work = Work::new(pool, texts.collect());
            (side, work)
        })
        .collect())
}

/// True for files of which something may be concluded.
fn tells(path: &RepoPath) -> bool {
    Language::of(path).is_some_and(Language::is_built)
        || matches!(path.extension(), "json" | "yml" | "yaml" | "toml" | "sql" | "prisma")
        || path.file_name().starts_with(".env")
}

fn is_plain(delta: &Delta) -> bool {
    let plain = |mode: &str, oid: &Option<Oid>| oid.is_none() || mode.starts_with("100");
    plain(&delta.old.0, &delta.old.1) && plain(&delta.new.0, &delta.new.1)
}

/// What each side of one base newly uses of what the others took away.
fn follow(
    reader: &Reader<'_>,
    base: &Oid,
    sides: &[Side],
    works: &HashMap<Side, Work>,
    used: &mut HashMap<Side, Vec<Use>>,
    sources: &mut Sources,
) -> Result<(), Failure> {
    let names = |own: &Side| -> BTreeSet<&str> {
        let others = sides
            .iter()
            .filter(|side| *side != own)
            .filter_map(|side| works.get(side));
        others.flat_map(Work::names).collect()
    };
    let mut open: Vec<(&Side, &Work, BTreeSet<&str>)> = Vec::new();
    for side in sides {
        let (Some(work), names) = (works.get(side), names(side)) else {
            continue;
        };
        if !names.is_empty() && work.may_use(&names) {
            open.push((side, work, names));
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let tree = reader.objects.list_tree(base)?;
    let blobs: HashMap<&RepoPath, &Oid> = tree.entries.iter().map(|entry| (&entry.path, &entry.oid)).collect();
    let go: BTreeSet<&str> = works
        .iter()
        .filter(|((of, _), _)| of == base)
        .flat_map(|(_, work)| work.go_folders())
        .collect();
    let first = blobs
        .iter()
        .filter(|(path, _)| leads(path) || (path.extension() == "go" && go.contains(path.parent())));
    let first: BTreeSet<(RepoPath, Oid)> = first.map(|(path, oid)| ((*path).clone(), (*oid).clone())).collect();
    let read = reader.read(&first, sources)?;
    let mut view = View::default();
    let added = open.iter().flat_map(|(_, work, _)| work.new_paths());
    for path in blobs.keys().copied().chain(added) {
        let known = blobs
            .get(path)
            .and_then(|oid| read.get(&(path.clone(), (*oid).clone())));
        match known {
            Some(file) => {
                view.files.insert(path.clone(), *file);
            }
            // Where names lead is told by the paths of these; the texts come when they are asked for.
            None if matches!(path.extension(), "rs" | "py") => {
                view.files.insert(path.clone(), sources.add(path.clone(), ""));
            }
            None => {
                view.unread.insert(path.clone());
            }
        }
    }
    let mut ground = Ground::new(sources, view);
    let mut asked: BTreeSet<RepoPath> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut missing = BTreeSet::new();
        for (side, work, names) in &open {
            let (found, more) = uses(work, names, &ground);
            used.insert((*side).clone(), found);
            missing.extend(more.into_iter().filter(|path| !asked.contains(path)));
        }
        let wanted: BTreeSet<(RepoPath, Oid)> = missing
            .iter()
            .filter_map(|path| Some((path.clone(), (*blobs.get(path)?).clone())))
            .collect();
        asked.extend(missing);
        if wanted.is_empty() {
            break;
        }
        for ((path, _), file) in reader.read(&wanted, sources)? {
            ground.learn(sources, path, file);
        }
    }
    Ok(())
}
