//! The branches of PRDs that conflict with each other, or merge cleanly and do not go together. Enters: their heads. Leaves: [`BranchConflict`]s, with
//! the lines of both sides where there are texts to point at, and [`BranchBreach`]es. Both are decided as `flagman conflicts` decides it.

use std::collections::{BTreeMap, BTreeSet};

use super::cache::Cache;
use super::diffs::Diffs;
use super::failure::Failure;
use super::meaning::{Compared, meaning};
use super::predict::predict;
use super::project::Project;
use crate::check::BranchBreach;
use crate::conflict::{Clash, FileCollision, Prediction, PredictionVerdict, TextMerge, changed_lines, merge_texts};
use crate::git::{Blob, Borrowed, ExactChange, LineRange, Oid, Repository};
use crate::graph::{BranchConflict, ConflictFile};
use crate::prd::PrdId;
use crate::source::{RepoPath, Sources, Span};
use crate::workspace::{CODE_LIMIT, decode};

/// A branch.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Whose it is; nobody's for the base, and for a head that belongs to no PRD.
    pub(super) prd: Option<PrdId>,
    branch: String,
    tip: Oid,
}

impl Side {
    pub(super) fn new(prd: Option<PrdId>, branch: String, tip: Oid) -> Self {
        Self { prd, branch, tip }
    }
}

/// What the pairs of branches showed.
#[derive(Debug, Default)]
pub(super) struct Collisions {
    /// Those of two PRDs that conflict, or of which nobody can tell, sorted by their PRDs.
    pub(super) conflicts: Vec<BranchConflict>,
    /// Those of two PRDs that merge cleanly, the smaller id first.
    pub(super) clean: BTreeSet<[PrdId; 2]>,
    /// What does not go together in those that merge cleanly, sorted by their PRDs.
    pub(super) breaches: Vec<BranchBreach>,
}

/// What a branch did since the two left each other, by path as git spells it.
type Changes = BTreeMap<Vec<u8>, ExactChange>;

/// The pairs that conflict, or of which nobody can tell, and what does not go together in the others, sorted by their PRDs: all pairs, or those of the
/// first with the others. `base` is what all of them land on: what became of it since they left it goes together with them, or does not.
///
/// # Errors
/// If git fails.
pub(super) fn collisions(
    (project, repository): (&Project, &Repository),
    mut sides: Vec<Side>,
    base: Side,
    first_alone: bool,
    sources: &mut Sources,
) -> Result<Collisions, Failure> {
    let Some(first) = sides.first().map(|side| side.branch.clone()) else {
        return Ok(Collisions::default());
    };
    sides.sort_by(|a, b| (&a.prd, &a.branch).cmp(&(&b.prd, &b.branch)));
    let trunk = sides.len();
    sides.push(base);
    let tips: Vec<Oid> = sides.iter().map(|side| side.tip.clone()).collect();
    let borrowed = repository.borrowed()?;
    let predictions = predict(repository, &borrowed, &tips)?;
    let (mut found, mut clean) = (Vec::new(), Vec::new());
    for prediction in predictions {
        let (a, b) = (&sides[prediction.pair.0], &sides[prediction.pair.1]);
        let asked = !first_alone || a.branch == first || b.branch == first;
        let lands = prediction.pair.1 == trunk;
        if !asked || (!lands && a.prd == b.prd) {
            continue;
        }
        match (prediction.verdict, &a.prd, &b.prd) {
            (PredictionVerdict::Overlap | PredictionVerdict::Clean, ..) => clean.push(prediction.pair),
            (PredictionVerdict::Conflict, Some(one), Some(other)) => {
                let prds = [one.clone(), other.clone()];
                found.push(conflict(repository, [a, b], prds, prediction, sources)?);
            }
            (PredictionVerdict::Unknown, Some(one), Some(other)) => found.push(BranchConflict {
                prds: [one.clone(), other.clone()],
                branches: [a.branch.clone(), b.branch.clone()],
                files: Vec::new(),
                undecided: Some(prediction.why.unwrap_or_default()),
            }),
            // What the base has no room for is told where the branch is merged into it.
            _ => {}
        }
    }
    let breaches = breaches((project, &borrowed), &sides, &tips, &clean, sources)?;
    let prds = |(a, b): &(usize, usize)| Some([sides[*a].prd.clone()?, sides[*b].prd.clone()?]);
    Ok(Collisions {
        conflicts: found,
        clean: clean.iter().filter_map(prds).collect(),
        breaches,
    })
}

