//! What git cannot see between branches. Enters: commits, and which pairs of them merge cleanly. Leaves: the [`Breach`]es of each pair. All
//! reading is done here: what the pure part misses it asks for, in bounded rounds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::failure::Failure;
use super::flag_meaning::FlagMeaning;
use super::ground::{Grounds, learn};
use super::project::Project;
use super::reader::Reader;
use super::vanish::{Both, vanish};
use crate::conflict::meaning::{
    Breach, Claim, Ground, Store, Texts, Use, Work, breaches, claims, confirmed, further, is_test_data, needed, uses,
};
use crate::conflict::{Changes, Delta};
use crate::git::{Bases, Borrowed, MergeBases, Oid};
use crate::lang::Language;
use crate::source::{FileId, RepoPath, Sources, is_generated};

/// How often files are read that a name leads to: through so many re-exports a name is followed.
const ROUNDS: usize = 6;

/// What a side changed beyond so many files is a rewrite: nothing is concluded from it.
const MOST_FILES: usize = 1_500;

/// What one side did, seen from one base.
pub(super) type Side = (Oid, usize);

/// What all sides did.
pub(super) type Works = HashMap<Side, Work>;

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
    let reader = Reader::new(&objects);
    let mut by_base: BTreeMap<Oid, Vec<(usize, usize)>> = BTreeMap::new();
    for pair in pairs {
        if let Some(base) = compared.base_of(*pair) {
            by_base.entry(base).or_default().push(*pair);
        }
    }
    let by_base: Vec<Left> = by_base
        .into_iter()
        .map(|(base, pairs)| Left::new(base, pairs))
        .collect();
    let sides: Vec<Side> = by_base.iter().flat_map(Left::sides).collect();
    let store = Store::default();
    let mut works = works(&reader, &sides, compared.changes, (&store, sources))?;
    parse(&by_base, &mut works, &store, sources);
    let mut followed = Followed::default();
    let mut grounds = Grounds::new(&reader, &store);
    for left in &by_base {
        follow(left, &mut works, &mut followed, (&mut grounds, sources))?;
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
    let held = hold(
        borrowed,
        pairs,
        (&compared, &claimed, &works),
        (&followed, &mut grounds),
        sources,
    )?;
    let mut flags = FlagMeaning::new(compared.project, &reader, &store);
    let mut turned: BTreeMap<(usize, usize), Vec<Breach>> = BTreeMap::new();
    for left in &by_base {
        turned.extend(flags.breaches(&left.base, &left.pairs, &works, sources)?);
    }
    let mut last: BTreeMap<(usize, usize), Vec<Breach>> = BTreeMap::new();
    for left in &by_base {
        let both =
            |pair: &(usize, usize)| Some((*pair, [works.get(&left.side(pair.0))?, works.get(&left.side(pair.1))?]));
        let both: Vec<Both<'_>> = left.pairs.iter().filter_map(both).collect();
        last.extend(vanish(&left.base, &both, (&store, &reader), (&objects, sources))?);
    }
    let mut of_pair = |(pair, claims): (&(usize, usize), &Vec<Claim>)| {
        let (Some([(ours, _), (theirs, _)]), Some(base)) = (both(pair), compared.base_of(*pair)) else {
            return Ok(Vec::new());
        };
        let mut failure = None;
        let mut is_single = |path: &RepoPath| match grounds.is_single(&base, path) {
            Ok(single) => single,
            Err(why) => {
                failure = Some(why);
                false
            }
        };
        let mut found = breaches(sources, [ours, theirs], claims, &mut is_single);
        let told: BTreeSet<_> = found
            .iter()
            .map(|one| (one.kind, short(&one.subject).to_owned()))
            .collect();
        let more = further(sources, [ours, theirs], &store).into_iter();
        found.extend(more.filter(|one| !told.contains(&(one.kind, short(&one.subject).to_owned()))));
        found.extend(turned.get(pair).into_iter().flatten().cloned());
        // What was followed to its declaration is told better than by its name alone.
        let told: BTreeSet<String> = found.iter().map(|one| short(&one.subject).to_owned()).collect();
        let more = last.get(pair).into_iter().flatten();
        found.extend(more.filter(|one| !told.contains(&one.subject)).cloned());
        found.sort();
        failure.map_or(Ok(found), Err)
    };
    pairs.iter().zip(&held).map(&mut of_pair).collect()
}

