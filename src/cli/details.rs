//! What stands where two sides meet. Enters: predictions and the commits that they are about. Leaves: a [`PairDetail`] for each.

use std::collections::{BTreeSet, HashMap};

use super::failure::Failure;
use super::meaning::{Compared, meaning};
use crate::conflict::{Files, PairDetail, Prediction, PredictionVerdict, Wanted, detail, wanted};
use crate::git::{Bases, Blob, Borrowed, Oid, Repository};
use crate::source::{RepoPath, Sources};
use crate::workspace::{CODE_LIMIT, decode};

/// The details of each prediction, in order, with what does not go together in those that merge cleanly: such pairs are told as overlaps. Of a
/// pair with several bases, or with none, nothing is known beyond its verdict. The texts of the breaches' places are put into `sources`.
///
/// # Errors
/// If git fails.
pub(super) fn details(
    borrowed: &Borrowed,
    compared: Compared<'_>,
    predictions: &mut [Prediction],
    sources: &mut Sources,
) -> Result<Vec<PairDetail>, Failure> {
    let objects = borrowed.repository();
    let Compared { bases, changes, .. } = compared;
    let of = |prediction: &Prediction| {
        let (a, b) = prediction.pair;
        match (prediction.verdict, bases.of(a, b)) {
            (PredictionVerdict::Clean, _) | (_, Bases::None | Bases::Several) => None,
            (_, Bases::One(base)) => Some([changes.get(&(base.clone(), a))?, changes.get(&(base, b))?]),
        }
    };
    let needed: Vec<Vec<Wanted>> = predictions
        .iter()
        .map(|one| of(one).map_or_else(Vec::new, |sides| wanted(one, sides)))
        .collect();
    let all: Vec<Wanted> = needed.iter().flatten().cloned().collect();
    let files = Files::new(texts(objects, &all)?, &all);
    let pairs = predictions.iter().zip(&needed);
    let mut details: Vec<PairDetail> = pairs
        .map(|(prediction, wanted)| detail(prediction, wanted, &files))
        .collect();
    let merge = |one: &Prediction| matches!(one.verdict, PredictionVerdict::Clean | PredictionVerdict::Overlap);
    let clean: Vec<usize> = (0..predictions.len()).filter(|at| merge(&predictions[*at])).collect();
    let pairs: Vec<(usize, usize)> = clean.iter().map(|at| predictions[*at].pair).collect();
    let found = meaning(borrowed, &pairs, compared, sources)?;
    for (at, breaches) in clean.into_iter().zip(found) {
        if !breaches.is_empty() {
            predictions[at].verdict = PredictionVerdict::Overlap;
        }
        details[at].breaches = breaches;
    }
    Ok(details)
}

/// The blobs as texts.
fn texts(objects: &Repository, wanted: &[Wanted]) -> Result<HashMap<Oid, Option<String>>, Failure> {
    let mut blobs: HashMap<&Oid, &[u8]> = HashMap::new();
    for one in wanted {
        for oid in one.base.iter().chain(one.sides.iter().flatten()) {
            blobs.entry(oid).or_insert(&one.path);
        }
    }
    let oids: Vec<Oid> = blobs
        .keys()
        .map(|oid| (*oid).clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let read = objects.read_blobs(&oids, CODE_LIMIT)?;
    let text = |(oid, blob): (Oid, Blob)| {
        let path = blobs
            .get(&oid)
            .and_then(|path| RepoPath::new(std::str::from_utf8(path).ok()?));
        let text = match (path, blob) {
            (Some(path), Blob::Bytes(bytes)) => decode(&path, bytes).ok(),
            _ => None,
        };
        (oid, text)
    };
    Ok(oids.into_iter().zip(read).map(text).collect())
}
