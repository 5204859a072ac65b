//! `flagman conflicts`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::args::{Conflicts, Format, Global};
use super::asked::{branches, excepted, listed};
use super::cache::Cache;
use super::details::details;
use super::diffs::Diffs;
use super::failure::{Failure, exit};
use super::meaning;
use super::memory::{Compared, Known, Memory};
use super::order::order;
use super::output::{Output, write_each};
use super::predict::predict_pairs;
use super::project::Project;
use crate::conflict::{Order, PairDetail, Prediction, PredictionVerdict};
use crate::git::{Borrowed, Branch, Oid, Repository, Unfinished, WorkTree};
use crate::report::{self, json, text};
use crate::source::Sources;

pub(super) fn run(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let repository = project.repository()?;
    let borrowed = repository.borrowed()?;
    if repository.replaces_objects()? {
        output.aside("note: what `git replace` puts in place of objects is not looked at\n");
    }
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
    let told = tell(
        (&project, &repository),
        &borrowed,
        (&names, &shown),
        &tips,
        (wanted.textual, cache),
        &mut notes,
    )?;
    for note in notes {
        output.aside(&report::visible(&format!("note: {note}\n")));
    }
    let uncommitted: Vec<usize> = sides.iter().map(|side| side.uncommitted).collect();
    let order = match wanted.order {
        true => {
            let predictions: Vec<Prediction> = told.iter().map(|known| known.prediction.clone()).collect();
            let protected = &project.config.project.protected;
            let lands = |side: &Side| crate::git::protects(protected, &format!("refs/heads/{}", side.branch));
            let trunk = sides.iter().position(lands);
            Some(order(&repository, &borrowed, &tips, &predictions, trunk)?)
        }
        false => None,
    };
    let document = || {
        let mut document = document(&names, &uncommitted, &told, wanted.all);
        document["textual"] = wanted.textual.into();
        if let Some(order) = &order {
            document["order"] = json::value(&json::order(&names, order));
        }
        document
    };
    write_each(global, output, |kind| in_format(kind, &document()))?;
    match global.format.report() {
        Some(kind) => output.document(&in_format(kind, &document()))?,
        None => output.answer(&as_text(&shown, &told, order.as_ref(), wanted.all))?,
    }
    for name in strangers(&sides, &told) {
        let note =
            format!("note: `{name}` can be compared with none of the others (--except '{name}' leaves it out)\n");
        output.aside(&report::visible(&note));
    }
    if wanted.textual && global.format == Format::Text {
        output.aside("note: what merges cleanly and breaks was not looked for, nor symbols (--textual)\n");
    }
    let any = |verdict| told.iter().any(|one| one.prediction.verdict == verdict);
    Ok(
        if told.iter().any(Known::is_broken)
            || any(PredictionVerdict::Conflict)
            || order.is_some_and(|order| !order.together.is_empty())
        {
            exit::BLOCKED
        } else if unread || any(PredictionVerdict::Unknown) {
            exit::UNKNOWN
        } else {
            exit::CLEAR
        },
    )
}

/// The document in one of the formats in which collisions are told.
pub(super) fn in_format(kind: report::Format, document: &serde_json::Value) -> String {
    match kind {
        report::Format::Html => report::html::conflicts(document),
        report::Format::Markdown => report::markdown::conflicts(document),
        _ => json::text(document),
    }
}