/// The pairs that left one base.
struct Left {
    base: Oid,
    pairs: Vec<(usize, usize)>,
    /// Their sides, sorted.
    tips: Vec<usize>,
}

impl Left {
    fn new(base: Oid, pairs: Vec<(usize, usize)>) -> Self {
        let tips: BTreeSet<usize> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        Self {
            base,
            pairs,
            tips: tips.into_iter().collect(),
        }
    }

    fn side(&self, tip: usize) -> Side {
        (self.base.clone(), tip)
    }

    fn sides(&self) -> impl Iterator<Item = Side> {
        self.tips.iter().map(|tip| self.side(*tip))
    }

    /// The sides that are compared with this one.
    fn others(&self, tip: usize) -> impl Iterator<Item = usize> {
        let other = move |(a, b): &(usize, usize)| match (*a == tip, *b == tip) {
            (true, _) => Some(*b),
            (_, true) => Some(*a),
            _ => None,
        };
        self.pairs.iter().filter_map(other)
    }
}

/// The name of a thing without its owners.
fn short(subject: &str) -> &str {
    subject.rsplit(['.', ':']).next().unwrap_or(subject)
}

/// Parses what the sides of each base may have to do with each other.
fn parse(by_base: &[Left], works: &mut Works, store: &Store, sources: &Sources) {
    for left in by_base {
        let all: Vec<(usize, &Work)> = left
            .tips
            .iter()
            .filter_map(|tip| Some((*tip, works.get(&left.side(*tip))?)))
            .collect();
        let place = |tip: usize| all.iter().position(|(other, _)| *other == tip);
        let pairs = left.pairs.iter().filter_map(|(a, b)| Some((place(*a)?, place(*b)?)));
        let asked = needed(
            &all.iter().map(|(_, work)| *work).collect::<Vec<_>>(),
            &pairs.collect::<Vec<_>>(),
        );
        let tips: Vec<Side> = all.iter().map(|(tip, _)| left.side(*tip)).collect();
        let asked: Vec<(Side, BTreeSet<RepoPath>)> = tips.into_iter().zip(asked).collect();
        for (side, paths) in asked {
            if let Some(work) = works.get_mut(&side) {
                work.parse(sources, &paths, store);
            }
        }
    }
}

/// What the sides newly use, as far as anything had to be followed.
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

/// The claims of each pair that hold in the tree that a merge of it makes.
fn hold(
    borrowed: &Borrowed,
    pairs: &[(usize, usize)],
    (compared, claimed, works): (&Compared<'_>, &[Vec<Claim>], &Works),
    (followed, grounds): (&Followed, &mut Grounds<'_, '_>),
    sources: &mut Sources,
) -> Result<Vec<Vec<Claim>>, Failure> {
    let mut held: Vec<Vec<Claim>> = vec![Vec::new(); pairs.len()];
    let doubtful = |at: usize| {
        let base = compared.base_of(pairs[at])?;
        let before = followed.grounds.get(&base).filter(|_| !claimed[at].is_empty())?;
        let of = |side: usize| works.get(&(base.clone(), side));
        let sides = [of(pairs[at].0)?, of(pairs[at].1)?];
        Some((at, base, before, sides))
    };
    let doubtful: Vec<_> = (0..pairs.len()).filter_map(doubtful).collect();
    let tips = |at: usize| (compared.tips[pairs[at].0].clone(), compared.tips[pairs[at].1].clone());
    let asked: Vec<(Oid, Oid)> = doubtful.iter().map(|(at, ..)| tips(*at)).collect();
    // A merge that cannot be made is told as unknown; nothing can be said of its tree.
    let merged = borrowed.judge_each(&asked).into_iter().zip(doubtful);
    let merged: Vec<_> = merged
        .filter_map(|(merged, one)| Some((merged.ok()?.tree, one)))
        .collect();
    let trees: Vec<(Oid, Oid)> = merged
        .iter()
        .map(|(tree, (_, base, ..))| (base.clone(), tree.clone()))
        .collect();
    let changed = grounds.changed(&trees)?;
    for ((_, (at, base, before, sides)), changed) in merged.into_iter().zip(changed) {
        let (mut ground, blobs) = grounds.merged(&base, &changed, &sides, sources)?;
        let mut asked: BTreeSet<RepoPath> = BTreeSet::new();
        // A way that is longer than anybody would follow is not known to end.
        for _ in 0..ROUNDS {
            let mut missing = BTreeSet::new();
            let found = confirmed(sources, &claimed[at], sides, [&ground, before], &mut missing);
            missing.retain(|path| !asked.contains(path));
            if !learn(grounds, &blobs, &missing, &mut ground, sources)? {
                held[at] = found;
                break;
            }
            asked.extend(missing);
        }
    }
    Ok(held)
}

/// What each side did.
fn works(
    reader: &Reader<'_>,
    sides: &[Side],
    changes: &HashMap<(Oid, usize), Changes>,
    (store, sources): (&Store, &mut Sources),
) -> Result<Works, Failure> {
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
    // Most sides have most of their texts in common.
    let by_program: HashMap<FileId, bool> = files
        .par_iter()
        .map(|((path, _), file)| (*file, is_generated(path, pool.file(*file).text.as_bytes())))
        .collect();
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
                    .any(|file| by_program.get(&file).is_some_and(|made| *made));
                (!by_program).then_some((path, texts))
            });
            let work = Work::new(pool, texts.collect(), store);
            (side, work)
        })
        .collect())
}

