//! Plans of a given length where there are too many PRDs for the exhaustive search. Enters: [`Instance`]. Leaves: a plan of that
//! length, or the certainty that there is none, or the admission that the budget ran out.
//!
//! Each PRD has a first and a last phase. What has one phase left takes it from those that it excludes, and edges carry the
//! rest on; where somebody has none left, no plan is that short (a *destructive bound*: Klein and Scholl, "Computing lower
//! bounds by destructive improvement", European Journal of Operational Research 112, 1999). Then the PRD with the fewest phases
//! left takes the earliest one that is free, and so on; a dead end is taken back.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::instance::Instance;
use super::search::Answer;

/// Searches for a plan of `phases` phases, looking at most `budget` times at a neighbour: a count and not a time, so that the
/// answer is the same on every machine. Problems with a capacity are given up.
pub(super) fn search(instance: &Instance, phases: u32, budget: &mut u64) -> Answer {
    if instance.critical() > phases {
        return Answer::Impossible;
    }
    if instance.capacity.is_some() || phases == 0 {
        return Answer::GaveUp;
    }
    let mut windows = Windows::new(instance, phases);
    let answer = windows.run(*budget);
    *budget = budget.saturating_sub(windows.looks);
    answer
}

struct Windows<'a> {
    instance: &'a Instance,
    first: Vec<u32>,
    last: Vec<u32>,
    /// What to take back: a PRD, and its first and last phase before.
    trail: Vec<(u32, u32, u32)>,
    /// Whose window shrank since it was last looked at.
    dirty: Vec<u32>,
    /// Undecided PRDs, the narrowest window first; entries may be out of date.
    open: BinaryHeap<(Reverse<u32>, usize, Reverse<u32>)>,
    looks: u64,
}

/// A phase that a PRD was given, and what to take back with it.
struct Choice {
    prd: u32,
    phase: u32,
    trail: usize,
}

impl<'a> Windows<'a> {
    fn new(instance: &'a Instance, phases: u32) -> Self {
        let last = |tail: &u32| (phases - 1).saturating_sub(*tail);
        Self {
            instance,
            first: instance.heads.clone(),
            last: instance.tails.iter().map(last).collect(),
            trail: Vec::new(),
            dirty: (0u32..).take(instance.len()).collect(),
            open: BinaryHeap::new(),
            looks: 0,
        }
    }

    fn run(&mut self, budget: u64) -> Answer {
        if !self.settle() {
            return Answer::Impossible;
        }
        self.trail.clear();
        (0u32..).take(self.instance.len()).for_each(|v| self.offer(v));
        let mut choices: Vec<Choice> = Vec::new();
        while let Some(v) = self.narrowest() {
            if self.looks >= budget {
                return Answer::GaveUp;
            }
            let phase = self.first[v as usize];
            choices.push(Choice {
                prd: v,
                phase,
                trail: self.trail.len(),
            });
            let mut fits = self.set(v, phase, phase) && self.settle();
            while !fits {
                let Some(choice) = choices.pop() else {
                    return Answer::Impossible;
                };
                self.take_back(choice.trail);
                let last = self.last[choice.prd as usize];
                fits = self.set(choice.prd, choice.phase + 1, last) && self.settle();
                if self.looks >= budget {
                    return Answer::GaveUp;
                }
            }
        }
        Answer::Found(self.first.clone())
    }

    /// The undecided PRD with the fewest phases left; of several the one with the most neighbours.
    fn narrowest(&mut self) -> Option<u32> {
        while let Some((Reverse(width), _, Reverse(v))) = self.open.pop() {
            let now = self.last[v as usize] - self.first[v as usize];
            if now > 0 && now == width {
                return Some(v);
            }
        }
        None
    }

    fn offer(&mut self, v: u32) {
        let width = self.last[v as usize].saturating_sub(self.first[v as usize]);
        if width > 0 {
            self.open
                .push((Reverse(width), self.instance.apart[v as usize].len(), Reverse(v)));
        }
    }

    fn take_back(&mut self, to: usize) {
        while self.trail.len() > to {
            let Some((v, first, last)) = self.trail.pop() else {
                break;
            };
            (self.first[v as usize], self.last[v as usize]) = (first, last);
            self.offer(v);
        }
        self.dirty.clear();
    }

    /// Leaves `v` the phases from `first` to `last`, without those of neighbours at the ends; false if none is left.
    fn set(&mut self, v: u32, first: u32, last: u32) -> bool {
        let at = v as usize;
        let (mut first, mut last) = (first.max(self.first[at]), last.min(self.last[at]));
        if (first, last) == (self.first[at], self.last[at]) {
            return true;
        }
        let taken = |state: &mut Self, phase: u32| {
            state.looks += state.instance.apart[at].len() as u64;
            let mut apart = state.instance.apart[at].iter();
            apart.any(|&w| state.first[w as usize] == phase && state.last[w as usize] == phase)
        };
        while first <= last && taken(self, first) {
            first += 1;
        }
        while first < last && taken(self, last) {
            last -= 1;
        }
        if first > last {
            return false;
        }
        self.trail.push((v, self.first[at], self.last[at]));
        (self.first[at], self.last[at]) = (first, last);
        self.dirty.push(v);
        self.offer(v);
        true
    }

    /// Carries every change through; false if somebody has no phase left.
    fn settle(&mut self) -> bool {
        while let Some(v) = self.dirty.pop() {
            if !self.carry(v) {
                return false;
            }
        }
        true
    }

    fn carry(&mut self, v: u32) -> bool {
        let (instance, at) = (self.instance, v as usize);
        let (first, last) = (self.first[at], self.last[at]);
        if first > last {
            return false;
        }
        self.looks += (instance.after[at].len() + instance.before[at].len()) as u64;
        let later = instance.after[at].iter().all(|&w| self.set(w, first + 1, u32::MAX));
        // Nobody comes before the first phase.
        let earlier = |state: &mut Self, &u: &u32| last.checked_sub(1).is_some_and(|end| state.set(u, 0, end));
        later && instance.before[at].iter().all(|u| earlier(self, u)) && (first < last || self.shut(v, first))
    }

    /// `v` has but one phase: those that it excludes lose it.
    fn shut(&mut self, v: u32, phase: u32) -> bool {
        let instance = self.instance;
        self.looks += instance.apart[v as usize].len() as u64;
        instance.apart[v as usize].iter().all(|&w| {
            let (first, last) = (self.first[w as usize], self.last[w as usize]);
            match (first == phase, last == phase) {
                (true, _) => self.set(w, phase + 1, last),
                (false, true) => self.set(w, first, phase - 1),
                (false, false) => true,
            }
        })
    }
}
