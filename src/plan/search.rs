//! The exhaustive search for a plan of a given length. Enters: [`Instance`], the cliques of `bounds`. Leaves: a plan, or the
//! certainty that there is none, or the admission that the budget ran out.
//!
//! Each PRD has a set of phases that are still possible, one bit each. A choice is carried through along edges, exclusions and
//! the capacity until nothing moves; then every known clique is checked as a queue. The PRD with the fewest phases left is
//! tried next, earliest phase first.

use std::cmp::Reverse;

use super::instance::Instance;

/// Phases are bits of one word; a plan longer than this is not searched for.
pub(super) const MOST_PHASES: u32 = 64;

/// At most this many cliques are checked at each step: the largest.
const MOST_CLIQUES: usize = 24;

/// What the search found out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// A plan: the phase of each PRD.
    Found(Vec<u32>),
    /// Every plan of this length was tried: there is none.
    Impossible,
    /// The budget ran out.
    GaveUp,
}

/// Searches for a plan of `phases` phases. `budget` counts steps, not time, so that the answer is the same on every machine.
pub(super) fn search(instance: &Instance, phases: u32, cliques: &[Vec<u32>], budget: &mut u64) -> Answer {
    if phases > MOST_PHASES {
        return Answer::GaveUp;
    }
    if phases == 0 {
        return if instance.len() == 0 {
            Answer::Found(Vec::new())
        } else {
            Answer::Impossible
        };
    }
    let late = peel(instance, phases);
    let mut state = State::new(instance, phases, cliques, &late);
    match state.run(budget) {
        Answer::Found(mut plan) => {
            place_late(instance, &late, &mut plan);
            Answer::Found(plan)
        }
        other => other,
    }
}

/// PRDs that always find room whatever the others do, in the order in which they can be left out: no edges, and fewer left that
/// exclude them than there are phases.
fn peel(instance: &Instance, phases: u32) -> Vec<u32> {
    if instance.capacity.is_some() {
        return Vec::new();
    }
    let mut crowd: Vec<usize> = instance.apart.iter().map(Vec::len).collect();
    let alone = |v: u32| instance.before[v as usize].is_empty() && instance.after[v as usize].is_empty();
    let fits = |crowd: &[usize], v: u32| alone(v) && crowd[v as usize] < phases as usize;
    let mut gone = vec![false; instance.len()];
    let mut next: Vec<u32> = (0u32..).take(instance.len()).filter(|&v| fits(&crowd, v)).collect();
    let mut late = Vec::new();
    while let Some(v) = next.pop() {
        if std::mem::replace(&mut gone[v as usize], true) {
            continue;
        }
        late.push(v);
        for &w in &instance.apart[v as usize] {
            crowd[w as usize] -= 1;
            if !gone[w as usize] && fits(&crowd, w) {
                next.push(w);
            }
        }
    }
    late
}

/// Gives the PRDs that were left out the earliest phase that is free, the last left out first.
fn place_late(instance: &Instance, late: &[u32], plan: &mut [u32]) {
    let mut open = vec![false; instance.len()];
    late.iter().for_each(|&v| open[v as usize] = true);
    for &v in late.iter().rev() {
        let taken: Vec<u32> = instance.apart[v as usize]
            .iter()
            .filter(|&&w| !open[w as usize])
            .map(|&w| plan[w as usize])
            .collect();
        plan[v as usize] = (0..).find(|phase| !taken.contains(phase)).unwrap_or(0);
        open[v as usize] = false;
    }
}

struct State<'a> {
    instance: &'a Instance,
    cliques: Vec<Vec<u32>>,
    /// The phases that are still possible.
    domains: Vec<u64>,
    /// Left out of the search.
    late: Vec<bool>,
    /// How many are fixed in each phase (only kept with a capacity).
    fixed: Vec<u32>,
    /// What to take back: a PRD and its phases before.
    trail: Vec<(u32, u64)>,
    /// Whose phases shrank since the last time that it was looked at.
    dirty: Vec<u32>,
    steps: u64,
}

