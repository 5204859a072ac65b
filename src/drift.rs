//! What PRDs promise, held against each other and against what their branches do. Enters: the [`Analysis`]. Leaves: the pairs of PRDs that will
//! collide, in the form in which branches are told to collide, and [`Drift`]s.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::conflict::meaning::{Breach, BreachKind, BreachPlace, Certainty};
use crate::conflict::{Basis, FileCollision, FileDetail, PairDetail, Prediction, PredictionVerdict};
use crate::graph::{Exclusion, ExclusionKind, Meeting};
use crate::lang::Language;
use crate::prd::PrdId;
use crate::source::RepoPath;
use crate::touchpoint::{Promise, Written};

/// What a PRD promised, and what its branch touched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drift {
    /// The PRD.
    pub prd: PrdId,
    /// Its branch.
    pub branch: String,
    /// The files that it says it writes, sorted.
    pub promised: Vec<RepoPath>,
    /// The files that the branch changes, sorted.
    pub touched: Vec<RepoPath>,
    /// Touched, and neither promised nor what goes with that (see [`Promise::covers`]); empty where nothing was promised.
    pub outside: Vec<RepoPath>,
    /// Promised, and not touched yet.
    pub untouched: Vec<RepoPath>,
}

/// Two PRDs, by their places among all of them, with where they will collide.
pub type Pair = (Prediction, PairDetail);

/// Every pair of the analysis' PRDs, in order. Two that the plan keeps one after the other do not collide; of one that does not say what it changes
/// nothing is known.
#[must_use]
pub fn pairs(analysis: &Analysis) -> Vec<Pair> {
    let prds: Vec<&PrdId> = analysis.graph.prds.iter().collect();
    let number: BTreeMap<&PrdId, usize> = prds.iter().enumerate().map(|(at, prd)| (*prd, at)).collect();
    // What a branch does says it, too.
    let shown: BTreeSet<&PrdId> = analysis
        .branches
        .iter()
        .filter_map(|branch| branch.prd.as_ref())
        .collect();
    let unclear: BTreeSet<&PrdId> = analysis
        .unclear()
        .into_iter()
        .filter(|prd| !shown.contains(prd))
        .collect();
    let mut found: BTreeMap<(usize, usize), Met> = BTreeMap::new();
    for one in &analysis.graph.exclusions {
        // What branches do is not what documents say; of one that does not say what it changes nothing is known.
        if one.kind == ExclusionKind::Conflict || matches!(one.meeting, Meeting::Unsaid(_)) {
            continue;
        }
        if let (Some(a), Some(b)) = (number.get(&one.a), number.get(&one.b)) {
            if let Meeting::Contract(by) = &one.meeting {
                let met = found.entry((*a, *b)).or_default();
                met.breaches.push(breach(analysis, one, by));
                continue;
            }
            let path = place(analysis, &one.target, [&one.a, &one.b]);
            let met = found.entry((*a, *b)).or_default();
            let file = met.collide.entry((path, one.kind)).or_default();
            file.insert(one.target.clone());
        }
    }
    for one in &analysis.graph.overlaps {
        if let (Some(a), Some(b)) = (number.get(&one.a), number.get(&one.b)) {
            let met = found.entry((*a, *b)).or_default();
            met.share
                .extend(one.paths.iter().map(|path| path.as_str().as_bytes().to_vec()));
        }
    }
    let all = (0..prds.len()).flat_map(|a| (a + 1..prds.len()).map(move |b| (a, b)));
    all.map(|pair| {
        let silent = [pair.0, pair.1].into_iter().find(|at| unclear.contains(prds[*at]));
        let why = silent.map(|at| format!("PRD {} does not say what it changes", prds[at]));
        found.remove(&pair).unwrap_or_default().told(pair, why)
    })
    .collect()
}

/// Where two PRDs meet.
#[derive(Default)]
struct Met {
    collide: BTreeMap<(Vec<u8>, ExclusionKind), BTreeSet<String>>,
    share: BTreeSet<Vec<u8>>,
    /// What one uses and the other changes the form of: git merges that without a word.
    breaches: Vec<Breach>,
}

