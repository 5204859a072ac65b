//! `flagman conflicts --prds`: by what documents say, and where both of a pair have a branch, by a merge of the two.

use std::collections::{BTreeMap, BTreeSet};

use super::args::{Conflicts, Global};
use super::branches::claims;
use super::cache::Cache;
use super::conflicts::in_format;
use super::details::details;
use super::diffs::Diffs;
use super::failure::{Failure, exit};
use super::meaning::Compared;
use super::output::{Output, write_each};
use super::predict::predict_pairs;
use super::project::{Project, Wanted};
use crate::analysis::{Analysis, analyze_with};
use crate::conflict::meaning::{Breach, Certainty};
use crate::conflict::{PairDetail, Prediction, PredictionVerdict};
use crate::drift::{self, Pair};
use crate::git::Oid;
use crate::index::store::FactsStore;
use crate::prd::PrdId;
use crate::report::{json, text};
use crate::touchpoint::promises;

/// Tells which PRDs will collide by what they say, and what became of it on their branches.
///
/// # Errors
/// If the project cannot be read.
pub(super) fn run(global: &Global, wanted: &Conflicts, output: &mut Output) -> Result<u8, Failure> {
    let project = Project::open(global)?;
    let store = FactsStore::default();
    let mut seen = analyze_with(project.read(global, &Wanted::default())?, &store);
    let mut drift = Vec::new();
    if project.repository.is_some() {
        let promises = promises(&seen.touchpoints);
        let with_branches = Wanted {
            branches: true,
            base: trunk(&project, &seen)?,
            ..Wanted::default()
        };
        if let Some(trunk) = &with_branches.base {
            output.aside(&crate::report::visible(&format!(
                "note: the branch that is checked out is a PRD's: branches are held against `{trunk}`, and documents are read there\n"
            )));
        }
        seen = analyze_with(project.read(global, &with_branches)?, &store);
        drift = drift::drift(&seen, &promises);
    }
    let mut pairs = drift::pairs(&seen);
    for (pair, merged) in merged(&project, &mut seen)? {
        let told = pairs.iter_mut().find(|(one, _)| one.pair == pair);
        if let Some(told) = told.filter(|(said, _)| !is_to_come(&seen, &drift, said, &merged.0)) {
            *told = merged;
        }
    }
    if seen.prds.is_empty() {
        output.aside("note: there is no PRD here (`flagman init` says where they are looked for)\n");
    }
    let promised = seen;
    let told: Vec<(&Prediction, &PairDetail)> = pairs.iter().map(|(one, detail)| (one, detail)).collect();
    let names: Vec<&str> = promised.graph.prds.iter().map(|prd| prd.0.as_str()).collect();
    let uncommitted = vec![0; names.len()];
    let sources = &promised.sources;
    let document =
        || json::value(&json::conflicts(sources, (&names, &uncommitted), &told, wanted.all).promised(&drift));
    write_each(global, output, |kind| in_format(kind, &document()))?;
    match global.format.report() {
        Some(kind) => output.document(&in_format(kind, &document()))?,
        None => {
            let pairs = text::conflicts(sources, &names, &told, wanted.all);
            output.answer(&(pairs + &text::drift(&drift, wanted.all)))?;
        }
    }
    let any = |verdict| pairs.iter().any(|(one, _)| one.verdict == verdict);
    let seen = |breach: &Breach| breach.certainty == Certainty::Seen;
    let broken = pairs.iter().any(|(_, detail)| detail.breaches.iter().any(seen));
    Ok(if broken || any(PredictionVerdict::Conflict) {
        exit::BLOCKED
    } else if any(PredictionVerdict::Unknown) || !promised.unread_prds.is_empty() {
        exit::UNKNOWN
    } else {
        exit::CLEAR
    })
}

