//! `flagman conflicts`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::args::{Conflicts, Format, Global};
use super::cache::Cache;
use super::details::details;
use super::diffs::Diffs;
use super::failure::{Failure, exit};
use super::memory::{Compared, Known, Memory};
use super::order::order;
use super::output::{Output, write_reports};
use super::project::Project;
use crate::conflict::{
    Changes, FileCollision, Order, PairDetail, Prediction, PredictionVerdict, Settled, Survey, Texts, by_a_driver,
};
use crate::git::{Bases, Blob, Borrowed, Branch, MergeBases, Merged, Oid, PathMerge, Repository, WorkTree};
use crate::report::{json, text};
use crate::source::Sources;

/// Larger texts are left to git.
const TEXT_LIMIT: u64 = 64 << 20;

pub(super) fn run(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let repository = project.repository()?;
    let borrowed = repository.borrowed()?;
    let (sides, unread) = sides(&repository, &borrowed, wanted, output)?;
    let tips: Vec<Oid> = sides.iter().map(|side| side.tip.clone()).collect();
    let names: Vec<&str> = sides.iter().map(|side| side.name.as_str()).collect();
    let shown: Vec<String> = sides.iter().map(Side::shown).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    let cache = match wanted.no_cache {
        true => Cache::none(),
        false => Cache::of(repository.common_dir()),
    };
    let mut notes = Vec::new();
    let told = tell(&repository, &borrowed, (&names, &shown), &tips, cache, &mut notes)?;
    for note in notes {
        output.aside(&crate::report::visible(&format!("note: {note}\n")));
    }
    let uncommitted: Vec<usize> = sides.iter().map(|side| side.uncommitted).collect();
    let order = match wanted.order {
        true => {
            let predictions: Vec<Prediction> = told.iter().map(|known| known.prediction.clone()).collect();
            Some(order(&repository, &borrowed, &tips, &predictions)?)
        }
        false => None,
    };
    let document = || {
        let mut document = document(&names, &uncommitted, &told, wanted.all);
        if let Some(order) = &order {
            document["order"] = json::value(&json::order(&names, order));
        }
        json::text(&document)
    };
    write_reports(global, output, document)?;
    match global.format {
        Format::Json => output.document(&document())?,
        _ => output.answer(&as_text(&shown, &told, order.as_ref(), wanted.all))?,
    }
    let any = |verdict| told.iter().any(|one| one.prediction.verdict == verdict);
    Ok(
        if told.iter().any(Known::is_broken) || any(PredictionVerdict::Conflict) {
            exit::BLOCKED
        } else if unread || any(PredictionVerdict::Unknown) {
            exit::UNKNOWN
        } else {
            exit::CLEAR
        },
    )
}

/// What is to be told of every pair, in order: what is known from before, and what is found out now.
fn tell(
    repository: &Repository,
    borrowed: &Borrowed,
    (names, shown): (&[&str], &[&str]),
    tips: &[Oid],
    cache: Cache,
    notes: &mut Vec<String>,
) -> Result<Vec<Known>, Failure> {
    let objects = borrowed.repository();
    let bases = objects.merge_bases(tips)?;
    let diffs = Diffs::of(objects, tips, &bases, &cache, notes)?;
    let compared = Compared {
        repository,
        names: [names, shown],
        tips,
        bases: &bases,
        diffs: &diffs,
    };
    let mut memory = Memory::of(&compared, cache, notes)?;
    let (mut told, mut fresh) = (Vec::new(), BTreeSet::new());
    for pair in (0..tips.len()).flat_map(|a| (a + 1..tips.len()).map(move |b| (a, b))) {
        match memory.recall(pair) {
            Some(known) => told.push(known),
            None => _ = fresh.insert(pair),
        }
    }
    let changes = diffs.changes(&fresh, &bases);
    let mut predictions = predict_pairs(repository, borrowed, tips, (&bases, &changes), fresh)?;
    let mut sources = Sources::default();
    let details = details(borrowed, (&bases, &changes), &mut predictions, &mut sources)?;
    for (prediction, detail) in predictions.into_iter().zip(details) {
        let quiet = prediction.verdict == PredictionVerdict::Clean;
        let document = (!quiet).then(|| json::value(&json::pair(&sources, names, &prediction, &detail)));
        let known = Known {
            document,
            text: [false, true].map(|all| text::pair_of(&sources, shown, &prediction, &detail, all)),
            prediction,
        };
        memory.learn(&known);
        told.push(known);
    }
    memory.keep();
    told.sort_by_key(|known| known.prediction.pair);
    Ok(told)
}

