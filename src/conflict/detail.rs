//! The files in which two sides meet, with the names of what stands there. Enters: a [`Prediction`], what each side changed, the texts. Leaves: a
//! [`PairDetail`]. Judges nothing: whether the two conflict was decided before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::deeds::{Deeds, ItemMeeting};
use super::meaning::Breach;
use super::patched::Whole;
use super::{Changes, Clash, LineRange, Outline, Prediction, TextMerge, changed_hunks, merge_texts};
use crate::git::Oid;
use crate::source::RepoPath;

/// What is known of a file in which two sides meet.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FileDetail {
    /// The items at the lines that collide, on either side.
    pub at: BTreeSet<String>,
    /// The items to which both sides did something.
    pub meetings: Vec<ItemMeeting>,
    /// The lines that each side changed, in its own text.
    pub lines: [Vec<LineRange>; 2],
    /// The lines that collide, where the prediction does not have them.
    pub clashes: Vec<Clash>,
    /// False where there are only lines: the language is not read, or the text is none.
    pub read: bool,
}

/// How the verdict of a pair is known.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Basis {
    /// A real merge.
    #[default]
    Merge,
    /// What documents say, before there is code.
    Touchpoints,
}

/// What is known of a pair beyond its verdict: by path, as git spells it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PairDetail {
    /// How it is known.
    pub basis: Basis,
    /// The files that collide, and those that both sides changed.
    pub files: BTreeMap<Vec<u8>, FileDetail>,
    /// What does not go together although it merges cleanly.
    pub breaches: Vec<Breach>,
}

/// The three texts of a file: what both had, and what each has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Wanted {
    /// As git spells it.
    pub path: Vec<u8>,
    /// What both had.
    pub base: Option<Oid>,
    /// What each has.
    pub sides: [Option<Oid>; 2],
}

/// The texts that tell what stands where a pair meets. `changes` is what each side changed against their base.
#[must_use]
pub fn wanted(prediction: &Prediction, changes: [&Changes; 2]) -> Vec<Wanted> {
    let collide = prediction.files.iter().map(|file| &file.path);
    let paths: BTreeSet<&Vec<u8>> = collide.chain(&prediction.shared).collect();
    let each = paths.into_iter().filter_map(|path| {
        if let Some(moved) = moved(path, changes) {
            return Some(moved);
        }
        let [ours, theirs] = changes.map(|changes| changes.deltas().get(path));
        let base = ours.or(theirs)?.old.1.clone();
        // Who did not touch it has what both had.
        let side = |delta: Option<&super::Delta>| delta.map_or(base.clone(), |delta| delta.new.1.clone());
        Some(Wanted {
            path: path.clone(),
            sides: [side(ours), side(theirs)],
            base,
        })
    });
    each.collect()
}

/// The texts of a file that one side moved to `path` while the other one changed it where it was: of what is gone from the one and changed by
/// the other, the file of the same name, or the only one.
fn moved(path: &Vec<u8>, changes: [&Changes; 2]) -> Option<Wanted> {
    let name = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().map(<[u8]>::to_vec);
    let by = |mover: usize| {
        let [mine, others] = [changes[mover], changes[1 - mover]].map(Changes::deltas);
        let here = mine.get(path).filter(|_| !others.contains_key(path))?;
        here.old.1.is_none().then_some(())?;
        let left = |(from, delta): (&Vec<u8>, &super::Delta)| {
            let changed = others.get(from)?.new.1.clone().filter(|_| delta.new.1.is_none())?;
            Some((from.clone(), delta.old.1.clone()?, changed))
        };
        let mut left: Vec<(Vec<u8>, Oid, Oid)> = mine.iter().filter_map(left).collect();
        let same = left.iter().position(|(from, ..)| name(from) == name(path));
        let (_, base, changed) = match (same, left.len()) {
            (Some(at), _) => left.swap_remove(at),
            (None, 1) => left.remove(0),
            (None, _) => return None,
        };
        let mut sides = [here.new.1.clone(), Some(changed)];
        sides.rotate_left(mover);
        Some(Wanted {
            path: path.clone(),
            base: Some(base),
            sides,
        })
    };
    by(0).or_else(|| by(1))
}