/// What does not go together in pairs that merge cleanly.
fn breaches(
    (project, borrowed): (&Project, &Borrowed),
    sides: &[Side],
    tips: &[Oid],
    pairs: &[(usize, usize)],
    sources: &mut Sources,
) -> Result<Vec<BranchBreach>, Failure> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let objects = borrowed.repository();
    let bases = objects.merge_bases(tips)?;
    let diffs = Diffs::of(objects, tips, &bases, &Cache::none(), &mut Vec::new())?;
    let changes = diffs.changes(objects, &pairs.iter().copied().collect(), &bases);
    let compared = Compared {
        project,
        tips,
        bases: &bases,
        changes: &changes,
    };
    let found = meaning(borrowed, pairs, compared, sources)?;
    let each = pairs.iter().zip(found).flat_map(|((a, b), breaches)| {
        let (a, b) = (&sides[*a], &sides[*b]);
        breaches.into_iter().map(move |breach| BranchBreach {
            prds: [a.prd.clone(), b.prd.clone()],
            branches: [a.branch.clone(), b.branch.clone()],
            breach,
        })
    });
    Ok(each.collect())
}

fn conflict(
    repository: &Repository,
    [a, b]: [&Side; 2],
    prds: [PrdId; 2],
    prediction: Prediction,
    sources: &mut Sources,
) -> Result<BranchConflict, Failure> {
    let base = repository.merge_base(&a.tip, &b.tip)?;
    let changes = |side: &Side| match &base {
        Some(base) => repository.diff_exact(base, &side.tip),
        None => Ok(Changes::new()),
    };
    let sides = [changes(a)?, changes(b)?];
    let files = prediction.files.into_iter().map(|file| {
        let places = places(repository, &sides, &file, sources)?;
        Ok(ConflictFile {
            path: String::from_utf8_lossy(&file.path).into_owned(),
            kind: file.kind,
            places,
        })
    });
    Ok(BranchConflict {
        files: files.collect::<Result<_, Failure>>()?,
        prds,
        branches: [a.branch.clone(), b.branch.clone()],
        undecided: None,
    })
}

/// The lines that collide, in the text of each side.
fn places(
    repository: &Repository,
    sides: &[Changes; 2],
    file: &FileCollision,
    sources: &mut Sources,
) -> Result<[Vec<Span>; 2], Failure> {
    let [ours, theirs] = sides.each_ref().map(|side| side.get(&file.path));
    let base = ours.or(theirs).and_then(|change| change.old.1.clone());
    let [ours, theirs] = [ours, theirs].map(|change| change.and_then(|change| change.new.1.clone()));
    let mut texts = [base, ours, theirs].map(|oid| (oid, None));
    for (oid, text) in &mut texts {
        let Some(oid) = oid else { continue };
        let read = repository.read_blobs(std::slice::from_ref(oid), CODE_LIMIT)?;
        *text = read.into_iter().next().and_then(|blob| match blob {
            Blob::Bytes(bytes) => Some(bytes),
            Blob::TooLarge(_) | Blob::Missing => None,
        });
    }
    let [base, ours, theirs] = texts.map(|(_, text)| text);
    let base = base.unwrap_or_default();
    let mut clashes = file.clashes.clone();
    if let (true, Some(ours), Some(theirs)) = (clashes.is_empty(), &ours, &theirs)
        && let TextMerge::Conflict(found) = merge_texts(&base, ours, theirs)
    {
        clashes = found;
    }
    let prefix = repository.prefix();
    let Some(path) = std::str::from_utf8(&file.path).ok().and_then(|path| {
        let inside = match prefix {
            "" => path,
            prefix => path.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        RepoPath::new(inside)
    }) else {
        return Ok([Vec::new(), Vec::new()]);
    };
    let of = |lines: fn(&Clash) -> LineRange| clashes.iter().map(lines).collect::<Vec<_>>();
    let (our_lines, their_lines) = (of(|clash| clash.ours), of(|clash| clash.theirs));
    Ok([(ours, our_lines), (theirs, their_lines)].map(|(text, lines)| {
        let Some(text) = text else { return Vec::new() };
        // Where the file as a whole is what collides, a side's part in it is all that it changed.
        let lines = if lines.is_empty() {
            changed_lines(&base, &text)
        } else {
            lines
        };
        spans(&path, text, &lines, sources)
    }))
}

/// The lines as places.
fn spans(path: &RepoPath, text: Vec<u8>, lines: &[LineRange], sources: &mut Sources) -> Vec<Span> {
    let Ok(text) = decode(path, text) else {
        return Vec::new();
    };
    let file = sources.add(path.clone(), text);
    let span = |range: &LineRange| {
        let first = sources.line(file, range.start);
        let last = sources.line(file, (range.start + range.count).saturating_sub(1).max(range.start));
        Span {
            bytes: crate::source::Bytes {
                start: first.bytes.start,
                end: last.bytes.end,
            },
            file,
        }
    };
    lines.iter().map(span).collect()
}