/// True for files of which something may be concluded.
fn tells(path: &RepoPath) -> bool {
    Language::of(path).is_some_and(Language::is_built)
        || matches!(
            path.extension(),
            "json" | "yml" | "yaml" | "toml" | "sql" | "prisma" | "proto"
        )
        || path.file_name().starts_with(".env")
        || path.file_name() == "+page.svelte"
}

/// True for documents, catalogues of texts, and test data that is taken away: what code may name.
fn is_word(path: &RepoPath, delta: &Delta) -> bool {
    matches!(path.extension(), "md" | "mdx" | "po" | "properties") || (is_test_data(path) && delta.new.1.is_none())
}

fn is_plain(delta: &Delta) -> bool {
    let plain = |mode: &str, oid: &Option<Oid>| oid.is_none() || mode.starts_with("100");
    plain(&delta.old.0, &delta.old.1) && plain(&delta.new.0, &delta.new.1)
}

/// What each side of one base newly uses of what those that it is compared with took away.
fn follow(
    left: &Left,
    works: &mut Works,
    followed: &mut Followed,
    (grounds, sources): (&mut Grounds<'_, '_>, &mut Sources),
) -> Result<(), Failure> {
    let gone: BTreeMap<usize, BTreeSet<String>> = left
        .tips
        .iter()
        .filter_map(|tip| Some((*tip, works.get(&left.side(*tip))?.names().map(str::to_owned).collect())))
        .collect();
    let mut open: Vec<(Side, BTreeSet<&str>)> = Vec::new();
    for tip in &left.tips {
        let names = left.others(*tip).filter_map(|other| gone.get(&other)).flatten();
        let names: BTreeSet<&str> = names.map(String::as_str).collect();
        let side = left.side(*tip);
        if !names.is_empty() && works.get(&side).is_some_and(|work| work.may_use(&names)) {
            open.push((side, names));
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let base = &left.base;
    let all: Vec<&Work> = left.sides().filter_map(|side| works.get(&side)).collect();
    let (mut ground, blobs) = grounds.base(base, &all, sources)?;
    let mut asked: BTreeSet<RepoPath> = BTreeSet::new();
    // What each of them could not look into: only what is learnt of it can tell more.
    let mut unseen: Vec<Option<BTreeSet<RepoPath>>> = vec![None; open.len()];
    for _ in 0..ROUNDS {
        let mut missing = BTreeSet::new();
        for ((side, names), unseen) in open.iter().zip(&mut unseen) {
            if unseen
                .as_ref()
                .is_some_and(|unseen| !unseen.iter().any(|path| ground.knows(path)))
            {
                continue;
            }
            let Some(work) = works.get_mut(side) else { continue };
            let (found, more) = loop {
                let (found, more) = uses(work, names, &ground);
                let own: BTreeSet<RepoPath> = more.iter().filter(|path| work.lacks(path)).cloned().collect();
                if own.is_empty() {
                    break (found, more);
                }
                work.parse(sources, &own, grounds.store());
            };
            followed.used.insert(side.clone(), found);
            missing.extend(more.iter().filter(|path| !asked.contains(*path)).cloned());
            *unseen = Some(more);
        }
        let more = learn(grounds, &blobs, &missing, &mut ground, sources)?;
        asked.extend(missing);
        if !more {
            break;
        }
    }
    followed.grounds.insert(base.clone(), ground);
    Ok(())
}
