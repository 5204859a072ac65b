//! The flips between the phases. Enters: the flips that PRDs need, those that PRDs make, and the phase of each PRD. Leaves:
//! [`Barrier`]s, as few as possible; those that somebody makes by hand as late as possible: right before the first phase that needs it.

use std::collections::BTreeMap;

use super::Barrier;
use crate::flag::{FlagKey, FlagValue};
use crate::graph::{FlipMade, FlipNeed};
use crate::prd::PrdId;

/// What happens to a flag in the order of the phases.
#[derive(Clone, Copy)]
enum Happens<'a> {
    /// A PRD of the phase needs it so.
    Need(&'a FlipNeed),
    /// A PRD of the phase turns it, for the phases after.
    Made(&'a FlipMade),
}

/// The barriers that `needs` ask for, by phase, then flag; a flip that a PRD makes stands right behind the phase of that PRD. PRDs
/// without a phase ask for nothing and make nothing.
pub(super) fn barriers(needs: &[FlipNeed], made: &[FlipMade], phases: &BTreeMap<&PrdId, u32>) -> Vec<Barrier> {
    let mut wanted: BTreeMap<&FlagKey, Vec<(u32, Happens<'_>)>> = BTreeMap::new();
    for need in needs.iter().filter(|need| need.to != FlagValue::Unknown) {
        if let Some(&phase) = phases.get(&need.prd) {
            wanted.entry(&need.flag).or_default().push((phase, Happens::Need(need)));
        }
    }
    for flip in made {
        if let (Some(&phase), Some(wanted)) = (phases.get(&flip.prd), wanted.get_mut(&flip.flag)) {
            wanted.push((phase, Happens::Made(flip)));
        }
    }
    let mut barriers: Vec<Barrier> = wanted
        .into_iter()
        .flat_map(|(flag, happens)| of_flag(flag, happens))
        .collect();
    for barrier in &mut barriers {
        barrier.unlocks.sort();
        barrier.unlocks.dedup();
    }
    barriers.sort_by(|a, b| (a.before_phase, &a.flag, a.to).cmp(&(b.before_phase, &b.flag, b.to)));
    barriers
}

fn of_flag(flag: &FlagKey, mut happens: Vec<(u32, Happens<'_>)>) -> Vec<Barrier> {
    // What a PRD turns is turned once its phase is over.
    happens.sort_by_key(|(phase, what)| match what {
        Happens::Need(need) => (*phase, false, need.to, &need.prd),
        Happens::Made(flip) => (*phase, true, flip.to, &flip.prd),
    });
    let mut barriers: Vec<Barrier> = Vec::new();
    // The last barrier of this flag holds until a later phase needs the other value, or a PRD turns the flag.
    let mut open: Option<Barrier> = None;
    for (phase, what) in happens {
        let (to, before_phase, made) = match what {
            Happens::Need(need) => (need.to, phase, None),
            Happens::Made(flip) => (flip.to, phase + 1, Some(flip.clone())),
        };
        // From where a PRD turns it nobody waits for a flip by hand that stands earlier.
        let anew = |barrier: &Barrier| barrier.to != to || (made.is_some() && barrier.made.is_none());
        if open.as_ref().is_none_or(anew) {
            barriers.extend(open.take());
        }
        let barrier = open.get_or_insert_with(|| Barrier {
            before_phase,
            flag: flag.clone(),
            to,
            unlocks: Vec::new(),
            made,
        });
        if let Happens::Need(need) = what {
            barrier.unlocks.push(need.prd.clone());
        }
    }
    barriers.extend(open);
    // A flip that nobody waits for is no step of the plan.
    barriers.retain(|barrier| !barrier.unlocks.is_empty());
    barriers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Bytes, FileId};

    fn check(needs: &[&str], phases: &[&str], expected: &[&str]) {
        check_made(needs, &[], phases, expected);
    }

    /// `needs` and `made` are `prd flag=value`, `phases` the PRDs of each phase; the answer is `before: flag=value prd …`, with `by prd`
    /// for what a PRD makes.
    fn check_made(needs: &[&str], made: &[&str], phases: &[&str], expected: &[&str]) {
        let needs: Vec<FlipNeed> = needs
            .iter()
            .map(|line| {
                let (prd, flip) = line.split_once(' ').unwrap();
                let (flag, to) = flip.split_once('=').unwrap();
                FlipNeed {
                    prd: PrdId(prd.into()),
                    flag: FlagKey::new(flag),
                    to: FlagValue::parse(to),
                }
            })
            .collect();
        let made: Vec<FlipMade> = made
            .iter()
            .map(|line| {
                let (prd, flip) = line.split_once(' ').unwrap();
                let (flag, to) = flip.split_once('=').unwrap();
                FlipMade {
                    prd: PrdId(prd.into()),
                    by: PrdId(prd.into()),
                    flag: FlagKey::new(flag),
                    to: FlagValue::parse(to),
                    span: Bytes::default().in_file(FileId(0)),
                }
            })
            .collect();
        let ids: Vec<(PrdId, u32)> = phases
            .iter()
            .zip(0..)
            .flat_map(|(prds, phase)| prds.split(' ').map(move |prd| (PrdId(prd.into()), phase)))
            .collect();
        let phases = ids.iter().map(|(id, phase)| (id, *phase)).collect();
        let got: Vec<String> = barriers(&needs, &made, &phases)
            .iter()
            .map(|b| {
                let unlocks: Vec<&str> = b.unlocks.iter().map(|id| id.0.as_str()).collect();
                let by = b
                    .made
                    .iter()
                    .map(|made| format!(" by {}", made.prd))
                    .collect::<String>();
                format!("{}: {}={} {}{by}", b.before_phase, b.flag, b.to, unlocks.join(" "))
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn one_flip_before_the_first_need_unlocks_the_later_ones_too() {
        check(&["c f=on", "b f=on", "d f=on"], &["a", "b d", "c"], &["1: f=on b c d"]);
    }

    #[test]
    fn a_need_for_the_other_value_is_a_barrier_of_its_own() {
        check(&["b f=on", "c f=off"], &["a", "b", "c"], &["1: f=on b", "2: f=off c"]);
    }

    #[test]
    fn unplanned_prds_and_unknown_values_ask_for_nothing() {
        check(&["z f=on", "a f=perhaps"], &["a"], &[]);
    }

    #[test]
    fn flags_of_one_phase_come_in_the_order_of_their_names() {
        check(&["b g=on", "b f=off"], &["a", "b"], &["1: f=off b", "1: g=on b"]);
    }

    #[test]
    fn a_flip_that_a_prd_makes_is_nobodys_to_make_for_the_phases_behind_it() {
        let made = ["b f=on"];
        check_made(
            &["c f=on", "d f=on"],
            &made,
            &["a", "b", "c", "d"],
            &["2: f=on c d by b"],
        );
        check_made(&["d f=on"], &made, &["a", "b", "c", "d"], &["2: f=on d by b"]);
        // Beside it or before it there is nothing to wait for.
        check_made(&["c f=on"], &made, &["a", "b c"], &["1: f=on c"]);
        check_made(
            &["a f=on", "c f=on"],
            &made,
            &["a", "b", "c"],
            &["0: f=on a", "2: f=on c by b"],
        );
        // Nobody needs it, it makes another value, another flag, or is in no phase.
        check_made(&[], &made, &["a", "b", "c"], &[]);
        check_made(&["c f=off"], &made, &["a", "b", "c"], &["2: f=off c"]);
        check_made(&["c g=on"], &made, &["a", "b", "c"], &["2: g=on c"]);
        check_made(&["c f=on"], &["z f=on"], &["a", "b", "c"], &["2: f=on c"]);
    }

    #[test]
    fn the_last_flip_before_a_need_is_the_one_that_counts() {
        let made = ["a f=on", "b f=off"];
        check_made(&["d f=on"], &made, &["a", "b", "d"], &["2: f=on d"]);
        check_made(
            &["b f=on", "d f=on"],
            &made,
            &["a", "b", "d"],
            &["1: f=on b by a", "2: f=on d"],
        );
        check_made(&["d f=off"], &made, &["a", "b", "d"], &["2: f=off d by b"]);
    }
}
