//! The files in which two sides meet, with the names of what stands there. Enters: a [`Prediction`], what each side changed, the texts. Leaves: a
//! [`PairDetail`]. Judges nothing: whether the two conflict was decided before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::deeds::{Deeds, ItemMeeting};
use super::meaning::Breach;
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

/// What is known of a pair beyond its verdict: by path, as git spells it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PairDetail {
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

/// Texts and their outlines, each read once.
#[derive(Debug, Default)]
pub struct Files {
    texts: HashMap<Oid, Option<String>>,
    outlines: HashMap<(Vec<u8>, Oid), Option<Outline>>,
    deeds: HashMap<(Vec<u8>, Oid, Oid), Done>,
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
        let blobs: BTreeSet<(&Vec<u8>, &Oid)> = wanted
            .iter()
            .flat_map(|one| {
                one.base
                    .iter()
                    .chain(one.sides.iter().flatten())
                    .map(|oid| (&one.path, oid))
            })
            .collect();
        let outline = |(path, oid): (&Vec<u8>, &Oid)| {
            let named = std::str::from_utf8(path).ok().and_then(RepoPath::new);
            let outline = named
                .zip(files.text(Some(oid)))
                .and_then(|(path, text)| Outline::of(&path, text));
            ((path.clone(), oid.clone()), outline)
        };
        files.outlines = blobs
            .into_iter()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(outline)
            .collect();
        let steps: BTreeSet<(&Vec<u8>, &Oid, &Oid)> = wanted
            .iter()
            .flat_map(|one| {
                one.sides
                    .iter()
                    .filter_map(|side| Some((&one.path, one.base.as_ref()?, side.as_ref()?)))
            })
            .collect();
        let done = |(path, base, side): (&Vec<u8>, &Oid, &Oid)| {
            ((path.clone(), base.clone(), side.clone()), files.done(path, base, side))
        };
        files.deeds = steps
            .into_iter()
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(done)
            .collect();
        files
    }

    fn text(&self, oid: Option<&Oid>) -> Option<&str> {
        self.texts.get(oid?)?.as_deref()
    }

    fn outline(&self, path: &[u8], oid: Option<&Oid>) -> Option<&Outline> {
        self.outlines.get(&(path.to_vec(), oid?.clone()))?.as_ref()
    }

    fn done(&self, path: &[u8], base: &Oid, side: &Oid) -> Done {
        let (Some(before), Some(after)) = (self.text(Some(base)), self.text(Some(side))) else {
            return Done::default();
        };
        let hunks = changed_hunks(before.as_bytes(), after.as_bytes());
        let outlines = self.outline(path, Some(base)).zip(self.outline(path, Some(side)));
        Done {
            deeds: outlines.map(|(before, after)| Deeds::new(before, after, &hunks)),
            lines: hunks.into_iter().map(|(_, after)| after).collect(),
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
