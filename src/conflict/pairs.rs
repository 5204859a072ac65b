//! Every pair among many sides. Enters: for each pair the changes of both sides against their base. Leaves: first a [`Survey`], which names
//! the texts that are needed and the pairs that git has to judge, then [`Prediction`]s.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::meeting::Triple;
use super::text::{Compared, compared, merge_compared};
use super::{Changes, Clash, Meeting, TextMerge, meet};
use crate::git::{Bases, MergeBases, Oid, PathMerge};

/// A path as git spells it.
type Path = Vec<u8>;

/// The bytes of blobs; one that is missing could not be read.
pub type Texts = HashMap<Oid, Vec<u8>>;

/// What can be said of a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PredictionVerdict {
    /// A merge needs a person.
    Conflict,
    /// A merge is clean, and the sides meet all the same: both changed one file, or one breaks what the other uses.
    Overlap,
    /// A merge is clean.
    Clean,
    /// Nobody can tell.
    Unknown,
}

/// A file that both sides changed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FileCollision {
    /// Where.
    pub path: Vec<u8>,
    /// What kind of collision (`content`, `add-add`, `modify-delete`, `binary`, or git's own word).
    pub kind: String,
    /// The lines of both sides, where they are known.
    pub clashes: Vec<Clash>,
}

/// Two sides, and what a merge of them comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The places of the two sides in the list of sides; the first is the smaller.
    pub pair: (usize, usize),
    /// What can be said.
    pub verdict: PredictionVerdict,
    /// The files that collide, sorted.
    pub files: Vec<FileCollision>,
    /// The files that both sides changed and that merge cleanly, sorted.
    pub shared: Vec<Vec<u8>>,
    /// Why nobody can tell.
    pub why: Option<String>,
}

impl Prediction {
    /// What is said of a pair whose files collide, are shared, or (`unsure`, with the reason) do nobody knows which. One file that collides is
    /// enough.
    #[must_use]
    pub fn new(
        pair: (usize, usize),
        mut files: Vec<FileCollision>,
        mut shared: Vec<Vec<u8>>,
        unsure: Option<String>,
    ) -> Self {
        files.sort();
        shared.sort();
        let verdict = match (files.is_empty(), &unsure, shared.is_empty()) {
            (false, ..) => PredictionVerdict::Conflict,
            (true, Some(_), _) => PredictionVerdict::Unknown,
            (true, None, false) => PredictionVerdict::Overlap,
            (true, None, true) => PredictionVerdict::Clean,
        };
        let why = unsure.filter(|_| verdict == PredictionVerdict::Unknown);
        Self {
            pair,
            verdict,
            files,
            shared,
            why,
        }
    }
}

/// Why nobody can tell what becomes of a path that has a merge driver.
#[must_use]
pub fn by_a_driver(path: &[u8]) -> String {
    format!(
        "`{}` is merged by a program of its own (`merge=` in .gitattributes), which is not run here",
        String::from_utf8_lossy(path)
    )
}

/// How each pair meets, before any file is opened.
#[derive(Debug)]
pub struct Survey {
    meetings: BTreeMap<(usize, usize), Met>,
    paths: Vec<Path>,
}

#[derive(Debug)]
enum Met {
    Known(Meeting),
    /// Several bases, of which git makes one.
    Crossed,
    Strangers,
}

impl Survey {
    /// Compares all pairs of `sides` sides; `changes` has what each changed against each base that it has with another.
    #[must_use]
    pub fn new(sides: usize, bases: &MergeBases, changes: &HashMap<(Oid, usize), Changes>) -> Self {
        let pairs: Vec<(usize, usize)> = (0..sides).flat_map(|a| (a + 1..sides).map(move |b| (a, b))).collect();
        Self::of(pairs, bases, changes)
    }

    /// Compares these pairs alone.
    #[must_use]
    pub fn of(pairs: Vec<(usize, usize)>, bases: &MergeBases, changes: &HashMap<(Oid, usize), Changes>) -> Self {
        let met = |(a, b): (usize, usize)| match bases.of(a, b) {
            Bases::None => Met::Strangers,
            Bases::Several => Met::Crossed,
            Bases::One(base) => match (changes.get(&(base.clone(), a)), changes.get(&(base, b))) {
                (Some(ours), Some(theirs)) => Met::Known(meet(ours, theirs)),
                _ => Met::Crossed,
            },
        };
        let meetings: Vec<((usize, usize), Met)> = pairs.into_par_iter().map(|pair| (pair, met(pair))).collect();
        let paths = paths(&meetings, changes);
        Self {
            meetings: meetings.into_iter().collect(),
            paths,
        }
    }

    /// The paths whose way of merging has to be known, sorted.
    #[must_use]
    pub fn paths(&self) -> &[Vec<u8>] {
        &self.paths
    }

    /// The pairs with several bases: no changes against one base tell what their merge has to do with.
    #[must_use]
    pub fn crossed(&self) -> Vec<(usize, usize)> {
        let crossed = |(pair, met): (&(usize, usize), &Met)| matches!(met, Met::Crossed).then_some(*pair);
        self.meetings.iter().filter_map(crossed).collect()
    }