/// Texts and their outlines, each read once.
#[derive(Debug, Default)]
pub struct Files {
    texts: HashMap<Oid, Option<String>>,
    outlines: HashMap<(Vec<u8>, Oid), Option<Outline>>,
    hunks: HashMap<Key, Vec<(LineRange, LineRange)>>,
    deeds: HashMap<Key, Done>,
}

/// What a side made of a file: the path, what both had, what it has.
type Step<'w> = (&'w Vec<u8>, &'w Oid, &'w Oid);

/// The same, to be kept.
type Key = (Vec<u8>, Oid, Oid);

fn keyed((path, base, side): Step<'_>) -> Key {
    (path.clone(), base.clone(), side.clone())
}

/// A path that can be named in a project.
fn named(path: &[u8]) -> Option<RepoPath> {
    std::str::from_utf8(path).ok().and_then(RepoPath::new)
}

/// What a side did to a file.
#[derive(Debug, Default)]
struct Done {
    deeds: Option<Deeds>,
    lines: Vec<LineRange>,
}

impl Files {
    /// The texts by blob (nothing for what is no text), and what the files that are `wanted` of them are made of.
    #[must_use]
    pub fn new(texts: HashMap<Oid, Option<String>>, wanted: &[Wanted]) -> Self {
        let mut files = Self {
            texts,
            ..Self::default()
        };
        let steps: BTreeSet<Step<'_>> = wanted
            .iter()
            .flat_map(|one| {
                one.sides
                    .iter()
                    .filter_map(|side| Some((&one.path, one.base.as_ref()?, side.as_ref()?)))
            })
            .collect();
        let steps: Vec<Step<'_>> = steps.into_iter().collect();
        files.hunks = steps
            .par_iter()
            .map(|step| (keyed(*step), files.changed(*step)))
            .collect();
        files.outlines = files.read(wanted, &steps);
        let done = |(path, base, side): (&Vec<u8>, &Oid, &Oid)| {
            ((path.clone(), base.clone(), side.clone()), files.done(path, base, side))
        };
        files.deeds = steps.into_par_iter().map(done).collect();
        files
    }

