//! What merges of pairs of commits come to: in process as far as that goes, by git where only git knows. Enters: commits, their bases, what each
//! changed. Leaves: [`Prediction`]s.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cache::Cache;
use super::diffs::Diffs;
use super::failure::Failure;
use crate::conflict::{Changes, FileCollision, Prediction, Settled, Survey, Texts, by_a_driver};
use crate::git::{Bases, Blob, Borrowed, GitError, MergeBases, Merged, Oid, PathMerge, Repository};

/// Larger texts are left to git.
const TEXT_LIMIT: u64 = 64 << 20;

/// What a merge of each pair of commits comes to. `borrowed` has the commits, those of unfinished work included.
///
/// # Errors
/// If git fails.
pub(super) fn predict(repository: &Repository, borrowed: &Borrowed, tips: &[Oid]) -> Result<Vec<Prediction>, Failure> {
    let objects = borrowed.repository();
    let bases = objects.merge_bases(tips)?;
    let diffs = Diffs::of(objects, tips, &bases, &Cache::none(), &mut Vec::new())?;
    let pairs = (0..tips.len()).flat_map(|a| (a + 1..tips.len()).map(move |b| (a, b)));
    let pairs = pairs.collect();
    let changes = diffs.changes(objects, &pairs, &bases);
    predict_pairs(repository, borrowed, tips, (&bases, &changes), pairs)
}

/// What a merge of these pairs comes to.
///
/// # Errors
/// If git fails.
pub(super) fn predict_pairs(
    repository: &Repository,
    borrowed: &Borrowed,
    tips: &[Oid],
    (bases, changes): (&MergeBases, &HashMap<(Oid, usize), Changes>),
    pairs: BTreeSet<(usize, usize)>,
) -> Result<Vec<Prediction>, Failure> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let objects = borrowed.repository();
    let survey = Survey::of(pairs.into_iter().collect(), bases, changes);
    let mut paths: BTreeSet<Vec<u8>> = survey.paths().iter().cloned().collect();
    paths.extend(differences(objects, tips, &survey.crossed())?);
    let paths: Vec<Vec<u8>> = paths.into_iter().collect();
    let merges = repository.path_merges(&paths)?;
    let attributes: BTreeMap<Vec<u8>, PathMerge> = paths.into_iter().zip(merges).collect();
    let texts = read(objects, survey.blobs())?;
    let settled = survey.settle(&attributes, &texts);
    let asked: Vec<(usize, usize)> = settled
        .iter()
        .filter(|(_, settled)| *settled == Settled::Ask)
        .map(|(pair, _)| *pair)
        .collect();
    let mut met: BTreeMap<(usize, usize), Met> = BTreeMap::new();
    for (a, b) in &asked {
        let both = match bases.of(*a, *b) {
            Bases::One(base) => Ok(shared(changes.get(&(base.clone(), *a)), changes.get(&(base, *b)))),
            Bases::Several => crossed(objects, [&tips[*a], &tips[*b]]),
            Bases::None => Ok(Both::new()),
        };
        met.insert((*a, *b), both);
    }
    // Git can take the later one of two commits of a submodule where that is checked out; `borrowed` has none.
    let moves_on = |(a, b): (usize, usize), path: &str| {
        let Bases::One(base) = bases.of(a, b) else { return false };
        let at = |side: usize| changes.get(&(base.clone(), side))?.deltas().get(path.as_bytes());
        let (Some(ours), Some(theirs)) = (at(a), at(b)) else {
            return false;
        };
        let ids = [&ours.old.1, &ours.new.1, &theirs.new.1].map(Option::as_ref);
        let [Some(base), Some(ours), Some(theirs)] = ids else {
            return false;
        };
        repository.submodule_moves_on(path, base, [ours, theirs])
    };
    let mut judged = judge(borrowed, tips, &asked, (attributes, met), moves_on)?.into_iter();
    // Where it was cut off when it was fetched, the history tells nothing of what it has no base for.
    let shallow = objects.is_shallow();
    let cut = |(a, b): (usize, usize)| shallow && bases.of(a, b) == Bases::None;
    Ok(settled
        .into_iter()
        .filter_map(|(pair, settled)| match settled {
            Settled::Told(prediction) if cut(pair) => {
                let why = Some(format!("{}: git fetch --unshallow", GitError::Shallow));
                Some(Prediction { why, ..prediction })
            }
            Settled::Told(prediction) => Some(prediction),
            Settled::Ask => judged.next(),
        })
        .collect())
}

