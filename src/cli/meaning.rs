//! What git cannot see between branches. Enters: commits, and which pairs of them merge cleanly. Leaves: the [`Breach`]es of each pair. All
//! reading is done here: what the pure part misses it asks for, in bounded rounds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::conflict::meaning::{
    Breach, Claim, Ground, Store, Texts, Use, Work, breaches, claims, confirmed, is_test_data, leads, uses,
};
use crate::conflict::{Changes, Delta};
use crate::git::{Bases, Blob, Borrowed, MergeBases, Oid, Repository};
use crate::lang::Language;
use crate::source::{FileId, RepoPath, Sources, View, is_generated};
use crate::workspace::{CODE_LIMIT, decode};

use super::failure::Failure;
use super::flag_meaning::flag_breaches;
use super::project::Project;

/// How often files are read that a name leads to: through so many re-exports a name is followed.
const ROUNDS: usize = 6;

/// What a side changed beyond so many files is a rewrite: nothing is concluded from it.
const MOST_FILES: usize = 1_500;

/// Reads blobs, each into the pool once.
pub(super) struct Reader<'r> {
    /// Where they are.
    pub(super) objects: &'r Repository,
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

    /// The texts of these files; what is too large, or no text, is left out.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn read(
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
pub(super) type Side = (Oid, usize);

/// What is compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    /// The project that they are of.
    pub(super) project: &'a Project,
    /// The commits.
    pub(super) tips: &'a [Oid],
    /// What they come from.
    pub(super) bases: &'a MergeBases,
    /// What each changed since.
    pub(super) changes: &'a HashMap<(Oid, usize), Changes>,
}

impl Compared<'_> {
    fn base_of(&self, (a, b): (usize, usize)) -> Option<Oid> {
        match self.bases.of(a, b) {
            Bases::One(base) => Some(base),
            Bases::Several | Bases::None => None,
        }
    }
}

/// The breaches of each of the `pairs`, in order; those with several bases have none that anybody could tell.
///
/// # Errors
/// If git fails.
pub(super) fn meaning(
    borrowed: &Borrowed,
    pairs: &[(usize, usize)],
    compared: Compared<'_>,
    sources: &mut Sources,
) -> Result<Vec<Vec<Breach>>, Failure> {
    let objects = borrowed.project();
    let reader = Reader {
        objects: &objects,
        prefix: objects.prefix().to_owned(),
    };
    let mut by_base: BTreeMap<Oid, BTreeSet<usize>> = BTreeMap::new();
    for pair in pairs {
        if let Some(base) = compared.base_of(*pair) {
            by_base.entry(base).or_default().extend([pair.0, pair.1]);
        }
    }
    let sides: Vec<Side> = by_base
        .iter()
        .flat_map(|(base, sides)| sides.iter().map(|side| (base.clone(), *side)))
        .collect();
    let works = works(&reader, &sides, compared.changes, sources)?;
    let mut followed = Followed::default();
    for (base, sides) in &by_base {
        let sides: Vec<Side> = sides.iter().map(|side| (base.clone(), *side)).collect();
        follow(&reader, base, &sides, &works, &mut followed, sources)?;
    }
    let both = |pair: &(usize, usize)| {
        let base = compared.base_of(*pair)?;
        let [a, b] = [(base.clone(), pair.0), (base, pair.1)];
        Some([(works.get(&a)?, followed.of(&a)), (works.get(&b)?, followed.of(&b))])
    };
    let claimed: Vec<Vec<Claim>> = pairs
        .iter()
        .map(|pair| both(pair).map_or_else(Vec::new, claims))
        .collect();
    let mut doubtful: Vec<usize> = (0..pairs.len()).filter(|at| !claimed[*at].is_empty()).collect();
    doubtful.retain(|at| {
        compared
            .base_of(pairs[*at])
            .is_some_and(|base| followed.grounds.contains_key(&base))
    });
    let tips = |at: &usize| (compared.tips[pairs[*at].0].clone(), compared.tips[pairs[*at].1].clone());
    let merged = borrowed.judge_each(&doubtful.iter().map(tips).collect::<Vec<_>>());
    let mut held: Vec<Vec<Claim>> = vec![Vec::new(); pairs.len()];
    for (at, merged) in doubtful.into_iter().zip(merged) {
        let (Some(base), Some([(ours, _), (theirs, _)])) = (compared.base_of(pairs[at]), both(&pairs[at])) else {
            continue;
        };
        // A merge that cannot be made is told as unknown; nothing can be said of its tree.
        if let (Some(before), Ok(merged)) = (followed.grounds.get(&base), merged) {
            held[at] = confirm(&reader, &merged.tree, ([ours, theirs], &claimed[at]), before, sources)?;
        }
    }
    let mut flags: BTreeMap<(usize, usize), Vec<Breach>> = BTreeMap::new();
    for base in by_base.keys() {
        let own = pairs
            .iter()
            .copied()
            .filter(|pair| compared.base_of(*pair).as_ref() == Some(base));
        let own: Vec<(usize, usize)> = own.collect();
        flags.extend(flag_breaches((compared.project, &reader), base, &own, &works, sources)?);
    }
    let of_pair = |(pair, claims): (&(usize, usize), &Vec<Claim>)| {
        let [(ours, _), (theirs, _)] = both(pair)?;
        let mut found = breaches(sources, [ours, theirs], claims);
        found.extend(flags.get(pair).into_iter().flatten().cloned());
        found.sort();
        Some(found)
    };
    Ok(pairs
        .iter()
        .zip(&held)
        .map(|one| of_pair(one).unwrap_or_default())
        .collect())
}