    /// The outlines of all texts that are wanted: those of bases by parsing them, those of what became of them by what differs, as far as that goes.
    fn read(&self, wanted: &[Wanted], steps: &[Step<'_>]) -> HashMap<(Vec<u8>, Oid), Option<Outline>> {
        let bases: BTreeSet<(&Vec<u8>, &Oid)> = steps.iter().map(|(path, base, _)| (*path, *base)).collect();
        let bases: Vec<(&Vec<u8>, &Oid)> = bases.into_iter().collect();
        let whole = |(path, oid): (&'_ Vec<u8>, &'_ Oid)| Whole::of(&named(path)?, self.text(Some(oid))?);
        let wholes: HashMap<(&Vec<u8>, &Oid), Option<Whole>> =
            bases.into_par_iter().map(|base| (base, whole(base))).collect();
        // One of the texts that a text may have become from is enough.
        let from: BTreeMap<(&Vec<u8>, &Oid), &Oid> =
            steps.iter().map(|(path, base, side)| ((*path, *side), *base)).collect();
        let blobs: BTreeSet<(&Vec<u8>, &Oid)> = wanted
            .iter()
            .flat_map(|one| {
                one.base
                    .iter()
                    .chain(one.sides.iter().flatten())
                    .map(|oid| (&one.path, oid))
            })
            .filter(|blob| !wholes.contains_key(blob))
            .collect();
        let blobs: Vec<(&Vec<u8>, &Oid)> = blobs.into_iter().collect();
        let patched = |(path, oid): (&Vec<u8>, &Oid), text: &str| {
            let base = *from.get(&(path, oid))?;
            let whole = wholes.get(&(path, base))?.as_ref()?;
            let hunks = self.hunks.get(&keyed((path, base, oid)))?;
            whole.patched(&named(path)?, [self.text(Some(base))?, text], hunks)
        };
        let outline = |blob: (&'_ Vec<u8>, &'_ Oid)| {
            let text = self.text(Some(blob.1))?;
            patched(blob, text).or_else(|| Outline::of(&named(blob.0)?, text))
        };
        let mut outlines: HashMap<(Vec<u8>, Oid), Option<Outline>> = blobs
            .into_par_iter()
            .map(|blob| ((blob.0.clone(), blob.1.clone()), outline(blob)))
            .collect();
        let known = wholes.into_iter();
        outlines
            .extend(known.map(|((path, oid), whole)| ((path.clone(), oid.clone()), whole.map(Whole::into_outline))));
        outlines
    }

    /// The lines that differ; none where one of the two is no text.
    fn changed(&self, (_, base, side): Step<'_>) -> Vec<(LineRange, LineRange)> {
        match (self.text(Some(base)), self.text(Some(side))) {
            (Some(before), Some(after)) => changed_hunks(before.as_bytes(), after.as_bytes()),
            _ => Vec::new(),
        }
    }

    fn text(&self, oid: Option<&Oid>) -> Option<&str> {
        self.texts.get(oid?)?.as_deref()
    }

    fn outline(&self, path: &[u8], oid: Option<&Oid>) -> Option<&Outline> {
        self.outlines.get(&(path.to_vec(), oid?.clone()))?.as_ref()
    }

    fn done(&self, path: &Vec<u8>, base: &Oid, side: &Oid) -> Done {
        let Some(hunks) = self.hunks.get(&keyed((path, base, side))) else {
            return Done::default();
        };
        let outlines = self.outline(path, Some(base)).zip(self.outline(path, Some(side)));
        Done {
            deeds: outlines.map(|(before, after)| Deeds::new(before, after, hunks)),
            lines: hunks.iter().map(|(_, after)| *after).collect(),
        }
    }
}

/// What stands where a pair meets.
#[must_use]
pub fn detail(prediction: &Prediction, wanted: &[Wanted], files: &Files) -> PairDetail {
    let clashes = |path: &[u8]| {
        let of = prediction.files.iter().find(|file| file.path == path);
        of.map(|file| file.clashes.clone())
    };
    let each = wanted
        .iter()
        .map(|wanted| (wanted.path.clone(), file(wanted, clashes(&wanted.path), files)));
    PairDetail {
        basis: Basis::Merge,
        files: each.collect(),
        breaches: Vec::new(),
    }
}

/// One file; `clashes` is what the prediction knows of it if it collides.
fn file(wanted: &Wanted, clashes: Option<Vec<Clash>>, files: &Files) -> FileDetail {
    let path = &wanted.path;
    let outlines = wanted.sides.each_ref().map(|side| files.outline(path, side.as_ref()));
    let before = files.outline(path, wanted.base.as_ref());
    let done = wanted.sides.each_ref().map(|side| {
        let key = (path.clone(), wanted.base.clone()?, side.clone()?);
        files.deeds.get(&key)
    });
    let mut detail = FileDetail {
        read: wanted
            .sides
            .iter()
            .zip(outlines)
            .all(|(side, outline)| side.is_none() || outline.is_some()),
        lines: done.map(|done| done.map_or(Vec::new(), |done| done.lines.clone())),
        ..FileDetail::default()
    };
    if let [Some(ours), Some(theirs)] = done.map(|done| done.and_then(|done| done.deeds.as_ref())) {
        detail.meetings = ours.meet(theirs);
    }
    let Some(mut clashes) = clashes else { return detail };
    let texts = wanted.sides.each_ref().map(|side| files.text(side.as_ref()));
    if let (true, [Some(ours), Some(theirs)]) = (clashes.is_empty(), texts) {
        let base = files.text(wanted.base.as_ref()).unwrap_or_default();
        if let TextMerge::Conflict(found) = merge_texts(base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
            detail.clashes.clone_from(&found);
            clashes = found;
        }
    }
    let ours = clashes.iter().map(|clash| (outlines[0], clash.ours));
    let theirs = clashes.iter().map(|clash| (outlines[1], clash.theirs));
    let names = ours
        .chain(theirs)
        .filter_map(|(outline, lines)| Some(outline?.names(lines)));
    detail.at = names.flatten().map(str::to_owned).collect();
    if clashes.is_empty() && before.is_some() {
        // One side took the file away: what collides is all that the other one did in it.
        let deeds = done.into_iter().flatten().filter_map(|done| done.deeds.as_ref());
        detail.at = deeds
            .flat_map(|deeds| deeds.iter().map(|(key, _)| key.name.clone()))
            .collect();
    }
    detail
}