/// The paths that differ between the sides of these pairs: all that a merge of two of them has to do with, whatever their bases are.
fn differences(
    repository: &Repository,
    tips: &[Oid],
    pairs: &[(usize, usize)],
) -> Result<impl Iterator<Item = Vec<u8>>, Failure> {
    let trees = if pairs.is_empty() {
        Vec::new()
    } else {
        repository.trees_of(tips)?
    };
    let trees: Vec<(Oid, Oid)> = pairs
        .iter()
        .map(|(a, b)| (trees[*a].clone(), trees[*b].clone()))
        .collect();
    // Where a tree is not here the pair is not known, and its paths do not matter; those of the others do.
    let diffs = repository.diff_each(&trees).into_iter().flatten();
    Ok(diffs.flat_map(BTreeMap::into_keys))
}

/// The paths that both sides changed, each to something else.
type Both = BTreeSet<Vec<u8>>;

/// How each path is merged.
type Attributes = BTreeMap<Vec<u8>, PathMerge>;

/// What the sides of each pair met in.
type MetBy = BTreeMap<(usize, usize), Met>;

/// What git cannot know beside the repository.
struct Beside<'a> {
    /// The paths that have a merge driver.
    driven: &'a BTreeSet<&'a [u8]>,
    /// Whether a submodule is checked out and one side has all that the other has.
    moves_on: &'a dyn Fn(&str) -> bool,
}

/// The same, or why nobody can tell.
type Met = Result<Both, GitError>;

/// The same for two with several bases: what each changed against all of them.
fn crossed(objects: &Repository, sides: [&Oid; 2]) -> Met {
    let mut commits = objects.all_merge_bases(sides[0], sides[1])?;
    let bases = commits.len();
    commits.extend(sides.into_iter().cloned());
    let trees = objects.trees_of(&commits)?;
    let (bases, sides) = trees.split_at(bases);
    let pairs = |side: &Oid| {
        bases
            .iter()
            .map(|base| (base.clone(), side.clone()))
            .collect::<Vec<_>>()
    };
    let changed = |side: &Oid| objects.diff_many(&pairs(side));
    let [ours, theirs] = [changed(&sides[0])?, changed(&sides[1])?];
    let Some((first, _)) = ours.split_first() else {
        return Ok(Both::new());
    };
    let of_both = first.iter().filter(|(path, delta)| {
        let everywhere = ours.iter().chain(&theirs).all(|deltas| deltas.contains_key(*path));
        everywhere
            && theirs
                .iter()
                .all(|deltas| deltas.get(*path).is_some_and(|other| other.new != delta.new))
    });
    Ok(of_both.map(|(path, _)| path.clone()).collect())
}

/// The paths that both sides changed since they left their base.
fn shared(ours: Option<&Changes>, theirs: Option<&Changes>) -> Both {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return Both::new();
    };
    let both = ours.deltas().iter().filter(|(path, delta)| {
        let other = theirs.deltas().get(*path);
        other.is_some_and(|other| other.new != delta.new)
    });
    both.map(|(path, _)| path.clone()).collect()
}

fn read(repository: &Repository, blobs: Vec<Oid>) -> Result<Texts, Failure> {
    let read = repository.read_blobs(&blobs, TEXT_LIMIT)?;
    Ok(blobs
        .into_iter()
        .zip(read)
        .filter_map(|(oid, blob)| match blob {
            Blob::Bytes(bytes) => Some((oid, bytes)),
            Blob::TooLarge(_) | Blob::Missing => None,
        })
        .collect())
}

