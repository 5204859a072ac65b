//! Why fewer phases are impossible. Enters: [`Instance`]. Leaves: [`Bound`]s with their witnesses, and the cliques on which the
//! exhaustive search leans.
//!
//! A set of PRDs of which no two can share a phase is a queue before one machine: each takes one phase, none can begin before
//! the chain that leads to it (its head) is done, and the chain behind it (its tail) follows. Serving the longest tail first is
//! optimal for such a queue, so that the bound is the best that the set can prove.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::Proof;
use super::instance::Instance;

/// Beyond this number of PRDs who comes before whom is not written out for every pair.
const CLOSURE_LIMIT: usize = 512;

/// How many exclusions of large problems are looked at for cliques: the most promising come first, and the bound holds wherever the search
/// ends. A count and not a time, so that every machine gives the same plan.
const LOOKS: usize = 20_000_000;

/// No plan has fewer phases than this.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bound {
    /// The number of phases.
    pub phases: u32,
    /// Why.
    pub proof: Proof,
    /// The chain (in order) or the clique (sorted) that proves it.
    pub witness: Vec<u32>,
}

/// The best bound that can be had without search, and the cliques that were found.
pub(super) fn bound(instance: &Instance, enough: u32) -> (Bound, Vec<Vec<u32>>) {
    let mut best = Bound {
        phases: instance.critical(),
        proof: Proof::CriticalPath,
        witness: critical_chain(instance),
    };
    if let Some(capacity) = instance.capacity {
        let everyone: Vec<u32> = (0u32..).take(instance.len()).collect();
        let phases = queue(instance, &everyone, capacity);
        if phases > best.phases {
            best = Bound {
                phases,
                proof: Proof::Exhaustive,
                witness: Vec::new(),
            };
        }
    }
    let clash = Clash::new(instance);
    let mut cliques: Vec<Vec<u32>> = Vec::new();
    let (mut closed, mut looks) = (BTreeSet::new(), 0);
    for seed in clash.seeds(instance) {
        if (best.phases >= enough || looks > LOOKS) && instance.len() > CLOSURE_LIMIT {
            break;
        }
        if closed.contains(&seed) {
            continue;
        }
        let clique = clash.grow(seed);
        looks += clique.len() * clash.degree(seed);
        // Whose neighbours are all in it can grow no other one.
        closed.extend(clique.iter().copied().filter(|&v| clash.degree(v) + 1 == clique.len()));
        let phases = queue(instance, &clique, 1);
        if phases > best.phases {
            best = Bound {
                phases,
                proof: Proof::Clique,
                witness: clique.clone(),
            };
        }
        if clique.len() > 2 && instance.len() <= CLOSURE_LIMIT {
            cliques.push(clique);
        }
    }
    cliques.sort_by_key(|clique| (Reverse(clique.len()), clique.clone()));
    cliques.dedup();
    (best, cliques)
}

/// The fewest phases in which `members` can be served, `width` a phase, with the chains before and after each.
fn queue(instance: &Instance, members: &[u32], width: u32) -> u32 {
    let mut coming: Vec<(u32, u32)> = members
        .iter()
        .map(|&v| (instance.heads[v as usize], instance.tails[v as usize]))
        .collect();
    coming.sort_unstable_by(|a, b| b.cmp(a));
    let mut waiting = BinaryHeap::new();
    let (mut phase, mut end) = (0, 0);
    while !coming.is_empty() || !waiting.is_empty() {
        if waiting.is_empty() {
            phase = coming.last().map_or(phase, |&(head, _)| phase.max(head));
        }
        while coming.last().is_some_and(|&(head, _)| head <= phase) {
            waiting.extend(coming.pop().map(|(_, tail)| tail));
        }
        for _ in 0..width {
            let Some(tail) = waiting.pop() else { break };
            end = end.max(phase + 1 + tail);
        }
        phase += 1;
    }
    end
}

