//! What a decision saves. Enters: the plan as things are and the plan after it. Leaves: [`Saved`].

use super::{Barrier, Plan};
use crate::prd::PrdId;

/// A PRD that goes in another phase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Who.
    pub prd: PrdId,
    /// Its phase as things are; `None` for none.
    pub from: Option<u32>,
    /// Its phase then.
    pub to: Option<u32>,
}

/// How two plans differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// The number of phases as things are.
    pub from: u32,
    /// The number of phases then.
    pub to: u32,
    /// The PRDs that move, sorted.
    pub moved: Vec<Moved>,
    /// The flips that are no longer steps of the plan.
    pub flips_gone: Vec<Barrier>,
    /// The flips that become steps of the plan.
    pub flips_new: Vec<Barrier>,
}

impl Saved {
    /// True if the decision changes nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.from == self.to && self.moved.is_empty() && self.flips_gone.is_empty() && self.flips_new.is_empty()
    }
}

/// What `after` saves against `before`.
#[must_use]
pub fn compare(before: &Plan, after: &Plan) -> Saved {
    let mut prds: Vec<&PrdId> = before.prds().chain(after.prds()).collect();
    prds.sort();
    prds.dedup();
    let moved = prds.into_iter().filter_map(|prd| {
        let (from, to) = (before.phase_of(prd), after.phase_of(prd));
        (from != to).then(|| Moved {
            prd: prd.clone(),
            from,
            to,
        })
    });
    let gone = |these: &Plan, others: &Plan| -> Vec<Barrier> {
        let same = |a: &Barrier, b: &Barrier| a.flag == b.flag && a.to == b.to && a.made.is_some() == b.made.is_some();
        let gone = these
            .barriers
            .iter()
            .filter(|one| !others.barriers.iter().any(|other| same(one, other)));
        gone.cloned().collect()
    };
    Saved {
        from: before.optimality.phases,
        to: after.optimality.phases,
        moved: moved.collect(),
        flips_gone: gone(before, after),
        flips_new: gone(after, before),
    }
}
