//! Of the plans of one length the better one. Enters: [`Instance`] and a plan. Leaves: a plan with as many phases in which, in
//! this order of weight, PRDs come as early as they can, PRDs of one phase share as few files as they can, and smaller ids come
//! first. Knows nothing of bounds: the number of phases is given.
//!
//! Local search: every step makes the triple (sum of the phases, overlaps, phases in the order of the ids) smaller, so that it
//! ends, and it starts and moves in the order of the ids, so that it always ends at the same plan.

use super::instance::Instance;

/// Up to this size every pair of PRDs is tried for an exchange; beyond it only pairs that exclude each other.
const ALL_PAIRS: usize = 64;

/// Beyond this size PRDs only move to earlier phases.
const EXCHANGE_LIMIT: usize = 600;

/// Rounds of exchanges; in practice a handful is enough.
const ROUNDS: usize = 40;

/// How many exclusions are looked at for exchanges: where nearly everybody is kept apart from everybody else there is little to gain, and
/// each look is long. A count and not a time, so that every machine gives the same plan.
const LOOKS: u64 = 40_000_000;

/// Improves `plan` without adding a phase.
pub(super) fn polish(instance: &Instance, plan: Vec<u32>) -> Vec<u32> {
    let mut table = Table::new(instance, plan);
    table.pull_forward();
    if instance.len() <= EXCHANGE_LIMIT {
        for _ in 0..ROUNDS {
            let before = table.phase.clone();
            table.exchange_pairs();
            table.make_room();
            table.pull_forward();
            if table.phase == before || table.looks == 0 {
                break;
            }
        }
    }
    table.phase
}

struct Table<'a> {
    instance: &'a Instance,
    phase: Vec<u32>,
    /// How many each phase holds.
    load: Vec<u32>,
    /// How many exclusions may still be looked at.
    looks: u64,
}

/// What an arrangement costs: the sum of the phases, then the overlaps. Ties are broken by the ids.
type Cost = (i64, i64);

impl<'a> Table<'a> {
    fn new(instance: &'a Instance, phase: Vec<u32>) -> Self {
        let mut load = vec![0; super::list::count(&phase) as usize];
        phase.iter().for_each(|&p| load[p as usize] += 1);
        Self {
            instance,
            phase,
            load,
            looks: LOOKS,
        }
    }

    /// Everybody to the earliest phase that the others leave open, once around in the order of the plan.
    fn pull_forward(&mut self) {
        let mut order: Vec<u32> = (0u32..).take(self.phase.len()).collect();
        order.sort_by_key(|&v| (self.phase[v as usize], v));
        for v in order {
            let now = self.phase[v as usize];
            if let Some(earlier) = self.first_open(v, now) {
                self.put(v, earlier);
            }
        }
    }

    /// The earliest phase before `end` that `v` could take as things stand.
    fn first_open(&self, v: u32, end: u32) -> Option<u32> {
        let from = self.earliest(v);
        if from >= end {
            return None;
        }
        let mut barred: Vec<u32> = self.instance.apart[v as usize]
            .iter()
            .map(|&w| self.phase[w as usize])
            .filter(|p| (from..end).contains(p))
            .collect();
        barred.sort_unstable();
        (from..end).find(|p| self.has_room(*p) && barred.binary_search(p).is_err())
    }

    fn has_room(&self, phase: u32) -> bool {
        self.instance
            .capacity
            .is_none_or(|most| self.load[phase as usize] < most)
    }

    /// The first phase after all that must come before `v`.
    fn earliest(&self, v: u32) -> u32 {
        let before = &self.instance.before[v as usize];
        before.iter().map(|&u| self.phase[u as usize] + 1).max().unwrap_or(0)
    }

    /// One past the last phase before all that must come after `v`.
    fn end(&self, v: u32) -> u32 {
        let after = &self.instance.after[v as usize];
        let end = after.iter().map(|&w| self.phase[w as usize]).min();
        end.unwrap_or_else(|| u32::try_from(self.load.len()).unwrap_or(u32::MAX))
    }

    fn put(&mut self, v: u32, phase: u32) {
        self.load[self.phase[v as usize] as usize] -= 1;
        self.load[phase as usize] += 1;
        self.phase[v as usize] = phase;
    }

