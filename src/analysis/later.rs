//! What of a plan lies in the future. Enters: an [`Analysis`]. Leaves: the flips that documents plan for a date or a while ahead, who waits for
//! them, and what can go tonight all the same.

use std::collections::BTreeSet;

use super::Analysis;
use crate::assumption::flips::PlannedFlip;
use crate::plan::Barrier;
use crate::prd::{Flip, PrdId};

/// A flip between two phases that does not come tonight.
#[derive(Clone, PartialEq, Debug)]
pub struct Later<'a> {
    /// Where the plan has it.
    pub barrier: &'a Barrier,
    /// Who plans it, and where.
    pub flip: &'a PlannedFlip,
    /// When, in the document's words ("on 2027-03-01").
    pub when: &'a str,
    /// The PRDs that wait for it, and what waits for these, sorted.
    pub waits: BTreeSet<PrdId>,
}

impl Analysis {
    /// The flips of the plan that documents put off, in the order of the plan.
    #[must_use]
    pub fn later(&self) -> Vec<Later<'_>> {
        let by_hand = self.plan.barriers.iter().filter(|barrier| barrier.made.is_none());
        by_hand.filter_map(|barrier| self.put_off(barrier)).collect()
    }

    /// The PRDs of the plan that wait for none of these, in the order of the plan.
    #[must_use]
    pub fn tonight(&self, later: &[Later<'_>]) -> Vec<&PrdId> {
        let waits = |prd: &&PrdId| later.iter().any(|one| one.waits.contains(*prd));
        let planned = self.plan.phases.iter().flat_map(|phase| &phase.prds);
        planned.filter(|prd| !waits(prd)).collect()
    }

    fn put_off<'a>(&'a self, barrier: &'a Barrier) -> Option<Later<'a>> {
        let meant = |flip: &&PlannedFlip| flip.flag == barrier.flag && flip.to == barrier.to;
        let (flip, when) = self.flips.iter().filter(meant).find_map(|flip| match &flip.when {
            Flip::Later(words) => Some((flip, words.as_str())),
            Flip::WithPrd(_) | Flip::Phase(_) | Flip::Part(_) => None,
        })?;
        let mut waits: BTreeSet<PrdId> = barrier.unlocks.iter().cloned().collect();
        waits.extend(self.graph.waiting(&waits, &BTreeSet::new()).into_keys());
        Some(Later {
            barrier,
            flip,
            when,
            waits,
        })
    }
}
