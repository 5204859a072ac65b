//! What the branches of PRDs showed when they were really merged with each other: who conflicts, who merges cleanly, and who merges cleanly and
//! breaks the other. Enters: what was decided before the analysis. Leaves: [`Exclusion`]s, and who needs none.

use std::collections::{BTreeMap, BTreeSet};

use super::{Exclusion, ExclusionKind, Meeting};
use crate::prd::PrdId;
use crate::source::Span;

/// All pairs of PRDs whose branches were merged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Merges {
    /// Those that conflict, or of which that cannot be told, sorted by their PRDs.
    pub conflicts: Vec<BranchConflict>,
    /// Those that git merges without a word, the smaller id first.
    pub clean: BTreeSet<[PrdId; 2]>,
    /// What is seen to break in those, sorted by their PRDs.
    pub breaks: Vec<BranchBreak>,
    /// The PRDs whose branch shows what it changes, be it nothing that is read here (style sheets, pictures).
    pub shown: BTreeSet<PrdId>,
}

impl Merges {
    /// What they forbid. `titles` has the place of each PRD's title, for what has no text to point at.
    pub(super) fn exclusions(&self, titles: &BTreeMap<&PrdId, Span>) -> impl Iterator<Item = Exclusion> {
        let conflicts = self.conflicts.iter().flat_map(move |one| one.exclusions(titles));
        conflicts.chain(self.breaks.iter().filter_map(BranchBreak::exclusion))
    }

    /// True if their branches were merged, cleanly.
    pub(super) fn is_clean(&self, a: &PrdId, b: &PrdId) -> bool {
        let pair = if a < b { [a, b] } else { [b, a] };
        self.clean.contains(&pair.map(PrdId::clone))
    }
}

/// Two branches that merge cleanly, of which one is seen in code to break what the other one uses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchBreak {
    /// The PRDs, the smaller id first.
    pub prds: [PrdId; 2],
    /// The thing between them.
    pub subject: String,
    /// The places that show it, in the texts of both branches.
    pub because: Vec<Span>,
}

impl BranchBreak {
    fn exclusion(&self) -> Option<Exclusion> {
        (!self.because.is_empty()).then(|| Exclusion {
            a: self.prds[0].clone(),
            b: self.prds[1].clone(),
            kind: ExclusionKind::Conflict,
            target: self.subject.clone(),
            meeting: Meeting::Broken,
            because: self.because.clone(),
        })
    }
}

/// The branches of two PRDs that conflict, found by really merging them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchConflict {
    /// The PRDs, the smaller id first.
    pub prds: [PrdId; 2],
    /// Their branches, in the same order.
    pub branches: [String; 2],
    /// The files that a person has to decide, sorted by path; at least one, unless it cannot be told whether they conflict at all.
    pub files: Vec<ConflictFile>,
    /// Why that cannot be told.
    pub undecided: Option<String>,
}

/// A file that two branches leave to a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConflictFile {
    /// Its path, as git spells it.
    pub path: String,
    /// What kind of conflict (`content`, `add-add`, `modify-delete`, …).
    pub kind: String,
    /// The lines that collide, in the text of each branch; empty for a side on which the file is gone or cannot be read.
    pub places: [Vec<Span>; 2],
}

impl BranchConflict {
    /// What it forbids: one exclusion for each file, and one where it cannot be told. Of a picture, or of a text that is too large, there are no
    /// lines to point at; the two are kept apart all the same.
    fn exclusions(&self, titles: &BTreeMap<&PrdId, Span>) -> Vec<Exclusion> {
        let exclusion = |target: &str, meeting, mut because: Vec<Span>| {
            if because.is_empty() {
                because.extend(self.prds.iter().filter_map(|prd| titles.get(prd)));
            }
            Exclusion {
                a: self.prds[0].clone(),
                b: self.prds[1].clone(),
                kind: ExclusionKind::Conflict,
                target: target.to_owned(),
                meeting,
                because,
            }
        };
        let file = |file: &ConflictFile| {
            let places = file.places.iter().flatten().copied().collect();
            exclusion(&file.path, Meeting::Both, places)
        };
        let untold = self.undecided.iter().filter(|_| self.files.is_empty());
        let untold = untold.map(|why| exclusion(why, Meeting::Untold, Vec::new()));
        self.files.iter().map(file).chain(untold).collect()
    }
}