/// What branches land on where a PRD's own branch is checked out: the first protected branch that is here. Else it is what is checked out.
fn trunk(project: &Project, seen: &Analysis) -> Result<Option<String>, Failure> {
    let Some(repository) = &project.repository else {
        return Ok(None);
    };
    let Some(current) = repository.head_branch()? else {
        return Ok(None);
    };
    let protects = |name: &str| crate::git::protects(&project.config.project.protected, &format!("refs/heads/{name}"));
    if protects(&current) || !seen.prds.iter().any(|prd| claims(project, prd, &current)) {
        return Ok(None);
    }
    let branches = repository.branches(&[])?;
    let mut local = branches.iter().filter(|branch| branch.remote.is_none());
    Ok(local
        .find(|branch| protects(&branch.name))
        .map(|branch| branch.name.clone()))
}

/// True if a pair's branches go together and its documents say that they will not: one of the files in which they will collide is not touched yet.
fn is_to_come(seen: &Analysis, drift: &[drift::Drift], said: &Prediction, merged: &Prediction) -> bool {
    if said.verdict != PredictionVerdict::Conflict || merged.verdict == PredictionVerdict::Conflict {
        return false;
    }
    let prds: Vec<&PrdId> = seen.graph.prds.iter().collect();
    let both = [said.pair.0, said.pair.1].map(|at| prds.get(at).copied());
    let mut open = drift.iter().filter(|one| both.contains(&Some(&one.prd)));
    open.any(|one| {
        let untouched = |path: &[u8]| one.untouched.iter().any(|open| open.as_str().as_bytes() == path);
        said.files.iter().any(|file| untouched(&file.path))
    })
}

/// The pairs of PRDs that both have a branch, as a merge of the branches comes out: what there is in code outranks what documents say. Of several
/// branches of one PRD the one with the worst answer counts.
fn merged(project: &Project, seen: &mut Analysis) -> Result<BTreeMap<(usize, usize), Pair>, Failure> {
    let Some(repository) = &project.repository else {
        return Ok(BTreeMap::new());
    };
    let prds: BTreeMap<&PrdId, usize> = seen.graph.prds.iter().zip(0..).collect();
    let branches = seen.branches.iter();
    let mut own: Vec<(usize, &str)> = branches
        .filter_map(|one| Some((*prds.get(one.prd.as_ref()?)?, one.branch.as_str())))
        .collect();
    own.sort_unstable();
    let tips = own.iter().map(|(_, branch)| repository.resolve(branch));
    let tips: Vec<Oid> = tips.collect::<Result<_, _>>()?;
    let both = (0..own.len()).flat_map(|a| (a + 1..own.len()).map(move |b| (a, b)));
    let both: BTreeSet<(usize, usize)> = both.filter(|(a, b)| own[*a].0 != own[*b].0).collect();
    let of: Vec<usize> = own.iter().map(|(prd, _)| *prd).collect();
    let borrowed = repository.borrowed()?;
    let objects = borrowed.repository();
    let bases = objects.merge_bases(&tips)?;
    let diffs = Diffs::of(objects, &tips, &bases, &Cache::none(), &mut Vec::new())?;
    let changes = diffs.changes(objects, &both, &bases);
    let mut predictions = predict_pairs(repository, &borrowed, &tips, (&bases, &changes), both)?;
    let compared = Compared {
        project,
        tips: &tips,
        bases: &bases,
        changes: &changes,
    };
    let details = details(&borrowed, compared, &mut predictions, &mut seen.sources)?;
    let mut found: BTreeMap<(usize, usize), Pair> = BTreeMap::new();
    for (mut prediction, detail) in predictions.into_iter().zip(details) {
        let pair = (of[prediction.pair.0], of[prediction.pair.1]);
        prediction.pair = pair;
        let known = found.get(&pair).map(|(known, _)| rank(known.verdict));
        if known.is_none_or(|known| rank(prediction.verdict) < known) {
            found.insert(pair, (prediction, detail));
        }
    }
    Ok(found)
}

/// The worst comes first.
fn rank(verdict: PredictionVerdict) -> u8 {
    match verdict {
        PredictionVerdict::Conflict => 0,
        PredictionVerdict::Unknown => 1,
        PredictionVerdict::Overlap => 2,
        PredictionVerdict::Clean => 3,
    }
}
