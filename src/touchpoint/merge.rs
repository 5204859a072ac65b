//! Many places, one touchpoint. Enters: every claimed and observed thing. Leaves: one [`Touchpoint`] for each PRD and target.
//!
//! A declared access beats what prose says, but never makes a write that was seen in a branch unseen. Without a declaration the
//! strongest access counts.
//!
//! The score says how likely the PRD really touches the thing: what the source of the knowledge is worth (declared 1.0, observed
//! 1.0, mentioned 0.6, inferred 0.4), times how precisely the name fits (1.0 for a whole path or a name with its owner, 0.6 for
//! one of many files of a glob), and 0.03 more for each further place that says so, up to three.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Claimed;
use super::{Certainty, Target, Touchpoint, known};
use crate::prd::{Access, Contract, PrdId};
use crate::source::{RepoPath, Span};

/// More places than this prove nothing more.
const PLACES: usize = 12;

#[derive(Debug, Default)]
struct Heap {
    access: BTreeMap<Certainty, Access>,
    quality: f64,
    exists: bool,
    unsaid: bool,
    contract: BTreeSet<Span>,
    gone: bool,
    /// The places of each certainty and access.
    places: BTreeMap<(Certainty, Access), BTreeSet<Span>>,
}

/// One touchpoint for each PRD and target, sorted; the files of symbols are added. `is_there` knows the files of the tree.
pub(super) fn merge(claimed: Vec<Claimed<'_>>, is_there: impl Fn(&RepoPath) -> bool) -> Vec<Touchpoint> {
    let mut heaps: BTreeMap<(&PrdId, Target), Heap> = BTreeMap::new();
    let owners: Vec<Claimed<'_>> = claimed.iter().filter_map(|claim| owner(claim, &is_there)).collect();
    for claim in claimed.into_iter().chain(owners) {
        let heap = heaps.entry((claim.prd, claim.target)).or_default();
        let access = heap.access.entry(claim.certainty).or_insert(claim.access);
        *access = claim.access.max(*access);
        heap.quality = heap.quality.max(claim.quality);
        heap.exists |= claim.exists;
        heap.unsaid |= claim.unsaid;
        heap.contract.extend(claim.contract.map(|_| claim.span));
        heap.gone |= claim.contract == Some(Contract::Gone);
        let of_kind = heap.places.entry((claim.certainty, claim.access)).or_default();
        of_kind.insert(claim.span);
    }
    heaps
        .into_iter()
        .map(|((prd, target), heap)| touchpoint(prd, target, &heap))
        .collect()
}

/// The file of a symbol is touched with it.
fn owner<'a>(claim: &Claimed<'a>, is_there: impl Fn(&RepoPath) -> bool) -> Option<Claimed<'a>> {
    let path = claim.target.path.as_ref()?;
    let target = known::file(path);
    if target == claim.target {
        return None;
    }
    Some(Claimed {
        target,
        // Who makes a symbol changes its file; that it makes the file is said where the path is mentioned.
        access: claim.access.min(Access::Write),
        certainty: Certainty::Inferred,
        exists: is_there(path),
        // A file has no arguments.
        contract: None,
        ..claim.clone()
    })
}

fn touchpoint(prd: &PrdId, target: Target, heap: &Heap) -> Touchpoint {
    let best = heap.access.keys().next_back().copied().unwrap_or(Certainty::Inferred);
    let strongest = heap.access.values().copied().max().unwrap_or(Access::Read);
    let access = match heap.access.get(&Certainty::Declared) {
        Some(&declared) => heap
            .access
            .get(&Certainty::Observed)
            .map_or(declared, |&seen| seen.max(declared)),
        None => strongest,
    };
    // The best evidence first, so that a bound on the places never drops it.
    let because: Vec<Span> = heap.places.values().rev().flatten().copied().collect::<Unique>().0;
    let seen = Certainty::Observed;
    let said = heap.access.iter().filter(|(how, _)| **how != seen);
    let more = because.len().saturating_sub(1).min(3);
    let worth = match best {
        Certainty::Declared | Certainty::Observed => 1.0,
        // Of what messages of commits name, about half is really changed (docs/accuracy.md, "What PRDs may change").
        Certainty::Mentioned => 0.6,
        Certainty::Inferred => 0.4,
    };
    Touchpoint {
        prd: prd.clone(),
        target,
        access,
        said: said.map(|(_, access)| *access).max(),
        unsaid: heap.unsaid,
        contract: heap.contract.iter().copied().collect(),
        gone: heap.gone,
        certainty: best,
        score: (worth * heap.quality + 0.03 * more as f64).min(1.0),
        exists: heap.exists,
        because,
    }
}

/// The first few different places.
struct Unique(Vec<Span>);

impl FromIterator<Span> for Unique {
    fn from_iter<I: IntoIterator<Item = Span>>(places: I) -> Self {
        let mut kept: Vec<Span> = Vec::new();
        for place in places {
            if kept.len() < PLACES && !kept.contains(&place) {
                kept.push(place);
            }
        }
        Self(kept)
    }
}
