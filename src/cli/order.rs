//! In which order many branches merge. Enters: their commits and the predictions. Leaves: [`Order`]: groups that really merge one after the other,
//! and who collides with several although no pair shows it. The merges are made beside the repository, and nothing of them stays.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use crate::conflict::{Group, Order, Prediction, PredictionVerdict, Together, groups};
use crate::git::{Bases, Borrowed, Oid, PathMerge, Repository};

/// The order of the sides. `predictions` are those of all pairs; `trunk` is what the others land on, if it is among them.
///
/// # Errors
/// If git fails.
pub(super) fn order(
    repository: &Repository,
    borrowed: &Borrowed,
    tips: &[Oid],
    predictions: &[Prediction],
    trunk: Option<usize>,
) -> Result<Order, Failure> {
    let open = |one: &&Prediction| matches!(one.verdict, PredictionVerdict::Conflict | PredictionVerdict::Unknown);
    let conflicts: BTreeSet<(usize, usize)> = predictions.iter().filter(open).map(|one| one.pair).collect();
    attributes(repository, borrowed, predictions)?;
    let (mut found, mut together) = (Vec::new(), Vec::new());
    let mut first: Vec<usize> = Vec::new();
    let bases = borrowed.repository().merge_bases(tips)?;
    let has = |a: usize, b: usize| bases.of(a, b) == Bases::One(tips[b].clone());
    for group in groups(tips.len(), &conflicts) {
        let group = stacked(group, trunk, &has);
        let (mut merged, mut left) = chain(borrowed, tips, &group)?;
        if !left.is_empty() {
            // Another order may do: those that meet there go first, in the best of their orders.
            let mut met: BTreeSet<usize> = left.iter().map(|(item, _)| *item).collect();
            for (item, files) in &left {
                met.extend(changed(&merged, *item, files, predictions));
            }
            let mut search = Search {
                borrowed,
                tips,
                best: Vec::new(),
                merges: 0,
            };
            search.look(None, &[], &met)?;
            let rest = merged.iter().chain(left.iter().map(|(item, _)| item));
            let rest: Vec<usize> = rest.copied().filter(|item| !search.best.contains(item)).collect();
            let (others, still) = chain(borrowed, tips, &[search.best, rest].concat())?;
            if still.len() < left.len() {
                (merged, left) = (others, still);
            }
        }
        for (item, files) in left {
            let mut with = changed(&merged, item, &files, predictions);
            // A folder that one of them renamed is told by no file that two have in common.
            if with.is_empty() {
                with.clone_from(&merged);
            }
            together.push(Together { with, item, files });
        }
        // Why it is not in the first: whom of it each would collide with.
        let against = |item: usize| -> Vec<usize> {
            let meets = |other: &usize| conflicts.contains(&(item.min(*other), item.max(*other)));
            first.iter().copied().filter(meets).collect()
        };
        let members = merged.iter().map(|item| (*item, against(*item))).collect();
        found.push(Group { members });
        if first.is_empty() {
            first = merged;
        }
    }
    Ok(Order {
        groups: found,
        together,
    })
}

/// The trunk first, and who is built on another one after it: `has` tells whether the first has all that the second has.
fn stacked(group: Vec<usize>, trunk: Option<usize>, has: &impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut left = group;
    let mut order = Vec::new();
    while let Some(first) = left.first() {
        let below = |item: &&usize| left.iter().all(|other| other == *item || !has(**item, *other));
        let next = trunk.filter(|trunk| left.contains(trunk));
        let next = next.unwrap_or_else(|| *left.iter().find(below).unwrap_or(first));
        left.retain(|item| *item != next);
        order.push(next);
    }
    order
}

/// Who did not merge, each with the files in which it collides.
type Left = Vec<(usize, Vec<String>)>;

/// Merges the members of a group one after the other: those that merge, and those that collide with what is merged by then, with the files.
fn chain(borrowed: &Borrowed, tips: &[Oid], group: &[usize]) -> Result<(Vec<usize>, Left), Failure> {
    let (mut merged, mut left): (Vec<usize>, Left) = (Vec::new(), Vec::new());
    let mut at: Option<Oid> = None;
    for item in group {
        let tip = &tips[*item];
        let Some(so_far) = at.clone() else {
            at = Some(tip.clone());
            merged.push(*item);
            continue;
        };
        let Some(made) = borrowed.judge(&[(so_far.clone(), tip.clone())])?.into_iter().next() else {
            continue;
        };
        if made.conflicts.is_empty() {
            let parents = [so_far, tip.clone()];
            at = Some(borrowed.join(&made.tree, &parents)?);
            merged.push(*item);
        } else {
            let files: BTreeSet<String> = made.conflicts.into_iter().flat_map(|conflict| conflict.paths).collect();
            left.push((*item, files.into_iter().collect()));
        }
    }
    Ok((merged, left))
}

/// So many merges are made in search of an order.
const MERGES: usize = 300;

/// The longest order in which some of a few sides merge.
struct Search<'a> {
    borrowed: &'a Borrowed,
    tips: &'a [Oid],
    best: Vec<usize>,
    merges: usize,
}

impl Search<'_> {
    fn look(&mut self, at: Option<&Oid>, merged: &[usize], left: &BTreeSet<usize>) -> Result<(), Failure> {
        if merged.len() > self.best.len() {
            self.best = merged.to_vec();
        }
        for item in left {
            if self.best.len() >= merged.len() + left.len() || self.merges >= MERGES {
                break;
            }
            let tip = &self.tips[*item];
            let next = match at {
                None => Some(tip.clone()),
                Some(so_far) => {
                    self.merges += 1;
                    let made = self
                        .borrowed
                        .judge(&[(so_far.clone(), tip.clone())])?
                        .into_iter()
                        .next();
                    match made.filter(|made| made.conflicts.is_empty()) {
                        Some(made) => Some(self.borrowed.join(&made.tree, &[so_far.clone(), tip.clone()])?),
                        None => None,
                    }
                }
            };
            if let Some(next) = next {
                let rest: BTreeSet<usize> = left.iter().copied().filter(|other| other != item).collect();
                self.look(Some(&next), &[merged, &[*item]].concat(), &rest)?;
            }
        }
        Ok(())
    }
}

/// Those of `merged` that changed one of the files, too.
fn changed(merged: &[usize], item: usize, files: &[String], predictions: &[Prediction]) -> Vec<usize> {
    let shares: BTreeMap<(usize, usize), &Prediction> = predictions.iter().map(|one| (one.pair, one)).collect();
    let meets = |other: &usize| {
        let pair = shares.get(&(item.min(*other), item.max(*other)));
        pair.is_some_and(|pair| {
            pair.shared
                .iter()
                .any(|path| files.iter().any(|file| file.as_bytes() == *path))
        })
    };
    merged.iter().copied().filter(meets).collect()
}

/// How git is to merge what both sides of some pair changed.
fn attributes(repository: &Repository, borrowed: &Borrowed, predictions: &[Prediction]) -> Result<(), Failure> {
    let shared = predictions
        .iter()
        .flat_map(|one| one.shared.iter().chain(one.files.iter().map(|file| &file.path)));
    let paths: Vec<Vec<u8>> = shared.cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let merges = repository.path_merges(&paths)?;
    let attributes: Vec<(Vec<u8>, PathMerge)> = paths.into_iter().zip(merges).collect();
    borrowed.set_attributes(&attributes)?;
    Ok(())
}