/// The JSON document.
fn document(names: &[&str], uncommitted: &[usize], told: &[Known], all: bool) -> serde_json::Value {
    let pair = |known: &Known| match &known.document {
        Some(document) => Some(document.clone()),
        None if all => Some(json::value(&json::pair(
            &Sources::default(),
            names,
            &known.prediction,
            &PairDetail::default(),
        ))),
        None => None,
    };
    let mut document = json::value(&json::conflicts(&Sources::default(), (names, uncommitted), &[], all));
    document["pairs"] = told.iter().filter_map(pair).collect();
    document
}

/// The matrix, and the pairs below it.
fn as_text(shown: &[&str], told: &[Known], order: Option<&Order>, all: bool) -> String {
    let each = told.iter().map(|known| (&known.prediction, known.is_doubtful()));
    let predictions: Vec<(&Prediction, bool)> = each.collect();
    let order = order.map_or(String::new(), |order| text::ordered(shown, order));
    let pairs = told.iter().map(|known| known.text[usize::from(all)].as_str());
    text::picture(shown, &predictions) + &order + &pairs.collect::<String>()
}

/// Somebody's work.
struct Side {
    name: String,
    tip: Oid,
    /// How many files are not committed.
    uncommitted: usize,
    /// The work tree.
    folder: Option<PathBuf>,
}

impl Side {
    fn shown(&self) -> String {
        match self.uncommitted {
            0 => self.name.clone(),
            count => format!("{} +{count}", self.name),
        }
    }
}

/// What is compared: the branches that are asked for, else all that are here; the work trees, if they are asked for. Besides, whether
/// somebody's work could not be read, so that no answer is a clear one.
fn sides(
    repository: &Repository,
    borrowed: &Borrowed,
    wanted: &Conflicts,
    output: &mut Output,
) -> Result<(Vec<Side>, bool), Failure> {
    let (mut sides, mut unread) = (Vec::new(), false);
    if wanted.worktrees {
        for tree in repository.work_trees()? {
            match work_tree(repository, borrowed, &tree) {
                Ok(side) => sides.push(side),
                Err((why, work)) => {
                    unread |= work;
                    let note = format!("note: {} is left out: {why}\n", tree.folder.display());
                    output.aside(&crate::report::visible(&note));
                }
            }
        }
    }
    if !wanted.worktrees || !wanted.branches.is_empty() {
        // Whoever works on a branch in a work tree has its commits, too.
        let taken: BTreeSet<String> = sides.iter().map(|side: &Side| side.name.clone()).collect();
        let branches = branches(repository, &wanted.branches)?;
        let free = branches.into_iter().filter(|branch| !taken.contains(&branch.name));
        sides.extend(free.map(|branch| Side {
            name: branch.name,
            tip: branch.oid,
            uncommitted: 0,
            folder: None,
        }));
    }
    tell_apart(&mut sides);
    Ok((sides, unread))
}

/// Names that several have are made longer by the folder.
fn tell_apart(sides: &mut [Side]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for side in sides.iter() {
        *count.entry(side.name.clone()).or_default() += 1;
    }
    for side in sides.iter_mut().filter(|side| count[&side.name] > 1) {
        if let Some(folder) = &side.folder {
            side.name = format!("{} ({})", side.name, folder.display());
        }
    }
}

/// Somebody's work tree; else why it is left out, and whether there is work in it that is left out with it.
fn work_tree(repository: &Repository, borrowed: &Borrowed, tree: &WorkTree) -> Result<Side, (String, bool)> {
    if let Some(why) = &tree.lost {
        // Where the folder is gone there is no work to read.
        return Err((why.clone(), false));
    }
    let told = |error: crate::git::GitError| (error.to_string(), true);
    let unfinished = repository.unfinished(&tree.folder).map_err(told)?;
    if let Some(path) = unfinished.filtered.first() {
        let path = String::from_utf8_lossy(path);
        let why = format!(
            "a filter reads `{path}`, which is not run here: whether it is as committed is not known (`git status` there may settle it)"
        );
        return Err((why, true));
    }
    let uncommitted = unfinished.all();
    let Some(head) = &tree.head else {
        let why = "its branch has no commit yet, so there is nothing that a merge could start from".to_owned();
        return Err((why, !uncommitted.is_empty()));
    };
    let tip = match uncommitted.is_empty() {
        true => head.clone(),
        false => borrowed.snapshot(&tree.folder, head, &uncommitted).map_err(told)?,
    };
    let folder = tree
        .folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(Side {
        name: tree.branch.clone().unwrap_or(folder),
        tip,
        uncommitted: uncommitted.len(),
        folder: Some(tree.folder.clone()),
    })
}