/// A choice that can be taken back.
struct Choice {
    v: u32,
    untried: u64,
    trail: usize,
}

impl<'a> State<'a> {
    fn new(instance: &'a Instance, phases: u32, cliques: &[Vec<u32>], late: &[u32]) -> Self {
        let mut gone = vec![false; instance.len()];
        late.iter().for_each(|&v| gone[v as usize] = true);
        let kept = cliques
            .iter()
            .filter(|clique| clique.iter().any(|&v| !gone[v as usize]));
        let window = |v: usize| {
            let open = u64::MAX >> (MOST_PHASES - phases);
            let last = phases.saturating_sub(instance.tails[v]);
            let below = if last == 0 { 0 } else { u64::MAX >> (MOST_PHASES - last) };
            let from = u64::MAX.checked_shl(instance.heads[v]).unwrap_or(0);
            open & below & from
        };
        Self {
            instance,
            cliques: kept.take(MOST_CLIQUES).cloned().collect(),
            domains: (0..instance.len()).map(window).collect(),
            late: gone,
            fixed: vec![0; phases as usize],
            trail: Vec::new(),
            dirty: (0u32..).take(instance.len()).collect(),
            steps: 0,
        }
    }

    fn run(&mut self, budget: &mut u64) -> Answer {
        let mut choices: Vec<Choice> = Vec::new();
        let mut fits = self.domains.iter().all(|&domain| domain != 0) && self.settle();
        loop {
            if self.steps >= *budget {
                *budget = 0;
                return Answer::GaveUp;
            }
            if fits {
                let Some(v) = self.tightest() else {
                    *budget -= self.steps;
                    return Answer::Found(
                        self.domains
                            .iter()
                            .map(|domain| domain.trailing_zeros() % MOST_PHASES)
                            .collect(),
                    );
                };
                let untried = self.domains[v as usize] & self.worth_trying();
                choices.push(Choice {
                    v,
                    untried,
                    trail: self.trail.len(),
                });
            }
            let Some(choice) = choices.last_mut() else {
                *budget -= self.steps;
                return Answer::Impossible;
            };
            let (v, phase, trail) = (choice.v, choice.untried & choice.untried.wrapping_neg(), choice.trail);
            choice.untried &= !phase;
            self.take_back(trail);
            if phase == 0 {
                choices.pop();
                fits = false;
                continue;
            }
            fits = self.narrow(v, phase) && self.settle();
        }
    }

    /// The undecided PRD with the fewest phases left; of several the one that excludes most.
    fn tightest(&mut self) -> Option<u32> {
        self.steps += self.domains.len() as u64;
        (0u32..)
            .take(self.domains.len())
            .filter(|&v| !self.late[v as usize] && self.domains[v as usize].count_ones() > 1)
            .min_by_key(|&v| {
                let links = self.instance.apart[v as usize].len() + self.instance.after[v as usize].len();
                (self.domains[v as usize].count_ones(), Reverse(links), v)
            })
    }

    /// Without any edge the phases are interchangeable: of those that nobody is fixed in, trying one is trying all.
    fn worth_trying(&self) -> u64 {
        if !self.instance.is_unordered() {
            return u64::MAX;
        }
        let fixed = self
            .domains
            .iter()
            .zip(&self.late)
            .filter(|(domain, late)| !**late && domain.count_ones() == 1);
        let used = fixed.fold(0, |used, (domain, _)| used | domain);
        used | (!used & used.wrapping_add(1))
    }

    fn take_back(&mut self, to: usize) {
        for (v, domain) in self.trail.drain(to..).rev() {
            let now = &mut self.domains[v as usize];
            if now.count_ones() == 1 && domain.count_ones() > 1 && self.instance.capacity.is_some() {
                self.fixed[now.trailing_zeros() as usize] -= 1;
            }
            *now = domain;
        }
        self.dirty.clear();
    }