    /// The blobs that are needed to merge texts, sorted.
    #[must_use]
    pub fn blobs(&self) -> Vec<Oid> {
        let each = self.texts().flat_map(|(_, triple)| {
            let both = [triple.ours.clone(), triple.theirs.clone()];
            triple.base.iter().cloned().chain(both)
        });
        each.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn known(&self) -> impl Iterator<Item = &Meeting> {
        self.meetings.values().filter_map(|met| match met {
            Met::Known(meeting) if !meeting.undecided => Some(meeting),
            _ => None,
        })
    }

    fn texts(&self) -> impl Iterator<Item = &(Path, Triple)> {
        self.known().flat_map(|meeting| &meeting.texts)
    }

    /// Merges the texts. What is left for git is [`Settled::Ask`].
    #[must_use]
    pub fn settle(self, attributes: &BTreeMap<Vec<u8>, PathMerge>, texts: &Texts) -> Vec<((usize, usize), Settled)> {
        let triples: BTreeSet<&Triple> = self.texts().map(|(_, triple)| triple).collect();
        // What a side did to a text is the same in all its pairs.
        let steps: BTreeSet<Step<'_>> = triples.iter().flat_map(|triple| triple.steps()).collect();
        let steps: Vec<Step<'_>> = steps.into_iter().collect();
        let steps: HashMap<Step<'_>, Compared> = steps
            .into_par_iter()
            .filter_map(|(base, side)| Some(((base, side), compared(text(base, texts)?, texts.get(side)?))))
            .collect();
        let triples: Vec<&Triple> = triples.into_iter().collect();
        let merged: HashMap<Triple, Option<TextMerge>> = triples
            .into_par_iter()
            .map(|triple| (triple.clone(), merge(triple, texts, &steps)))
            .collect();
        self.meetings
            .into_iter()
            .map(|(pair, met)| match met {
                Met::Strangers => {
                    let why = "they have no history in common".to_owned();
                    (
                        pair,
                        Settled::Told(Prediction::new(pair, Vec::new(), Vec::new(), Some(why))),
                    )
                }
                Met::Crossed => (pair, Settled::Ask),
                Met::Known(meeting) if meeting.undecided => (pair, Settled::Ask),
                Met::Known(meeting) => (pair, judge(pair, meeting, attributes, &merged)),
            })
            .collect()
    }
}

/// What both sides of a pair changed; where git is asked, all that either of them changed.
fn paths(meetings: &[((usize, usize), Met)], changes: &HashMap<(Oid, usize), Changes>) -> Vec<Path> {
    let mut paths: BTreeSet<&Path> = BTreeSet::new();
    let mut asked: BTreeSet<usize> = BTreeSet::new();
    for ((a, b), met) in meetings {
        match met {
            Met::Known(meeting) if !meeting.undecided => paths.extend(meeting.texts.iter().map(|(path, _)| path)),
            Met::Known(_) | Met::Crossed => asked.extend([*a, *b]),
            Met::Strangers => {}
        }
    }
    let theirs = changes.iter().filter(|((_, side), _)| asked.contains(side));
    paths.extend(theirs.flat_map(|(_, changes)| changes.deltas().keys()));
    paths.into_iter().cloned().collect()
}

/// A pair after the texts were merged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settled {
    /// Its prediction.
    Told(Prediction),
    /// Only git knows.
    Ask,
}

/// What a side made of what both had.
type Step<'t> = (Option<&'t Oid>, &'t Oid);

impl Triple {
    fn steps(&self) -> [Step<'_>; 2] {
        [&self.ours, &self.theirs].map(|side| (self.base.as_ref(), side))
    }
}

/// What both had; new files come from nothing.
fn text<'t>(base: Option<&Oid>, texts: &'t Texts) -> Option<&'t [u8]> {
    base.map_or(Some(b""), |base| texts.get(base).map(Vec::as_slice))
}

/// `None` if a text could not be read.
fn merge(triple: &Triple, texts: &Texts, steps: &HashMap<Step<'_>, Compared>) -> Option<TextMerge> {
    let [ours, theirs] = triple.steps();
    let sides = [steps.get(&ours)?, steps.get(&theirs)?];
    let base = text(triple.base.as_ref(), texts)?;
    let texts = [
        texts.get(&triple.ours)?.as_slice(),
        texts.get(&triple.theirs)?.as_slice(),
    ];
    Some(merge_compared(base, texts, sides))
}

fn judge(
    pair: (usize, usize),
    meeting: Meeting,
    attributes: &BTreeMap<Vec<u8>, PathMerge>,
    merged: &HashMap<Triple, Option<TextMerge>>,
) -> Settled {
    let whole = |(path, kind): (Path, &str)| FileCollision {
        path,
        kind: kind.to_owned(),
        clashes: Vec::new(),
    };
    let mut files: Vec<FileCollision> = meeting.collisions.into_iter().map(whole).collect();
    let (mut shared, mut unsure) = (Vec::new(), None);
    for (path, triple) in meeting.texts {
        let new = triple.base.is_none();
        let content = if new { "add-add" } else { "content" };
        let by = attributes.get(&path).copied().unwrap_or(PathMerge::Text);
        match (by, merged.get(&triple).cloned().flatten()) {
            // What else collides does so whatever the program makes of this one.
            (PathMerge::Driver, _) => unsure = unsure.or_else(|| Some(by_a_driver(&path))),
            (PathMerge::Union, _) | (PathMerge::Text, Some(TextMerge::Clean)) => shared.push(path),
            (PathMerge::Binary, _) => files.push(whole((path, "binary"))),
            (PathMerge::Text, Some(TextMerge::Binary)) => files.push(whole((path, "binary"))),
            (PathMerge::Text, Some(TextMerge::Conflict(clashes))) => files.push(FileCollision {
                path,
                kind: content.to_owned(),
                clashes,
            }),
            (PathMerge::Text, Some(TextMerge::Doubt) | None) => return Settled::Ask,
        }
    }
    Settled::Told(Prediction::new(pair, files, shared, unsure))
}