fn branches(repository: &Repository, globs: &[String]) -> Result<Vec<Branch>, Failure> {
    let mut branches = Vec::new();
    if globs.is_empty() {
        branches = repository.branches(&[])?;
        branches.retain(|branch| branch.remote.is_none());
    }
    // Each one is asked for by itself: one that fits nothing must not be lost among those that do.
    for glob in globs {
        let fitting = repository.branches(&[glob])?;
        if !fitting.is_empty() {
            branches.extend(fitting);
            continue;
        }
        // A tag, a commit, the head of a pull request (`refs/pull/7/head`).
        let Ok(oid) = repository.resolve(glob) else {
            let failure = Failure::usage(format!("no branch is called `{glob}`, and no commit"));
            return Err(failure.hint("git branch --all lists the branches"));
        };
        let (name, remote) = (glob.clone(), None);
        branches.push(Branch { name, oid, remote });
    }
    branches.sort_by(|a, b| (a.remote.is_some(), &a.name).cmp(&(b.remote.is_some(), &b.name)));
    let mut seen = BTreeSet::new();
    branches.retain(|branch| seen.insert(branch.oid.clone()));
    Ok(branches)
}

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
    let changes = diffs.changes(&pairs, &bases);
    predict_pairs(repository, borrowed, tips, (&bases, &changes), pairs)
}

/// What a merge of these pairs comes to.
fn predict_pairs(
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
    let shared = |(a, b): (usize, usize)| match bases.of(a, b) {
        Bases::One(base) => shared(changes.get(&(base.clone(), a)), changes.get(&(base, b))),
        Bases::Several | Bases::None => BTreeMap::new(),
    };
    let mut judged = judge(borrowed, tips, &asked, attributes, shared)?.into_iter();
    Ok(settled
        .into_iter()
        .filter_map(|(_, settled)| match settled {
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
    let diffs = repository.diff_many(&trees)?;
    Ok(diffs.into_iter().flat_map(BTreeMap::into_keys))
}

/// The paths that both sides changed, each to something else, and whether both made them.
fn shared(ours: Option<&Changes>, theirs: Option<&Changes>) -> BTreeMap<Vec<u8>, bool> {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return BTreeMap::new();
    };
    let both = ours.deltas().iter().filter(|(path, delta)| {
        let other = theirs.deltas().get(*path);
        other.is_some_and(|other| other.new != delta.new)
    });
    both.map(|(path, delta)| (path.clone(), delta.old.1.is_none()))
        .collect()
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

/// What git itself makes of pairs. `shared` has the paths that both sides of one changed.
fn judge(
    borrowed: &Borrowed,
    tips: &[Oid],
    pairs: &[(usize, usize)],
    attributes: BTreeMap<Vec<u8>, PathMerge>,
    shared: impl Fn((usize, usize)) -> BTreeMap<Vec<u8>, bool>,
) -> Result<Vec<Prediction>, Failure> {
    let commits: Vec<(Oid, Oid)> = pairs
        .iter()
        .map(|(a, b)| (tips[*a].clone(), tips[*b].clone()))
        .collect();
    let attributes: Vec<(Vec<u8>, PathMerge)> = attributes.into_iter().collect();
    borrowed.set_attributes(&attributes)?;
    let driven = attributes.iter().filter(|(_, merge)| *merge == PathMerge::Driver);
    let driven: BTreeSet<&[u8]> = driven.map(|(path, _)| path.as_slice()).collect();
    let judged = borrowed.judge(&commits)?;
    Ok(pairs
        .iter()
        .zip(judged)
        .map(|(pair, merged)| prediction(*pair, merged, &driven, shared(*pair)))
        .collect())
}

/// What git said of a pair, but for the paths of which it cannot know: those of merge drivers, and submodules that are not checked out.
fn prediction(
    pair: (usize, usize),
    merged: Merged,
    driven: &BTreeSet<&[u8]>,
    shared: BTreeMap<Vec<u8>, bool>,
) -> Prediction {
    let (mut files, mut unsure) = (Vec::new(), None);
    for conflict in merged.conflicts {
        for path in conflict.paths {
            let why = match conflict.kind.as_str() {
                "contents" | "binary" | "add/add" if driven.contains(path.as_bytes()) => by_a_driver(path.as_bytes()),
                // Two that both sides made have nothing in common that could tell which of them is the later one.
                "submodule not initialized" | "submodule history not available"
                    if shared.get(path.as_bytes()) != Some(&true) =>
                {
                    format!("both sides moved the submodule `{path}`, whose commits are not here")
                }
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
        .into_keys()
        .filter(|path| !files.iter().any(|file| file.path == *path));
    let shared = shared.collect();
    Prediction::new(pair, files, shared, unsure)
}

/// Git's word for a kind of conflict as one word.
fn kind(git: &str) -> String {
    match git {
        "contents" => "content".to_owned(),
        other => other.replace(['/', ' '], "-"),
    }
}