/// One longest chain, in order; of several the one with the smallest numbers.
fn critical_chain(instance: &Instance) -> Vec<u32> {
    let critical = instance.critical();
    let starts = (0u32..).take(instance.len());
    let first = starts
        .filter(|&v| instance.heads[v as usize] == 0)
        .find(|&v| instance.tails[v as usize] + 1 == critical);
    let mut chain: Vec<u32> = first.into_iter().collect();
    while let Some(&last) = chain.last() {
        let tail = instance.tails[last as usize];
        let next = instance.after[last as usize]
            .iter()
            .copied()
            .find(|&w| instance.tails[w as usize] + 1 == tail);
        match next {
            Some(next) => chain.push(next),
            None => break,
        }
    }
    chain
}

/// Who can never share a phase with whom: by exclusion, and in small problems by order too.
enum Clash<'a> {
    /// A row of bits for each PRD.
    Written(Vec<Vec<u64>>),
    /// Exclusions only.
    Exclusions(&'a Instance),
}

impl<'a> Clash<'a> {
    fn new(instance: &'a Instance) -> Self {
        if instance.len() > CLOSURE_LIMIT {
            return Self::Exclusions(instance);
        }
        let words = instance.len().div_ceil(64);
        let mut rows = vec![vec![0u64; words]; instance.len()];
        for &v in instance.order.iter().rev() {
            let mut row = std::mem::take(&mut rows[v as usize]);
            for &w in &instance.after[v as usize] {
                set(&mut row, w);
                row.iter_mut().zip(&rows[w as usize]).for_each(|(to, from)| *to |= from);
            }
            rows[v as usize] = row;
        }
        for v in (0u32..).take(instance.len()) {
            let later: Vec<u32> = members(&rows[v as usize]).collect();
            later.iter().for_each(|&w| set(&mut rows[w as usize], v));
        }
        for (row, apart) in rows.iter_mut().zip(&instance.apart) {
            apart.iter().for_each(|&w| set(row, w));
        }
        Self::Written(rows)
    }

    /// From whom to grow a clique, the most promising first.
    fn seeds(&self, instance: &Instance) -> Vec<u32> {
        let mut seeds: Vec<u32> = (0u32..).take(instance.len()).collect();
        seeds.retain(|&v| !instance.apart[v as usize].is_empty());
        seeds.sort_by_key(|&v| (Reverse(instance.apart[v as usize].len()), v));
        seeds
    }

    /// With how many others `v` can never share a phase.
    fn degree(&self, v: u32) -> usize {
        match self {
            Self::Written(rows) => rows[v as usize].iter().map(|word| word.count_ones() as usize).sum(),
            Self::Exclusions(instance) => instance.apart[v as usize].len(),
        }
    }

    /// A clique around `seed` that nobody can be added to, sorted.
    fn grow(&self, seed: u32) -> Vec<u32> {
        let mut clique = vec![seed];
        match self {
            Self::Written(rows) => {
                let mut candidates = rows[seed as usize].clone();
                while let Some(next) =
                    members(&candidates).max_by_key(|&c| (shared(&candidates, &rows[c as usize]), Reverse(c)))
                {
                    clique.push(next);
                    candidates
                        .iter_mut()
                        .zip(&rows[next as usize])
                        .for_each(|(to, from)| *to &= from);
                }
            }
            Self::Exclusions(instance) => {
                let weight = |c: u32| (instance.apart[c as usize].len(), Reverse(c));
                let mut candidates = instance.apart[seed as usize].clone();
                while let Some(next) = candidates.iter().copied().max_by_key(|&c| weight(c)) {
                    clique.push(next);
                    candidates.retain(|&c| c != next && instance.excluded(next, c));
                }
            }
        }
        clique.sort_unstable();
        clique
    }
}

fn set(row: &mut [u64], bit: u32) {
    row[bit as usize / 64] |= 1 << (bit % 64);
}

fn shared(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

fn members(row: &[u64]) -> impl Iterator<Item = u32> + '_ {
    (0u32..).step_by(64).zip(row).flat_map(|(base, &word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Some(base + bit)
        })
    })
}
