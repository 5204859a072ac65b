//! A good plan at once: phase by phase, the most urgent first. Enters: [`Instance`]. Leaves: a phase for each PRD.
//!
//! Whoever is passed over in a phase is passed over because somebody who excludes it was taken, so that the work is bounded by
//! the number of exclusions and not by phases times PRDs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::instance::Instance;

/// What makes a PRD urgent.
#[derive(Clone, Copy, Debug)]
enum Urgency {
    /// The chain behind it, then the number of those that it excludes.
    Tail,
    /// Both added up: a crowded PRD is as hard to place late as one with a chain.
    Sum,
    /// The number of those that it excludes, then the chain behind it.
    Crowd,
}

/// The best of several lists, as the phase of each PRD; stops as soon as one has `enough` phases.
pub(super) fn schedule(instance: &Instance, enough: u32) -> Vec<u32> {
    let forward = run(instance, Urgency::Tail, false);
    let mut best = (count(&forward), forward);
    let others = [
        (Urgency::Tail, true),
        (Urgency::Sum, false),
        (Urgency::Sum, true),
        (Urgency::Crowd, false),
        (Urgency::Crowd, true),
    ];
    for (urgency, backward) in others {
        if best.0 <= enough {
            break;
        }
        let phases = run(instance, urgency, backward);
        if count(&phases) < best.0 {
            best = (count(&phases), phases);
        }
    }
    best.1
}

/// The number of phases that are used.
pub(super) fn count(phases: &[u32]) -> u32 {
    phases.iter().max().map_or(0, |last| last + 1)
}

fn run(instance: &Instance, urgency: Urgency, backward: bool) -> Vec<u32> {
    let (before, after, tails) = if backward {
        (&instance.after, &instance.before, &instance.heads)
    } else {
        (&instance.before, &instance.after, &instance.tails)
    };
    let rank = |v: u32| {
        let (tail, crowd) = (tails[v as usize] as usize, instance.apart[v as usize].len());
        let key = match urgency {
            Urgency::Tail => (tail, crowd),
            Urgency::Sum => (tail + crowd, tail),
            Urgency::Crowd => (crowd, tail),
        };
        (key, Reverse(v))
    };
    let mut phases = vec![0u32; instance.len()];
    let mut waits: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut ready: BinaryHeap<_> = (0u32..)
        .take(instance.len())
        .filter(|&v| waits[v as usize] == 0)
        .map(rank)
        .collect();
    // The last phase (plus one) in which somebody who excludes this PRD was taken.
    let mut barred = vec![0u32; instance.len()];
    let width = instance.capacity.unwrap_or(u32::MAX) as usize;
    let mut phase = 0;
    while !ready.is_empty() {
        let (mut taken, mut passed) = (Vec::new(), Vec::new());
        while taken.len() < width
            && let Some(next) = ready.pop()
        {
            let (_, Reverse(v)) = next;
            if barred[v as usize] == phase + 1 {
                passed.push(next);
                continue;
            }
            phases[v as usize] = phase;
            instance.apart[v as usize]
                .iter()
                .for_each(|&w| barred[w as usize] = phase + 1);
            taken.push(v);
        }
        ready.extend(passed);
        for w in taken.iter().flat_map(|&v| &after[v as usize]) {
            waits[*w as usize] -= 1;
            if waits[*w as usize] == 0 {
                ready.push(rank(*w));
            }
        }
        phase += 1;
    }
    if backward {
        phases.iter_mut().for_each(|p| *p = phase - 1 - *p);
    }
    phases
}