    /// Leaves `v` only the phases of `mask`; false if none is left.
    fn narrow(&mut self, v: u32, mask: u64) -> bool {
        let before = self.domains[v as usize];
        let now = before & mask;
        if now == before {
            return true;
        }
        if now == 0 {
            return false;
        }
        self.steps += 1;
        self.trail.push((v, before));
        self.domains[v as usize] = now;
        self.dirty.push(v);
        if now.count_ones() == 1 && self.instance.capacity.is_some() {
            self.fixed[now.trailing_zeros() as usize] += 1;
        }
        true
    }

    /// Carries every change through; false if somebody has no phase left.
    fn settle(&mut self) -> bool {
        while let Some(v) = self.dirty.pop() {
            if !self.late[v as usize] && !self.carry(v) {
                return false;
            }
        }
        self.capacity_holds() && (0..self.cliques.len()).all(|at| self.queue_fits(at))
    }

    fn carry(&mut self, v: u32) -> bool {
        let instance = self.instance;
        let domain = self.domains[v as usize];
        let earliest = domain.trailing_zeros();
        let latest = 63 - domain.leading_zeros();
        let above = u64::MAX.checked_shl(earliest + 1).unwrap_or(0);
        let below = (1u64 << latest) - 1;
        self.steps += (instance.after[v as usize].len() + instance.before[v as usize].len()) as u64;
        let ordered = instance.after[v as usize].iter().all(|&w| self.narrow(w, above))
            && instance.before[v as usize].iter().all(|&u| self.narrow(u, below));
        if !ordered || domain.count_ones() > 1 {
            return ordered;
        }
        self.steps += instance.apart[v as usize].len() as u64;
        let late = |state: &Self, w: u32| state.late[w as usize];
        if !instance.apart[v as usize]
            .iter()
            .all(|&w| late(self, w) || self.narrow(w, !domain))
        {
            return false;
        }
        let full = instance
            .capacity
            .is_some_and(|most| self.fixed[earliest as usize] >= most);
        !full || self.close(domain)
    }

    /// A phase is full: nobody else may go there.
    fn close(&mut self, phase: u64) -> bool {
        let most = self.instance.capacity.unwrap_or(u32::MAX);
        if self.fixed[phase.trailing_zeros() as usize] > most {
            return false;
        }
        (0u32..)
            .take(self.domains.len())
            .all(|w| self.domains[w as usize] == phase || self.narrow(w, !phase))
    }

    fn capacity_holds(&mut self) -> bool {
        let Some(most) = self.instance.capacity else {
            return true;
        };
        let everyone: Vec<u32> = (0u32..).take(self.domains.len()).collect();
        self.served(&everyone, most)
    }

    fn queue_fits(&mut self, at: usize) -> bool {
        let clique = std::mem::take(&mut self.cliques[at]);
        let fits = self.served(&clique, 1);
        self.cliques[at] = clique;
        fits
    }

    /// True if `members` can be served, `width` a phase, each between the first and the last phase that is left for it: nearest
    /// deadline first decides this exactly.
    fn served(&mut self, members: &[u32], width: u32) -> bool {
        self.steps += members.len() as u64;
        let mut windows: Vec<(u32, u32)> = members
            .iter()
            .filter(|&&v| !self.late[v as usize])
            .map(|&v| self.domains[v as usize])
            .map(|domain| (domain.trailing_zeros(), 63 - domain.leading_zeros()))
            .collect();
        windows.sort_unstable();
        let mut waiting: Vec<u32> = Vec::with_capacity(windows.len());
        let mut coming = windows.into_iter().peekable();
        for phase in 0..u32::try_from(self.fixed.len()).unwrap_or(MOST_PHASES) {
            while let Some((_, deadline)) = coming.next_if(|&(from, _)| from <= phase) {
                let at = waiting.partition_point(|&d| d > deadline);
                waiting.insert(at, deadline);
            }
            for _ in 0..width {
                if waiting.pop().is_none() {
                    break;
                }
            }
            if waiting.last().is_some_and(|&deadline| deadline <= phase) {
                return false;
            }
        }
        waiting.is_empty()
    }
}