    /// True if nobody stands in the way of `v` where it stands.
    fn is_right(&self, v: u32) -> bool {
        let at = self.phase[v as usize];
        let apart = &self.instance.apart[v as usize];
        self.earliest(v) <= at
            && at < self.end(v)
            && apart.iter().all(|&w| self.phase[w as usize] != at)
            && self.instance.capacity.is_none_or(|most| self.load[at as usize] <= most)
    }

    /// What `v` shares with the others of its phase.
    fn shared(&self, v: u32) -> i64 {
        let at = self.phase[v as usize];
        let here = self.instance.overlaps[v as usize]
            .iter()
            .filter(|(w, _)| self.phase[*w as usize] == at);
        // One for the pair, so that fewer pairs beat fewer files.
        here.map(|&(_, files)| 1000 + i64::from(files.min(999))).sum()
    }

    /// The cost of a few PRDs where they stand. An overlap between two of them counts twice, before and after alike.
    fn cost(&self, movers: &[u32]) -> Cost {
        let phases = movers.iter().map(|&v| i64::from(self.phase[v as usize])).sum();
        (phases, movers.iter().map(|&v| self.shared(v)).sum())
    }

    /// Counts a look at what keeps `v` apart; false where no more is allowed.
    fn may_look(&mut self, v: u32) -> bool {
        let cost = self.instance.apart[v as usize].len() as u64 + 1;
        self.looks = self.looks.saturating_sub(cost);
        self.looks > 0
    }

    /// Tries `moves`; takes them back unless all is right and the plan is better.
    fn attempt(&mut self, moves: &[(u32, u32)]) -> bool {
        if !moves.iter().all(|(v, _)| self.may_look(*v)) {
            return false;
        }
        let movers: Vec<u32> = moves.iter().map(|(v, _)| *v).collect();
        let old: Vec<u32> = movers.iter().map(|&v| self.phase[v as usize]).collect();
        let before = self.cost(&movers);
        for &(v, phase) in moves {
            self.put(v, phase);
        }
        if movers.iter().all(|&v| self.is_right(v)) {
            let after = self.cost(&movers);
            let first = (0..movers.len())
                .filter(|&at| moves[at].1 != old[at])
                .min_by_key(|&at| movers[at]);
            let smaller = first.is_some_and(|at| moves[at].1 < old[at]);
            if after < before || (after == before && smaller) {
                return true;
            }
        }
        for (&v, &phase) in movers.iter().zip(&old) {
            self.put(v, phase);
        }
        false
    }

    /// Two PRDs trade places.
    fn exchange_pairs(&mut self) {
        let count = u32::try_from(self.phase.len()).unwrap_or(u32::MAX);
        for a in 0..count {
            let others: Vec<u32> = if self.phase.len() <= ALL_PAIRS {
                (a + 1..count).collect()
            } else {
                self.instance.apart[a as usize]
                    .iter()
                    .copied()
                    .filter(|&b| b > a)
                    .collect()
            };
            for b in others {
                let (to_a, to_b) = (self.phase[b as usize], self.phase[a as usize]);
                if to_a != to_b {
                    self.attempt(&[(a, to_a), (b, to_b)]);
                }
            }
        }
    }

    /// A PRD takes another phase, and the one PRD that stands in its way there makes room.
    fn make_room(&mut self) {
        for v in (0u32..).take(self.phase.len()) {
            for phase in self.earliest(v)..self.end(v) {
                if phase == self.phase[v as usize] {
                    continue;
                }
                if !self.may_look(v) {
                    return;
                }
                let apart = &self.instance.apart[v as usize];
                let mut blockers = apart.iter().copied().filter(|&w| self.phase[w as usize] == phase);
                match (blockers.next(), blockers.next()) {
                    (None, _) => {
                        self.attempt(&[(v, phase)]);
                    }
                    (Some(w), None) => {
                        let places = self.earliest(w)..self.end(w);
                        places
                            .into_iter()
                            .any(|place| place != phase && self.attempt(&[(v, phase), (w, place)]));
                    }
                    _ => {}
                }
            }
        }
    }
}