/// What the sides newly use, and the trees that they left, as far as anything had to be followed.
#[derive(Default)]
struct Followed {
    used: HashMap<Side, Vec<Use>>,
    grounds: HashMap<Oid, Ground>,
}

impl Followed {
    fn of(&self, side: &Side) -> &[Use] {
        self.used.get(side).map_or(&[], Vec::as_slice)
    }
}

/// The claims of a pair that hold in the tree that a merge of it makes.
fn confirm(
    reader: &Reader<'_>,
    merged: &Oid,
    (works, claims): ([&Work; 2], &[Claim]),
    before: &Ground,
    sources: &mut Sources,
) -> Result<Vec<Claim>, Failure> {
    let (mut ground, blobs) = ground(reader, merged, &works, sources)?;
    let mut asked: BTreeSet<RepoPath> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut missing = BTreeSet::new();
        let each = claims
            .iter()
            .filter_map(|claim| confirmed(sources, claim, works[claim.by], [&ground, before], &mut missing));
        let held: Vec<Claim> = each.collect();
        missing.retain(|path| !asked.contains(path));
        if !learn(reader, &blobs, &missing, &mut ground, sources)? {
            return Ok(held);
        }
        asked.extend(missing);
    }
    // A way that is longer than anybody would follow is not known to end.
    Ok(Vec::new())
}

/// Reads the files that were asked for; false if there is none of them.
fn learn(
    reader: &Reader<'_>,
    blobs: &HashMap<RepoPath, Oid>,
    missing: &BTreeSet<RepoPath>,
    ground: &mut Ground,
    sources: &mut Sources,
) -> Result<bool, Failure> {
    let wanted: BTreeSet<(RepoPath, Oid)> = missing
        .iter()
        .filter_map(|path| Some((path.clone(), blobs.get(path)?.clone())))
        .collect();
    for ((path, _), file) in reader.read(&wanted, sources)? {
        ground.learn(sources, path, file);
    }
    Ok(!wanted.is_empty())
}

/// A tree with what says where its names lead, and its blobs. What the sides add to it is there by its path.
fn ground(
    reader: &Reader<'_>,
    tree: &Oid,
    works: &[&Work],
    sources: &mut Sources,
) -> Result<(Ground, HashMap<RepoPath, Oid>), Failure> {
    let tree = reader.objects.list_tree(tree)?;
    let blobs: HashMap<RepoPath, Oid> = tree.entries.into_iter().map(|entry| (entry.path, entry.oid)).collect();
    let go: BTreeSet<&str> = works.iter().flat_map(|work| work.go_folders()).collect();
    let global: BTreeSet<&str> = works.iter().flat_map(|work| work.global_extensions()).collect();
    let leads = |path: &RepoPath| {
        leads(path) || (path.extension() == "go" && go.contains(path.parent())) || global.contains(path.extension())
    };
    let first = blobs.iter().filter(|(path, _)| leads(path));
    let first: BTreeSet<(RepoPath, Oid)> = first.map(|(path, oid)| (path.clone(), oid.clone())).collect();
    let read = reader.read(&first, sources)?;
    let mut view = View::default();
    let added = works.iter().flat_map(|work| work.new_paths());
    let paths: BTreeSet<&RepoPath> = blobs.keys().chain(added).collect();
    for path in paths {
        let known = blobs.get(path).and_then(|oid| read.get(&(path.clone(), oid.clone())));
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
    Ok((Ground::new(sources, view), blobs))
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
        let mut of: Vec<(RepoPath, &Delta)> = changes
            .deltas()
            .iter()
            .filter_map(|(path, delta)| Some((reader.inside(path)?, delta)))
            .filter(|(path, delta)| (tells(path) || is_word(path, delta)) && is_plain(delta))
            .collect();
        // Many texts and data must not hide the code.
        if of.len() > MOST_FILES {
            of.retain(|(path, _)| tells(path));
        }
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
    let store = Store::default();
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
            let work = Work::new(pool, texts.collect(), &store);
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

/// True for documents, catalogues of texts, and test data that is taken away: what code may name.
fn is_word(path: &RepoPath, delta: &Delta) -> bool {
    matches!(path.extension(), "md" | "mdx" | "po" | "properties") || (is_test_data(path) && delta.new.1.is_none())
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
    followed: &mut Followed,
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
    let all: Vec<&Work> = sides.iter().filter_map(|side| works.get(side)).collect();
    let (mut ground, blobs) = ground(reader, base, &all, sources)?;
    let mut asked: BTreeSet<RepoPath> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut missing = BTreeSet::new();
        for (side, work, names) in &open {
            let (found, more) = uses(work, names, &ground);
            followed.used.insert((*side).clone(), found);
            missing.extend(more.into_iter().filter(|path| !asked.contains(path)));
        }
        let more = learn(reader, &blobs, &missing, &mut ground, sources)?;
        asked.extend(missing);
        if !more {
            break;
        }
    }
    followed.grounds.insert(base.clone(), ground);
    Ok(())
}
