//! The branches of PRDs that conflict with each other, or merge cleanly and do not go together. Enters: their heads. Leaves: [`BranchConflict`]s, with
//! the lines of both sides where there are texts to point at, and [`BranchBreach`]es. Both are decided as `flagman conflicts` decides it.

use std::collections::BTreeMap;

use super::cache::Cache;
use super::conflicts::predict;
use super::diffs::Diffs;
use super::failure::Failure;
use super::meaning::meaning;
use crate::check::BranchBreach;
use crate::conflict::{Clash, FileCollision, Prediction, PredictionVerdict, TextMerge, changed_lines, merge_texts};
use crate::git::{Blob, Borrowed, ExactChange, LineRange, Oid, Repository};
use crate::graph::{BranchConflict, ConflictFile};
use crate::prd::PrdId;
use crate::source::{RepoPath, Sources, Span};
use crate::workspace::{CODE_LIMIT, decode};

/// The branch of a PRD.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// Whose it is.
    pub(super) prd: PrdId,
    branch: String,
    tip: Oid,
}

impl Side {
    pub(super) fn new(prd: PrdId, branch: String, tip: Oid) -> Self {
        Self { prd, branch, tip }
    }
}

/// What a branch did since the two left each other, by path as git spells it.
type Changes = BTreeMap<Vec<u8>, ExactChange>;

/// The pairs that conflict, or of which nobody can tell, and what does not go together in the others, sorted by their PRDs: all pairs, or those of the
/// first with the others.
///
/// # Errors
/// If git fails.
pub(super) fn collisions(
    repository: &Repository,
    mut sides: Vec<Side>,
    first_alone: bool,
    sources: &mut Sources,
) -> Result<(Vec<BranchConflict>, Vec<BranchBreach>), Failure> {
    if sides.len() < 2 {
        return Ok((Vec::new(), Vec::new()));
    }
    let first = sides[0].prd.clone();
    sides.sort_by(|a, b| (&a.prd, &a.branch).cmp(&(&b.prd, &b.branch)));
    let tips: Vec<Oid> = sides.iter().map(|side| side.tip.clone()).collect();
    let borrowed = repository.borrowed()?;
    let predictions = predict(repository, &borrowed, &tips)?;
    let (mut found, mut clean) = (Vec::new(), Vec::new());
    for prediction in predictions {
        let (a, b) = (&sides[prediction.pair.0], &sides[prediction.pair.1]);
        let asked = !first_alone || a.prd == first || b.prd == first;
        if asked && a.prd != b.prd {
            match prediction.verdict {
                PredictionVerdict::Conflict => found.push(conflict(repository, a, b, prediction, sources)?),
                PredictionVerdict::Unknown => found.push(BranchConflict {
                    prds: [a.prd.clone(), b.prd.clone()],
                    branches: [a.branch.clone(), b.branch.clone()],
                    files: Vec::new(),
                    undecided: Some(prediction.why.unwrap_or_default()),
                }),
                PredictionVerdict::Overlap | PredictionVerdict::Clean => clean.push(prediction.pair),
            }
        }
    }
    let breaches = breaches(&borrowed, &sides, &tips, &clean, sources)?;
    Ok((found, breaches))
}

/// What does not go together in pairs that merge cleanly.
fn breaches(
    borrowed: &Borrowed,
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
    let changes = diffs.changes(&pairs.iter().copied().collect(), &bases);
    let found = meaning(&borrowed.project(), pairs, (&bases, &changes), sources)?;
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
    a: &Side,
    b: &Side,
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
        prds: [a.prd.clone(), b.prd.clone()],
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