/// What git itself makes of pairs. `met` has the paths that both sides of one changed.
fn judge(
    borrowed: &Borrowed,
    tips: &[Oid],
    pairs: &[(usize, usize)],
    (attributes, mut met): (Attributes, MetBy),
    moves_on: impl Fn((usize, usize), &str) -> bool,
) -> Result<Vec<Prediction>, Failure> {
    let commits: Vec<(Oid, Oid)> = pairs
        .iter()
        .map(|(a, b)| (tips[*a].clone(), tips[*b].clone()))
        .collect();
    let attributes: Vec<(Vec<u8>, PathMerge)> = attributes.into_iter().collect();
    borrowed.set_attributes(&attributes)?;
    let driven = attributes.iter().filter(|(_, merge)| *merge == PathMerge::Driver);
    let driven: BTreeSet<&[u8]> = driven.map(|(path, _)| path.as_slice()).collect();
    let mut told = |pair: &(usize, usize), merged| {
        // What is not here is known to nobody: a conflict is one all the same.
        let both = met.remove(pair).unwrap_or_else(|| Ok(Both::new()));
        let unsure = both
            .as_ref()
            .err()
            .map(|why| format!("what both sides changed is not known: {why}"));
        let moves_on = |path: &str| moves_on(*pair, path);
        let beside = Beside {
            driven: &driven,
            moves_on: &moves_on,
        };
        prediction(*pair, merged, &beside, (both.unwrap_or_default(), unsure))
    };
    let each = pairs
        .iter()
        .zip(borrowed.judge_each(&commits))
        .map(|(pair, judged)| match judged {
            Ok(merged) => told(pair, merged),
            Err(error) => {
                // The first line tells the object that is not here.
                let error = error.to_string();
                let first = error.lines().next().unwrap_or_default();
                let why = match first.contains("unable to read") {
                    true => "files of it are not here (a partial clone?): git fetch --refetch --no-filter".to_owned(),
                    false => format!("git cannot merge it: {first}"),
                };
                Prediction::new(*pair, Vec::new(), Vec::new(), Some(why))
            }
        });
    Ok(each.collect())
}

/// What git said of a pair, but for the paths of which it could not know beside the repository: those of merge drivers, and submodules that are
/// checked out where a person would merge.
fn prediction(
    pair: (usize, usize),
    merged: Merged,
    beside: &Beside<'_>,
    (shared, mut unsure): (Both, Option<String>),
) -> Prediction {
    let mut files = Vec::new();
    for conflict in merged.conflicts {
        for path in conflict.paths {
            let why = match conflict.kind.as_str() {
                "contents" | "binary" | "add/add" if beside.driven.contains(path.as_bytes()) => {
                    by_a_driver(path.as_bytes())
                }
                told if told.starts_with(SUBMODULE) && (beside.moves_on)(&path) => continue,
                told => {
                    files.push(FileCollision {
                        kind: kind(told),
                        path: path.into_bytes(),
                        clashes: Vec::new(),
                    });
                    continue;
                }
            };
            unsure = unsure.or(Some(why));
        }
    }
    let shared = shared
        .into_iter()
        .filter(|path| !files.iter().any(|file| file.path == *path));
    let shared = shared.collect();
    Prediction::new(pair, files, shared, unsure)
}

/// What both sides did to a submodule: whether that can be merged is told by what is checked out of it.
pub(super) const SUBMODULE: &str = "submodule";

/// Git's word for a kind of conflict as one word.
fn kind(git: &str) -> String {
    match git {
        "contents" => "content".to_owned(),
        told if told.starts_with(SUBMODULE) => SUBMODULE.to_owned(),
        other => other.replace(['/', ' '], "-"),
    }
}