/// What is to be told of every pair, in order: what is known from before, and what is found out now.
fn tell(
    (project, repository): (&Project, &Repository),
    borrowed: &Borrowed,
    (names, shown): (&[&str], &[&str]),
    tips: &[Oid],
    (textual, cache): (bool, Cache),
    notes: &mut Vec<String>,
) -> Result<Vec<Known>, Failure> {
    let objects = borrowed.repository();
    let bases = objects.merge_bases(tips)?;
    let diffs = Diffs::of(objects, tips, &bases, &cache, notes)?;
    let compared = Compared {
        repository,
        environment: &project.environment,
        textual,
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
    let changes = diffs.changes(objects, &fresh, &bases);
    let mut predictions = predict_pairs(repository, borrowed, tips, (&bases, &changes), fresh)?;
    let mut sources = Sources::default();
    let pairs = meaning::Compared {
        project,
        tips,
        bases: &bases,
        changes: &changes,
    };
    let details = match textual {
        true => vec![PairDetail::default(); predictions.len()],
        false => details(borrowed, pairs, &mut predictions, &mut sources)?,
    };
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
    let open = |name: &&str| {
        name.rsplit_once(" +")
            .is_some_and(|(_, count)| count.parse::<usize>().is_ok())
    };
    let legend = match shown.iter().any(open) {
        true => "    +1, +2, …: so many files are not committed there\n",
        false => "",
    };
    text::picture(shown, &predictions) + legend + &order + &pairs.collect::<String>()
}

/// Somebody's work.
struct Side {
    name: String,
    /// The branch, without the name of its remote.
    branch: String,
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
                Ok((side, doubts)) => {
                    sides.push(side);
                    let doubts = doubts.into_iter().map(|doubt| format!("note: {doubt}\n"));
                    output.aside(&report::visible(&doubts.collect::<String>()));
                }
                Err((why, work)) => {
                    unread |= work;
                    let note = format!("note: {} is left out: {why}\n", tree.folder.display());
                    output.aside(&report::visible(&note));
                }
            }
        }
    }
    let named = wanted.branches.iter().chain(&wanted.named);
    let named: Vec<String> = named.flat_map(|name| listed(name)).collect();
    let except: Vec<String> = wanted.except.iter().flat_map(|name| listed(name)).collect();
    if !wanted.worktrees || !named.is_empty() {
        // Whoever works on a branch in a work tree has its commits, too.
        let taken: BTreeSet<String> = sides.iter().map(|side: &Side| side.name.clone()).collect();
        let (mut branches, same) = branches(repository, &named, &except)?;
        unread |= leave_out_lost(repository, &mut branches, output);
        if branches.len() < 2 && !wanted.worktrees {
            // Why there is nothing to compare.
            let why = match (branches.is_empty(), same.as_slice()) {
                (true, _) => "there is no branch yet".to_owned(),
                (false, []) if !named.is_empty() => format!("only `{}` is asked for", branches[0].name),
                (false, []) => "there is no other branch here (`git fetch` brings those of a remote)".to_owned(),
                (false, same) => same.join(", "),
            };
            output.aside(&report::visible(&format!("note: {why}\n")));
        }
        let free = branches.into_iter().filter(|branch| !taken.contains(&branch.name));
        sides.extend(free.map(|branch| Side {
            branch: branch.plain_name().to_owned(),
            name: branch.name,
            tip: branch.oid,
            uncommitted: 0,
            folder: None,
        }));
    }
    if wanted.worktrees && !except.is_empty() {
        let out = excepted(repository, &except)?;
        sides.retain(|side| !out.contains(&side.branch));
    }
    if let ([only], true) = (&sides[..], wanted.worktrees) {
        let hint = "`git worktree add` makes another, and --branches compares it with branches";
        let note = format!("note: `{}` is the only work tree here ({hint})\n", only.name);
        output.aside(&report::visible(&note));
    }
    tell_apart(&mut sides);
    Ok((sides, unread))
}

/// Who can be compared with nobody, if the others can: a branch with another history, as a rule.
fn strangers<'s>(sides: &'s [Side], told: &[Known]) -> Vec<&'s str> {
    let unknown = |side: usize| {
        let of = |known: &&Known| known.prediction.pair.0 == side || known.prediction.pair.1 == side;
        let mut own = told.iter().filter(of);
        own.all(|known| known.prediction.verdict == PredictionVerdict::Unknown)
    };
    let alone: Vec<usize> = (0..sides.len()).filter(|side| unknown(*side)).collect();
    match sides.len() > 2 && alone.len() + 1 < sides.len() {
        true => alone.into_iter().map(|side| sides[side].name.as_str()).collect(),
        false => Vec::new(),
    }
}

/// Leaves out, and tells, what leads to no commit that is here; true if there was any.
fn leave_out_lost(repository: &Repository, branches: &mut Vec<Branch>, output: &mut Output) -> bool {
    let tips: Vec<Oid> = branches.iter().map(|branch| branch.oid.clone()).collect();
    let mut here = repository.are_commits(&tips).into_iter();
    let before = branches.len();
    branches.retain(|branch| {
        let is_here = here.next().unwrap_or(true);
        if !is_here {
            let note = format!(
                "note: `{}` is left out: it leads to no commit that is here\n",
                branch.name
            );
            output.aside(&report::visible(&note));
        }
        is_here
    });
    branches.len() < before
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

/// Somebody's work tree, with what should be known of how it was read; else why it is left out, and whether there is work in it that is left out with it.
fn work_tree(
    repository: &Repository,
    borrowed: &Borrowed,
    tree: &WorkTree,
) -> Result<(Side, Vec<String>), (String, bool)> {
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
    let doubts = doubts(tree, &unfinished);
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
    let name = tree.branch.clone().unwrap_or(folder);
    let side = Side {
        branch: name.clone(),
        name,
        tip,
        uncommitted: uncommitted.len(),
        folder: Some(tree.folder.clone()),
    };
    Ok((side, doubts))
}

/// What lies in a work tree counts, whatever is staged of it, and with the marks of a merge that is not finished.
fn doubts(tree: &WorkTree, unfinished: &Unfinished) -> Vec<String> {
    let told = |paths: &[Vec<u8>], what: &str| {
        let first = String::from_utf8_lossy(paths.first()?);
        let more = match paths.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Some(format!("{}: `{first}`{more} {what}", tree.folder.display()))
    };
    let unmerged = told(
        &unfinished.unmerged,
        "is in the middle of a merge, and counts as it lies there",
    );
    let restaged = told(
        &unfinished.restaged,
        "is staged otherwise than it lies there, which is what counts",
    );
    unmerged.into_iter().chain(restaged).collect()
}