impl Met {
    fn told(self, pair: (usize, usize), silent: Option<String>) -> Pair {
        let mut detail = PairDetail {
            basis: Basis::Touchpoints,
            ..PairDetail::default()
        };
        let files = self.collide.into_iter().map(|((path, kind), names)| {
            let known: &mut FileDetail = detail.files.entry(path.clone()).or_default();
            known.read = true;
            known.at.extend(names);
            FileCollision {
                path,
                kind: word(kind).to_owned(),
                clashes: Vec::new(),
            }
        });
        let files: Vec<FileCollision> = files.collect();
        let collide: BTreeSet<&Vec<u8>> = files.iter().map(|file| &file.path).collect();
        let share = self.share.into_iter().filter(|path| !collide.contains(path)).collect();
        let mut prediction = Prediction::new(pair, files, share, silent);
        detail.breaches = self.breaches;
        if prediction.verdict == PredictionVerdict::Clean && !detail.breaches.is_empty() {
            prediction.verdict = PredictionVerdict::Overlap;
        }
        (prediction, detail)
    }
}

/// What `by` makes of a thing that the other PRD uses, with the words of both.
fn breach(analysis: &Analysis, one: &Exclusion, by: &PrdId) -> Breach {
    let [changes, uses] = [format!("changes how {} is used", one.target), "uses it".to_owned()];
    let said = |prd: &PrdId, note: &str| -> Vec<BreachPlace> {
        let points = analysis.touchpoints.iter();
        let own: Vec<_> = points
            .filter(|point| point.prd == *prd && point.target.name == one.target)
            .collect();
        let spans = one.because.iter().filter(|span| {
            let mut all = own.iter().flat_map(|point| point.contract.iter().chain(&point.because));
            all.any(|place| place == *span)
        });
        let places = spans.map(|span| BreachPlace {
            span: *span,
            note: note.to_owned(),
        });
        places.collect()
    };
    let first = one.a == *by;
    let deeds = if first { [changes, uses] } else { [uses, changes] };
    let places = [(&one.a, &deeds[0]), (&one.b, &deeds[1])].map(|(prd, note)| said(prd, note));
    Breach {
        certainty: Certainty::Likely,
        kind: BreachKind::Signature,
        subject: one.target.clone(),
        deeds,
        places,
    }
}

fn word(kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::SameSymbol => "same-symbol",
        ExclusionKind::SameSchemaObject => "same-schema-object",
        ExclusionKind::SameMigration => "same-migration",
        ExclusionKind::Conflict => "conflict",
    }
}

/// The file that a thing is in; the thing itself where it is in none.
fn place(analysis: &Analysis, target: &str, prds: [&PrdId; 2]) -> Vec<u8> {
    let points = analysis.touchpoints.iter();
    let mut of = points.filter(|point| prds.contains(&&point.prd) && point.target.name == target);
    let path = of.find_map(|point| point.target.path.clone());
    path.map_or_else(|| target.to_owned(), |path| path.to_string())
        .into_bytes()
}

/// What became of each promise: one for each PRD with a branch that was looked at, sorted by PRD. `said` is what PRDs promise without a look at
/// their branches.
#[must_use]
pub fn drift(analysis: &Analysis, said: &BTreeMap<PrdId, Promise>) -> Vec<Drift> {
    let none = Promise::default();
    let mut found: Vec<Drift> = Vec::new();
    for branch in &analysis.branches {
        let Some(prd) = &branch.prd else { continue };
        let promise = said.get(prd).unwrap_or(&none);
        let touched: BTreeSet<RepoPath> = branch.changed.iter().cloned().collect();
        let is_outside = |path: &&RepoPath| {
            let written = Written {
                is_new: !analysis.base.exists(path),
                is_test: analysis.index.test_files.contains(*path),
                is_data: Language::of(path).is_none(),
            };
            !promise.covers(path, written)
        };
        found.push(Drift {
            prd: prd.clone(),
            branch: branch.branch.clone(),
            promised: promise.paths.iter().cloned().collect(),
            outside: touched.iter().filter(is_outside).cloned().collect(),
            untouched: promise.paths.difference(&touched).cloned().collect(),
            touched: touched.into_iter().collect(),
        });
    }
    found.sort_by(|a, b| (&a.prd, &a.branch).cmp(&(&b.prd, &b.branch)));
    found
}
