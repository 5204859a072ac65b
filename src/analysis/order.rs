//! The order of a run. Enters: documents, touchpoints, needs, and the PRDs to go without. Leaves: [`Order`].

use std::collections::BTreeSet;

use super::Inputs;
use crate::assumption::Assumption;
use crate::assumption::flips::PlannedFlip;
use crate::check::BranchBreach;
use crate::graph::{self, DependencyGraph, Merges};
use crate::plan::{self, LeftOut, Plan};
use crate::prd::{Prd, PrdId};
use crate::touchpoint::Touchpoint;

/// What the order is asked of.
pub(super) struct Asked<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) prds: &'a [Prd],
    pub(super) assumptions: &'a [Assumption],
    pub(super) flips: &'a [PlannedFlip],
    /// The PRDs whose branch shows what it changes.
    pub(super) shown: &'a BTreeSet<PrdId>,
}

/// Who comes before whom, in which phase, and who stays behind.
pub(super) struct Order {
    pub(super) graph: DependencyGraph,
    pub(super) plan: Plan,
    /// The order that the documents alone ask for.
    pub(super) promised: Plan,
    pub(super) left_out: Vec<LeftOut>,
}

/// The order; `promised` are the touchpoints of the documents alone, where branches were seen to touch others.
pub(super) fn of(asked: &Asked<'_>, touchpoints: &[Touchpoint], promised: Option<&[Touchpoint]>) -> Order {
    let together = asked.inputs.settings.unclear_together;
    let graph = asked.graph(touchpoints, &merges(asked.inputs, asked.shown), together);
    let plan = plan::derive(&graph, asked.inputs.settings.max_parallel);
    // Branches that are there are at work at the same time, however little their documents say.
    let promised = promised.map(|points| asked.graph(points, &Merges::default(), true));
    let promised_plan = promised
        .as_ref()
        .map(|graph| plan::derive(graph, asked.inputs.settings.max_parallel));
    let left_out = left_out(&graph, &asked.inputs.without, &asked.inputs.landed);
    if left_out.is_empty() {
        let promised = promised_plan.unwrap_or_else(|| plan.clone());
        return Order {
            graph,
            plan,
            promised,
            left_out,
        };
    }
    let stays = |prd: &PrdId| !left_out.iter().any(|left| left.prd == *prd);
    let rest = |plan: &Plan, graph: &DependencyGraph| plan.only(&graph.only(stays), asked.inputs.settings.max_parallel);
    let rest_promised = match (&promised_plan, &promised) {
        (Some(plan), Some(graph)) => rest(plan, graph),
        _ => rest(&plan, &graph),
    };
    Order {
        plan: rest(&plan, &graph),
        promised: rest_promised,
        graph: graph.only(stays),
        left_out,
    }
}

impl Asked<'_> {
    fn graph(&self, touchpoints: &[Touchpoint], merges: &Merges, unclear_together: bool) -> DependencyGraph {
        let Inputs { at_wave, landed, .. } = self.inputs;
        let to_come = |flip: &&PlannedFlip| !at_wave && flip.with.as_ref().is_some_and(|with| !landed.contains(with));
        let to_come: Vec<PlannedFlip> = self.flips.iter().filter(to_come).cloned().collect();
        graph::build(&graph::Inputs {
            prds: self.prds,
            touchpoints,
            assumptions: self.assumptions,
            flips: &to_come,
            merges,
            unclear_together,
            sources: &self.inputs.sources,
        })
    }
}

/// What merging the branches showed.
fn merges(inputs: &Inputs, shown: &BTreeSet<PrdId>) -> Merges {
    Merges {
        conflicts: inputs.conflicts.clone(),
        clean: inputs.clean.clone(),
        breaks: inputs.breaches.iter().filter_map(BranchBreach::keeps_apart).collect(),
        shown: shown.clone(),
    }
}

/// Those that were named, and what waits for them.
fn left_out(graph: &DependencyGraph, named: &BTreeSet<PrdId>, landed: &BTreeSet<PrdId>) -> Vec<LeftOut> {
    let named: BTreeSet<PrdId> = named.iter().filter(|prd| graph.prds.contains(prd)).cloned().collect();
    let waiting = graph.waiting(&named, landed).into_iter();
    let waiting = waiting.map(|(prd, on)| LeftOut {
        prd,
        waits_for: Some(on),
    });
    let named = named.iter().map(|prd| LeftOut {
        prd: prd.clone(),
        waits_for: None,
    });
    let mut all: Vec<LeftOut> = named.chain(waiting).collect();
    all.sort();
    all
}
