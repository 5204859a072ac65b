//! The flips between the phases. Enters: the flips that PRDs need and the phase of each PRD. Leaves: [`Barrier`]s, as few as
//! possible, each as late as possible: right before the first phase that needs it.

use std::collections::{BTreeMap, BTreeSet};

use super::Barrier;
use crate::flag::{FlagKey, FlagValue};
use crate::graph::FlipNeed;
use crate::prd::PrdId;

/// The barriers that `needs` ask for, by phase, then flag. PRDs without a phase ask for nothing.
pub(super) fn barriers(needs: &[FlipNeed], phases: &BTreeMap<&PrdId, u32>) -> Vec<Barrier> {
    let mut wanted: BTreeMap<&FlagKey, BTreeSet<(u32, FlagValue, &PrdId)>> = BTreeMap::new();
    for need in needs {
        if let Some(&phase) = phases.get(&need.prd)
            && need.to != FlagValue::Unknown
        {
            wanted
                .entry(&need.flag)
                .or_default()
                .insert((phase, need.to, &need.prd));
        }
    }
    let mut barriers: Vec<Barrier> = Vec::new();
    for (flag, needs) in wanted {
        // The last barrier of this flag holds until a later phase needs the other value.
        let mut open: Option<Barrier> = None;
        for (phase, to, prd) in needs {
            if open.as_ref().is_none_or(|barrier| barrier.to != to) {
                barriers.extend(open.take());
            }
            let barrier = open.get_or_insert_with(|| Barrier {
                before_phase: phase,
                flag: flag.clone(),
                to,
                unlocks: Vec::new(),
            });
            barrier.unlocks.push(prd.clone());
        }
        barriers.extend(open);
    }
    for barrier in &mut barriers {
        barrier.unlocks.sort();
        barrier.unlocks.dedup();
    }
    barriers.sort_by(|a, b| (a.before_phase, &a.flag, a.to).cmp(&(b.before_phase, &b.flag, b.to)));
    barriers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `needs` are `prd flag=value`, `phases` the PRDs of each phase; the answer is `before: flag=value prd …`.
    fn check(needs: &[&str], phases: &[&str], expected: &[&str]) {
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
        let ids: Vec<(PrdId, u32)> = phases
            .iter()
            .zip(0..)
            .flat_map(|(prds, phase)| prds.split(' ').map(move |prd| (PrdId(prd.into()), phase)))
            .collect();
        let phases = ids.iter().map(|(id, phase)| (id, *phase)).collect();
        let got: Vec<String> = barriers(&needs, &phases)
            .iter()
            .map(|b| {
                let unlocks: Vec<&str> = b.unlocks.iter().map(|id| id.0.as_str()).collect();
                format!("{}: {}={} {}", b.before_phase, b.flag, b.to, unlocks.join(" "))
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
}
